package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// inOrder yields the steps that are carried out: destroys, children first;
// then changes and adds, parents first.
func (u *undoing) inOrder() iter.Seq[*undoStep] {
	return func(yield func(*undoStep) bool) {
		for _, t := range slices.Backward(u.ordered) {
			for s := range t.todo(schema.Delete) {
				if !yield(s) {
					return
				}
			}
		}
		for _, t := range u.ordered {
			for s := range t.todo(schema.Update, schema.Insert) {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// changes implements work.
func (u *undoing) changes() iter.Seq2[*plans.Record, error] { return u.sealed.records() }

// makeChanges makes the change set.
func (u *undoing) makeChanges() iter.Seq2[*plans.Record, error] {
	return func(yield func(*plans.Record, error) bool) {
		for s := range u.inOrder() {
			rec, err := u.record(s)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// record shows a step. A destroy has a Content too, of the live row: should
// the row change in between, the plan is stale.
func (u *undoing) record(s *undoStep) (*plans.Record, error) {
	before, after, err := u.rows(s)
	if err != nil {
		return nil, err
	}
	rec := &plans.Record{Model: s.model, Key: s.key}
	switch s.op {
	case schema.Delete:
		rec.Action, rec.Reason = plans.Destroy, "because undo of "+u.in.Label+" destroys what it added"
		u.fields(s, rec, before, nil, s.table.written())
	case schema.Insert:
		rec.Action, rec.Reason = plans.Add, "because undo of "+u.in.Label+" adds again what it destroyed"
		u.fields(s, rec, nil, after, s.columns)
		if pk := s.table.PrimaryKey; len(pk) == 1 {
			rec.PrimaryKey = u.show(s, s.table.at[pk[0]], after[s.table.at[pk[0]]])
		}
	default:
		rec.Action, rec.Reason = plans.Change, "because undo of "+u.in.Label+" restores what it changed"
		u.fields(s, rec, before, after, s.columns)
		rec.Hidden = len(s.table.written()) - len(s.columns)
		return rec, nil
	}
	rec.Content = content(rec.Fields)
	return rec, nil
}

func (u *undoing) fields(s *undoStep, rec *plans.Record, before, after []schema.Value, columns []int) {
	for _, n := range columns {
		f := plans.Field{Name: s.table.names[n], Sensitive: u.sensitive(s.model, s.table.names[n])}
		if before != nil {
			f.Before = u.show(s, n, before[n])
		}
		if after != nil {
			f.After = u.show(s, n, after[n])
		}
		rec.Fields = append(rec.Fields, f)
		u.secret(s, n, before, after)
	}
}

// content digests the fields that are not sensitive.
func content(fields []plans.Field) string {
	h := sha256.New()
	for _, f := range fields {
		if !f.Sensitive {
			v := f.Before + f.After // one of them is empty
			fmt.Fprintf(h, "%d:%s%d:%s", len(f.Name), f.Name, len(v), v)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// written are the columns that can be written.
func (t *undoTable) written() []int {
	var out []int
	for n := range t.Columns {
		if !t.Columns[n].Generated {
			out = append(out, n)
		}
	}
	return out
}

// images implements work.
func (u *undoing) images() iter.Seq2[*Image, error] {
	return func(yield func(*Image, error) bool) {
		for s := range u.inOrder() {
			before, after, err := u.rows(s)
			if err != nil {
				yield(nil, err)
				return
			}
			img := &Image{Model: s.model, Key: u.ownerKey(s), Table: s.table.Table, Op: s.op, Sensitive: u.maskedOf(s.model)}
			switch s.op {
			case schema.Delete:
				img.Row = s.table.cellsOf(s.id.at, before)
				img.Before = s.table.cellsOf(s.table.written(), before)
			case schema.Insert:
				img.Row = s.table.cellsOf(s.id.at, after)
				img.After = s.table.cellsOf(s.columns, after)
			default:
				img.Row = s.table.cellsOf(s.id.at, before)
				img.Before = s.table.cellsOf(s.columns, before)
				img.After = s.table.cellsOf(s.columns, after)
			}
			if !yield(img, nil) {
				return
			}
		}
	}
}

// maskedOf are the sensitive columns of a model, sorted.
func (u *undoing) maskedOf(model string) []string {
	var out []string
	for c := range u.masked {
		if c.model == model {
			out = append(out, c.column)
		}
	}
	slices.Sort(out)
	return out
}

// ownerKey is the key as the image had it: that of a join row is its owner's.
func (u *undoing) ownerKey(s *undoStep) string {
	if !s.table.join {
		return string(s.key)
	}
	parts := s.key.Parts()
	b := []byte("[")
	for i, p := range parts[:max(len(parts)-1, 0)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p...)
	}
	return string(append(b, ']'))
}

func (t *undoTable) cellsOf(columns []int, values []schema.Value) []Cell {
	out := make([]Cell, len(columns))
	for i, n := range columns {
		out[i] = Cell{t.names[n], values[n]}
	}
	return out
}
