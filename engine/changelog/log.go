package changelog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Tables are the log's own tables, to be locked by who writes it.
func Tables() []*schema.Table { return []*schema.Table{applyTable(), entryTable()} }

// Log writes the log inside a transaction.
type Log struct {
	tx   database.Tx
	last Entry // the end of the chain; the zero Entry in an empty log
}

// Open makes the log's tables if they are missing and finds the end of the
// chain.
func Open(ctx context.Context, tx database.Tx) (*Log, error) {
	for _, t := range Tables() {
		if err := tx.Create(ctx, t); err != nil {
			return nil, fmt.Errorf("make the change log: %w", err)
		}
	}
	l := &Log{tx: tx}
	for e, err := range entries(ctx, tx, schema.Selection{OrderBy: []string{"seq"}, Descending: true, Limit: 1}) {
		if err != nil {
			return nil, err
		}
		l.last = *e
	}
	return l, nil
}

// Append logs the changes of one apply and the apply itself. It fills in the
// sequence numbers of a.
func (l *Log) Append(ctx context.Context, a *Apply, changes iter.Seq2[*plans.Record, error], count int64) error {
	a.clean()
	a.First, a.Last = 0, 0
	if count > 0 {
		a.First, a.Last = l.last.Seq+1, l.last.Seq+count
	}
	t := entryTable()
	n, err := l.tx.Write(ctx, schema.Batch{
		Op: schema.Insert, Table: t, Columns: columns(t), Count: count, Rows: l.rows(a, changes),
	})
	if err != nil {
		return fmt.Errorf("write the change log: %w", err)
	}
	if n != count {
		return fmt.Errorf("write the change log: %d entries written, %d expected", n, count)
	}
	a.Head = l.last.Hash
	a.Hash = a.digest()
	t = applyTable()
	n, err = l.tx.Write(ctx, schema.Batch{
		Op: schema.Insert, Table: t, Columns: columns(t), Count: 1,
		Rows: func(yield func([]schema.Value, error) bool) {
			texts := a.texts()
			yield(values(texts[:]), nil)
		},
	})
	if err != nil {
		return fmt.Errorf("write the change log: %w", err)
	}
	if n != 1 {
		return errors.New("write the change log: the apply itself was not written")
	}
	return nil
}

// clean takes out of names from outside what no database would store: a file
// may be called anything, and that must not fail an apply at its very end.
func (a *Apply) clean() {
	for _, s := range []*string{&a.PlanID, &a.Actor, &a.Program, &a.Source} {
		*s = strings.ToValidUTF8(strings.ReplaceAll(*s, "\x00", "\ufffd"), "\ufffd")
	}
}

// rows chains an entry to each change; a remap changes nothing and has none.
func (l *Log) rows(a *Apply, changes iter.Seq2[*plans.Record, error]) iter.Seq2[[]schema.Value, error] {
	return func(yield func([]schema.Value, error) bool) {
		o := &objects{names: map[string]string{}}
		var row []schema.Value
		for c, err := range changes {
			if err != nil {
				yield(nil, err)
				return
			}
			if c.Action == plans.Remap {
				continue
			}
			e := Entry{
				Seq: l.last.Seq + 1, ApplyID: a.ID, At: a.At, Actor: a.Actor, Policy: a.Policy, Package: a.Package,
				Model: c.Model, Key: string(c.Key), Action: c.Action.Name(), Previous: l.last.Hash,
			}
			e.Before, e.After = o.object(c, false), o.object(c, true)
			texts := e.texts()
			e.Hash = digest(texts[:entryFields-1])
			texts[entryFields-1] = e.Hash
			l.last = e
			row = appendValues(row[:0], texts[:])
			if !yield(row, nil) {
				return
			}
		}
	}
}

// said are the fields of a destroyed record that have an After, or none.
func said(fields []plans.Field, after bool) []plans.Field {
	var out []plans.Field
	for _, f := range fields {
		if (f.After != "") == after {
			out = append(out, f)
		}
	}
	return out
}

// objects writes fields as JSON objects.
type objects struct {
	buf   []byte
	names map[string]string // of fields, as JSON
}

// object is one side of a change as a JSON object, sensitive values masked;
// empty when the record is not there on that side.
func (o *objects) object(c *plans.Record, after bool) string {
	if !after && c.Action == plans.Add {
		return ""
	}
	fields := c.Fields
	if c.Action == plans.Destroy {
		// Of what is gone nothing is left but what is said of it.
		if fields = said(fields, after); after && len(fields) == 0 {
			return ""
		}
	}
	b := append(o.buf[:0], '{')
	for i := range fields {
		f := &fields[i]
		v := f.Before
		if after {
			v = f.After
		}
		if f.Sensitive {
			v = plans.Masked
		}
		if v == "" {
			v = plans.Null
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, o.name(f.Name)...), ':'), v...)
	}
	o.buf = append(b, '}')
	return string(o.buf)
}

func (o *objects) name(s string) string {
	json, known := o.names[s]
	if !known {
		json = schema.Type{Kind: schema.Text}.JSON(schema.NewValue(s))
		o.names[strings.Clone(s)] = json // not the whole record with it
	}
	return json
}
