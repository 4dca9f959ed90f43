package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

func TestOpenNeverMakesAFile(t *testing.T) {
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.db")
	if err := os.WriteFile(broken, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"a file that does not exist": filepath.Join(folder, "missing.db"),
		"a folder":                   folder,
		"a file of something else":   broken,
		"the empty path":             "",
	} {
		t.Run(name, func(t *testing.T) {
			if db, err := sqlite.Open(t.Context(), path); err == nil {
				t.Errorf("opened %v", db)
			}
		})
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, error %v", files, err)
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a b.db", "what?.db", "50%41#.db", "Ünicode.db", "a&mode=memory.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, name)
			if err := sqlite.Script(t.Context(), path, "CREATE TABLE t (a)"); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err != nil {
				t.Fatal(err)
			}
			if got := catalogue(t, open(t, "sqlite:"+path)); got.Name != name || len(got.Tables) != 1 {
				t.Errorf("catalogue of %q has %d tables", got.Name, len(got.Tables))
			}
		})
	}
}

func TestIdentityIsThePlaceAndTheApplication(t *testing.T) {
	path := script(t, "CREATE TABLE t (a)")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	id := catalogue(t, open(t, path)).Identity
	if got := catalogue(t, open(t, link)).Identity; got != id {
		t.Errorf("through a link the identity is %q, not %q", got, id)
	}
	if err := sqlite.Script(t.Context(), path, "PRAGMA application_id = 7"); err != nil {
		t.Fatal(err)
	}
	if got := catalogue(t, open(t, path)).Identity; got == id {
		t.Error("another application has the same identity")
	}
}

// TestReadersHoldUpACommitWithoutWAL: in SQLite's default mode a commit waits
// for whoever reads, and gives up with ErrLocked and all rolled back.
func TestReadersHoldUpACommitWithoutWAL(t *testing.T) {
	path := script(t, "CREATE TABLE t (a int)")
	db := open(t, path)
	table := tableOf(t, db, "t")
	v, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	insert := func(ctx context.Context) error {
		tx := begin(t, db)
		if err := tx.Lock(t.Context(), nil, 0); err != nil {
			t.Fatal(err)
		}
		write(t, tx, schema.Batch{Op: schema.Insert, Table: table, Columns: []string{"a"}, Rows: each([][]schema.Value{{schema.NewValue("1")}})}, 1)
		err := tx.Commit(ctx)
		if e := tx.Close(); e != nil {
			t.Error(e)
		}
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := insert(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v beside a reader, want that of the context", err)
	}
	if !testing.Short() {
		if err := insert(t.Context()); !errors.Is(err, database.ErrLocked) {
			t.Errorf("error %v beside a reader, want ErrLocked", err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if rows := read(t, db, table); len(rows) != 0 {
		t.Errorf("what was not committed is there: %v", rows)
	}
	if err := insert(t.Context()); err != nil {
		t.Errorf("after the reader: %v", err)
	}
}

func TestAViewReadsWhatIsStillInTheWAL(t *testing.T) {
	path := script(t, "PRAGMA journal_mode = WAL; CREATE TABLE t (a int)")
	db := open(t, path)
	table := tableOf(t, db, "t")
	// The writer stays, so that the log is not moved into the file.
	keep, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	if err := sqlite.Script(t.Context(), path, "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("there is no log: %v", err)
	}
	if rows := read(t, db, table); len(rows) != 1 {
		t.Errorf("rows %v", rows)
	}
}

// TestAViewOfACrashedDatabase: what a writer has left behind must be undone
// before one can read, which a connection for reading only cannot do.
func TestAViewOfACrashedDatabase(t *testing.T) {
	path := script(t, "CREATE TABLE t (a text); INSERT INTO t VALUES (1)")
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	db := open(t, path)
	tx := begin(t, db)
	table := tableOf(t, db, "t")
	long := schema.NewValue(strings.Repeat("more than the page cache holds", 100))
	many := make([][]schema.Value, 2000)
	for i := range many {
		many[i] = []schema.Value{long}
	}
	write(t, tx, schema.Batch{Op: schema.Insert, Table: table, Columns: []string{"a"}, Rows: each(many)}, int64(len(many)))
	for _, suffix := range []string{"", "-journal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(crashed+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if rows := read(t, open(t, crashed), table); len(rows) != 1 {
		t.Errorf("%d rows, want what was committed", len(rows))
	}
}

func TestLockAfterReadingReadsAnew(t *testing.T) {
	path := script(t, "PRAGMA journal_mode = WAL; CREATE TABLE t (a int)")
	db := open(t, path)
	tx := begin(t, db)
	c, err := tx.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Script(t.Context(), path, "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Lock(t.Context(), c.Tables, 0); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range tx.Scan(t.Context(), schema.Selection{Table: c.Table("t"), Columns: []string{"a"}}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d rows, want the one committed before the lock", n)
	}
}

func TestACancelledBeginRollsBack(t *testing.T) {
	db := open(t, script(t, "CREATE TABLE t (a int)"))
	table := tableOf(t, db, "t")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	write(t, tx, schema.Batch{Op: schema.Insert, Table: table, Columns: []string{"a"}, Rows: each([][]schema.Value{{schema.NewValue("1")}})}, 1)
	cancel()
	if err := tx.Commit(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if rows := read(t, db, table); len(rows) != 0 {
		t.Errorf("rows %v", rows)
	}
}
