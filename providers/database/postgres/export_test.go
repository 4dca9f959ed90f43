package postgres

import (
	"context"

	"github.com/edmsplan/edmsplan/providers/database"
)

// Run runs SQL inside a transaction.
func Run(ctx context.Context, in database.Tx, sql string) error {
	return in.(*tx).conn.Exec(ctx, sql).Close()
}
