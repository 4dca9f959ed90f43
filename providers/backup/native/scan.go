package native

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Scan yields the records of the selection's model, with all fields in its
// order. A model that the package does not hold has none. An error that wraps
// backup.ErrRefused comes instead of the first record of a damaged chunk, or at
// the end when the records together are not what the package says.
func (p *Package) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		i, ok := p.models[s.Model]
		if p.closed {
			yield(nil, errClosed)
			return
		}
		if !ok {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
			}
			return
		}
		p.scanModel(ctx, i, s, yield)
	}
}

func (p *Package) scanModel(ctx context.Context, i int, s schema.Selection, yield func(*schema.Record, error) bool) {
	sc, limit := p.newScan(i), s.Limit
	n := 0
	var skipped []int // how many records before each chunk that is read ahead
	a := &ahead{ctx: ctx, p: p, next: func() (*scan, *chunkMember) {
		gap := 0
		for ; n < len(s.Skip) && n < len(sc.rows.Chunks) && s.Skip[n]; n++ {
			gap += int(sc.rows.Chunks[n].Records)
		}
		skipped = append(skipped, gap)
		// A few records are wanted now and then: no more is read than they need.
		if n == len(sc.rows.Chunks) || limit > 0 && n > 0 && sc.rows.Chunks[0].Records >= int64(limit) {
			return nil, nil
		}
		n++
		return sc, &sc.rows.Chunks[n-1]
	}}
	defer a.stop()
	done := 0
	for u := a.take(); u != nil; u = a.take() {
		sc.number += skipped[0]
		skipped = skipped[1:]
		err := sc.yield(ctx, u, func(r *schema.Record) bool {
			done++
			return yield(r, nil) && (limit <= 0 || done < limit)
		})
		if err == errEnough {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
	}
	if err := sc.end(ctx); err != nil {
		yield(nil, err)
	}
}

// scan reads one model's chunks in their order. What is read ahead shares what
// does not change.
type scan struct {
	p      *Package
	model  *schema.Model
	rows   *rowsMember
	record schema.Record
	judge  *judge
	number int
	keys   *keyCheck
}

func (p *Package) newScan(i int) *scan {
	m := p.header.Models[i]
	return &scan{
		p: p, model: m, rows: &p.manifest.Models[i], record: newRecord(m),
		judge: newJudge(m, p.header.Source.Dialect), number: p.first[i],
		keys: newKeyCheck(m, tableOf(&p.header, m.Table)),
	}
}

// errEnough says that the caller has had enough.
var errEnough = fmt.Errorf("enough")

// yield yields the rows of a chunk, whose digest was compared.
func (s *scan) yield(ctx context.Context, u *unpacking, yield func(*schema.Record) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if u.err != nil {
		return u.err
	}
	for i := range u.rows.rows {
		u.rows.fill(&s.record, s.model, i)
		s.number++
		if err := s.keys.next(&s.record); err != nil {
			return badRow(u.name, s.model.Label, s.number, err)
		}
		s.record.Number = s.number
		if !yield(&s.record) {
			return errEnough
		}
	}
	if u.rows.err != nil {
		return badRow(u.name, s.model.Label, s.number+1, u.rows.err)
	}
	s.judge.add(u.rows.counts)
	return nil
}

// end judges the model as a whole.
func (s *scan) end(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // perhaps not all of it was read
	}
	if got := s.judge.list(); !slices.Equal(got, s.rows.Irregular) {
		return badDocument(manifestName, fmt.Errorf("wrong about the irregular values of %.60q", s.model.Label))
	}
	return nil
}

// badRow is the refusal of a row whose chunk is what the manifest says.
func badRow(name, label string, number int, err error) error {
	return &backup.Refusal{
		Member: name, Number: number, Model: label, Code: "package.row", Summary: "the row is not one of the model", Cause: err,
		Detail: "What was found: " + err.Error() + ".",
		Remedy: "The package was made so; find out by what.",
	}
}

// keyCheck refuses a primary key that follows itself. That keys further apart
// differ is for the planner to see.
type keyCheck struct {
	at   []int // the fields of the primary key, nil if they are not all there
	last []string
	any  bool
}

func newKeyCheck(m *schema.Model, t *schema.Table) *keyCheck {
	at := keyFields(m, t)
	return &keyCheck{at: at, last: make([]string, len(at))}
}

// keyFields are the fields of the table's primary key, nil if they are not all
// there.
func keyFields(m *schema.Model, t *schema.Table) []int {
	var at []int
	for _, column := range t.PrimaryKey {
		i := slices.IndexFunc(m.Fields, func(f schema.ModelField) bool { return f.Column == column })
		if i < 0 {
			return nil
		}
		at = append(at, i)
	}
	return at
}

func (k *keyCheck) next(r *schema.Record) error {
	same := k.any && len(k.at) > 0
	for n, i := range k.at {
		v := r.Fields[i].Value
		same = same && v.Kind != schema.NullLiteral && v.Text == k.last[n]
		k.last[n] = v.Text
	}
	k.any = true
	if same {
		return fmt.Errorf("the primary key of the row before it")
	}
	return nil
}
