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
	all, err := listTables(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("cannot list the tables: %w", translate(err))
	}
	for _, read := range []func(context.Context, *conn) error{all.columns, all.indexes, all.rowids, all.foreignKeys, all.triggers} {
		if err := read(ctx, c); err != nil {
			return nil, fmt.Errorf("cannot describe the tables: %w", translate(err))
		}
	}
	for _, s := range all {
		cat.Tables = append(cat.Tables, s.Table)
	}
	slices.SortFunc(cat.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	resolve(cat)
	if cat.Beside, err = virtualTables(ctx, c); err != nil {
		return nil, fmt.Errorf("cannot list the virtual tables: %w", translate(err))
	}
	return cat, nil
}

// virtualTables counts the rows of virtual tables that have any. Of one whose
// module is missing here SQLite knows nothing, and what it keeps is in ordinary
// tables to it.
func virtualTables(ctx context.Context, c *conn) ([]schema.Beside, error) {
	var names []string
	for row, err := range c.query(ctx, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual' ORDER BY name COLLATE BINARY") {
		if err != nil {
			return nil, err
		}
		names = append(names, ownText(row[0]))
	}
	var out []schema.Beside
	for _, name := range names {
		row, err := c.one(ctx, "SELECT count(*) FROM "+quote(name))
		if err != nil && strings.Contains(err.Error(), "no such module") {
			continue
		}
		if err != nil {
			return nil, err
		}
		if n := number(row[0]); n > 0 {
			out = append(out, schema.Beside{Name: name + " (virtual table)", Rows: n})
		}
	}
	return out, nil
}

// sources are the tables to describe by name. Each of their methods adds a part
// of the description, to all of them with one statement where that can be:
// SQLite takes longer to prepare one than to run it.
type sources map[string]*source

// source is a table, and what describes it only in part.
type source struct {
	*schema.Table
	def          tableDef
	withoutRowid bool
	strict       bool
	ownKey       bool // the primary key has an index of its own
}

// eachTable is what queries begin to take from: t is any table that is neither a
// view nor virtual nor the shadow of a virtual one.
const eachTable = " FROM (SELECT * FROM pragma_table_list WHERE schema = 'main' AND type = 'table') AS t "

func listTables(ctx context.Context, c *conn) (sources, error) {
	all := sources{}
	const list = "SELECT t.name, t.wr, t.strict, s.sql" + eachTable + "JOIN sqlite_schema AS s ON s.type = 'table' AND s.name = t.name"
	for row, err := range c.query(ctx, list) {
		if err != nil {
			return nil, err
		}
		name := ownText(row[0])
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "sqlite_") || strings.HasPrefix(lower, "edmsplan_") {
			continue
		}
		s := &source{
			Table: &schema.Table{Name: name, Relation: name},
			def:   parseTable(ownText(row[3])), withoutRowid: isTrue(row[1]), strict: isTrue(row[2]),
		}
		for _, k := range s.def.Checks {
			s.Checks = append(s.Checks, schema.Check{Name: k.Name, Expression: k.Expression})
		}
		all[name] = s
	}
	return all, nil
}

// each calls f with the rows of a query that are about a table to describe,
// whose name is the first column. f is not given that.
func (all sources) each(ctx context.Context, c *conn, query string, f func(s *source, row []driver.Value)) error {
	for row, err := range c.query(ctx, query) {
		if err != nil {
			return err
		}
		if s := all[ownText(row[0])]; s != nil {
			f(s, row[1:])
		}
	}
	return nil
}

// columns reads the columns and the primary keys. table_xinfo tells generated
// columns, which table_info leaves out.
func (all sources) columns(ctx context.Context, c *conn) error {
	const columns = `SELECT t.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden` + eachTable +
		"CROSS JOIN pragma_table_xinfo(t.name) AS x ORDER BY t.name, x.cid"
	return all.each(ctx, c, columns, func(s *source, row []driver.Value) {
		hidden := number(row[5])
		col := schema.Column{
			Name: ownText(row[0]), Type: s.columnType(ownText(row[0]), ownText(row[1])), NotNull: isTrue(row[2]),
			HasDefault: row[3] != nil, Default: ownText(row[3]),
			Generated: hidden == 2 || hidden == 3, // virtual, stored
		}
		if pk := int(number(row[4])); pk > 0 {
			col.NotNull = col.NotNull || s.withoutRowid // SQLite lets nulls into the primary keys of other tables
			s.PrimaryKey = append(s.PrimaryKey, make([]string, max(0, pk-len(s.PrimaryKey)))...)
			s.PrimaryKey[pk-1] = col.Name
		}
		s.Columns = append(s.Columns, col)
	})
}

// columnType is the type of a column declared so, in this table.
func (s *source) columnType(name, declared string) schema.Type {
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

// rowids marks the INTEGER PRIMARY KEYs that are the rowid: SQLite gives out
// their values. Such a key has no index of its own.
func (all sources) rowids(ctx context.Context, c *conn) error {
	counted := map[*source]*schema.Sequence{} // by SQLite, in a table
	for _, s := range all {
		if s.ownKey || s.withoutRowid || len(s.PrimaryKey) != 1 {
			continue
		}
		col := s.Column(s.PrimaryKey[0])
		if !strings.EqualFold(col.Type.Native, "integer") {
			continue
		}
		row, err := c.one(ctx, "SELECT max("+quote(col.Name)+") FROM "+quote(s.Name))
		if err != nil {
			return err
		}
		col.NotNull, col.HasDefault = true, true
		col.Sequence = &schema.Sequence{Max: math.MaxInt64, Last: max(0, number(row[0]))}
		if s.def.AutoIncrement {
			col.Sequence.Name = "sqlite_sequence"
			counted[s] = col.Sequence
		}
	}
	if len(counted) == 0 {
		return nil // the table may not be there
	}
	return all.each(ctx, c, "SELECT name, seq FROM sqlite_sequence", func(s *source, row []driver.Value) {
		if q := counted[s]; q != nil {
			q.Last = max(q.Last, number(row[0]))
		}
	})
}

// triggers reads the names of the triggers, which spell their table's in any
// case.
func (all sources) triggers(ctx context.Context, c *conn) error {
	const triggers = "SELECT t.name, s.name" + eachTable +
		"JOIN sqlite_schema AS s ON s.type = 'trigger' AND lower(s.tbl_name) = lower(t.name) ORDER BY s.name"
	return all.each(ctx, c, triggers, func(s *source, row []driver.Value) {
		s.Triggers = append(s.Triggers, ownText(row[0]))
	})
}

func isTrue(v driver.Value) bool { return number(v) != 0 }

// number is an integer that SQLite gave, 0 when it is none.
func number(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}
