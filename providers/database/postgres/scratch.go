package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// scratchPrefix begins the names of scratch schemas. It is not "edmsplan_",
// whose tables no catalogue lists.
const scratchPrefix = "scratch_edmsplan_"

// OpenScratch makes an empty schema in a database, for trying something out,
// and returns how to drop it. The database that is returned sees and writes
// that schema and nothing else, and does not wait for applies to the database
// that it is in. What a killed process leaves behind is a schema named
// scratch_edmsplan_…, which DROP SCHEMA … CASCADE removes.
func OpenScratch(ctx context.Context, url string) (database.Database, func(context.Context) error, error) {
	open, err := Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	db := open.(*DB)
	name := scratchPrefix + strings.ToLower(rand.Text())
	if err := db.run(ctx, "CREATE SCHEMA "+quote(name)+"; COMMENT ON SCHEMA "+quote(name)+" IS 'made by edmsplan to verify a package, may be dropped'"); err != nil {
		return nil, nil, fmt.Errorf("cannot make a scratch schema: %w", err)
	}
	drop := func(ctx context.Context) error { return db.run(ctx, "DROP SCHEMA "+quote(name)+" CASCADE") }
	inside := db.config.Copy()
	inside.AfterConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, session+"; SET search_path = "+quote(name)).Close()
	}
	return &DB{config: inside, system: db.system + name, scratch: name}, drop, nil
}

// run runs statements on a connection of their own.
func (db *DB) run(ctx context.Context, sql string) error {
	conn, err := db.connect(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	return conn.Exec(ctx, sql).Close()
}

// inScratch leaves of a catalogue what is in the scratch schema.
func (db *DB) inScratch(c *schema.Catalogue) {
	c.Tables = slices.DeleteFunc(c.Tables, func(t *schema.Table) bool { return t.Schema != db.scratch })
}
