package planner

import (
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/schema"
)

// match reads each table once and compares the rows that the apply left with
// what they are now.
func (u *undoing) match() error {
	for _, t := range u.ordered {
		for values, err := range u.scan(t.Table, t.names) {
			if err != nil {
				return err
			}
			t.live++
			if err := u.matchRow(t, values); err != nil {
				return err
			}
		}
		for _, s := range t.steps {
			switch {
			case s.op == schema.Insert || s.matches == 1:
			case s.matches == 0:
				u.gone(s)
			default:
				u.conflict(s, "Several live rows have its key, so none of them can be told apart.")
			}
		}
	}
	return nil
}

// matchRow finds the steps that are about a live row. It is one at most,
// unless images identify the table's rows in different ways.
func (u *undoing) matchRow(t *undoTable, values []schema.Value) error {
	var mine *undoStep
	for _, id := range t.identities {
		key, ok := id.key(t, values)
		s := id.left[key]
		if !ok || s == nil {
			continue
		}
		s.matches++
		if mine != nil {
			u.conflict(s, fmt.Sprintf("%s wrote the row as %s %s too.", u.in.Label, mine.model, mine.key))
			continue
		}
		mine = s
		if s.matches > 1 {
			continue
		}
		var err error
		if s.live, err = u.keep(values); err != nil {
			return err
		}
		if err := u.compare(s, values); err != nil {
			return err
		}
	}
	return nil
}

// stepOf is the step that changes or destroys a live row, nil if none does.
func (t *undoTable) stepOf(values []schema.Value) *undoStep {
	for _, id := range t.identities {
		if key, ok := id.key(t, values); ok && id.left[key] != nil {
			return id.left[key]
		}
	}
	return nil
}

// scan yields the live rows of a table. The slice is reused.
func (u *undoing) scan(t *schema.Table, columns []string) iter.Seq2[[]schema.Value, error] {
	return func(yield func([]schema.Value, error) bool) {
		values := make([]schema.Value, len(columns))
		n := 0
		for rec, err := range u.in.Live.Scan(u.ctx, schema.Selection{Table: t, Columns: columns}) {
			if err != nil {
				yield(nil, fmt.Errorf("read the live table %s: %w", t.Name, err))
				return
			}
			for i := range rec.Fields {
				values[i] = schema.Value{}
				if l := rec.Fields[i].Value; l.Kind != schema.NullLiteral {
					values[i] = schema.NewValue(l.Text)
				}
			}
			if n++; u.in.Observer != nil && n%4096 == 0 {
				u.in.Observer.Planning(t.Name, SideLive, n)
			}
			if !yield(values, nil) {
				return
			}
		}
	}
}
