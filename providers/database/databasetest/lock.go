package databasetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// moment is long enough for something to happen that nothing holds up.
const moment = 300 * time.Millisecond

func testLock(t *testing.T, a Adapter) {
	t.Run("keeps another apply out", func(t *testing.T) { testLockExcludes(t, a) })
	t.Run("keeps an apply of other tables out", func(t *testing.T) { testLockExcludesAll(t, a) })
	t.Run("keeps other writers out and lets readers read", func(t *testing.T) { testLockWriters(t, a) })
	t.Run("lets what follows read all that was committed before", func(t *testing.T) { testLockThenRead(t, a) })
	t.Run("waits without limit when told to", func(t *testing.T) { testLockWaits(t, a) })
	t.Run("stops waiting when the context is cancelled", func(t *testing.T) { testLockCancelled(t, a) })
}

// locked opens a transaction that holds the lock on teams and lines.
func locked(f *fixture) (database.Tx, []*schema.Table) {
	f.t.Helper()
	tables := []*schema.Table{f.table("teams"), f.table("lines")}
	tx := f.begin()
	if err := tx.Lock(context.Background(), tables, 5*time.Second); err != nil {
		f.t.Fatalf("cannot lock: %v", err)
	}
	return tx, tables
}

func testLockExcludes(t *testing.T, a Adapter) {
	f := open(t, a)
	holder, tables := locked(f)
	for name, test := range map[string]struct {
		wait, least, most time.Duration
	}{
		"at once":            {0, 0, moment},
		"after a short wait": {moment, moment, 5 * moment},
	} {
		second := f.begin()
		began := time.Now()
		err := second.Lock(t.Context(), tables[1:], test.wait)
		if took := time.Since(began); !errors.Is(err, database.ErrLocked) || took < test.least || took > test.most+2*time.Second {
			t.Errorf("%s: error %v after %v, want ErrLocked", name, err, took)
		}
		f.close(second)
	}
	f.commit(holder)
	third := f.begin()
	if err := third.Lock(t.Context(), tables, moment); err != nil {
		t.Errorf("after the commit: %v", err)
	}
}

// Two applies exclude each other even when their tables are different ones.
// What the first wrote is there for the second that waited.
func testLockExcludesAll(t *testing.T, a Adapter) {
	f := open(t, a)
	teams, lines := f.table("teams"), f.table("lines")
	holder := f.begin()
	if err := holder.Lock(t.Context(), []*schema.Table{teams}, moment); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, moment} {
		second := f.begin()
		if err := second.Lock(t.Context(), []*schema.Table{lines}, wait); !errors.Is(err, database.ErrLocked) {
			t.Errorf("waiting %v: error %v, want ErrLocked", wait, err)
		}
		f.close(second)
	}
	third := f.begin()
	done := make(chan error, 1)
	go func() { done <- third.Lock(context.Background(), []*schema.Table{lines}, time.Minute) }()
	time.Sleep(moment)
	f.write(holder, schema.Batch{
		Op: schema.Insert, Table: teams, Columns: []string{"code", "name"}, Count: 1, Rows: rowsOf([][]string{{"h", "holder"}}),
	})
	if err := holder.Lock(t.Context(), []*schema.Table{lines}, moment); err != nil {
		t.Errorf("the holder takes more: %v", err)
	}
	f.commit(holder)
	f.close(holder)
	if err := <-done; err != nil {
		t.Fatalf("after the wait: %v", err)
	}
	if rows := f.rows(third, teams, "code"); len(rows) != 1 {
		t.Errorf("after the wait it reads %v, want what the holder wrote", rows)
	}
}

func testLockWriters(t *testing.T, a Adapter) {
	f := open(t, a)
	holder, _ := locked(f)
	teams := f.table("teams") // reading the catalogue is not held up either
	done := make(chan error, 1)
	go func() { done <- f.exec("INSERT INTO teams VALUES ('w', 'writer')") }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("another client writes to a locked table")
		}
		done <- err
	case <-time.After(moment):
	}
	if rows := f.rows(f.view(), teams, "code"); len(rows) != 0 {
		t.Errorf("a reader reads %v", rows)
	}
	f.write(holder, schema.Batch{
		Op: schema.Insert, Table: teams, Columns: []string{"code", "name"}, Count: 1, Rows: rowsOf([][]string{{"h", "holder"}}),
	})
	f.commit(holder)
	want := 2
	if err := <-done; err != nil {
		t.Logf("the other writer gave up: %v", err)
		want = 1
	}
	if rows := f.rows(f.view(), teams, "code"); len(rows) != want {
		t.Errorf("afterwards there are %v, want %d rows", rows, want)
	}
}

func testLockThenRead(t *testing.T, a Adapter) {
	f := open(t, a)
	teams := f.table("teams")
	tx := f.begin()
	f.run("INSERT INTO teams VALUES ('a', 'A')")
	if err := tx.Lock(t.Context(), []*schema.Table{teams}, moment); err != nil {
		t.Fatal(err)
	}
	if rows := f.rows(tx, teams, "code"); len(rows) != 1 {
		t.Errorf("the transaction reads %v, want what was committed before the lock", rows)
	}
	if tableIn(t, tx, "teams") == nil {
		t.Error("the transaction has no catalogue")
	}
}

func testLockWaits(t *testing.T, a Adapter) {
	f := open(t, a)
	holder, tables := locked(f)
	second := f.begin()
	done := make(chan error, 1)
	go func() { done <- second.Lock(context.Background(), tables, -1) }()
	select {
	case err := <-done:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(moment):
	}
	f.write(holder, schema.Batch{
		Op: schema.Insert, Table: tables[0], Columns: []string{"code", "name"}, Count: 1, Rows: rowsOf([][]string{{"h", "holder"}}),
	})
	f.commit(holder)
	f.close(holder)
	if err := <-done; err != nil {
		t.Fatalf("cannot lock after the wait: %v", err)
	}
	if rows := f.rows(second, tables[0], "code"); len(rows) != 1 {
		t.Errorf("after the wait it reads %v, want what the holder wrote", rows)
	}
}

func testLockCancelled(t *testing.T, a Adapter) {
	f := open(t, a)
	_, tables := locked(f)
	second := f.begin()
	ctx, cancel := context.WithTimeout(t.Context(), moment)
	defer cancel()
	began := time.Now()
	err := second.Lock(ctx, tables, -1)
	if took := time.Since(began); err == nil || errors.Is(err, database.ErrLocked) || took > moment+2*time.Second {
		t.Errorf("error %v after %v, want that of the context", err, took)
	}
}
