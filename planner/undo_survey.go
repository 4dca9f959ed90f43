package planner

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// undoTarget is what foreign keys refer to: columns of a table.
type undoTarget struct {
	table   string
	columns []string
	// gone are the tuples that the undo takes away, gained those that it
	// brings; wanted are the references that it makes.
	gone   map[string]*undoStep
	gained map[string]bool
	wanted map[string][]wish
}

type wish struct {
	step *undoStep
	fk   *schema.ForeignKey
}

// undoUnique is one unique constraint and what changed and re-added rows will have where they have not
// got it already.
type undoUnique struct {
	*schema.Unique
	at     []int
	claims map[string]*undoStep
}

// survey looks at the state after the undo. Refused steps count as if they were
// carried out, so that a conflict does not bring others in its train.
func (u *undoing) survey() error {
	targets := u.targets()
	for _, tg := range targets {
		if err := u.askTarget(tg); err != nil {
			return err
		}
	}
	for _, t := range u.in.Catalogue.Tables {
		if err := u.surveyTable(t, targets); err != nil {
			return err
		}
	}
	for _, tg := range targets {
		u.unresolved(tg)
	}
	return nil
}

// targets are those of foreign keys that the undo can break.
func (u *undoing) targets() []*undoTarget {
	var out []*undoTarget
	for _, t := range u.in.Catalogue.Tables {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if u.tables[t.Name] == nil && u.tables[fk.RefTable] == nil || u.in.Catalogue.Table(fk.RefTable) == nil {
				continue
			}
			if targetOf(out, fk) == nil {
				out = append(out, &undoTarget{
					table: fk.RefTable, columns: fk.RefColumns,
					gone: map[string]*undoStep{}, gained: map[string]bool{}, wanted: map[string][]wish{},
				})
			}
		}
	}
	return out
}

func targetOf(targets []*undoTarget, fk *schema.ForeignKey) *undoTarget {
	for _, tg := range targets {
		if tg.table == fk.RefTable && slices.Equal(tg.columns, fk.RefColumns) {
			return tg
		}
	}
	return nil
}

// askTarget gathers what the steps take from a target, bring to it and want
// of it.
func (u *undoing) askTarget(tg *undoTarget) error {
	if t := u.tables[tg.table]; t != nil {
		at := t.places(tg.columns)
		for _, s := range t.steps {
			before, after, err := u.tuples(s, at)
			if err != nil {
				return err
			}
			if before == after {
				continue
			}
			if before != "" {
				tg.gone[before] = s
			}
			tg.gained[after] = true
		}
		for tuple := range tg.gained {
			delete(tg.gone, tuple)
		}
	}
	for _, t := range u.ordered {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if fk.RefTable != tg.table || !slices.Equal(fk.RefColumns, tg.columns) {
				continue
			}
			if err := u.askReferences(tg, t, fk); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u *undoing) askReferences(tg *undoTarget, t *undoTable, fk *schema.ForeignKey) error {
	at := t.places(fk.Columns)
	for _, s := range t.steps {
		before, after, err := u.tuples(s, at)
		if err != nil {
			return err
		}
		if after != "" && before != after && !tg.gained[after] {
			tg.wanted[after] = append(tg.wanted[after], wish{s, fk})
		}
	}
	return nil
}

// tuples are what the step's row has in the columns now and after the undo,
// empty where there is no row or a null.
func (u *undoing) tuples(s *undoStep, at []int) (before, after string, err error) {
	now, then, err := u.rows(s)
	if err != nil {
		return "", "", err
	}
	if s.live < 0 && s.op == schema.Update {
		return "", "", nil // the row is gone
	}
	return s.table.tuple(at, now), s.table.tuple(at, then), nil
}

// tuple is empty where a value is null: the row then refers to nothing.
func (t *undoTable) tuple(at []int, values []schema.Value) string {
	if values == nil {
		return ""
	}
	types := make([]schema.Type, len(at))
	picked := make([]schema.Value, len(at))
	for i, n := range at {
		types[i], picked[i] = t.Columns[n].Type, values[n]
	}
	return joinedText(types, picked)
}

func joinedText(types []schema.Type, values []schema.Value) string {
	var b []byte
	for i, v := range values {
		if !v.Valid {
			return ""
		}
		b = schema.AppendKey(b, types[i].KeyText(v))
	}
	return string(b)
}

func (t *undoTable) places(columns []string) []int {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = t.at[c]
	}
	return out
}

// undoUniques are the table's constraints that can be predicted and for which a
// step claims a tuple.
func (u *undoing) undoUniques(t *undoTable) ([]*undoUnique, error) {
	list := slices.Clone(t.Uniques)
	if len(t.PrimaryKey) > 0 {
		list = append(list, schema.Unique{Name: "primary key", Columns: t.PrimaryKey})
	}
	var out []*undoUnique
	for i := range list {
		q := &undoUnique{Unique: &list[i], at: t.places(list[i].Columns), claims: map[string]*undoStep{}}
		if q.Expression || q.Predicate != "" {
			continue
		}
		for _, s := range t.steps {
			if err := u.claim(q, s); err != nil {
				return nil, err
			}
		}
		if len(q.claims) > 0 {
			out = append(out, q)
		}
	}
	return out, nil
}

func (u *undoing) claim(q *undoUnique, s *undoStep) error {
	if s.op == schema.Delete || s.refused || s.op == schema.Insert && slices.Equal(q.at, s.id.at) {
		return nil // of an Insert's own key see returned
	}
	now, then, err := u.rows(s)
	if err != nil {
		return err
	}
	after, ok := q.tuple(s.table, then)
	if !ok {
		return nil
	}
	if before, had := q.tuple(s.table, now); had && before == after {
		return nil
	}
	if other := q.claims[after]; other != nil {
		u.taken(q, s, "Undo would give the same to "+other.model+" "+string(other.key)+".")
		return nil
	}
	q.claims[after] = s
	return nil
}

// tuple is what a row has for the constraint; false where a null makes it
// distinct from every other.
func (q *undoUnique) tuple(t *undoTable, values []schema.Value) (string, bool) {
	if values == nil {
		return "", false
	}
	var b []byte
	for _, n := range q.at {
		switch {
		case values[n].Valid:
			b = schema.AppendKey(append(b, 'v'), t.Columns[n].Type.KeyText(values[n]))
		case q.NullsNotDistinct:
			b = append(b, 'n')
		default:
			return "", false
		}
	}
	return string(b), true
}

func (u *undoing) taken(q *undoUnique, s *undoStep, why string) {
	u.conflict(s, "Its value of "+strings.Join(q.Columns, ", ")+" is taken, which the unique constraint "+q.Name+" forbids. "+why)
}
