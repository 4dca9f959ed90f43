package pgtest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

var server = pgtest.New()

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

func TestLoadFileReadsDumps(t *testing.T) {
	const dump = `-- a dump
\restrict abc
BEGIN;
CREATE TABLE t (id integer, body text);
INSERT INTO t VALUES (1, 'first
\. in a text;
');
COPY t (id, body) FROM stdin;
2	tab\there
3	\N
\.

INSERT INTO t VALUES (4, 'last');
COMMIT;
\unrestrict abc
`
	path := filepath.Join(t.TempDir(), "dump.sql")
	if err := os.WriteFile(path, []byte(dump), 0o600); err != nil {
		t.Fatal(err)
	}
	from := server.Database(t)
	server.LoadFile(t, from, path)
	for name, url := range map[string]string{"loaded": from, "cloned": server.Clone(t, from)} {
		if got := one(t, url, "SELECT string_agg(id::text || coalesce(md5(body), '-'), ' ' ORDER BY id) FROM t"); got !=
			one(t, from, `SELECT '1' || md5(E'first\n\\. in a text;\n') || ' 2' || md5(E'tab\there') || ' 3- 4' || md5('last')`) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestDatabasesAreApart(t *testing.T) {
	a, b := server.Database(t), server.Database(t)
	server.Exec(t, a, "CREATE TABLE t (id integer)")
	if got := one(t, b, "SELECT count(*) FROM pg_tables WHERE tablename = 't'"); got != "0" {
		t.Error("a table is in both")
	}
}

// one reads a single value.
func one(t *testing.T, url, sql string) string {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	results, err := c.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(results[0].Rows[0][0])
}
