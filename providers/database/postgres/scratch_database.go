package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Scratch is a database of its own for trying something out. Unlike a scratch
// schema it takes any script, as one that names its schemas cannot reach the
// tables of another database.
type Scratch struct {
	*DB
	server *DB
	name   string
}

// NewScratch makes an empty database on the server that url names, which asks
// for the right to create databases; nothing in the database that url names is
// touched. What a killed process leaves behind is a database named
// scratch_edmsplan_… with a comment that says so, which DROP DATABASE removes.
func NewScratch(ctx context.Context, url string) (*Scratch, error) {
	server, err := connectTo(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Scratch{server: server, name: scratchPrefix + strings.ToLower(rand.Text())}
	// Each is a command of its own: none of a database runs in a transaction.
	for _, sql := range []string{
		"CREATE DATABASE " + quote(s.name) + " TEMPLATE template0",
		"COMMENT ON DATABASE " + quote(s.name) + " IS 'made by edmsplan for a test, may be dropped'",
	} {
		if err := server.run(ctx, sql); err != nil {
			return nil, fmt.Errorf("cannot make a scratch database: %w", err)
		}
	}
	inside := server.config.Copy()
	inside.Database = s.name
	inside.AfterConnect = func(ctx context.Context, c *pgconn.PgConn) error {
		return c.Exec(ctx, session).Close()
	}
	s.DB = &DB{config: inside, system: server.system}
	return s, nil
}

// psqlOnly are the lines of a dump by pg_dump that only psql understands.
var psqlOnly = regexp.MustCompile(`(?m)^\\(un)?restrict .*$`)

// Script runs SQL statements on a connection of their own, such as a dump of a
// schema; not COPY with its data.
func (s *Scratch) Script(ctx context.Context, sql string) error {
	return s.run(ctx, psqlOnly.ReplaceAllString(sql, ""))
}

// Remove drops the database, when nobody is connected to it any more.
func (s *Scratch) Remove(ctx context.Context) error {
	if err := s.server.run(ctx, "DROP DATABASE "+quote(s.name)); err != nil {
		return fmt.Errorf("cannot drop the scratch database %s: %w", s.name, err)
	}
	return nil
}
