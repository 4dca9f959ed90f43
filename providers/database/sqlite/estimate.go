package sqlite

import (
	"context"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

var (
	_ database.Estimator = (*view)(nil)
	_ database.Estimator = (*tx)(nil)
)

// leastRow is how many bytes of the file a row takes at least: a sparse key
// would make a table look greater than the file can hold.
const leastRow = 8

// Estimate implements database.Estimator by the range of the row numbers, whose
// ends are at the two ends of the table.
func (v *view) Estimate(ctx context.Context, tables []*schema.Table) ([]int64, error) {
	if v.closed {
		return nil, errClosed
	}
	return v.conn.estimate(ctx, tables)
}

// Estimate is that of what a Scan in the transaction would yield.
func (t *tx) Estimate(ctx context.Context, tables []*schema.Table) (out []int64, err error) {
	err = t.do(ctx, reading, func() error {
		out, err = t.conn.estimate(ctx, tables)
		return err
	})
	return out, err
}

func (c *conn) estimate(ctx context.Context, tables []*schema.Table) ([]int64, error) {
	out := make([]int64, len(tables))
	size, err := c.one(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
	if err != nil {
		return nil, translate(err)
	}
	for i, t := range tables {
		out[i] = -1
		// Without rowid there is no such column: nothing is known then.
		from := " FROM " + quote(relation(t))
		row, err := c.one(ctx, "SELECT (SELECT max(rowid)"+from+"), (SELECT min(rowid)"+from+")")
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
		case row[0] == nil:
			out[i] = 0
		default:
			if n := number(row[0]) - number(row[1]) + 1; n > 0 && n <= number(size[0])/leastRow {
				out[i] = n
			}
		}
	}
	return out, nil
}
