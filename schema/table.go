package schema

import "slices"

// Catalogue is what a database says of itself.
type Catalogue struct {
	// Dialect is "postgres" or "sqlite".
	Dialect string
	// Server is the server's product and version, such as "PostgreSQL 15.18".
	Server string
	// Identity is a stable fingerprint of this very database, the same on every
	// connection and after every write, another for a copy elsewhere where the
	// database can tell. It holds no secret.
	Identity string
	// Name is how people call the database: its name or its file's name.
	Name string
	// Tables are all ordinary and partitioned tables but those of edmsplan
	// itself and of the system, sorted by Name.
	Tables []*Table
	// Beside is what holds data of this database too and is no table that can be
	// read and written, sorted by Name.
	Beside []Beside
}

// Beside is data that is in no table.
type Beside struct {
	// Name says what it is, such as "large objects".
	Name string
	Rows int64
}

// Table returns the table of that name, nil if there is none.
func (c *Catalogue) Table(name string) *Table {
	for _, t := range c.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Table is one table.
type Table struct {
	// Name is the table's name, with its schema before it ("hr.people") when
	// that is not the one that unqualified names mean. It is unique in a
	// Catalogue, and what a policy writes. It is not quoted.
	Name string
	// Schema and Relation are the parts of the name, unquoted; Schema is empty
	// on SQLite.
	Schema, Relation string
	// Inherited says that other tables inherit from this one, as PostgreSQL has
	// it: their rows are theirs alone, also where the database shows them here.
	Inherited bool

	Columns     []Column
	PrimaryKey  []string // columns, empty if there is none
	Uniques     []Unique
	ForeignKeys []ForeignKey
	Checks      []Check
	// Triggers names the table's own triggers that fire on row changes, and the
	// rules that rewrite them.
	Triggers []string
}

// Column returns the column of that name, nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// ForeignKeyOf returns the foreign key over exactly these columns, nil if
// there is none.
func (t *Table) ForeignKeyOf(columns ...string) *ForeignKey {
	for i := range t.ForeignKeys {
		if slices.Equal(t.ForeignKeys[i].Columns, columns) {
			return &t.ForeignKeys[i]
		}
	}
	return nil
}

// Reference returns where the values of one column lead: the foreign key over it
// alone, else what one over several columns says of it. Its column of those may
// identify a row of the other table by itself, or lead on from there. It returns
// nil where the values mean nothing but themselves.
func (c *Catalogue) Reference(t *Table, column string) *ForeignKey {
	return c.reference(t, column, map[string]bool{})
}

func (c *Catalogue) reference(t *Table, column string, seen map[string]bool) *ForeignKey {
	if fk := t.ForeignKeyOf(column); fk != nil {
		return fk
	}
	if id := t.Name + "\x00" + column; !seen[id] {
		seen[id] = true
	} else {
		return nil
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		n := slices.Index(fk.Columns, column)
		target := c.Table(fk.RefTable)
		if n < 0 || target == nil || n >= len(fk.RefColumns) {
			continue
		}
		to := fk.RefColumns[n]
		if target.UniqueOn(to) == nil {
			on := c.reference(target, to, seen)
			if on == nil {
				continue
			}
			target, to = c.Table(on.RefTable), on.RefColumns[0]
		}
		if target != nil {
			return &ForeignKey{
				Name: fk.Name, Columns: []string{column}, RefTable: target.Name, RefColumns: []string{to},
				Deferrable: fk.Deferrable, OnDelete: fk.OnDelete, OnUpdate: fk.OnUpdate,
			}
		}
	}
	return nil
}

// UniqueOn returns a unique constraint or index that backs exactly this set of
// columns for every row, the primary key included, or nil. Partial and
// expression indexes do not count.
func (t *Table) UniqueOn(columns ...string) *Unique {
	want := sorted(columns)
	for i := range t.Uniques {
		u := &t.Uniques[i]
		if u.Predicate == "" && !u.Expression && slices.Equal(sorted(u.Columns), want) {
			return u
		}
	}
	if slices.Equal(sorted(t.PrimaryKey), want) {
		return &Unique{Name: "primary key", Columns: t.PrimaryKey}
	}
	return nil
}

func sorted(s []string) []string {
	out := slices.Clone(s)
	slices.Sort(out)
	return out
}

// Column is one column.
type Column struct {
	Name    string
	Type    Type
	NotNull bool
	// HasDefault says that the database fills the column when an insert leaves
	// it out: a default, an identity, a sequence or a rowid. Default is its
	// expression in the database's own words, empty for identities.
	HasDefault bool
	Default    string
	// Loose says that the database takes some different texts in the column for
	// equal where it keeps them unique or follows references: those that differ in
	// case, for instance.
	Loose bool
	// Generated columns are computed by the database and never written.
	Generated bool
	// Sequence gives out the column's values, nil if nothing does.
	Sequence *Sequence
}

// Sequence is a source of primary keys and its state.
type Sequence struct {
	// Name is the database's name of it, empty for SQLite's rowid.
	Name string
	// Last is the last value given out; 0 when none was.
	Last int64
	// Max is the greatest value it may give out.
	Max int64
}

// Unique is a unique constraint or a unique index. The primary key is not
// among a table's Uniques.
type Unique struct {
	Name    string
	Columns []string
	// Predicate is a partial index's condition in the database's words.
	Predicate string
	// Expression says that the index is over an expression; Columns then holds
	// only its plain columns, and Definition its text.
	Expression bool
	Definition string
	Deferrable bool
	// NullsNotDistinct says that two nulls are equal for it.
	NullsNotDistinct bool
}

// ForeignKey is a foreign key. Columns and RefColumns pair up.
type ForeignKey struct {
	Name       string
	Columns    []string
	RefTable   string // Table.Name of the table referred to
	RefColumns []string
	Deferrable bool
	// OnDelete and OnUpdate are "no action", "restrict", "cascade", "set null"
	// or "set default".
	OnDelete, OnUpdate string
}

// Check is a check constraint.
type Check struct {
	Name       string
	Expression string
}
