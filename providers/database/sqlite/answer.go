package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

var (
	_ database.Querier = (*tx)(nil)
	_ database.Judger  = (*tx)(nil)
)

// Query answers while the connection refuses to write. What does not begin as
// a query (COMMIT, PRAGMA) is turned away, as is more than one statement: the
// driver would run them one after the other.
func (t *tx) Query(ctx context.Context, sql string) (l schema.Literal, err error) {
	if err := oneQuery(sql); err != nil {
		return l, fmt.Errorf("cannot query: %w", err)
	}
	if err := t.reach(ctx, reading); err != nil {
		return l, err
	}
	if _, err := t.conn.exec(ctx, "PRAGMA query_only = ON"); err != nil {
		return l, t.fail(err)
	}
	l, err = t.conn.answer(ctx, sql)
	if _, off := t.conn.exec(context.WithoutCancel(ctx), "PRAGMA query_only = OFF"); off != nil {
		return l, t.fail(errors.Join(err, off))
	}
	if err != nil {
		return schema.Literal{}, fmt.Errorf("cannot query: %w", translate(err))
	}
	return l, nil
}

// oneQuery checks that the text is one statement, and that it is a query.
func oneQuery(sql string) error {
	tokens := tokenize(sql)
	for len(tokens) > 0 && tokens[len(tokens)-1].punct(";") {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 || !tokens[0].is("SELECT") && !tokens[0].is("WITH") && !tokens[0].is("VALUES") {
		return errors.New("it is not a query: begin with SELECT, WITH or VALUES")
	}
	for _, t := range tokens {
		if t.punct(";") {
			return errors.New("it is more than one statement")
		}
	}
	return nil
}

func (c *conn) answer(ctx context.Context, sql string) (out schema.Literal, err error) {
	n := 0
	for row, err := range c.query(ctx, sql) {
		switch {
		case err != nil:
			return out, err
		case len(row) != 1:
			return out, fmt.Errorf("the statement returns %d columns, want one", len(row))
		}
		if n++; n > 1 {
			return out, errors.New("the statement returns more than one row, want one")
		}
		out = literalOf(row[0])
	}
	if n == 0 {
		err = errors.New("the statement returns no row, want one")
	}
	return out, err
}

// literalOf spells a value by the type that SQLite keeps it in: true is 1. The
// driver makes a time of a column declared as such.
func literalOf(v driver.Value) schema.Literal {
	switch v := v.(type) {
	case nil:
		return schema.Literal{}
	case bool:
		return schema.Literal{Kind: schema.BoolLiteral, Text: strconv.FormatBool(v)}
	case int64:
		return schema.Literal{Kind: schema.NumberLiteral, Text: strconv.FormatInt(v, 10)}
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return schema.Literal{Kind: schema.StringLiteral, Text: strconv.FormatFloat(v, 'g', -1, 64)}
		}
		return schema.Literal{Kind: schema.NumberLiteral, Text: strconv.FormatFloat(v, 'g', -1, 64)}
	case time.Time:
		return schema.Literal{Kind: schema.StringLiteral, Text: v.Format("2006-01-02 15:04:05.999999999Z07:00")}
	case []byte:
		return schema.Literal{Kind: schema.StringLiteral, Text: string(v)}
	}
	return schema.Literal{Kind: schema.StringLiteral, Text: fmt.Sprint(v)}
}

// violation is a row that refers to none, as SQLite's check names it.
type violation struct{ table, row, parent, key string }

// Judge looks for broken foreign keys. Those that are there already outside
// the transaction do not keep it from being committed, and do not count.
func (t *tx) Judge(ctx context.Context) error {
	return t.do(ctx, reading, func() error {
		broken, err := t.conn.violations(ctx)
		if err != nil || len(broken) == 0 {
			return err
		}
		before, err := t.violationsBefore(ctx)
		if err != nil {
			return err
		}
		for _, v := range broken {
			if !before[v] {
				return fmt.Errorf("%w: FOREIGN KEY constraint failed (%s refers to rows that %s lacks)", database.ErrConstraint, v.table, v.parent)
			}
		}
		return nil
	})
}

func (t *tx) violationsBefore(ctx context.Context) (map[violation]bool, error) {
	c, err := t.file.reading(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.violations(ctx)
	before := map[violation]bool{}
	for _, v := range list {
		before[v] = true
	}
	return before, errors.Join(err, c.close())
}

func (c *conn) violations(ctx context.Context) (out []violation, err error) {
	const check = `SELECT "table", coalesce(rowid, ''), parent, fkid FROM pragma_foreign_key_check`
	for row, err := range c.query(ctx, check) {
		if err != nil {
			return nil, err
		}
		out = append(out, violation{ownText(row[0]), fmt.Sprint(row[1]), ownText(row[2]), fmt.Sprint(row[3])})
	}
	return out, nil
}
