package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/schema"
)

// Query answers in a read-only part of the transaction that is always rolled
// back. The extended protocol takes one statement only, and what returns no
// column (COMMIT, for one) is turned away before it runs.
func (t *tx) Query(ctx context.Context, sql string) (schema.Literal, error) {
	if t.conn == nil {
		return schema.Literal{}, errClosed
	}
	if err := t.conn.Exec(ctx, "SAVEPOINT edmsplan_query; SET TRANSACTION READ ONLY").Close(); err != nil {
		return schema.Literal{}, fmt.Errorf("cannot query: %w", plain(err))
	}
	l, err := answer(ctx, t.conn, sql)
	back := t.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT edmsplan_query; RELEASE SAVEPOINT edmsplan_query").Close()
	if err := errors.Join(err, back); err != nil {
		return schema.Literal{}, fmt.Errorf("cannot query: %w", plain(err))
	}
	return l, nil
}

func answer(ctx context.Context, conn *pgconn.PgConn, sql string) (schema.Literal, error) {
	st, err := conn.Prepare(ctx, "", sql, nil)
	switch {
	case err != nil:
		return schema.Literal{}, err
	case len(st.ParamOIDs) > 0:
		return schema.Literal{}, errors.New("the statement has parameters")
	case len(st.Fields) != 1:
		return schema.Literal{}, fmt.Errorf("the statement returns %d columns, want one", len(st.Fields))
	}
	rows := conn.ExecPrepared(ctx, "", nil, nil, nil)
	var out schema.Literal
	n := 0
	for rows.NextRow() {
		if n++; n == 1 {
			out = literalOf(st.Fields[0].DataTypeOID, rows.Values()[0])
		}
	}
	if _, err := rows.Close(); err != nil {
		return schema.Literal{}, err
	}
	if n != 1 {
		return schema.Literal{}, fmt.Errorf("the statement returns %d rows, want one", n)
	}
	return out, nil
}

// literalOf spells a value by the type that the server says it has.
func literalOf(oid uint32, text []byte) schema.Literal {
	if text == nil {
		return schema.Literal{}
	}
	s := string(text)
	switch oid {
	case 16: // bool
		return schema.Literal{Kind: schema.BoolLiteral, Text: map[string]string{"t": "true"}[s] + map[string]string{"f": "false"}[s]}
	case 20, 21, 23, 26, 700, 701, 1700: // int8, int2, int4, oid, float4, float8, numeric
		if !strings.ContainsAny(s, "NI") { // NaN and Infinity are no numbers of JSON's
			return schema.Literal{Kind: schema.NumberLiteral, Text: s}
		}
	}
	return schema.Literal{Kind: schema.StringLiteral, Text: s}
}
