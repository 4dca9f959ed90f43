package planner

import (
	"maps"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// sortTables puts tables after those that they refer to. Where they refer to
// each other in a circle some reference leads forward; see phase.
func (u *undoing) sortTables() {
	seen := map[string]bool{}
	var visit func(t *undoTable)
	visit = func(t *undoTable) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		for i := range t.ForeignKeys {
			if parent := u.tables[t.ForeignKeys[i].RefTable]; parent != nil {
				visit(parent)
			}
		}
		t.order = len(u.ordered)
		u.ordered = append(u.ordered, t)
	}
	for _, name := range slices.Sorted(maps.Keys(u.tables)) {
		visit(u.tables[name])
	}
}

// phase says when a step writes a column. Most are written in the main phase;
// a reference that the database judges at once, or acts on when the row
// referred to is destroyed, must not lead to that row when its turn comes, nor
// to a re-added row before it is there.
type phase uint8

const (
	inMain    phase = iota
	early           // before rows are destroyed
	late            // after rows are added again
	suspended       // null before rows are destroyed, its value after rows are added again
)

// phases says for each column when steps of the operation write it.
func (u *undoing) phases(t *undoTable, op schema.Op) []phase {
	out := make([]phase, len(t.names))
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		parent := u.tables[fk.RefTable]
		if parent == nil {
			continue
		}
		p := u.phase(t, fk, parent, op)
		for _, name := range fk.Columns {
			n := t.at[name]
			if p == inMain || t.identifies(n) || (t.Columns[n].NotNull && nulls(p, op)) {
				continue
			}
			out[n] = p
		}
	}
	return out
}

// nulls reports whether a column is null for a while in that phase.
func nulls(p phase, op schema.Op) bool { return p == suspended || op != schema.Update }

func (u *undoing) phase(t *undoTable, fk *schema.ForeignKey, parent *undoTable, op schema.Op) phase {
	// SQLite judges every foreign key at the commit when asked to.
	atOnce := !fk.Deferrable && u.in.Catalogue.Dialect != "sqlite"
	acts := fk.OnDelete != "" && fk.OnDelete != "no action"
	leaves := (atOnce || acts) && parent.has(schema.Delete)
	comes := atOnce && parent.has(schema.Insert)
	switch {
	case op == schema.Delete && leaves && (parent.order > t.order || parent == t && acts):
		return early
	case op == schema.Insert && comes && parent.order > t.order:
		return late
	case op != schema.Update:
		return inMain
	case leaves && comes:
		return suspended
	case leaves:
		return early
	case comes:
		return late
	}
	return inMain
}

func (t *undoTable) has(op schema.Op) bool {
	for range t.todo(op) {
		return true
	}
	return false
}

func (t *undoTable) identifies(column int) bool {
	return slices.ContainsFunc(t.identities, func(id *identity) bool { return slices.Contains(id.at, column) })
}
