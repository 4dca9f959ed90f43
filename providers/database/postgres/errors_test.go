package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/schema"
)

func begin(t *testing.T, db database.Database) database.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Close() })
	return tx
}

// one is a batch of one row of texts.
func one(op schema.Op, table *schema.Table, columns []string, texts ...string) schema.Batch {
	b := schema.Batch{Op: op, Table: table, Columns: columns, Count: 1}
	b.Rows = func(yield func([]schema.Value, error) bool) {
		row := make([]schema.Value, len(texts))
		for i, s := range texts {
			row[i] = schema.NewValue(s)
		}
		yield(row, nil)
	}
	return b
}

func TestOpenNeverQuotesThePassword(t *testing.T) {
	for _, url := range []string{
		"postgres://someone:hunter2@/nowhere?host=/nonexistent",
		"postgres://someone:hun/ter2@localhost:5432/db",
		"postgres://someone:hunter2@localhost:port/db",
		"postgres://someone:%zzhunter2@localhost/db",
		"postgres://someone@localhost/db?sslmode=hunter2",
		"postgresql://someone:hunter2@localhost:1/db?connect_timeout=1&sslmode=disable",
		"mysql://someone:hunter2@localhost/db",
		"host=localhost password=hunter2",
		"",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := postgres.Open(ctx, url)
		cancel()
		if err == nil || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%q: error %v", url, err)
		}
	}
}

func TestRefusedRowsAreNamedButNotQuoted(t *testing.T) {
	const secret = "s3cr3t"
	url := server.Database(t)
	server.Exec(t, url, `
CREATE TABLE things (id integer PRIMARY KEY, n integer, day date, word varchar(3), doc jsonb, note text);
CREATE FUNCTION check_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.note = 'own code: s3cr3t' THEN RAISE EXCEPTION 'refused: %', NEW.note USING ERRCODE = 'AB123'; END IF;
	IF NEW.note LIKE '%s3cr3t%' THEN RAISE EXCEPTION 'refused: %', NEW.note; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER things_note BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION check_note();
INSERT INTO things (id) VALUES (1);`)
	db := connect(t, url)
	things := catalogueOf(t, db).Table("things")
	for name, test := range map[string]struct {
		column, value, names string
		unsent               bool // the server need not be asked
	}{
		"a text for an integer":       {"n", secret, `column "n"`, true},
		"an integer out of range":     {"n", "99999999999", `column "n"`, true},
		"a text for a date":           {"day", secret, `column "day"`, true},
		"a text too long":             {"word", secret, `column "word"`, false},
		"broken JSON":                 {"doc", `{"a": ` + secret, `column "doc"`, false},
		"bytes that are no UTF-8":     {"note", secret + "\xff", `table "things"`, false},
		"a NUL character":             {"note", secret + "\x00", `table "things"`, false},
		"a trigger":                   {"note", secret, `function "check_note"`, false},
		"a trigger with its own code": {"note", "own code: " + secret, "AB123", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, op := range []schema.Op{schema.Insert, schema.Update} {
				b := one(op, things, []string{"id", test.column}, "2", test.value)
				if op == schema.Update {
					b = one(op, things, []string{test.column}, "1", test.value)
					b.Key = []string{"id"}
				}
				_, err := begin(t, db).Write(t.Context(), b)
				if !errors.Is(err, database.ErrConstraint) {
					t.Fatalf("error %v, want one that wraps ErrConstraint", err)
				}
				if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "99999") {
					t.Errorf("quotes the row: %v", err)
				}
				if op == schema.Insert && !strings.Contains(err.Error(), test.names) {
					t.Errorf("does not say %q: %v", test.names, err)
				}
				var cause *pgconn.PgError
				if errors.As(err, &cause) == test.unsent {
					t.Errorf("has lost its cause, or has one from nowhere: %v", err)
				}
			}
		})
	}
	t.Run("a missing right is not the row's fault", func(t *testing.T) {
		server.Exec(t, url, "CREATE ROLE reader LOGIN; GRANT SELECT ON things TO reader")
		_, err := begin(t, connect(t, url+"&user=reader")).Write(t.Context(), one(schema.Insert, things, []string{"id"}, "9"))
		if err == nil || errors.Is(err, database.ErrConstraint) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("rows that the role may not see are an error", func(t *testing.T) {
		server.Exec(t, url, "ALTER TABLE things ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON things USING (id > 5)")
		s, err := connect(t, url+"&user=reader").View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		for _, err := range s.Scan(t.Context(), schema.Selection{Table: things, Columns: []string{"id"}}) {
			if err == nil {
				t.Error("a row was read")
			}
			return
		}
		t.Error("no error: the rows are hidden silently")
	})
}

func TestLockNamesTheHolder(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, "CREATE TABLE a (id integer); CREATE TABLE b (id integer); CREATE ROLE clerk SUPERUSER LOGIN")
	db := connect(t, url)
	c := catalogueOf(t, db)
	other, err := pgconn.Connect(t.Context(), url+"&user=clerk&application_name=the%20back%20office")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close(context.Background()) }()
	if err := other.Exec(t.Context(), "BEGIN; INSERT INTO b VALUES (1)").Close(); err != nil {
		t.Fatal(err)
	}
	err = begin(t, db).Lock(t.Context(), c.Tables, 50*time.Millisecond)
	if !errors.Is(err, database.ErrLocked) {
		t.Fatalf("error %v, want ErrLocked", err)
	}
	for _, part := range []string{`table "b"`, `"the back office"`, `"clerk"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %s", err, part)
		}
	}
	if strings.Contains(err.Error(), `table "a"`) || strings.Contains(err.Error(), `"edmsplan"`) {
		t.Errorf("%v blames ourselves", err)
	}
}

func TestWriteToWhatOnlyPostgreSQLHas(t *testing.T) {
	url := server.Database(t)
	server.Exec(t, url, own)
	db := connect(t, url)
	c := catalogueOf(t, db)
	tx := begin(t, db)
	if err := tx.Lock(t.Context(), c.Tables, time.Second); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		batch schema.Batch
	}{
		{"a reference that could wait, before its target", one(schema.Insert, c.Table("people"), []string{"id", "boss"}, "1", "1000")},
		{"an identity that is always generated", one(schema.Insert, c.Table("hr.people"), []string{"id", "badge", "score"}, "1000", "77", "1")},
		{"a partitioned table", one(schema.Insert, c.Table("log"), []string{"at", "person"}, "2025-05-05", "1")},
	} {
		if n, err := tx.Write(t.Context(), step.batch); n != 1 || err != nil {
			t.Fatalf("%s: wrote %d, error %v", step.name, n, err)
		}
	}
	if err := tx.Advance(t.Context(), c.Table("hr.people"), "odd", 40); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last := catalogueOf(t, db).Table("hr.people").Column("odd").Sequence.Last; last != 40 {
		t.Errorf("the sequence stands at %d, want 40", last)
	}
	if err := begin(t, db).Advance(t.Context(), c.Table("hr.people"), "odd", 51); !errors.Is(err, database.ErrConstraint) {
		t.Errorf("past its end: error %v, want one that wraps ErrConstraint", err)
	}
}
