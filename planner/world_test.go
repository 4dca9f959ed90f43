package planner

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// secret is what the worlds of these tests keep in sensitive fields. It must
// not come out anywhere.
const secret = "hunter2"

// outcome is a plan as the tests read it.
type outcome struct {
	// lost is what the package does not carry.
	lost                                      []string
	changes, remaps, skips, problems, batches []string
	digest                                    string
	result                                    *Result
}

// plan plans a world and closes the result when the test ends.
func plan(t testing.TB, in Input) *outcome {
	t.Helper()
	in.TempDir = t.TempDir()
	r, err := Plan(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return observe(t, r)
}

func observe(t testing.TB, r *Result) *outcome {
	t.Helper()
	o := &outcome{result: r, digest: r.ChangeSet}
	for rec, err := range r.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		o.changes = append(o.changes, changeText(rec))
	}
	for _, m := range r.Remaps {
		o.remaps = append(o.remaps, fmt.Sprintf("%s %s %s %s is %s, %d", m.Model, m.Key, m.Field, m.Package, m.Live, m.Rewritten))
	}
	for _, s := range r.Skips {
		o.skips = append(o.skips, fmt.Sprintf("%s %s: %s", s.Model, s.Key, s.Reason))
	}
	for _, d := range r.Diagnostics {
		if d.Code == "package.no_keys" || d.Code == "package.cut_times" {
			o.lost = append(o.lost, d.Summary+" "+d.Detail) // of its own: most worlds give no primary keys
			continue
		}
		o.problems = append(o.problems, problemText(d))
	}
	if !r.Diagnostics.HasErrors() {
		for b, err := range r.Batches() {
			if err != nil {
				t.Fatal(err)
			}
			o.batches = append(o.batches, fmt.Sprintf("%s %s %s %d", opName(b.Op), b.Table.Name, strings.Join(b.Columns, ","), b.Count))
		}
	}
	return o
}

func changeText(r *plans.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", r.Action, r.Model, r.Key)
	if r.PrimaryKey != "" {
		fmt.Fprintf(&b, " pk %s", r.PrimaryKey)
	}
	if r.OldKey != "" {
		fmt.Fprintf(&b, " was %s", r.OldKey)
	}
	if r.Stub {
		b.WriteString(" stub")
	}
	for _, f := range r.Fields {
		switch r.Action {
		case plans.Change:
			fmt.Fprintf(&b, " %s %s -> %s", f.Name, f.Before, f.After)
		case plans.Add:
			fmt.Fprintf(&b, " %s %s", f.Name, f.After)
		default:
			fmt.Fprintf(&b, " %s %s", f.Name, f.Before)
		}
	}
	return b.String()
}

func problemText(d diag.Diagnostic) string {
	s := fmt.Sprintf("%s %s", d.Severity, d.Code)
	if d.Record != nil {
		s += " " + d.Record.Model + " " + d.Record.Key
	}
	return strings.TrimSpace(s)
}

// input reads a world.
func (w world) input(t testing.TB) Input {
	t.Helper()
	c := catalogue(t, w.tables, w.dialect)
	return Input{Policy: parsePolicy(t, w.policy), Catalogue: c, Live: newLive(t, c, w.live), Package: newPackage(t, w.pkg)}
}

// run plans a world and checks what holds of every plan: it adds up, keeps
// secrets, does not depend on the order of the package, and when it can be
// carried out, it is carried out and planned again.
func (w world) run(t testing.TB) *outcome {
	t.Helper()
	in := w.input(t)
	o := plan(t, in)
	balanced(t, o)
	silent(t, o)
	turned := in
	turned.Package = in.Package.(*memoryPackage).reversed()
	if other := plan(t, turned); other.digest != o.digest {
		t.Errorf("the package in reverse gives another change set:\n%s\n%s", strings.Join(o.changes, "\n"), strings.Join(other.changes, "\n"))
	}
	sameAside(t, in)
	if o.result.Diagnostics.HasErrors() {
		return o
	}
	converges(t, in, o)
	return o
}

// balanced checks the accounting against the records.
func balanced(t testing.TB, o *outcome) {
	t.Helper()
	refused := 0
	for _, a := range o.result.Accounting {
		refused += a.Refused
		if !a.Balanced() {
			t.Errorf("does not add up: %+v", a)
		}
	}
	if refused > 0 && !o.result.Diagnostics.HasErrors() {
		t.Errorf("%d records refused without an error", refused)
	}
	count := map[string]int{}
	for _, c := range o.changes {
		count[strings.Fields(c)[0]]++
	}
	s := o.result.Summary
	remapped := map[string]bool{}
	for _, m := range o.result.Remaps {
		remapped[m.Model+string(m.Key)] = true
	}
	if len(remapped) != s.Remap {
		t.Errorf("%d records are remapped, the summary says %d", len(remapped), s.Remap)
	}
	if !o.result.Diagnostics.HasErrors() && (count["+"] != s.Add || count["~"] != s.Change || count["-"] != s.Destroy) {
		t.Errorf("the summary says %+v, the changes are %v", s, count)
	}
}

// silent looks for the secret in all that people and files get to see.
func silent(t testing.TB, o *outcome) {
	t.Helper()
	all := [][]string{o.changes, o.remaps, o.skips, {describe(o.result.Diagnostics)}, {fmt.Sprintf("%+v", o.result.Accounting)}}
	for _, list := range all {
		for _, s := range list {
			if strings.Contains(s, secret) {
				t.Errorf("a secret comes out: %s", s)
			}
		}
	}
}

// converges carries the plan out and plans again.
func converges(t testing.TB, in Input, o *outcome) {
	t.Helper()
	live := in.Live.(*memoryLive)
	if err := live.carryOut(o.result); err != nil {
		t.Errorf("carrying out: %v\n%s\n%s", err, strings.Join(o.changes, "\n"), strings.Join(o.batches, "\n"))
		return
	}
	again := plan(t, in)
	if again.result.Summary.Any() || again.result.Diagnostics.HasErrors() {
		t.Errorf("planned again:\n%s\n%s", strings.Join(again.changes, "\n"), describe(again.result.Diagnostics))
	}
}

// value is what a live row holds, "null" for null and "" for no such row.
func (l *memoryLive) value(table, column string, where ...string) string {
	for _, r := range l.rows[table] {
		hit := true
		for i := 0; i+1 < len(where); i += 2 {
			hit = hit && r[where[i]].Text == where[i+1]
		}
		if hit {
			if v := r[column]; v.Valid {
				return v.Text
			}
			return "null"
		}
	}
	return ""
}

var _ schema.Source = (*memoryLive)(nil)

func fill(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
