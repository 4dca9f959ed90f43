package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// moment is long enough for something to happen that nothing holds up.
const moment = 300 * time.Millisecond

// holding is a transaction of another client that holds the tables.
func holding(t *testing.T, s *site, tables ...string) database.Tx {
	t.Helper()
	view, err := s.db.View(t.Context())
	must(t, err)
	c, err := view.Catalogue(t.Context())
	must(t, errors.Join(err, view.Close()))
	var lock []*schema.Table
	for _, name := range tables {
		lock = append(lock, c.Table(name))
	}
	tx, err := s.db.Begin(context.WithoutCancel(t.Context()))
	must(t, err)
	must(t, tx.Lock(t.Context(), lock, lockWait))
	return tx
}

func TestApplyGivesUpWaitingForLocks(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		before := look(t, s.db)
		other := holding(t, s, "documents")
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		_, err := e.Apply(ctx, p, pol, pkg, moment)
		if took := time.Since(began); !errors.Is(err, database.ErrLocked) || took < moment || took > moment+5*time.Second {
			t.Errorf("error %v after %v, want that it is locked after %v", err, took, moment)
		}
		identical(t, before, look(t, s.db))
		must(t, other.Close())
		logged(t, s, 0)
		apply(t, e, p, pol, pkg)
	})
}

func TestApplyWaitsForLocks(t *testing.T) {
	cases := map[string]time.Duration{"for a time": lockWait, "for ever": -1}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, wait := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				other := holding(t, s, "documents")
				done := make(chan error, 1)
				go func() {
					_, err := e.Apply(context.Background(), p, pol, pkg, wait)
					done <- err
				}()
				select {
				case err := <-done:
					t.Errorf("did not wait: %v", err)
				case <-time.After(moment):
				}
				must(t, other.Close())
				must(t, <-done)
				logged(t, s, 1)
			})
		}
	})
}

// While an apply writes, readers read the old state, and a writer waits and
// then finds the new one.
func TestOthersSeeTheOldStateOrTheNew(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		before := look(t, s.db)
		wrote := make(chan error, 1)
		e.Observer = at("writing audit_trail", func() {
			go func() {
				wrote <- s.exec("UPDATE users SET department = 'by another client' WHERE username = 'piet.maas'")
			}()
			select {
			case err := <-wrote:
				t.Errorf("another client wrote in the middle of the apply: %v", err)
				wrote <- err
			case <-time.After(moment):
			}
			identical(t, before, look(t, s.db))
		})
		apply(t, e, p, pol, pkg)
		must(t, <-wrote)
		found := false
		for _, r := range look(t, s.db).rows["users"] {
			found = found || r["username"].Text == "piet.maas" && r["department"].Text == "by another client"
		}
		if !found {
			t.Error("the writer that waited did not find the user that the apply added")
		}
	})
}

// Of several applies of one plan, one wins.
func TestConcurrentAppliesOfOnePlan(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		pol, pkg := examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, s.engine(t), pol, pkg)
		before := look(t, s.db)
		const clients = 3
		errs := make([]error, clients)
		var all sync.WaitGroup
		for i := range clients {
			e, own := s.engine(t), openPackage(t, example("package"))
			mine := planned(t, e, pol, own) // a file of its own, under the same ID
			mine.Header.ID, mine.Digests = p.Header.ID, p.Digests
			all.Go(func() { _, errs[i] = e.Apply(context.Background(), mine, pol, own, time.Minute) })
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			var used *engine.UsedError
			switch {
			case err == nil:
				won++
			case !errors.As(err, &used):
				t.Errorf("a loser's error: %v, want that the plan was applied before", err)
			}
		}
		if won != 1 {
			t.Errorf("%d applies won, want one", won)
		}
		wroteAsPlanned(t, pol, p, before, look(t, s.db))
		logged(t, s, 1)
	})
}

// pair is a database of two tables that have nothing to do with each other,
// and a plan for each.
type pair struct {
	site  *site
	one   [2]*engine.Engine
	plans [2]*plans.Plan
	pols  [2]*policy.Policy
	pkgs  [2]backup.Package
}

func newPair(t *testing.T, s *site) *pair {
	t.Helper()
	s.run(t, "CREATE TABLE apples (id integer PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);"+
		"CREATE TABLE pears (id integer PRIMARY KEY, name varchar(20) NOT NULL UNIQUE)")
	pr := &pair{site: s}
	for i, table := range []string{"apples", "pears"} {
		pol, list := policy.Parse([]policy.File{{Name: table + ".hcl", Content: []byte(
			"policy { name = \"" + table + "\" }\nmodel \"fruit." + table + "\" {\n table = \"" + table + "\"\n natural_key = [name]\n}\n",
		)}}, policy.Options{})
		must(t, list.Err())
		pr.pols[i] = pol
		pr.pkgs[i] = fixture(t, []record{{Model: "fruit." + table, PK: []byte("1"), Fields: map[string]json.RawMessage{"name": json.RawMessage(`"first"`)}}})
		pr.one[i] = s.engine(t)
		pr.plans[i] = planned(t, pr.one[i], pol, pr.pkgs[i])
		must(t, pr.plans[i].CanApply())
	}
	return pr
}

func (pr *pair) apply(i int) error {
	_, err := pr.one[i].Apply(context.Background(), pr.plans[i], pr.pols[i], pr.pkgs[i], time.Minute)
	return err
}

// onPairs runs a test on databases without tables.
func onPairs(t *testing.T, test func(t *testing.T, pr *pair)) {
	t.Helper()
	for _, tg := range targets() {
		t.Run(tg.dialect, func(t *testing.T) { test(t, newPair(t, tg.template(t)(t))) })
	}
}

// hooked is a database that calls create before it makes a table.
type hooked struct {
	database.Database
	create func()
}

func (h *hooked) Begin(ctx context.Context) (database.Tx, error) {
	tx, err := h.Database.Begin(ctx)
	return &hookedTx{tx, h.create}, err
}

type hookedTx struct {
	database.Tx
	create func()
}

func (tx *hookedTx) Create(ctx context.Context, t *schema.Table) error {
	tx.create()
	return tx.Tx.Create(ctx, t)
}

// Applies that touch different tables meet at the change log alone. Whenever
// they do, both are applied and the chain is whole.
func TestConcurrentAppliesOfDifferentTables(t *testing.T) {
	t.Run("the second begins after the first has made the log and before it commits", func(t *testing.T) {
		onPairs(t, func(t *testing.T, pr *pair) {
			second := make(chan error, 1)
			pr.one[0].Observer = at("stage write", func() {
				go func() { second <- pr.apply(1) }()
				time.Sleep(moment)
			})
			must(t, pr.apply(0))
			must(t, <-second)
			logged(t, pr.site, 2)
		})
	})
	t.Run("the first is applied after the second has looked for the log", func(t *testing.T) {
		onPairs(t, func(t *testing.T, pr *pair) {
			var once sync.Once
			pr.one[1].Observer = at("stage lock", func() { once.Do(func() { must(t, pr.apply(0)) }) })
			must(t, pr.apply(1))
			logged(t, pr.site, 2)
		})
	})
	t.Run("none gets between another's snapshot and its making the log", func(t *testing.T) {
		onPairs(t, func(t *testing.T, pr *pair) {
			pr.one[1].Live = &hooked{pr.site.db, sync.OnceFunc(func() {
				_, err := pr.one[0].Apply(context.Background(), pr.plans[0], pr.pols[0], pr.pkgs[0], moment)
				if !errors.Is(err, database.ErrLocked) {
					t.Errorf("error %v, want that the database is locked", err)
				}
				if pr.site.dialect == "postgres" && (err == nil || !strings.Contains(err.Error(), `(application "edmsplan", user "`)) {
					t.Errorf("error %v, want that it names who has the lock", err)
				}
			})}
			must(t, pr.apply(1))
			must(t, pr.apply(0))
			logged(t, pr.site, 2)
		})
	})
	t.Run("when there is a log, the second waits for the first", func(t *testing.T) {
		onPairs(t, func(t *testing.T, pr *pair) {
			must(t, pr.apply(0))
			pr.site.run(t, "DELETE FROM apples")
			pr.plans[0] = planned(t, pr.one[0], pr.pols[0], pr.pkgs[0])
			second, got := make(chan error, 1), make(chan struct{})
			pr.one[1].Observer = at("stage plan", sync.OnceFunc(func() { close(got) }))
			pr.one[0].Observer = at("stage write", func() {
				go func() { second <- pr.apply(1) }()
				select {
				case <-got:
					t.Error("the second has its locks while the first is at work")
				case <-time.After(moment):
				}
			})
			must(t, pr.apply(0))
			must(t, <-second)
			logged(t, pr.site, 3)
		})
	})
}

// A table that comes or goes just before the locks are taken is seen.
func TestTablesChangeWhileTheyAreLocked(t *testing.T) {
	const child = "CREATE TABLE runs (id integer PRIMARY KEY, configuration_id integer NOT NULL REFERENCES backup_configurations (id));"
	cases := map[string]struct {
		before, meanwhile string
		stale             bool
		locks             int
	}{
		"a table without rows comes that refers to one with destroyed rows": {"", child, false, 2},
		"one comes with a row that refers to a destroyed one":               {"", child + "INSERT INTO runs VALUES (1, 2)", true, 2},
		"one that was to be locked goes":                                    {child, "DROP TABLE runs", false, 2},
		"one comes that has nothing to do with the plan":                    {"", "CREATE TABLE other (id integer PRIMARY KEY)", false, 1},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				if test.before != "" {
					s.run(t, test.before)
				}
				e, pol, pkg := s.engine(t), examplePolicy(t, destroying()...), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				locks := 0
				e.Observer = at("stage lock", func() {
					if locks++; locks == 1 {
						s.run(t, test.meanwhile)
					}
				})
				_, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
				if refused := err != nil; refused != test.stale {
					t.Errorf("error %v, want refused %v", err, test.stale)
				}
				if s.dialect == "sqlite" && test.before != "" {
					return // it locks the whole file, gone tables or not
				}
				if locks != test.locks {
					t.Errorf("the locks were taken %d times, want %d", locks, test.locks)
				}
			})
		}
	})
}
