package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// catalogue describes the tables. Virtual tables, their shadows, views, and
// the tables of SQLite and of edmsplan itself are not among them.
func (f *file) catalogue(ctx context.Context, c *conn) (*schema.Catalogue, error) {
	cat := &schema.Catalogue{}
	if err := f.describe(ctx, c, cat); err != nil {
		return nil, fmt.Errorf("cannot describe the database: %w", translate(err))
	}
	sources, err := listTables(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("cannot list the tables: %w", translate(err))
	}
	for _, s := range sources {
		t, err := s.describe(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("cannot describe table %q: %w", s.name, translate(err))
		}
		cat.Tables = append(cat.Tables, t)
	}
	slices.SortFunc(cat.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	resolve(cat)
	return cat, nil
}

// source is a table as SQLite lists it.
type source struct {
	name         string
	def          tableDef
	withoutRowid bool
	strict       bool
}

// flags are whether a table has no rowid and whether it is strict.
type flags struct{ withoutRowid, strict bool }

func listTables(ctx context.Context, c *conn) ([]source, error) {
	ordinary := map[string]flags{}
	for row, err := range c.query(ctx, "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'") {
		if err != nil {
			return nil, err
		}
		ordinary[ownText(row[0])] = flags{isTrue(row[1]), isTrue(row[2])}
	}
	var out []source
	for row, err := range c.query(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'table'") {
		if err != nil {
			return nil, err
		}
		name := ownText(row[0])
		is, ok := ordinary[name]
		if lower := strings.ToLower(name); !ok || strings.HasPrefix(lower, "sqlite_") || strings.HasPrefix(lower, "edmsplan_") {
			continue
		}
		out = append(out, source{name, parseTable(ownText(row[1])), is.withoutRowid, is.strict})
	}
	return out, nil
}

// describe reads one table.
func (s source) describe(ctx context.Context, c *conn) (*schema.Table, error) {
	t := &schema.Table{Name: s.name, Relation: s.name}
	if err := s.columns(ctx, c, t); err != nil {
		return nil, err
	}
	ownKey, err := s.indexes(ctx, c, t)
	if err != nil {
		return nil, err
	}
	if !ownKey && !s.withoutRowid {
		if err := s.rowid(ctx, c, t); err != nil {
			return nil, err
		}
	}
	if err := s.foreignKeys(ctx, c, t); err != nil {
		return nil, err
	}
	for _, k := range s.def.Checks {
		t.Checks = append(t.Checks, schema.Check{Name: k.Name, Expression: k.Expression})
	}
	const triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?) ORDER BY name"
	for row, err := range c.query(ctx, triggers, s.name) {
		if err != nil {
			return nil, err
		}
		t.Triggers = append(t.Triggers, ownText(row[0]))
	}
	return t, nil
}

// columns reads the columns and the primary key. table_xinfo tells generated
// columns, which table_info leaves out.
func (s source) columns(ctx context.Context, c *conn, t *schema.Table) error {
	key := map[int64]string{}
	const columns = `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`
	for row, err := range c.query(ctx, columns, s.name) {
		if err != nil {
			return err
		}
		hidden := number(row[5])
		col := schema.Column{
			Name: ownText(row[0]), Type: s.columnType(ownText(row[0]), ownText(row[1])), NotNull: isTrue(row[2]),
			HasDefault: row[3] != nil, Default: ownText(row[3]),
			Generated: hidden == 2 || hidden == 3, // virtual, stored
		}
		if pk := number(row[4]); pk > 0 {
			key[pk] = col.Name
		}
		t.Columns = append(t.Columns, col)
	}
	for i := range len(key) {
		t.PrimaryKey = append(t.PrimaryKey, key[int64(i+1)])
	}
	return nil
}

// columnType is the type of a column declared so, in this table.
func (s source) columnType(name, declared string) schema.Type {
	if s.strict && strings.EqualFold(declared, "any") {
		declared = "" // which keeps what it is given; elsewhere "any" is numeric
	}
	// SQLite appends this to the type of a generated column.
	if i := strings.Index(strings.ToUpper(declared), "GENERATED ALWAYS"); i >= 0 {
		declared = strings.TrimSpace(declared[:i])
	}
	t := typeOf(declared)
	if t.Kind == schema.Text && s.def.jsonChecked(name) {
		t.Kind, t.Length = schema.JSON, 0
	}
	return t
}

// rowid marks the INTEGER PRIMARY KEY that is the rowid: SQLite gives out its
// values. Such a key has no index of its own.
func (s source) rowid(ctx context.Context, c *conn, t *schema.Table) error {
	if len(t.PrimaryKey) != 1 {
		return nil
	}
	col := t.Column(t.PrimaryKey[0])
	if !strings.EqualFold(col.Type.Native, "integer") {
		return nil
	}
	col.NotNull, col.HasDefault = true, true
	col.Sequence = &schema.Sequence{Max: math.MaxInt64}
	row, err := c.one(ctx, "SELECT max("+quote(col.Name)+") FROM "+quote(s.name))
	if err != nil {
		return err
	}
	col.Sequence.Last = max(0, number(row[0]))
	if s.def.AutoIncrement {
		col.Sequence.Name = "sqlite_sequence"
		row, err := c.one(ctx, "SELECT max(seq) FROM sqlite_sequence WHERE name = ?", s.name)
		if err != nil {
			return err
		}
		col.Sequence.Last = max(col.Sequence.Last, number(row[0]))
	}
	return nil
}

func isTrue(v driver.Value) bool { return number(v) != 0 }

// number is an integer that SQLite gave, 0 when it is none.
func number(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}
