package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// surveyTable reads a table once more if the undo may break something in it:
// a unique constraint, a key that is taken again, a row that refers to a
// destroyed one; or if it may hold what re-added rows refer to.
func (u *undoing) surveyTable(table *schema.Table, targets []*undoTarget) error {
	o := &outlook{undoing: u, table: table, touched: u.tables[table.Name]}
	for i := range table.ForeignKeys {
		fk := &table.ForeignKeys[i]
		if tg := targetOf(targets, fk); tg != nil && len(tg.gone) > 0 {
			o.risks = append(o.risks, &risk{fk: fk, target: tg})
		}
	}
	for _, tg := range targets {
		if tg.table == table.Name && len(tg.wanted) > 0 {
			o.sought = append(o.sought, tg)
		}
	}
	returns := false
	if t := o.touched; t != nil {
		var err error
		if o.uniques, err = u.undoUniques(t); err != nil {
			return err
		}
		returns = slices.ContainsFunc(t.identities, func(id *identity) bool { return len(id.gone) > 0 })
	}
	if len(o.risks) == 0 && len(o.sought) == 0 && len(o.uniques) == 0 && !returns {
		return nil
	}
	return o.read()
}

// outlook is what is asked of one table.
type outlook struct {
	*undoing
	table   *schema.Table
	touched *undoTable // nil if the apply did not write the table
	columns []string
	at      map[string]int
	risks   []*risk
	sought  []*undoTarget
	uniques []*undoUnique
}

// risk is a foreign key whose rows may refer to destroyed ones.
type risk struct {
	fk     *schema.ForeignKey
	target *undoTarget
	count  int
	first  *undoStep // one that is referred to
	row    string    // who refers to it
}

func (o *outlook) read() error {
	o.choose()
	for values, err := range o.scan(o.table, o.columns) {
		if err != nil {
			return err
		}
		if err := o.row(values); err != nil {
			return err
		}
	}
	for _, r := range o.risks {
		o.dangling(r)
	}
	return nil
}

// choose selects the columns: of a table that the apply wrote all of them.
func (o *outlook) choose() {
	o.at = map[string]int{}
	add := func(names []string) {
		for _, name := range names {
			if _, known := o.at[name]; !known {
				o.at[name] = len(o.columns)
				o.columns = append(o.columns, name)
			}
		}
	}
	if o.touched != nil {
		add(o.touched.names)
		return
	}
	add(o.table.PrimaryKey)
	for _, r := range o.risks {
		add(r.fk.Columns)
	}
	for _, tg := range o.sought {
		add(tg.columns)
	}
}

// row looks at one live row and at what becomes of it.
func (o *outlook) row(live []schema.Value) error {
	after := live
	var step *undoStep
	if o.touched != nil {
		step = o.touched.stepOf(live)
	}
	if step != nil {
		var err error
		if step.op == schema.Delete {
			return nil
		}
		if after, err = o.overlay(step, live); err != nil {
			return err
		}
	}
	for _, tg := range o.sought {
		delete(tg.wanted, o.tuple(tg.columns, after))
	}
	for _, r := range o.risks {
		tuple := o.tuple(r.fk.Columns, after)
		gone := r.target.gone[tuple]
		if tuple == "" || gone == nil || step != nil && o.tuple(r.fk.Columns, live) != tuple {
			continue // what the undo itself refers to is wanted
		}
		if r.count++; r.count == 1 {
			r.first, r.row = gone, o.name(live)
		}
	}
	if o.touched == nil {
		return nil
	}
	if err := o.returns(step, live, after); err != nil {
		return err
	}
	for _, q := range o.uniques {
		o.holds(q, step, live, after)
	}
	return nil
}

func (o *outlook) tuple(columns []string, values []schema.Value) string {
	types, picked := make([]schema.Type, len(columns)), make([]schema.Value, len(columns))
	for i, c := range columns {
		types[i], picked[i] = o.table.Column(c).Type, values[o.at[c]]
	}
	return joinedText(types, picked)
}

// name is the row's primary key for a message.
func (o *outlook) name(values []schema.Value) string {
	if len(o.table.PrimaryKey) == 0 {
		return "a row"
	}
	var parts []string
	for _, c := range o.table.PrimaryKey {
		parts = append(parts, c+" "+o.table.Column(c).Type.JSON(values[o.at[c]]))
	}
	return "the row with " + strings.Join(parts, ", ")
}

// returns finds a destroyed row whose key a live row has after the undo.
func (o *outlook) returns(step *undoStep, live, after []schema.Value) error {
	for _, id := range o.touched.identities {
		key, ok := id.key(o.touched, after)
		if s := id.gone[key]; ok && s != nil && !s.refused && s != step {
			if err := o.returned(s, live); err != nil {
				return err
			}
		}
	}
	return nil
}

// holds judges a claim on what the row has, or gives up.
func (o *outlook) holds(q *undoUnique, step *undoStep, live, after []schema.Value) {
	if had, ok := q.tuple(o.touched, live); ok {
		s := q.claims[had]
		kept, still := q.tuple(o.touched, after)
		switch {
		case s == nil || s == step || s.refused:
		case still && kept == had:
			o.taken(q, s, "A live row has it and keeps it.")
		case s.op == schema.Update && !q.Deferrable:
			o.taken(q, s, "A live row gives it up in the same undo, but the constraint is checked row by row, so the two cannot be changed together.")
		}
	}
}

func (o *outlook) dangling(r *risk) {
	if r.count == 0 {
		return
	}
	columns := strings.Join(r.fk.Columns, ", ")
	o.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "predicted.reference." + o.table.Name + "." + columns,
		Summary: fmt.Sprintf(plural(r.count, "%d row{|s} of %s would refer by %s to rows that undo takes away"), r.count, o.table.Name, columns),
		Detail: fmt.Sprintf("%s refers to %s %s, which is as %s left it. The foreign key %s would be violated, or the database would cascade.",
			sentenceStart(o.first(r)), r.first.model, r.first.key, o.in.Label, nameOfKey(r.fk)),
		Remedy: "Let these rows refer to others or remove them first; undo destroys nothing that the apply did not add.",
	})
}

func (o *outlook) first(r *risk) string {
	if r.count == 1 {
		return r.row
	}
	return "one of them, " + r.row + ","
}

func sentenceStart(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// unresolved are references of changed and re-added rows that lead nowhere.
func (u *undoing) unresolved(tg *undoTarget) {
	for _, tuple := range slices.Sorted(maps.Keys(tg.wanted)) {
		for _, w := range tg.wanted[tuple] {
			u.fail("undo.reference", w.step.model, string(w.step.key),
				fmt.Sprintf("Its %s would lead to a row of %s that does not exist", strings.Join(w.fk.Columns, ", "), tg.table),
				fmt.Sprintf("The row referred to was there before %s and was removed since.", u.in.Label),
				"Restore that row first.")
		}
	}
}
