package draft

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

const (
	contentTypeLabel = "contenttypes.contenttype"
	sessionLabel     = "sessions.session"
	logEntryLabel    = "admin.logentry"
)

// world is all tables of the database.
type world struct {
	tables []*table // by name
	byName map[string]*table
	// described are the models of a package of our own format, by label.
	described map[string]*schema.Model
}

// table is a table and what is thought of it.
type table struct {
	*schema.Table
	fields []field
	index  map[string]int // field and column names to fields
	rows   int64          // -1: not counted

	// label is the model's, empty when there is none; why says how it was found
	// and unsure that it is a guess.
	label, why string
	unsure     bool
	described  *schema.Model // by a package of our own format
	pkg        *surveyed     // the package's records of it, nil if there are none
	join       bool
	through    map[string]string // many-to-many fields whose tables are called otherwise

	spelled    *spelling
	candidates []*candidate
	chosen     *candidate
	visiting   bool
	same       sameKeys
	model      model
}

// field is a column under the name that a package gives it.
type field struct {
	name   string
	column *schema.Column
	refers string // the table that its foreign key leads to, also one of several columns; empty without one
}

func newWorld(c *schema.Catalogue) *world {
	w := &world{byName: map[string]*table{}}
	for _, st := range c.Tables {
		t := &table{Table: st, index: map[string]int{}, rows: -1, through: map[string]string{}}
		for i := range st.Columns {
			t.addField(c, &st.Columns[i])
		}
		w.tables = append(w.tables, t)
		w.byName[t.Name] = t
	}
	for _, t := range w.tables {
		t.join = w.conventionalJoin(t)
	}
	return w
}

func (t *table) addField(all *schema.Catalogue, c *schema.Column) {
	if c.Generated {
		return
	}
	f := field{name: c.Name, column: c}
	if fk := all.Reference(t.Table, c.Name); fk != nil {
		f.refers = fk.RefTable
	}
	if t.ForeignKeyOf(c.Name) != nil {
		if short, ok := strings.CutSuffix(c.Name, "_id"); ok && t.Column(short) == nil {
			f.name = short
		}
	}
	t.index[f.name], t.index[c.Name] = len(t.fields), len(t.fields)
	t.fields = append(t.fields, f)
}

// pk is the field of the single primary key column, -1 if there is none.
func (t *table) pk() int {
	if len(t.PrimaryKey) == 1 {
		if i, ok := t.index[t.PrimaryKey[0]]; ok {
			return i
		}
	}
	return -1
}

// joins returns the two tables that a join table joins: it has two foreign
// keys and nothing else but its own key.
func (t *table) joins() (names []string, ok bool) {
	if len(t.ForeignKeys) != 2 {
		return nil, false
	}
	var columns []string
	for _, fk := range t.ForeignKeys {
		if len(fk.Columns) != 1 {
			return nil, false
		}
		columns = append(columns, fk.Columns[0])
		names = append(names, fk.RefTable)
	}
	for _, f := range t.fields {
		if !slices.Contains(columns, f.column.Name) && !slices.Contains(t.PrimaryKey, f.column.Name) {
			return nil, false
		}
	}
	return names, columns[0] != columns[1]
}

// conventionalJoin reports whether the table is that of a many-to-many field
// by Django's name for it: the table of one side, and the field.
func (w *world) conventionalJoin(t *table) bool {
	names, ok := t.joins()
	return ok && slices.ContainsFunc(names, func(name string) bool {
		owner := w.byName[name]
		return owner != nil && owner.Schema == t.Schema && strings.HasPrefix(t.Relation, owner.Relation+"_")
	})
}

// manyField reports whether the table has a many-to-many field of that name,
// by a join table that is called so.
func (w *world) manyField(t *table, name string) *table {
	for _, j := range w.tables {
		if j.Schema == t.Schema && j.Relation == t.Relation+"_"+name && j.label == "" {
			if names, ok := j.joins(); ok && slices.Contains(names, t.Name) {
				return j
			}
		}
	}
	return nil
}

// member is the table that the join table joins the owner with.
func (t *table) member(owner *table) string {
	names, _ := t.joins()
	if names[0] == owner.Name {
		return names[1]
	}
	return names[0]
}
