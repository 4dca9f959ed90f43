package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

var _ database.Estimator = (*snapshot)(nil)

// smallTable is up to which size in bytes a table that was never analyzed is
// counted.
const smallTable = 1 << 20

// estimateSQL is the number of rows by the statistics, in proportion to what
// the table has grown to since, and its size; -1 rows where there are none yet.
const estimateSQL = `
SELECT (CASE
	WHEN c.oid IS NULL OR c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0) THEN -1
	WHEN c.relpages = 0 THEN c.reltuples
	ELSE c.reltuples * (s.bytes / pg_catalog.current_setting('block_size')::float8) / c.relpages
	END)::int8, CASE c.relkind WHEN 'r' THEN s.bytes ELSE -1 END
FROM pg_catalog.unnest(ARRAY[%s]::text[]) WITH ORDINALITY u(name, n)
LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(u.name)
LEFT JOIN LATERAL (SELECT pg_catalog.pg_relation_size(c.oid) AS bytes) s ON true
ORDER BY u.n`

// Estimate implements database.Estimator by what ANALYZE has noted. Tables that
// it has not seen are counted where they are small.
func (s *snapshot) Estimate(ctx context.Context, tables []*schema.Table) ([]int64, error) {
	if s.conn == nil {
		return nil, errClosed
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = literal(tableName(s.db.place(t)))
	}
	rows, err := query(ctx, s.conn, fmt.Sprintf(estimateSQL, strings.Join(names, ", ")))
	if err != nil {
		return nil, fmt.Errorf("cannot read the statistics of the tables: %w", plain(err))
	}
	out := make([]int64, len(tables))
	for i, row := range rows {
		if out[i], err = strconv.ParseInt(row[0], 10, 64); err != nil {
			return nil, err
		}
		size, known := strconv.ParseInt(row[1], 10, 64)
		if out[i] < 0 && known == nil && size >= 0 && size <= smallTable {
			if out[i], err = s.Count(ctx, tables[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
