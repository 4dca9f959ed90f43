package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// refused applies a plan that must be refused without a trace.
func refused(t *testing.T, s *site, e *engine.Engine, p *plans.Plan, pol *policy.Policy, pkg backup.Package) error {
	t.Helper()
	before := look(t, s.db)
	done, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
	if err == nil || done != nil {
		t.Fatalf("applied %+v, error %v: want it to be refused", done, err)
	}
	identical(t, before, look(t, s.db))
	logged(t, s, 0)
	return err
}

// logged checks how many applies the log has; without any, there is no log.
func logged(t *testing.T, s *site, want int) {
	t.Helper()
	view, err := s.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	exists, err := changelog.Exists(t.Context(), view)
	must(t, err)
	if exists != (want > 0) {
		t.Errorf("a change log exists: %v, want %v", exists, want > 0)
	}
	if !exists {
		return
	}
	r, err := changelog.Verify(t.Context(), view)
	must(t, err)
	if r.Applies != want || len(r.Faults) > 0 {
		t.Errorf("the log has %d applies and the faults %v, want %d and none", r.Applies, r.Faults, want)
	}
}

// A database that refuses a row, whenever it does, leaves all as it was.
func TestAllOrNothing(t *testing.T) {
	// The last table to be written, a late link, and rows in between.
	const (
		insertFails = "CREATE TRIGGER late BEFORE INSERT ON %t BEGIN SELECT RAISE(ABORT, 'no more of these'); END"
		function    = "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no more of these'; END$$;"
	)
	cases := map[string]struct {
		table, sqlite, postgres string
	}{
		"an insert into the last table of the plan": {
			"audit_trail", insertFails, function + "CREATE TRIGGER late BEFORE INSERT ON %t FOR EACH ROW EXECUTE FUNCTION late()",
		},
		"the insert of a link": {
			"auth_group_permissions", insertFails, function + "CREATE TRIGGER late BEFORE INSERT ON %t FOR EACH ROW EXECUTE FUNCTION late()",
		},
		"an update": {
			"document_workflows", "CREATE TRIGGER late BEFORE UPDATE ON %t BEGIN SELECT RAISE(ABORT, 'no'); END",
			"ALTER TABLE %t ADD CHECK (last_approved_state = '') NOT VALID",
		},
		"the commit itself": {
			"document_versions", "CREATE TABLE only_known (id integer PRIMARY KEY);" +
				"CREATE TABLE follower (id integer PRIMARY KEY, known_id integer NOT NULL REFERENCES only_known (id) DEFERRABLE INITIALLY DEFERRED);" +
				"CREATE TRIGGER late AFTER INSERT ON %t BEGIN INSERT INTO follower (known_id) VALUES (NEW.id); END",
			function + "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON %t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()",
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				s.run(t, strings.ReplaceAll(s.only(test.sqlite, test.postgres), "%t", test.table))
				e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
				err := refused(t, s, e, planned(t, e, pol, pkg), pol, pkg)
				if !errors.Is(err, database.ErrConstraint) {
					t.Errorf("error %v, want that the database refused it", err)
				}
			})
		}
	})
}

// A database that says that it wrote another number of rows is not believed.
func TestCountsAreChecked(t *testing.T) {
	const function = "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;"
	cases := map[string]struct {
		sqlite, postgres string
		want             engine.CountError
	}{
		"an insert is swallowed": {
			"CREATE TRIGGER swallow BEFORE INSERT ON users WHEN NEW.username = 'piet.maas' BEGIN SELECT RAISE(IGNORE); END",
			function + "CREATE TRIGGER swallow BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.username = 'piet.maas') EXECUTE FUNCTION swallow()",
			engine.CountError{Table: "users", Wrote: 1, Planned: 2},
		},
		"an update is swallowed": {
			"CREATE TRIGGER swallow BEFORE UPDATE ON document_types BEGIN SELECT RAISE(IGNORE); END",
			function + "CREATE TRIGGER swallow BEFORE UPDATE ON document_types FOR EACH ROW EXECUTE FUNCTION swallow()",
			engine.CountError{Table: "document_types", Wrote: 0, Planned: 1},
		},
		"a delete is swallowed": {
			"CREATE TRIGGER swallow BEFORE DELETE ON backup_configurations BEGIN SELECT RAISE(IGNORE); END",
			function + "CREATE TRIGGER swallow BEFORE DELETE ON backup_configurations FOR EACH ROW EXECUTE FUNCTION swallow()",
			engine.CountError{Table: "backup_configurations", Wrote: 0, Planned: 1},
		},
		"a link is swallowed": {
			"CREATE TRIGGER swallow BEFORE INSERT ON users_groups BEGIN SELECT RAISE(IGNORE); END",
			function + "CREATE TRIGGER swallow BEFORE INSERT ON users_groups FOR EACH ROW EXECUTE FUNCTION swallow()",
			engine.CountError{Table: "users_groups", Wrote: 0, Planned: 3},
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				s.run(t, s.only(test.sqlite, test.postgres))
				e, pol, pkg := s.engine(t), examplePolicy(t, destroying()...), openPackage(t, example("package"))
				err := refused(t, s, e, planned(t, e, pol, pkg), pol, pkg)
				var count *engine.CountError
				if !errors.As(err, &count) || count.Table != test.want.Table || count.Wrote != test.want.Wrote || count.Planned != test.want.Planned {
					t.Errorf("error %v, want %+v", err, test.want)
				}
			})
		}
	})
}

// A plan whose diagnostics hold an error is not applied.
func TestRefusedPlanIsNotApplied(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		rs := records(t, example("package"))
		i := slices.IndexFunc(rs, func(r record) bool { return r.Model == "documents.document" })
		rs[i].Fields["author"] = json.RawMessage(`["nobody"]`)
		e, pol, pkg := s.engine(t), examplePolicy(t), fixture(t, rs)
		p := planned(t, e, pol, pkg)
		if p.CanApply() == nil {
			t.Fatal("a reference that leads nowhere is planned")
		}
		e.Observer = watcher{func(step string) { t.Errorf("a refused plan has come to %q", step) }}
		err := refused(t, s, e, p, pol, pkg)
		if diff := cmp.Diff(p.CanApply().Error(), err.Error()); diff != "" {
			t.Errorf("error (-plan's +got):\n%s", diff)
		}
	})
}

// broken is a package whose records stop with an error after some of a model.
type broken struct {
	backup.Package
	after string
}

var errBroken = errors.New("the disk went away")

func (b broken) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		n := 0
		for r, err := range b.Package.Scan(ctx, s) {
			if n++; s.Model == b.after && n == 2 {
				yield(nil, errBroken)
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Reading that fails in the middle of planning leaves nothing behind, neither
// when planning nor when applying.
func TestPackageFailsWhileItIsRead(t *testing.T) {
	onExampleAlone(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		bad := broken{pkg, "documents.document"}
		before := openFiles(t)
		if _, err := e.Plan(t.Context(), engine.Request{Policy: pol, Package: bad}); !errors.Is(err, errBroken) {
			t.Errorf("planning: error %v, want %v", err, errBroken)
		}
		if err := refused(t, s, e, p, pol, bad); !errors.Is(err, errBroken) {
			t.Errorf("applying: error %v, want %v", err, errBroken)
		}
		if diff := cmp.Diff(before, openFiles(t)); diff != "" {
			t.Errorf("open files (-before +after):\n%s", diff)
		}
		apply(t, e, p, pol, pkg)
	})
}

// Whatever is planned, secrets stay out of the saved plan.
func TestSavedPlanHoldsNoSecret(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		var text bytes.Buffer
		for r, err := range p.Changes() {
			must(t, err)
			text.Write(r.AppendJSON(nil))
		}
		for _, secret := range secrets(t) {
			if bytes.Contains(text.Bytes(), []byte(secret)) {
				t.Errorf("the plan holds the secret %.20q…", secret)
			}
		}
	})
}

// secrets are the values of the policy's sensitive fields, live and in the
// package.
func secrets(t *testing.T) []string {
	t.Helper()
	fields := map[string]string{
		"users.user": "password", "security.pdfsigningcertificate": "private_key_pem",
		"audit.audittrail": "session_id", "documents.documentaccesslog": "session_id",
	}
	out := []string{"bm90IGEgaGFzaDog", "madeupsession0000000000000000001", "MADE-UP KEY"}
	for _, r := range records(t, example("package")) {
		var s string
		if f := fields[r.Model]; f != "" && json.Unmarshal(r.Fields[f], &s) == nil && s != "" {
			out = append(out, s)
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d secrets are known", len(out))
	}
	return out
}
