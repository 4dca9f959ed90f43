package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/schema"
)

// reader puts the catalogue together from the answers to its queries.
type reader struct {
	catalogue *schema.Catalogue
	// current is the schema that unqualified names mean.
	current string
	tables  map[string]*schema.Table // by oid
	// columns finds a column by its table's oid and its number.
	columns map[[2]string]*schema.Column
	types   catalogueTypes
}

// readCatalogue asks twice: for the catalogue, and for the states of the
// sequences that it names.
func readCatalogue(ctx context.Context, conn *pgconn.PgConn, system string) (*schema.Catalogue, error) {
	queries := []string{serverSQL, typesSQL, columnsSQL, uniquesSQL, constraintsSQL, triggersSQL, sequencesSQL, largeObjectsSQL}
	results, err := conn.Exec(ctx, strings.Join(queries, ";")).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(results) != len(queries) {
		return nil, fmt.Errorf("%d answers to %d queries", len(results), len(queries))
	}
	r := &reader{
		catalogue: &schema.Catalogue{Dialect: "postgres"},
		tables:    map[string]*schema.Table{},
		columns:   map[[2]string]*schema.Column{},
	}
	if err := r.server(texts(results[0]), system); err != nil {
		return nil, err
	}
	if r.types, err = readTypes(results[1]); err != nil {
		return nil, err
	}
	r.tablesAndColumns(results[2])
	if err := r.uniques(texts(results[3])); err != nil {
		return nil, err
	}
	if err := r.constraints(texts(results[4])); err != nil {
		return nil, err
	}
	r.triggers(texts(results[5]))
	if err := r.sequences(ctx, conn, texts(results[6])); err != nil {
		return nil, err
	}
	if n, err := strconv.ParseInt(texts(results[7])[0][0], 10, 64); err != nil {
		return nil, err
	} else if n > 0 {
		r.catalogue.Beside = []schema.Beside{{Name: "large objects", Rows: n}}
	}
	for _, t := range r.tables {
		r.catalogue.Tables = append(r.catalogue.Tables, t)
	}
	slices.SortFunc(r.catalogue.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
	return r.catalogue, nil
}

// server reads what the catalogue says of the database as a whole.
func (r *reader) server(rows [][]string, system string) error {
	if len(rows) != 1 {
		return fmt.Errorf("the server does not know the current database")
	}
	version, name, oid := rows[0][0], rows[0][1], rows[0][2]
	r.current = rows[0][3]
	version, _, _ = strings.Cut(version, " ")
	r.catalogue.Server = "PostgreSQL " + version
	r.catalogue.Name = name
	sum := sha256.Sum256([]byte("postgres\x00" + system + "\x00" + oid + "\x00" + name))
	r.catalogue.Identity = hex.EncodeToString(sum[:16])
	return nil
}

// systemIdentifier asks for the number that initdb gave the cluster, "" when
// the role may not ask.
func systemIdentifier(ctx context.Context, conn *pgconn.PgConn) (string, error) {
	rows, err := query(ctx, conn, "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')")
	if err != nil || rows[0][0] != "t" {
		return "", err
	}
	rows, err = query(ctx, conn, "SELECT system_identifier FROM pg_catalog.pg_control_system()")
	if err != nil {
		return "", err
	}
	return rows[0][0], nil
}

// name is the Table.Name of a relation.
func (r *reader) name(schemaName, relation string) string {
	if schemaName == r.current {
		return relation
	}
	return schemaName + "." + relation
}

func (r *reader) tablesAndColumns(result *pgconn.Result) {
	rows := texts(result)
	for i, row := range rows {
		t := r.tables[row[0]]
		if t == nil {
			t = &schema.Table{Name: r.name(row[1], row[2]), Schema: row[1], Relation: row[2], Inherited: row[12] == "t"}
			r.tables[row[0]] = t
		}
		if row[3] == "" {
			continue
		}
		t.Columns = append(t.Columns, r.column(row, result.Rows[i][11] != nil))
	}
	// Only now do the columns stay where they are.
	for _, row := range rows {
		if row[3] != "" {
			r.columns[[2]string{row[0], row[3]}] = r.tables[row[0]].Column(row[4])
		}
	}
}

// column reads one row of columnsSQL.
func (r *reader) column(row []string, hasDefault bool) schema.Column {
	typ, domain := r.types.resolve(row[5], row[6])
	loose := row[13] == "t" || typ.Native == "citext" || strings.HasSuffix(typ.Native, ".citext")
	typ.Native = row[7]
	c := schema.Column{
		Name:      row[4],
		Type:      typ,
		NotNull:   row[8] == "t" || domain.notNull,
		Generated: row[10] == "t",
		Loose:     loose,
	}
	switch {
	case c.Generated: // its expression is stored like a default
	case row[9] == "t":
		c.HasDefault = true
	case hasDefault:
		c.HasDefault, c.Default = true, row[11]
	case domain.hasDefault:
		c.HasDefault, c.Default = true, domain.defaultText
	}
	return c
}

// names reads a JSON list of names; a null among them becomes "".
func names(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var out []string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("cannot read a list of names: %w", err)
	}
	return out, nil
}
