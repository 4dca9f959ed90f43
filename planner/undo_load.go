package planner

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// load spools the images and makes a step of each.
func (u *undoing) load() error {
	for img, err := range u.in.Images() {
		if err != nil {
			return err
		}
		for _, c := range img.Sensitive {
			u.masked[modelColumn{img.Model, c}] = true
		}
		t := u.table(img)
		if t == nil {
			continue
		}
		s, err := u.step(t, img)
		if err != nil {
			return err
		}
		if s != nil {
			t.steps = append(t.steps, s)
		}
	}
	u.sortTables()
	return nil
}

// table finds the image's table as it is now, nil if it is gone.
func (u *undoing) table(img *Image) *undoTable {
	if t := u.tables[img.Table.Name]; t != nil {
		return t
	}
	now := u.in.Catalogue.Table(img.Table.Name)
	if now == nil {
		u.fail("undo.table", img.Model, img.Key, fmt.Sprintf("The table %s no longer exists", img.Table.Name),
			fmt.Sprintf("The rows that %s wrote to it cannot be restored.", u.in.Label), "")
		return nil
	}
	t := &undoTable{Table: now, at: map[string]int{}, shapes: map[string][]int{}, join: isJoinImage(now, img)}
	for i, c := range now.Columns {
		t.names = append(t.names, c.Name)
		t.at[c.Name] = i
	}
	u.tables[now.Name] = t
	return t
}

// isJoinImage reports whether the image is of a join table's row: one that
// has nothing but the two references that identify it, and its own key.
func isJoinImage(t *schema.Table, img *Image) bool {
	if len(img.Row) != 2 {
		return false
	}
	fk := t.ForeignKeyOf(img.Row[0].Column)
	if fk == nil || t.ForeignKeyOf(img.Row[1].Column) == nil {
		return false
	}
	owner, _ := joinColumns(t, &schema.Table{Name: fk.RefTable})
	return owner != nil
}

// step reverses an image. It is nil when the image cannot be used, which is
// then a diagnostic.
func (u *undoing) step(t *undoTable, img *Image) (*undoStep, error) {
	s := &undoStep{table: t, model: img.Model, key: plans.Value(img.Key), live: -1}
	write, values := img.Before, []Cell(nil)
	switch img.Op {
	case schema.Insert:
		s.op, write, values = schema.Delete, nil, img.After
	case schema.Update:
		s.op = schema.Update
		for _, c := range img.Before {
			i := slices.IndexFunc(img.After, func(a Cell) bool { return a.Column == c.Column })
			if i < 0 {
				return nil, fmt.Errorf("undo: the image of %s %s has no value after for %s", img.Model, img.Key, c.Column)
			}
			values = append(values, img.After[i])
		}
	case schema.Delete:
		s.op = schema.Insert
	default:
		return nil, fmt.Errorf("undo: the image of %s %s has no operation", img.Model, img.Key)
	}
	if t.join {
		s.key = joinKey(t, img)
	}
	u.judgeColumns(t, s, write)
	kept, after := u.pick(t, s, write, values)
	if !u.identify(t, s, img) {
		return nil, nil
	}
	var err error
	s.image, err = u.keep(slices.Concat(kept, after))
	return s, err
}

// pick keeps what of the image's values has a column now, and notes which
// columns those are. Generated columns are not written.
func (u *undoing) pick(t *undoTable, s *undoStep, write, values []Cell) (before, after []schema.Value) {
	var columns []int
	named := write
	if named == nil {
		named = values
	}
	for i, c := range named {
		n, ok := t.at[c.Column]
		if !ok || t.Columns[n].Generated {
			continue
		}
		columns = append(columns, n)
		if write != nil {
			before = append(before, write[i].Value)
		}
		if values != nil {
			after = append(after, values[i].Value)
		}
	}
	s.columns = t.shape(columns)
	return before, after
}

// joinKey is the owner's natural key with the member's identifier after it.
func joinKey(t *undoTable, img *Image) plans.Value {
	b := []byte("[")
	for _, p := range plans.Value(img.Key).Parts() {
		b = append(append(b, p...), ',')
	}
	member := img.Row[1]
	if c := t.Column(member.Column); c != nil {
		b = append(b, c.Type.JSON(member.Value)...)
	}
	return plans.Value(append(b, ']'))
}

// shape keeps one copy of each set of columns.
func (t *undoTable) shape(columns []int) []int {
	name := fmt.Sprint(columns)
	if s, ok := t.shapes[name]; ok {
		return s
	}
	t.shapes[name] = columns
	return columns
}

// identify finds the key by which the row is known now: an update may have
// changed it.
func (u *undoing) identify(t *undoTable, s *undoStep, img *Image) bool {
	var at []int
	var key []byte
	for _, c := range img.Row {
		n, ok := t.at[c.Column]
		v := c.Value
		if img.Op == schema.Update {
			for _, a := range img.After {
				if a.Column == c.Column {
					v = a.Value
				}
			}
		}
		if !ok || !v.Valid {
			at = nil
			break
		}
		at = append(at, n)
		key = schema.AppendKey(key, t.Columns[n].Type.KeyText(v))
	}
	if len(at) == 0 {
		u.fail("undo.image", s.model, string(s.key), fmt.Sprintf("The row of %s cannot be found again", t.Name),
			"What identified it is null, or a column that no longer exists.", "")
		return false
	}
	s.id, s.row = t.identity(at), schema.Key(key)
	index := s.id.left
	if s.op == schema.Insert {
		index = s.id.gone
	}
	if index[s.row] != nil {
		u.fail("undo.image", s.model, string(s.key), fmt.Sprintf("%s wrote one row of %s twice", u.in.Label, t.Name),
			"Its images do not say in which order, so it cannot be undone.", "")
		return false
	}
	index[s.row] = s
	return true
}

func (t *undoTable) identity(at []int) *identity {
	for _, id := range t.identities {
		if slices.Equal(id.at, at) {
			return id
		}
	}
	id := &identity{at: at, left: map[schema.Key]*undoStep{}, gone: map[schema.Key]*undoStep{}}
	t.identities = append(t.identities, id)
	return id
}

// key is what a row has for the identity; false where it has a null.
func (id *identity) key(t *undoTable, values []schema.Value) (schema.Key, bool) {
	var b []byte
	for _, n := range id.at {
		if !values[n].Valid {
			return "", false
		}
		b = schema.AppendKey(b, t.Columns[n].Type.KeyText(values[n]))
	}
	return schema.Key(b), true
}

// judgeColumns finds values that the table as it is now does not take.
func (u *undoing) judgeColumns(t *undoTable, s *undoStep, write []Cell) {
	refuse := func(column, why string) {
		u.fail("undo.column", s.model, string(s.key), fmt.Sprintf("The column %s of %s has changed since", column, t.Name), why, "")
	}
	given := make([]bool, len(t.names))
	for _, c := range write {
		n, ok := t.at[c.Column]
		if !ok {
			refuse(c.Column, "It no longer exists, so its value cannot be restored.")
			continue
		}
		given[n] = true
		switch err := t.Columns[n].Type.Check(c.Value, u.in.Catalogue.Dialect); {
		case t.Columns[n].Generated:
		case !c.Value.Valid && t.Columns[n].NotNull:
			refuse(c.Column, "It takes no null any more, and the row had one.")
		case err != nil && u.in.Catalogue.Dialect != "sqlite": // its columns hold values of any type, as this one did
			refuse(c.Column, sentence(err.Error()))
		}
	}
	if s.op != schema.Insert {
		return
	}
	for n, c := range t.Columns {
		if !given[n] && c.NotNull && !c.HasDefault && !c.Generated {
			refuse(c.Name, "It is new, takes no null and has no default.")
		}
	}
}

// fail notes an error about one record.
func (u *undoing) fail(code, model, key, summary, detail, remedy string) {
	u.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: code, Record: &diag.Record{Model: model, Key: key}, Summary: summary, Detail: detail, Remedy: remedy,
	})
}
