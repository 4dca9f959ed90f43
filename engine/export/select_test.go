package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secret = "0123456789abcdef0123456789abcdef"

// silent says of the sensitive fields of w.person how they leave.
const silent = `replace "pin" { value = "!" }`

func TestWhatLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		inside map[string]string
		rest   string
		scope  string
		redact bool
		want   []string
		says   []string
	}{
		"without a scope everything does": {
			want: []string{"w.type 1 2 3", "w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1 2 3", "w.note 1 2 3 4 5"},
		},
		"what is referred to comes along, transitively, from outside of the scope": {
			rest: `scope "s" {
				models = [w.paper]
				where "w.paper" { rows = self.number == "B" }
			}`, scope: "s",
			// Paper 2 follows 1; its owner is 2, whose boss is 1; 3 and 4 read it.
			want: []string{"w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1 2"},
		},
		"nothing else comes along": {
			rest: `scope "s" {
				models = [w.paper]
				where "w.paper" { rows = self.number == "A" }
			}`, scope: "s",
			want: []string{"w.kind SOP", "w.person 1", "w.paper 1"},
		},
		"a record's own boss is found once": {
			rest: `scope "s" {
				models = [w.person]
				where "w.person" { rows = self.login == "dan" }
			}`, scope: "s",
			want: []string{"w.person 4"},
		},
		"a generic reference brings its record and its content type": {
			rest: `scope "s" {
				models = [w.note]
				where "w.note" { rows = self.id == 2 }
			}`, scope: "s",
			want: []string{"w.type 2", "w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1 2 3", "w.note 2"},
		},
		"in a condition a reference is its natural key": {
			rest: `scope "s" {
				models = [w.paper]
				where "w.paper" { rows = self.owner == "ada" }
			}`, scope: "s",
			want: []string{"w.kind SOP", "w.person 1", "w.paper 1"},
		},
		"a natural key of several parts is a list": {
			rest: `scope "s" {
				models = [w.paper]
				where "w.paper" { rows = self.earlier != null && try(self.earlier == ["A", "ada"], false) }
			}`, scope: "s",
			want: []string{"w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1 2"},
		},
		"an export leaves out what include leaves out": {
			inside: map[string]string{
				"w.person": "export {\n" + silent + "\n}",
				"w.paper":  `export { include = self.number == "A" }`,
				"w.note":   "export { include = false }",
			}, redact: true,
			want: []string{"w.type 1 2 3", "w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1"},
		},
		"a backup that is no export does not ask include": {
			inside: map[string]string{"w.person": "export { include = false }"},
			want:   []string{"w.type 1 2 3", "w.kind SOP POL", "w.person 1 2 3 4", "w.paper 1 2 3", "w.note 1 2 3 4 5"},
		},
		"what is needed and left out refuses the export": {
			inside: map[string]string{"w.person": "export {\n include = self.login != \"bob\"\n" + silent + "\n}"}, redact: true,
			says: []string{
				`export.excluded: w.person ["bob"] is needed and does not leave @ live w.person ["cyd"]`,
				`export.excluded: w.person ["bob"] is needed and does not leave @ live w.paper ["B","bob"]`,
				`export.excluded: w.person ["bob"] is needed and does not leave @ live w.note [1]`,
			},
		},
		"a field that is unset needs nothing": {
			inside: map[string]string{
				"w.person": "export {\n include = self.login != \"bob\"\n unset = [boss]\n" + silent + "\n}",
				"w.paper":  `export { include = self.owner != "bob" && self.number != "C" }`,
				"w.note":   "export { unset = [object] }",
			}, redact: true,
			want: []string{"w.type 1 2 3", "w.kind SOP POL", "w.person 1 3 4", "w.paper 1", "w.note 1 2 3 4 5"},
		},
		"members that are unset need nothing": {
			rest: `scope "s" { models = [w.paper] }`, scope: "s", redact: true,
			inside: map[string]string{
				"w.person": "export {\n include = self.login != \"cyd\"\n" + silent + "\n}",
				"w.paper":  "export { unset = [readers] }",
			},
			want: []string{"w.kind SOP POL", "w.person 1 2 4", "w.paper 1 2 3"},
		},
		"a scope that is not declared": {
			rest: `scope "s" { models = [w.paper] }`, scope: "t",
			says: []string{`policy.unknown_scope: There is no scope "t"`},
		},
		"a field that is not there": {
			inside: map[string]string{"w.paper": "export {\n include = self.titel == \"x\"\n hash = [nmber]\n}"}, redact: true,
			says: []string{`policy.unknown_field: w.paper has no field "nmber"`, `policy.unknown_field: w.paper has no field "titel"`},
		},
		"a condition that cannot be judged": {
			inside: map[string]string{"w.person": "export {\n include = self.age > 40\n" + silent + "\n}", "w.note": "export { include = false }", "w.paper": "export { include = false }"}, redact: true,
			says: []string{
				`policy.expression: Operation failed @ live w.person ["bob"]`,
				`export.excluded: w.person ["bob"] is needed and does not leave @ live w.person ["cyd"]`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, models, tables := standard()
			s, err := Select(context.Background(), Input{
				Policy: worldPolicy(t, c.inside, c.rest), Models: models, Tables: tables, Dialect: "postgres",
				Scan: w.scan, Scope: c.scope, Redact: c.redact, Key: []byte(secret),
			})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.says, said(s.Diagnostics)); d != "" {
				t.Fatalf("said (-want +got):\n%s", d)
			}
			if c.says != nil {
				for _, err := range s.Records(context.Background(), "w.person") {
					if !errors.Is(err, ErrRefused) {
						t.Errorf("records of a refused selection: %v", err)
					}
				}
				return
			}
			if d := cmp.Diff(c.want, identified(t, s, models)); d != "" {
				t.Errorf("leaves (-want +got):\n%s", d)
			}
		})
	}
}

func TestTheAccountingAddsUp(t *testing.T) {
	w, models, tables := standard()
	in := Input{
		Policy: worldPolicy(t, map[string]string{
			"w.paper":  `export { include = self.number != "C" }`,
			"w.person": "export {\n unset = [boss]\n" + silent + "\n}",
		}, `scope "s" {
			models = [w.paper, w.note]
			where "w.note" { rows = self.id == 1 || self.id > 2 }
		}`),
		Models: models, Tables: tables, Scan: w.scan, Scope: "s", Redact: true,
	}
	s, err := Select(context.Background(), in)
	if err != nil || s.Diagnostics != nil {
		t.Fatal(err, said(s.Diagnostics))
	}
	want := []Account{
		{Model: "w.type", Records: 3, Closure: 2, Outside: 1},
		{Model: "w.kind", Records: 2, Closure: 2},
		{Model: "w.person", Records: 4, Closure: 4},
		{Model: "w.paper", Records: 3, Roots: 2, Excluded: 1, Links: []LinkAccount{{Field: "readers", Members: 3, Selected: 2}}},
		{Model: "w.note", Records: 5, Roots: 4, Outside: 1},
	}
	if d := cmp.Diff(want, s.Accounting); d != "" {
		t.Errorf("accounting (-want +got):\n%s", d)
	}
	dangling := []Dangling{
		{Model: "w.note", Field: "object", Target: "w.person", References: 1},
		{Model: "w.note", Field: "person", Target: "w.person", References: 1},
	}
	if d := cmp.Diff(dangling, s.Dangling); d != "" {
		t.Errorf("dangling (-want +got):\n%s", d)
	}
	treated := []Treated{
		{"w.person", "boss", Unset},
		{"w.person", "pin", Replace},
		{"w.person", "token", Unset},
	}
	if d := cmp.Diff(treated, s.Treated); d != "" {
		t.Errorf("treated (-want +got):\n%s", d)
	}
}

func TestOfManyProblemsAFewAreShownAndTheRestCounted(t *testing.T) {
	w, models, tables := standard()
	for i := range 20 {
		w.add(models, "w.paper", fmt.Sprintf("%d|N%d|2|-|-||", 100+i, i))
	}
	s, err := Select(context.Background(), Input{
		Policy: worldPolicy(t, map[string]string{
			"w.person": "export {\n include = self.login != \"bob\"\n unset = [boss]\n" + silent + "\n}",
			"w.note":   "export { include = false }",
		}, ""),
		Models: models, Tables: tables, Scan: w.scan, Redact: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Diagnostics) != 5 || s.Diagnostics[4].More != 16 {
		t.Errorf("%q", said(s.Diagnostics))
	}
	d := s.Diagnostics[0]
	if d.Range.File != "w.hcl" || !strings.Contains(d.Source, "include") || d.Detail != "It is referred to by owner, and include of w.person leaves it out." ||
		d.Remedy != "Widen include of w.person, or leave the record that refers to it out by include of w.paper." {
		t.Errorf("%+v", d)
	}
}

func TestASourceThatChangesIsAnError(t *testing.T) {
	w, models, tables := standard()
	s, err := Select(context.Background(), Input{Policy: worldPolicy(t, nil, ""), Models: models, Tables: tables, Scan: w.scan})
	if err != nil {
		t.Fatal(err)
	}
	w["w.person"] = w["w.person"][1:]
	var last error
	for _, err := range s.Records(context.Background(), "w.person") {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "4 records were selected and 3 are read now") {
		t.Errorf("got %v", last)
	}
}

// Writers take several models at once.
func TestModelsAreReadAtTheSameTime(t *testing.T) {
	w, models, tables := standard()
	s, err := Select(context.Background(), Input{
		Policy: worldPolicy(t, map[string]string{"w.person": "export {\n hash = [mail]\n" + silent + "\n}"}, ""),
		Models: models, Tables: tables, Scan: w.scan, Redact: true, Key: []byte(secret),
	})
	if err != nil || s.Diagnostics != nil {
		t.Fatal(err, said(s.Diagnostics))
	}
	var all sync.WaitGroup
	for _, m := range slices.Concat(models, models) {
		all.Go(func() {
			for _, err := range s.Records(context.Background(), m.Label) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
