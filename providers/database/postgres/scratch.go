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
// that schema and nothing else, whatever schema a table that it is given says it
// is in, and does not wait for applies to the database
// that it is in. What a killed process leaves behind is a schema named
// scratch_edmsplan_… with a comment that says so, which DROP SCHEMA … CASCADE
// removes.
func OpenScratch(ctx context.Context, url string) (database.Database, func(context.Context) error, error) {
	db, err := connectTo(ctx, url)
	if err != nil {
		return nil, nil, err
	}
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

// place is the table as the database has it. In a scratch schema every table
// stands under its Name as a whole, wherever it was where its description comes
// from: what says that it is in another schema must not be written there.
func (db *DB) place(t *schema.Table) *schema.Table {
	if db.scratch == "" || t.Schema == db.scratch {
		return t
	}
	placed := *t
	placed.Schema, placed.Relation = db.scratch, t.Name
	return &placed
}

// inScratch leaves of a catalogue what is in the scratch schema.
func (db *DB) inScratch(c *schema.Catalogue) {
	c.Tables = slices.DeleteFunc(c.Tables, func(t *schema.Table) bool { return t.Schema != db.scratch })
}
