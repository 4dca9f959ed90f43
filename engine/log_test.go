package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// Each change of an apply is in the log, in the plan's order, with what it
// changed; secrets are not. A second apply continues the chain.
func TestApplyIsLogged(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t, destroying()...), openPackage(t, example("package"))
		at := time.Date(2026, 5, 1, 10, 0, 0, 123456000, time.UTC)
		e.Now = func() time.Time { return at }
		p := planned(t, e, pol, pkg)
		first := apply(t, e, p, pol, pkg)
		loggedAsPlanned(t, s, p, first.ID, at)

		// The second apply restores what another client has changed since.
		s.run(t, "UPDATE users SET password = 'overwritten by someone' WHERE username = 'mara.oduya'; DELETE FROM document_dependencies WHERE id = 1")
		at = at.Add(time.Hour)
		second := planned(t, e, pol, pkg)
		if second.Summary.Add != 1 || second.Summary.Change != 1 {
			t.Fatalf("summary %+v, want one to add and one to change", second.Summary)
		}
		done := apply(t, e, second, pol, pkg)
		loggedAsPlanned(t, s, second, done.ID, at)
		logged(t, s, 2)

		text := logText(t, s)
		for _, secret := range append(secrets(t), "overwritten by someone") {
			if strings.Contains(text, secret) {
				t.Errorf("the log holds the secret %.20q…", secret)
			}
		}
		if !strings.Contains(text, "(sensitive value)") {
			t.Error("no value is masked in the log, so this test has shown nothing")
		}
	})
}

// loggedAsPlanned compares an apply's entries with the plan's changes.
func loggedAsPlanned(t *testing.T, s *site, p *plans.Plan, id string, at time.Time) {
	t.Helper()
	var want []string
	for r, err := range p.Changes() {
		must(t, err)
		if r.Action == plans.Remap {
			continue
		}
		line := fmt.Sprintf("%s %s%s", r.Action.Name(), r.Model, r.Key)
		if r.Action == plans.Change {
			before, after := map[string]string{}, map[string]string{}
			for _, f := range r.Fields {
				before[f.Name], after[f.Name] = string(f.Before), string(f.After)
			}
			line += fmt.Sprint(before, after)
		}
		want = append(want, line)
	}
	view, err := s.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	var got []string
	for e, err := range changelog.Entries(t.Context(), view, id) {
		must(t, err)
		if !e.At.Equal(at) || e.Actor != "tester" || e.Policy != p.Digests.Policy || e.Package != p.Digests.Package {
			t.Errorf("entry %d is of %v, %q, policy %s, package %s", e.Seq, e.At, e.Actor, e.Policy, e.Package)
		}
		line := fmt.Sprintf("%s %s%s", e.Action, e.Model, e.Key)
		switch e.Action {
		case "change":
			line += fmt.Sprint(members(t, e.Before), members(t, e.After))
		case "add":
			if e.Before != "" || len(members(t, e.After)) == 0 {
				t.Errorf("%s: before %q, after %q", line, e.Before, e.After)
			}
		case "destroy":
			if e.After != "" || len(members(t, e.Before)) == 0 {
				t.Errorf("%s: before %q, after %q", line, e.Before, e.After)
			}
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-planned +logged):\n%s", diff)
	}
}

// members are an object's members as JSON texts.
func members(t *testing.T, object string) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	must(t, json.Unmarshal([]byte(object), &raw))
	out := map[string]string{}
	for k, v := range raw {
		out[k] = string(v)
	}
	return out
}

// logText is all that the log's tables hold.
func logText(t *testing.T, s *site) string {
	t.Helper()
	view, err := s.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	var text strings.Builder
	for _, table := range changelog.Tables() {
		sel := schema.Selection{Table: table}
		for _, c := range table.Columns {
			sel.Columns = append(sel.Columns, c.Name)
		}
		for rec, err := range view.Scan(t.Context(), sel) {
			must(t, err)
			for _, f := range rec.Fields {
				text.WriteString(f.Value.Text + "\n")
			}
		}
	}
	return text.String()
}
