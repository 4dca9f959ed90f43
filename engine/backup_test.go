package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// bytesOf makes a package of our own format in memory.
func bytesOf(t *testing.T, e *engine.Engine, r engine.BackupRequest, o native.WriterOptions) ([]byte, *engine.BackedUp) {
	t.Helper()
	var b bytes.Buffer
	r.Create = func(h backup.Header) (backup.Writer, error) { return native.NewWriter(&b, h, o) }
	done, err := e.Backup(t.Context(), r)
	must(t, err)
	return b.Bytes(), done
}

// openBytes opens such a package. parents finds those that it builds on.
func openBytes(t *testing.T, b []byte, parents map[string][]byte) *native.Package {
	t.Helper()
	o := native.Options{Limits: backup.DefaultLimits()}
	o.Parent = func(ctx context.Context, name, _ string) (*native.Package, error) {
		p := parents[name]
		return native.Open(ctx, bytes.NewReader(p), int64(len(p)), name, native.Options{Limits: o.Limits, Parent: o.Parent})
	}
	p, err := native.Open(t.Context(), bytes.NewReader(b), int64(len(b)), "backup.edmspkg", o)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

// sound verifies a package at all levels, the third in an SQLite file.
func sound(t *testing.T, p backup.Package) {
	t.Helper()
	db, drop, err := sqlite.OpenScratch(t.Context(), t.TempDir())
	must(t, err)
	v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: p, Level: 3, Scratch: db})
	must(t, err)
	must(t, db.Close())
	must(t, drop(t.Context()))
	if v.Failed() > 0 || len(v.Levels) != 3 {
		t.Errorf("the package failed level %d: %+v", v.Failed(), v.Levels[len(v.Levels)-1].Problems)
	}
}

// A full backup, a re-initialisation and a restore leave every table as it was,
// row by row, primary keys, microseconds and join rows included.
func TestAFullBackupBringsEverythingBack(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), reviewed(t, []string{"reinit_at=2026-04-01T08:00:00Z"})
		roundTrip(t, s, e, pol)
	})
}

// The same of the real system, whose hashes verify afterwards.
func TestAFullBackupOfTheRealSystem(t *testing.T) {
	s := populated(t)(t)
	e, pol := s.engine(t), reviewed(t, []string{"reinit_at=2026-04-01T08:00:00Z"})
	before := look(t, s.db)
	p := roundTrip(t, s, e, pol)
	verifyHashes(t, look(t, s.db), 107, 14)
	sameRows(t, before, look(t, s.db))
	v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: p, Level: 2})
	must(t, err)
	if facts := strings.Join(v.Levels[1].Facts, " "); v.Failed() > 0 || !strings.Contains(facts, "116 generic references lead to records of the package") {
		t.Errorf("level 2: %+v", v.Levels[1])
	}
}

// roundTrip backs up, clears and restores.
func roundTrip(t *testing.T, s *site, e *engine.Engine, pol *policy.Policy) *native.Package {
	t.Helper()
	before := look(t, s.db)
	b, done := bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database, Readers: 3}, native.WriterOptions{})
	p := openBytes(t, b, nil)
	if int64(p.Info().Records) != done.Records() {
		t.Errorf("%d records in the package, %d written", p.Info().Records, done.Records())
	}
	sound(t, p)
	reinit, err := e.Plan(t.Context(), engine.Request{Policy: pol, Reinit: true})
	must(t, err)
	cleared := saved(t, &reinit.Plan)
	must(t, reinit.Close())
	if cleared.Summary.Destroy == 0 {
		t.Fatal("the re-initialisation clears nothing")
	}
	apply(t, e, cleared, pol, nil)
	apply(t, e, planned(t, e, pol, p), pol, p)
	noChanges(t, e, pol, p)
	after := look(t, s.db)
	for _, table := range planner.Tables(pol, before.catalogue) {
		holdsRows(t, table, before.rows[table.Name], after.rows[table.Name])
	}
	return p
}

// From PostgreSQL into SQLite and back: nothing is lost on the way.
func TestThereAndBackAgain(t *testing.T) {
	s := populated(t)(t)
	pol := examplePolicy(t)
	before := look(t, s.db)
	e := s.engine(t)
	first, _ := bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
	there, drop, err := sqlite.OpenScratch(t.Context(), t.TempDir())
	must(t, err)
	defer func() { must(t, drop(context.Background())) }()
	v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: openBytes(t, first, nil), Level: 3, Scratch: there})
	must(t, err)
	if v.Failed() > 0 {
		t.Fatalf("into SQLite: %+v", v.Levels)
	}
	second, _ := bytesOf(t, &engine.Engine{Live: there, TempDir: t.TempDir()}, engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
	back := openBytes(t, second, nil)
	wipe(t, s, pol)
	apply(t, e, planned(t, e, pol, back), pol, back)
	sameRows(t, before, look(t, s.db))
}

// wipe empties the tables of the policy's models and restarts nothing else.
func wipe(t *testing.T, s *site, pol *policy.Policy) {
	t.Helper()
	var names []string
	for _, table := range planner.Tables(pol, look(t, s.db).catalogue) {
		names = append(names, `"`+table.Name+`"`)
	}
	s.run(t, "TRUNCATE "+strings.Join(names, ", ")+" CASCADE")
}

// A backup is of one instant, whatever others write meanwhile.
func TestABackupBesideAWriter(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), examplePolicy(t)
		stop := make(chan struct{})
		var writer sync.WaitGroup
		writes := 0
		writer.Go(func() {
			for n := 1000; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				err := s.exec(fmt.Sprintf("BEGIN; INSERT INTO users (id, password, is_superuser, username, first_name, last_name, is_staff, is_active, date_joined, uuid, email, is_validated, mfa_enabled, failed_login_attempts, password_changed_at, created_at, updated_at, metadata) "+
					"SELECT %d, password, is_superuser, 'u%[1]d', first_name, last_name, is_staff, is_active, date_joined, '%[3]s%012[1]d', email, is_validated, mfa_enabled, failed_login_attempts, password_changed_at, created_at, updated_at, metadata FROM users WHERE id = (SELECT min(id) FROM users); "+
					"INSERT INTO user_roles (id, uuid, assigned_at, is_active, metadata, assignment_reason, revocation_reason, role_id, user_id) SELECT %[1]d, '%[3]s%012[1]d', assigned_at, is_active, metadata, assignment_reason, revocation_reason, role_id, %[1]d FROM user_roles WHERE id = (SELECT min(id) FROM user_roles); "+
					"DELETE FROM user_roles WHERE id = %d; DELETE FROM users WHERE id = %[2]d; COMMIT", n, n-5, s.only("00000000000040008000", "00000000-0000-4000-8000-")))
				if err == nil {
					writes++
				} else if !strings.Contains(err.Error(), "lock") {
					t.Errorf("the writer: %v", err)
					return
				}
			}
		})
		for range 5 {
			b, _ := bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database, Readers: 3}, native.WriterOptions{})
			sound(t, openBytes(t, b, nil))
		}
		close(stop)
		writer.Wait()
		if writes < 5 {
			t.Errorf("there were only %d writes beside it", writes)
		}
	})
}

// Each point of a chain of backups of a database that changes is restored as it
// was, and a link of the chain is smaller than a full backup.
func TestAChainOfBackups(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), examplePolicy(t)
		all, points := map[string][]byte{}, []*state{}
		for i := range 6 {
			if i > 0 {
				s.run(t, fmt.Sprintf("UPDATE roles SET description = 'change %d' WHERE id = (SELECT min(id) + %d FROM roles); DELETE FROM document_access_logs WHERE id = (SELECT max(id) FROM document_access_logs)", i, i%3))
			}
			o := native.WriterOptions{}
			if i > 0 {
				o.ParentName = fmt.Sprint(i - 1)
				o.Parent = openBytes(t, all[o.ParentName], all)
			}
			all[fmt.Sprint(i)], _ = bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database}, o)
			points = append(points, look(t, s.db))
		}
		for i, want := range points {
			p := openBytes(t, all[fmt.Sprint(i)], all)
			there := fresh(t)
			there.run(t, "DELETE FROM document_access_logs")
			apply(t, there.engine(t), planned(t, there.engine(t), pol, p), pol, p)
			after := look(t, there.db)
			for _, table := range []string{"roles", "document_access_logs"} {
				if diff := cmp.Diff(want.rows[table], after.rows[table]); diff != "" {
					t.Errorf("point %d, %s (-want +got):\n%s", i, table, diff)
				}
			}
		}
		if full, link := len(all["0"]), len(all["5"]); link >= full {
			t.Errorf("the full backup has %d bytes, an incremental one %d", full, link)
		}
	})
}

// What goes wrong on the way leaves no package, and says what it was.
func TestABackupThatFails(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), examplePolicy(t)
		for name, c := range map[string]struct {
			create func(backup.Header) (backup.Writer, error)
			change func(*engine.BackupRequest)
			says   string
		}{
			"the disk is full": {
				func(h backup.Header) (backup.Writer, error) {
					return native.NewWriter(&fullDisk{left: 20_000}, h, native.WriterOptions{})
				}, func(*engine.BackupRequest) {}, "no space left",
			},
			"a record is lost on the way": {
				func(h backup.Header) (backup.Writer, error) {
					w, err := native.NewWriter(io.Discard, h, native.WriterOptions{})
					return &losing{w}, err
				}, func(*engine.BackupRequest) {}, "were written",
			},
			"a scope that is not there": {
				func(h backup.Header) (backup.Writer, error) {
					return native.NewWriter(io.Discard, h, native.WriterOptions{})
				},
				func(r *engine.BackupRequest) { r.Scope = "nowhere" }, "nowhere",
			},
		} {
			t.Run(name, func(t *testing.T) {
				r := engine.BackupRequest{Policy: pol, Kind: backup.Database, Create: c.create}
				c.change(&r)
				if _, err := e.Backup(t.Context(), r); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, want an error that says %q", err, c.says)
				}
			})
		}
	})
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, fmt.Errorf("no space left")
	}
	return len(p), nil
}

// losing is a writer that drops a record of each model.
type losing struct{ backup.Writer }

func (l *losing) WriteModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error) {
	return l.Writer.WriteModel(ctx, m, func(yield func(*schema.Record, error) bool) {
		first := true
		records(func(r *schema.Record, err error) bool {
			if first && err == nil {
				first = false
				return true
			}
			return yield(r, err)
		})
	})
}

// An export by the example's policy holds no secret of the source, in either
// format, and what it holds is complete.
func TestAnExportHoldsNoSecret(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), examplePolicy(t)
		secrets := sensitiveValues(t, s.db, pol)
		if len(secrets) < 5 {
			t.Fatalf("the example has only %d secrets", len(secrets))
		}
		r := engine.BackupRequest{Policy: pol, Kind: backup.Export, ExportKey: bytes.Repeat([]byte("k"), 32), NoFiles: true}
		own, done := bytesOf(t, e, r, native.WriterOptions{})
		p := openBytes(t, own, nil)
		sound(t, p)
		var fixture bytes.Buffer
		r.Create = func(h backup.Header) (backup.Writer, error) { return django.NewWriter(&fixture, h, django.Options{}) }
		if s.dialect == "postgres" { // durations of SQLite are numbers, which loaddata refuses
			_, err := e.Backup(t.Context(), r)
			must(t, err)
		}
		text := append([]byte(strings.Join(valuesOf(t, p), "\x00")), own...)
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) || bytes.Contains(fixture.Bytes(), []byte(secret)) {
				t.Errorf("the secret %q is in the export", secret)
			}
		}
		if done.Records() == 0 || len(done.Treated) == 0 {
			t.Errorf("%d records, %d fields treated", done.Records(), len(done.Treated))
		}
	})
}

// valuesOf are all values of a package, which its compressed parts hold.
func valuesOf(t *testing.T, p backup.Package) []string {
	t.Helper()
	var out []string
	for _, c := range p.Contents() {
		for rec, err := range p.Scan(t.Context(), schema.Selection{Model: c.Model}) {
			must(t, err)
			for _, f := range rec.Fields {
				out = append(out, strings.Clone(f.Value.Text))
			}
		}
	}
	return out
}

// sensitiveValues are the texts in the fields that the policy marks, long
// enough not to stand anywhere by chance.
func sensitiveValues(t *testing.T, db database.Database, pol *policy.Policy) []string {
	t.Helper()
	st := look(t, db)
	var out []string
	for _, m := range pol.Models {
		table := st.catalogue.Table(m.Table.Text)
		if table == nil {
			continue
		}
		for _, n := range m.Sensitive {
			for _, r := range st.rows[table.Name] {
				if v := r[n.Text]; v.Kind != schema.NullLiteral && len(v.Text) > 7 {
					out = append(out, v.Text)
				}
			}
		}
	}
	return out
}

// The scopes of the example are complete subsets: they verify, and plan into an
// empty system of the same kind.
func TestScopesOfTheExampleAreComplete(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol := s.engine(t), examplePolicy(t)
		for _, scope := range []string{"critical", "workflow-history"} {
			t.Run(scope, func(t *testing.T) {
				b, done := bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database, Scope: scope}, native.WriterOptions{})
				p := openBytes(t, b, nil)
				sound(t, p)
				all, followed := int64(0), int64(0)
				for _, m := range done.Models {
					all, followed = all+m.Table, followed+m.Followed
				}
				if n := done.Records(); n == 0 || n >= all || followed == 0 {
					t.Errorf("%d of %d records, %d of them by references", n, all, followed)
				}
				noChanges(t, e, pol, p)
			})
		}
	})
}

// Verifying in a schema of a database leaves that as it was, catalogue and
// rows.
func TestAScratchSchemaTouchesNothingElse(t *testing.T) {
	s := postgresTemplate(t, example("schema.postgres.sql"), example("live.postgres.sql"))(t)
	b, _ := bytesOf(t, s.engine(t), engine.BackupRequest{Policy: examplePolicy(t), Kind: backup.Database}, native.WriterOptions{})
	before := look(t, s.db)
	db, drop, err := postgres.OpenScratch(t.Context(), s.url)
	must(t, err)
	v, err := engine.Verify(t.Context(), engine.VerifyRequest{Package: openBytes(t, b, nil), Level: 3, Scratch: db})
	must(t, err)
	if v.Failed() > 0 {
		t.Errorf("%+v", v.Levels)
	}
	must(t, db.Close())
	must(t, drop(t.Context()))
	sameRows(t, before, look(t, s.db))
	if diff := cmp.Diff(before.catalogue.Tables, look(t, s.db).catalogue.Tables); diff != "" {
		t.Errorf("catalogue (-before +after):\n%s", diff)
	}
}

// SQLite holds values in columns of another type: they come back as they were,
// the storage class too.
func TestValuesOfAnotherTypeComeBack(t *testing.T) {
	fresh := func(t *testing.T) *site {
		s := sqliteTemplate(t)(t)
		s.run(t, "CREATE TABLE odd (id integer PRIMARY KEY, name varchar(3) NOT NULL UNIQUE, n integer, at datetime, u char(32), j text, d decimal(6,2))")
		return s
	}
	pol, list := policy.Parse([]policy.File{{Name: "odd.hcl", Content: []byte("policy { name = \"odd\" }\nmodel \"d.odd\" {\n table = odd\n natural_key = [name]\n}\n")}}, policy.Options{})
	must(t, list.Err())
	s, there := fresh(t), fresh(t)
	s.run(t, "INSERT INTO odd VALUES (1, 'longer than three', 'seven', 12, x'00ff', 3.5, 'much'), (2, 'b', 1e300, '', '6f1c0000-0000-4000-8000-000000000001', x'', 1.239), (3, 'c', x'01', 'yesterday', NULL, '', 1)")
	b, _ := bytesOf(t, s.engine(t), engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
	p := openBytes(t, b, nil)
	sound(t, p)
	apply(t, there.engine(t), planned(t, there.engine(t), pol, p), pol, p)
	noChanges(t, there.engine(t), pol, p)
	sameRows(t, look(t, s.db), look(t, there.db))
}

// Whatever was committed by the instant that a package gives is in it.
func TestTheInstantOfABackup(t *testing.T) {
	pol, list := policy.Parse([]policy.File{{Name: "cups.hcl", Content: []byte("policy { name = \"cups\" }\nmodel \"d.cup\" {\n table = cups\n natural_key = [name]\n}\n")}}, policy.Options{})
	must(t, list.Err())
	for _, to := range targets() {
		t.Run(to.dialect, func(t *testing.T) {
			s := to.template(t)(t)
			s.run(t, "CREATE TABLE cups (id integer PRIMARY KEY, name varchar(20) NOT NULL UNIQUE);")
			e := s.engine(t)
			last := 0
			e.Now = func() time.Time {
				last++
				s.run(t, fmt.Sprintf("INSERT INTO cups VALUES (%d, 'cup %[1]d');", last))
				return time.Unix(int64(last), 0)
			}
			_, done := bytesOf(t, e, engine.BackupRequest{Policy: pol, Kind: backup.Database}, native.WriterOptions{})
			if written, by := done.Records(), done.Header.Snapshot.Unix(); written < by || by == 0 {
				t.Errorf("%d cups were there by the instant of the package, and it holds %d", by, written)
			}
		})
	}
}
