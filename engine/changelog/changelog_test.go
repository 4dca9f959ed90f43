package changelog_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
)

var server = pgtest.New()

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		server.Stop()
		os.Exit(code)
	}))
}

// onBoth runs a test on an empty database of each kind.
// In its SQL, {at} is a time and {odd} one that no log has, as the database
// spells them.
func onBoth(t *testing.T, test func(t *testing.T, db database.Database, exec func(sql string) error)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "live.sqlite")
		spell := strings.NewReplacer("{at}", "'2026-03-01 11:00:00.123457'", "{odd}", "'yesterday'")
		exec := func(sql string) error { return sqlite.Script(context.Background(), path, spell.Replace(sql)) }
		must(t, exec("CREATE TABLE people (id integer PRIMARY KEY)"))
		db, err := sqlite.Open(t.Context(), path)
		must(t, err)
		defer func() { must(t, db.Close()) }()
		test(t, db, exec)
	})
	t.Run("postgres", func(t *testing.T) {
		url := server.Database(t)
		db, err := postgres.Open(t.Context(), url)
		must(t, err)
		defer func() { must(t, db.Close()) }()
		spell := strings.NewReplacer("{at}", "'2026-03-01 11:00:00.123457+00'", "{odd}", "'infinity'")
		test(t, db, func(sql string) error {
			c, err := pgconn.Connect(context.Background(), url)
			if err != nil {
				return err
			}
			err = c.Exec(context.Background(), spell.Replace(sql)).Close()
			return errors.Join(err, c.Close(context.Background()))
		})
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sequence(records ...*plans.Record) iter.Seq2[*plans.Record, error] {
	return func(yield func(*plans.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// The first apply's changes: one of each action, and a remap, which writes
// nothing.
func firstChanges() iter.Seq2[*plans.Record, error] {
	return sequence(
		&plans.Record{Model: "m.gone", Key: `["x"]`, Action: plans.Destroy, Fields: []plans.Field{
			{Name: "name", Before: `"x"`}, {Name: "password", Before: `"s3cret-old"`, Sensitive: true},
		}},
		&plans.Record{Model: "m.same", Key: `["r"]`, Action: plans.Remap},
		&plans.Record{Model: "m.user", Key: `["admin \"the\" ü"]`, Action: plans.Add, Fields: []plans.Field{
			{Name: `odd "name"`, After: `"ü\u0000"`}, {Name: "none", After: plans.Null}, {Name: "password", After: `"s3cret-new"`, Sensitive: true},
		}},
		&plans.Record{Model: "m.user", Key: `["b"]`, Action: plans.Change, Fields: []plans.Field{
			{Name: "age", Before: "1.50", After: "2"}, {Name: "password", Before: plans.Null, After: `"s3cret-new"`, Sensitive: true},
		}},
	)
}

func secondChanges() iter.Seq2[*plans.Record, error] {
	return sequence(
		&plans.Record{Model: "m.user", Key: `["c"]`, Action: plans.Change, Fields: []plans.Field{{Name: "age", Before: "1", After: "2"}}},
		&plans.Record{Model: "m.user", Key: `["d"]`, Action: plans.Change, Fields: []plans.Field{{Name: "age", Before: "1", After: "2"}}},
	)
}

func firstApply() *changelog.Apply {
	return &changelog.Apply{
		ID: "apply-1", PlanID: "plan-1", At: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600)), Actor: "ann",
		Program: "test", Policy: "p1", Package: "k1", ChangeSet: "c1", Source: "/packages/one", Added: 1, Changed: 1, Destroyed: 1,
	}
}

func secondApply() *changelog.Apply {
	return &changelog.Apply{
		ID: "apply-2", PlanID: "plan-2", At: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Actor: "ben",
		Program: "test", Policy: "p2", Package: "k2", ChangeSet: "c2", Source: "/packages/two", Changed: 2,
	}
}

func appendTo(t *testing.T, db database.Database, a *changelog.Apply, changes iter.Seq2[*plans.Record, error]) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	log, err := changelog.Open(t.Context(), tx)
	must(t, err)
	must(t, log.Append(t.Context(), a, changes, int64(a.Added+a.Changed+a.Destroyed)))
	must(t, tx.Commit(t.Context()))
}

// written is a log of two applies.
func written(t *testing.T, db database.Database) {
	t.Helper()
	appendTo(t, db, firstApply(), firstChanges())
	appendTo(t, db, secondApply(), secondChanges())
}

// in calls f with a snapshot.
func in(t *testing.T, db database.Database, f func(s database.Snapshot)) {
	t.Helper()
	view, err := db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	f(view)
}

func verify(t *testing.T, db database.Database) *changelog.Report {
	t.Helper()
	var r *changelog.Report
	in(t, db, func(s database.Snapshot) {
		var err error
		r, err = changelog.Verify(t.Context(), s)
		must(t, err)
	})
	return r
}

func entries(t *testing.T, db database.Database, id string) []changelog.Entry {
	t.Helper()
	var out []changelog.Entry
	in(t, db, func(s database.Snapshot) {
		for e, err := range changelog.Entries(t.Context(), s, id) {
			must(t, err)
			out = append(out, *e)
		}
	})
	return out
}

func TestLogSaysWhatHappened(t *testing.T) {
	onBoth(t, func(t *testing.T, db database.Database, _ func(string) error) {
		written(t, db)
		got := entries(t, db, "")
		at := firstApply().At.Truncate(time.Microsecond).UTC()
		entry := func(seq int64, model, key, action, before, after string) changelog.Entry {
			e := changelog.Entry{
				Seq: seq, ApplyID: "apply-1", At: at, Actor: "ann", Policy: "p1", Package: "k1",
				Model: model, Key: key, Action: action, Before: before, After: after,
			}
			if seq > 3 {
				e.ApplyID, e.At, e.Actor, e.Policy, e.Package = "apply-2", secondApply().At, "ben", "p2", "k2"
			}
			return e
		}
		want := []changelog.Entry{
			entry(1, "m.gone", `["x"]`, "destroy", `{"name":"x","password":"(sensitive value)"}`, ""),
			entry(2, "m.user", `["admin \"the\" ü"]`, "add", "", `{"odd \"name\"":"ü\u0000","none":null,"password":"(sensitive value)"}`),
			entry(3, "m.user", `["b"]`, "change", `{"age":1.50,"password":"(sensitive value)"}`, `{"age":2,"password":"(sensitive value)"}`),
			entry(4, "m.user", `["c"]`, "change", `{"age":1}`, `{"age":2}`),
			entry(5, "m.user", `["d"]`, "change", `{"age":1}`, `{"age":2}`),
		}
		for i := range got {
			if i < len(want) {
				want[i].Hash = got[i].Hash // checked by Verify
			}
			if i > 0 && got[i].Previous != got[i-1].Hash {
				t.Errorf("entry %d does not follow the one before", got[i].Seq)
			}
			got[i].Previous, got[i].At = "", got[i].At.UTC()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
		if n := len(entries(t, db, "apply-2")); n != 2 {
			t.Errorf("the second apply has %d entries, want 2", n)
		}
		in(t, db, func(s database.Snapshot) {
			var applies []changelog.Apply
			for a, err := range changelog.Applies(t.Context(), s) {
				must(t, err)
				applies = append(applies, *a)
			}
			if len(applies) != 2 {
				t.Fatalf("%d applies, want 2", len(applies))
			}
			want := *firstApply()
			want.First, want.Last, want.Head, want.Hash = 1, 3, got[2].Hash, applies[0].Hash
			want.At, applies[0].At = at, applies[0].At.UTC()
			if diff := cmp.Diff(want, applies[0]); diff != "" {
				t.Errorf("apply (-want +got):\n%s", diff)
			}
		})
		if r := verify(t, db); len(r.Faults) > 0 || r.Applies != 2 || r.Entries != 5 || r.Head != got[4].Hash {
			t.Errorf("report %+v, want a whole log", r)
		}
	})
}

// Whoever alters the log is found out.
func TestVerifyFindsWhatWasAltered(t *testing.T) {
	tests := map[string]struct{ sql, fault string }{
		"an entry is deleted":                                        {"DELETE FROM edmsplan_change_log WHERE seq = 2", "entries 2 to 2 are missing"},
		"the first entry is deleted":                                 {"DELETE FROM edmsplan_change_log WHERE seq = 1", "entries 1 to 1 are missing"},
		"the tail is cut off":                                        {"DELETE FROM edmsplan_change_log WHERE seq > 4", "apply apply-2: 1 entries, 2 expected"},
		"the last apply's entries are cut off":                       {"DELETE FROM edmsplan_change_log WHERE seq > 3", "apply apply-2: 0 entries, 2 expected"},
		"all entries are deleted":                                    {"DELETE FROM edmsplan_change_log", "apply apply-1: 0 entries, 3 expected"},
		"an apply is deleted":                                        {"DELETE FROM edmsplan_apply WHERE id = 'apply-1'", "3 entries of an apply that is not recorded"},
		"two entries change places":                                  {"UPDATE edmsplan_change_log SET seq = -4 WHERE seq = 4; UPDATE edmsplan_change_log SET seq = 4 WHERE seq = 5; UPDATE edmsplan_change_log SET seq = 5 WHERE seq = -4", "does not follow"},
		"an entry is deleted and the rest moved":                     {"DELETE FROM edmsplan_change_log WHERE seq = 2; UPDATE edmsplan_change_log SET seq = 2 WHERE seq = 3; UPDATE edmsplan_change_log SET seq = 3 WHERE seq = 4; UPDATE edmsplan_change_log SET seq = 4 WHERE seq = 5", "entry 2: it does not follow"},
		"an entry is put in front":                                   {copied(0, "apply-1"), "entry 0: the first entry is number 1"},
		"an entry is put behind":                                     {copied(6, "apply-2"), "apply apply-2: 3 entries, 2 expected"},
		"an entry of nobody is put behind":                           {copied(6, "apply-3"), "of an apply that is not recorded"},
		"an entry's time is none":                                    {"UPDATE edmsplan_change_log SET at = {odd} WHERE seq = 2", `"at" of entry 2 cannot be read`},
		"an apply's time is none":                                    {"UPDATE edmsplan_apply SET at = {odd} WHERE id = 'apply-1'", `"at" of apply apply-1 cannot be read`},
		"entries are given to another apply, and the counts altered": {"UPDATE edmsplan_apply SET changed = 0, added = 0 WHERE id = 'apply-1'; UPDATE edmsplan_apply SET changed = 4 WHERE id = 'apply-2'", "apply apply-1: its content does not match its hash"},
	}
	for _, column := range []string{"at", "apply_id", "actor", "policy", "package", "model", "natural_key", "action", "before", "after", "previous_hash", "hash"} {
		value := "'other'"
		if column == "at" {
			value = "{at}"
		}
		tests["an entry's "+column+" is altered"] = struct{ sql, fault string }{
			fmt.Sprintf("UPDATE edmsplan_change_log SET %q = %s WHERE seq = 2", column, value), "entry 2: its content does not match its hash",
		}
	}
	for column, value := range map[string]string{
		"plan_id": "'other'", "at": "{at}", "actor": "'other'", "program": "'other'", "policy": "'other'", "package": "'other'",
		"change_set": "'other'", "source": "'other'", "added": "2", "changed": "2", "destroyed": "2", "first_seq": "2", "last_seq": "2", "head": "'other'", "hash": "'other'",
	} {
		tests["an apply's "+column+" is altered"] = struct{ sql, fault string }{
			fmt.Sprintf("UPDATE edmsplan_apply SET %q = %s WHERE id = 'apply-1'", column, value), "apply apply-1: its content does not match its hash",
		}
	}
	onBoth(t, func(t *testing.T, db database.Database, exec func(string) error) {
		written(t, db)
		must(t, exec("CREATE TABLE kept_apply AS SELECT * FROM edmsplan_apply; CREATE TABLE kept_log AS SELECT * FROM edmsplan_change_log"))
		const restore = "DELETE FROM edmsplan_apply; INSERT INTO edmsplan_apply SELECT * FROM kept_apply; " +
			"DELETE FROM edmsplan_change_log; INSERT INTO edmsplan_change_log SELECT * FROM kept_log"
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				must(t, exec(test.sql))
				r := verify(t, db)
				if !strings.Contains(strings.Join(r.Faults, "\n"), test.fault) {
					t.Errorf("faults %q, want %q", r.Faults, test.fault)
				}
				must(t, exec(restore))
				if r := verify(t, db); len(r.Faults) > 0 {
					t.Errorf("restored, it has faults: %q", r.Faults)
				}
			})
		}
	})
}

// copied puts a copy of the last entry at another place, linked as well as it
// goes.
func copied(seq int, apply string) string {
	return fmt.Sprintf("INSERT INTO edmsplan_change_log SELECT %d, '%s', at, actor, policy, package, model, natural_key, action, before, after, hash, hash "+
		"FROM edmsplan_change_log WHERE seq = 5", seq, apply)
}

// The last entry has no follower that would betray a forged hash; its apply
// does.
func TestVerifyFindsAForgedLastEntry(t *testing.T) {
	onBoth(t, func(t *testing.T, db database.Database, exec func(string) error) {
		written(t, db)
		forged := entries(t, db, "")[4]
		forged.After = "{}"
		changelog.Rehash(&forged)
		must(t, exec(fmt.Sprintf("UPDATE edmsplan_change_log SET after = '{}', hash = '%s' WHERE seq = 5", forged.Hash)))
		want := []string{"apply apply-2: its entries are not those that it wrote"}
		if diff := cmp.Diff(want, verify(t, db).Faults); diff != "" {
			t.Errorf("faults (-want +got):\n%s", diff)
		}
	})
}

// A log that holds nothing, and none at all.
func TestEmptyLog(t *testing.T) {
	onBoth(t, func(t *testing.T, db database.Database, _ func(string) error) {
		exists := func() (ok bool) {
			in(t, db, func(s database.Snapshot) {
				var err error
				ok, err = changelog.Exists(t.Context(), s)
				must(t, err)
			})
			return ok
		}
		if exists() {
			t.Error("a database that no plan was applied to has a log")
		}
		appendTo(t, db, &changelog.Apply{ID: "a", PlanID: "p", At: time.Unix(0, 0)}, sequence())
		if r := verify(t, db); !exists() || len(r.Faults) > 0 || r.Applies != 1 || r.Entries != 0 || r.Head != "" {
			t.Errorf("report %+v, want one apply without entries", r)
		}
		appendTo(t, db, secondApply(), secondChanges())
		if r := verify(t, db); len(r.Faults) > 0 || r.Applies != 2 || r.Entries != 2 {
			t.Errorf("report %+v, want two applies", r)
		}
	})
}

// Names from outside must not fail an apply at its very end.
func TestNamesThatNoDatabaseStores(t *testing.T) {
	onBoth(t, func(t *testing.T, db database.Database, _ func(string) error) {
		a := secondApply()
		a.Source, a.Actor = "/packages/\xff\xfe", "ann\x00"
		appendTo(t, db, a, secondChanges())
		if r := verify(t, db); len(r.Faults) > 0 {
			t.Errorf("faults: %q", r.Faults)
		}
	})
}

// Another number of changes than was announced is an error.
func TestAppendCountsItsEntries(t *testing.T) {
	onBoth(t, func(t *testing.T, db database.Database, _ func(string) error) {
		for _, announced := range []int64{1, 3} {
			tx, err := db.Begin(t.Context())
			must(t, err)
			log, err := changelog.Open(t.Context(), tx)
			must(t, err)
			if err := log.Append(t.Context(), secondApply(), secondChanges(), announced); err == nil {
				t.Errorf("two changes are taken for %d", announced)
			}
			must(t, tx.Close())
		}
	})
}

// An error while the changes are read is the error of Append.
func TestAppendPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	onBoth(t, func(t *testing.T, db database.Database, _ func(string) error) {
		tx, err := db.Begin(t.Context())
		must(t, err)
		defer func() { must(t, tx.Close()) }()
		log, err := changelog.Open(t.Context(), tx)
		must(t, err)
		err = log.Append(t.Context(), secondApply(), func(yield func(*plans.Record, error) bool) { yield(nil, broken) }, 2)
		if !errors.Is(err, broken) {
			t.Errorf("error %v, want %v", err, broken)
		}
	})
}
