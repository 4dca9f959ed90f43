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
		sc := p.newScan(i)
		done := 0
		for n := range sc.rows.Chunks {
			err := sc.chunk(ctx, n, func(r *schema.Record) bool {
				done++
				return yield(r, nil) && (s.Limit <= 0 || done < s.Limit)
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
}

// scan reads one model's chunks in their order.
type scan struct {
	p      *Package
	model  *schema.Model
	rows   *rowsMember
	reader *rowReader
	judge  *judge
	number int
	keys   *keyCheck
}

func (p *Package) newScan(i int) *scan {
	m := p.header.Models[i]
	return &scan{
		p: p, model: m, rows: &p.manifest.Models[i], reader: newRowReader(m),
		judge: newJudge(m, p.header.Source.Dialect), number: p.first[i],
		keys: newKeyCheck(m, tableOf(&p.header, m.Table)),
	}
}

// errEnough says that the caller has had enough.
var errEnough = fmt.Errorf("enough")

// chunk reads the n-th chunk. Nothing of it is yielded before its digest was
// compared.
func (s *scan) chunk(ctx context.Context, n int, yield func(*schema.Record) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &s.rows.Chunks[n]
	name := rowsName(s.model.Label, c.Digest)
	rest, err := s.p.read(name, c.Size, c.Stored, c.StoredDigest, c.Digest)
	if err != nil {
		return err
	}
	for left := c.Records; len(rest) > 0; left-- {
		s.number++
		before := len(rest)
		var r *schema.Record
		if left > 0 {
			r, rest, err = s.reader.next(rest)
		} else {
			err = fmt.Errorf("a row more than the manifest lists")
		}
		if err == nil && s.p.limits.Record > 0 && int64(before-len(rest)) > s.p.limits.Record {
			err = fmt.Errorf("a row of more than %d bytes", s.p.limits.Record)
		}
		if err == nil {
			err = s.keys.next(r)
		}
		if err == nil {
			err = s.judge.record(r)
		}
		if err == nil && len(rest) == 0 && left != 1 {
			err = fmt.Errorf("fewer rows than the manifest lists")
		}
		if err != nil {
			return badRow(name, s.model.Label, s.number, err)
		}
		r.Number = s.number
		if !yield(r) {
			return errEnough
		}
	}
	return nil
}

// end judges the model as a whole.
func (s *scan) end(ctx context.Context) error {
	if got := s.judge.list(); !slices.Equal(got, s.rows.Irregular) {
		return badDocument(manifestName, fmt.Errorf("wrong about the irregular values of %.60q", s.model.Label))
	}
	return ctx.Err()
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
	k := &keyCheck{}
	for _, column := range t.PrimaryKey {
		i := slices.IndexFunc(m.Fields, func(f schema.ModelField) bool { return f.Column == column })
		if i < 0 {
			return &keyCheck{}
		}
		k.at = append(k.at, i)
	}
	k.last = make([]string, len(k.at))
	return k
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
