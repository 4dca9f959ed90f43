package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// realFolder is the real package with its schema and states.
var realFolder = filepath.Join("..", "..", "shared", "edms")

// The real package on each of the states that a live system can be in: every
// record is accounted for, what is written is what was planned, and the
// database then holds the package, field by field.
func TestRealPackage(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(realFolder); err != nil {
		t.Skipf("the real package is not here: %v", err)
	}
	type want struct {
		plans.Summary
		states int
	}
	fresh := postgresTemplate(t, filepath.Join(realFolder, "schema.sql"))
	for state, want := range map[string]want{
		"fresh":     {plans.Summary{Add: 314, Unchanged: 355, Skip: 1, Keep: 355}, 18},
		"seeded":    {plans.Summary{Add: 256, Change: 48, Remap: 42, Unchanged: 365, Skip: 1, Keep: 417}, 18},
		"reinit":    {plans.Summary{Add: 207, Change: 2, Unchanged: 460, Skip: 1, Keep: 468}, 19},
		"populated": {plans.Summary{Unchanged: 669, Skip: 1, Keep: 670}, 19},
	} {
		t.Run(state, func(t *testing.T) {
			s := fresh(t)
			server.LoadFile(t, s.url, filepath.Join(realFolder, "state-"+state+".sql"))
			pkg := openPackage(t, filepath.Join(realFolder, "real-package"))
			e, pol := s.engine(t), examplePolicy(t)
			p := planned(t, e, pol, pkg)
			must(t, p.CanApply())
			if p.Summary != want.Summary {
				t.Errorf("summary %+v, want %+v", p.Summary, want.Summary)
			}
			accounted(t, p)
			before := look(t, s.db)
			if len(before.catalogue.Tables) != 82 {
				t.Errorf("%d tables, want 82", len(before.catalogue.Tables))
			}
			apply(t, e, p, pol, pkg)
			after := look(t, s.db)
			wroteAsPlanned(t, pol, p, before, after)
			holds(t, pol, p, after, records(t, filepath.Join(realFolder, "real-package")))
			if n := len(after.rows["workflow_document_states"]); n != want.states {
				t.Errorf("%d document states, want %d", n, want.states)
			}
			noChanges(t, e, pol, pkg)
			logged(t, s, 1)
			nextKeysAreFree(t, s)
			applicationInserts(t, s, before, after)
		})
	}
}

// accounted checks that the counts add up to the package and that only the
// state which equals another is left out, and how generic references are
// counted.
func accounted(t *testing.T, p *plans.Plan) {
	t.Helper()
	total := 0
	for _, a := range p.Accounting {
		total += a.Package
		if !a.Balanced() || a.Refused > 0 {
			t.Errorf("%+v does not add up", a)
		}
	}
	if total != 670 {
		t.Errorf("%d records are accounted for, want 670", total)
	}
	if len(p.Skips) != 1 || p.Skips[0].Model != "workflows.documentstate" || p.Skips[0].Rule.IsZero() {
		t.Errorf("skipped: %+v, want one document state by a named rule", p.Skips)
	}
	// 102 of the audit trail and 14 of the change log are about documents; 5 are
	// about users that were deleted long ago.
	kept := map[string]int{}
	for _, d := range p.Diagnostics {
		var n int
		var model string
		if _, err := fmt.Sscanf(d.Summary, "%d generic references to %s keep their ids", &n, &model); err == nil && d.Severity == diag.Warning {
			kept[model] += n
		}
	}
	if diff := cmp.Diff(map[string]int{"documents.document": 116, "users.user": 5}, kept); diff != "" {
		t.Errorf("generic references that a warning counts (-want +got):\n%s", diff)
	}
}

// holds compares each field of each record with the database.
func holds(t *testing.T, pol *policy.Policy, p *plans.Plan, s *state, rs []record) {
	t.Helper()
	kept := map[string]string{} // surrogates that the plan says stay as they are
	for _, r := range p.Remaps {
		text, _ := r.Live.Text()
		kept[fmt.Sprint(r.Model, r.Key.Parts(), r.Field)] = text
	}
	index := map[string]row{}
	for _, table := range s.catalogue.Tables {
		if m := modelOf(pol, table); m != nil {
			for _, r := range s.rows[table.Name] {
				index[name("", m.Label, s.key(pol, table, r))] = r
			}
		}
	}
	compared := 0
	for i, r := range rs {
		m := pol.Model(r.Model)
		table := s.catalogue.Table(m.Table.Text)
		if r.Model == "workflows.documentstate" {
			compared += holdsState(t, s, table, r)
			continue
		}
		key := r.key(t, m)
		live := index[name("", r.Model, key)]
		if live == nil {
			t.Errorf("record %d, %s %q, is not in the database", i+1, r.Model, key)
			continue
		}
		for field, raw := range r.Fields {
			compared++
			c := column(table, field)
			if c == nil {
				holdsLinks(t, pol, s, table, live, r, field)
				continue
			}
			want := spelt{pol, s, table, live, c}
			if wrong := want.differs(t, raw); wrong != "" {
				quoted := make([]plans.Value, len(key))
				for i, k := range key {
					quoted[i] = plans.Value(schema.Type{Kind: schema.Text}.JSON(schema.NewValue(k)))
				}
				if kept[fmt.Sprint(r.Model, quoted, field)] == live[c.Name].Text && live[c.Name].Text != "" {
					continue
				}
				t.Errorf("record %d, %s %q, field %s: %s", i+1, r.Model, key, field, wrong)
			}
		}
	}
	if compared < 5000 {
		t.Errorf("only %d fields were compared", compared)
	}
	passwordsAndGrants(t, s, rs)
}

// passwordsAndGrants looks at what restores have lost before.
func passwordsAndGrants(t *testing.T, s *state, rs []record) {
	t.Helper()
	passwords, empty := map[string]string{}, 0
	for _, r := range rs {
		if r.Model == "users.user" {
			passwords[text(t, r.Fields["username"])] = text(t, r.Fields["password"])
		}
	}
	for _, r := range s.rows["users"] {
		want, ok := passwords[r["username"].Text]
		if ok && (r["password"].Text != want || r["password"].Kind == schema.NullLiteral) {
			t.Errorf("the password of %s is another", r["username"].Text)
		}
		if ok && want == "" {
			empty++
		}
		delete(passwords, r["username"].Text)
	}
	if len(passwords) > 0 || empty != 1 {
		t.Errorf("users without a row: %d; empty passwords: %d, want 0 and 1", len(passwords), empty)
	}
	permissions := map[string]bool{}
	for _, r := range s.rows["auth_group_permissions"] {
		permissions[r["permission_id"].Text] = true
	}
	if n := len(s.rows["auth_group_permissions"]); n != 4 || len(permissions) != 3 {
		t.Errorf("%d group grants with %d permissions, want 4 with 3", n, len(permissions))
	}
}

// applicationInserts inserts a copy of a row into each table that got rows, its
// key from the sequence as the application would.
func applicationInserts(t *testing.T, s *site, before, after *state) {
	t.Helper()
	for _, table := range after.catalogue.Tables {
		if len(after.rows[table.Name]) <= len(before.rows[table.Name]) || len(table.PrimaryKey) != 1 {
			continue
		}
		pk := table.Column(table.PrimaryKey[0])
		if pk.Sequence == nil {
			continue
		}
		s.run(t, fmt.Sprintf("DO $$BEGIN IF nextval('%s') <= (SELECT max(%q) FROM %q) THEN RAISE EXCEPTION 'the next key of %s is taken'; END IF; END$$",
			strings.ReplaceAll(pk.Sequence.Name, "'", "''"), pk.Name, table.Relation, table.Name))
	}
}
