package planner

import (
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// batches implements work: rows destroyed, children first (join rows are
// children), then rows changed, then rows added again, parents first. Around
// them are the references that cannot be written with their row; see phase.
func (u *undoing) batches() iter.Seq2[schema.Batch, error] {
	return func(yield func(schema.Batch, error) bool) {
		var list []schema.Batch
		for _, t := range u.ordered {
			list = append(list, u.earlyBatches(t)...)
		}
		for _, t := range slices.Backward(u.ordered) {
			for _, g := range t.groups(schema.Delete) {
				list = append(list, u.batch(t, g, schema.Delete, nil))
			}
		}
		for _, op := range []schema.Op{schema.Update, schema.Insert} {
			for _, t := range u.ordered {
				for _, g := range t.groups(op) {
					list = append(list, u.batch(t, g, op, u.columnsIn(t, g, op, inMain)))
				}
			}
		}
		for _, t := range u.ordered {
			list = append(list, u.lateBatches(t)...)
		}
		for _, b := range list {
			if b.Count > 0 && !yield(b, nil) {
				return
			}
		}
	}
}

// group are steps that write the same columns and find their rows alike.
type group struct {
	id      *identity
	columns []int
	steps   []*undoStep
}

func (t *undoTable) groups(op schema.Op) []*group {
	var out []*group
	for s := range t.todo(op) {
		i := slices.IndexFunc(out, func(g *group) bool {
			return g.id == s.id && (op == schema.Delete || slices.Equal(g.columns, s.columns))
		})
		if i < 0 {
			i = len(out)
			out = append(out, &group{id: s.id, columns: s.columns})
		}
		out[i].steps = append(out[i].steps, s)
	}
	return out
}

// columnsIn are the group's columns of that phase.
func (u *undoing) columnsIn(t *undoTable, g *group, op schema.Op, want ...phase) []int {
	phases := u.phases(t, op)
	var out []int
	for _, n := range g.columns {
		if slices.Contains(want, phases[n]) {
			out = append(out, n)
		}
	}
	return out
}

// earlyBatches take references off rows that are to be destroyed.
func (u *undoing) earlyBatches(t *undoTable) []schema.Batch {
	var out []schema.Batch
	for _, g := range t.groups(schema.Update) {
		out = append(out, u.write(t, g, schema.Update, u.columnsIn(t, g, schema.Update, early), now, then))
		out = append(out, u.write(t, g, schema.Update, u.columnsIn(t, g, schema.Update, suspended), now, null))
	}
	for _, g := range t.groups(schema.Delete) {
		var columns []int
		for n, p := range u.phases(t, schema.Delete) {
			if p == early {
				columns = append(columns, n)
			}
		}
		out = append(out, u.write(t, g, schema.Update, columns, now, null))
	}
	return out
}

// lateBatches lead references to rows that were added again.
func (u *undoing) lateBatches(t *undoTable) []schema.Batch {
	var out []schema.Batch
	for _, op := range []schema.Op{schema.Update, schema.Insert} {
		for _, g := range t.groups(op) {
			out = append(out, u.write(t, g, schema.Update, u.columnsIn(t, g, op, late, suspended), then, then))
		}
	}
	return out
}

func (u *undoing) batch(t *undoTable, g *group, op schema.Op, columns []int) schema.Batch {
	if op == schema.Insert {
		return u.write(t, g, op, columns, "", then)
	}
	return u.write(t, g, op, columns, now, then)
}

// side is one state of a row.
type side string

const (
	now  side = "now"
	then side = "then"
	null side = "null"
)

// write makes a batch of the group's steps: the key is the row's now or then,
// the columns get their values then or null.
func (u *undoing) write(t *undoTable, g *group, op schema.Op, columns []int, key, to side) schema.Batch {
	b := schema.Batch{Op: op, Table: t.Table, Columns: t.namesOf(columns), Count: int64(len(g.steps))}
	if op != schema.Insert {
		b.Key = t.namesOf(g.id.at)
	}
	if op != schema.Delete && len(columns) == 0 {
		b.Count = 0
	}
	b.Rows = func(yield func([]schema.Value, error) bool) {
		var out []schema.Value
		for _, s := range g.steps {
			live, after, err := u.rows(s)
			if err != nil {
				yield(nil, err)
				return
			}
			out = out[:0]
			for _, n := range g.id.at {
				switch key {
				case now:
					out = append(out, live[n])
				case then:
					out = append(out, after[n])
				}
			}
			for _, n := range columns {
				if to == null {
					out = append(out, schema.Value{})
				} else {
					out = append(out, after[n])
				}
			}
			if !yield(out, nil) {
				return
			}
		}
	}
	return b
}

func (t *undoTable) namesOf(columns []int) []string {
	var out []string
	for _, n := range columns {
		out = append(out, t.names[n])
	}
	return out
}
