package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/url"
	"strings"
	"time"

	sqlite "modernc.org/sqlite"
)

// patience is how long a connection waits for another client's lock where the
// caller has not said.
const patience = 5 * time.Second

// conn is one connection. It speaks to the driver without database/sql, which
// would convert each value and keep a pool that nothing here needs. It is used
// from one goroutine at a time.
type conn struct {
	raw driverConn
}

// driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
}

// connect opens the file. The mode is SQLite's: ro, rw or rwc. pragmas are such
// as "query_only(1)".
func connect(ctx context.Context, path, mode string, pragmas ...string) (*conn, error) {
	query := url.Values{"mode": {mode}}
	query.Set("_error_rc", "1") // messages that belong to the error
	query["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "foreign_keys(1)"}, pragmas...)
	connector, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, translate(err)
	}
	c, ok := raw.(driverConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks an interface"), raw.Close())
	}
	return &conn{raw: c}, nil
}

func (c *conn) close() error { return c.raw.Close() }

// exec runs one statement and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, sql string, args ...driver.Value) (int64, error) {
	res, err := c.raw.ExecContext(ctx, sql, named(nil, args))
	if err != nil || res == nil { // the driver has no result for SQL without a statement
		return 0, err
	}
	return res.RowsAffected()
}

// query yields the rows of a statement. A row is valid until the next is
// asked for.
func (c *conn) query(ctx context.Context, sql string, args ...driver.Value) iter.Seq2[[]driver.Value, error] {
	return func(yield func([]driver.Value, error) bool) {
		rows, err := c.raw.QueryContext(ctx, sql, named(nil, args))
		if err != nil {
			yield(nil, err)
			return
		}
		err = each(ctx, rows, yield)
		if e := rows.Close(); err == nil {
			err = e
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// errStopped says that the loop over the rows was left.
var errStopped = errors.New("stopped")

func each(ctx context.Context, rows driver.Rows, yield func([]driver.Value, error) bool) error {
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if !yield(row, nil) {
			return errStopped
		}
	}
}

// one returns the first row of a statement, nil if it has none.
func (c *conn) one(ctx context.Context, sql string, args ...driver.Value) ([]driver.Value, error) {
	for row, err := range c.query(ctx, sql, args...) {
		return row, err
	}
	return nil, nil
}

// wait sets how long statements wait for another client's lock, at least a
// millisecond if not 0. SQLite counts up to 24 days, which is taken for ever.
func (c *conn) wait(ctx context.Context, d time.Duration) error {
	ms := d.Milliseconds()
	if d%time.Millisecond > 0 {
		ms++
	}
	_, err := c.exec(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", min(ms, math.MaxInt32)))
	return err
}

// named numbers the arguments as the driver wants them, in buf.
func named(buf []driver.NamedValue, args []driver.Value) []driver.NamedValue {
	buf = buf[:0]
	for i, a := range args {
		buf = append(buf, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return buf
}

// quote makes an identifier of a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteAll makes a list of identifiers, each after the prefix.
func quoteAll(prefix string, names []string) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(prefix + quote(n))
	}
	return b.String()
}
