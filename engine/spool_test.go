package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
)

// large is the example's package with so much text that the planner spools it
// to disk.
func large(t *testing.T) backup.Package {
	t.Helper()
	rs := records(t, example("package"))
	like := rs[slices.IndexFunc(rs, func(r record) bool { return r.Model == "placeholders.placeholderdefinition" })]
	for i := range 60 {
		r := record{Model: like.Model, Fields: map[string]json.RawMessage{}}
		for k, v := range like.Fields {
			r.Fields[k] = v
		}
		r.Fields["name"] = json.RawMessage(fmt.Sprintf(`"LARGE_%02d"`, i))
		r.Fields["uuid"] = json.RawMessage(fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, i))
		r.Fields["description"] = json.RawMessage(fmt.Sprintf(`%q`, strings.Repeat("long ", 20_000)))
		rs = append(rs, r)
	}
	return fixture(t, rs)
}

// However an apply ends, the planner's temporary files are gone.
func TestNoTemporaryFileOutlivesAnApply(t *testing.T) {
	onExampleAlone(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		pol, pkg := examplePolicy(t), large(t)
		e := s.engine(t)
		p := planned(t, e, pol, pkg)
		before := openFiles(t)
		spooled := func() bool {
			files := openFiles(t)
			return len(files) == 0 || slices.ContainsFunc(files, func(f string) bool { return strings.Contains(f, "edmsplan-spool") })
		}
		ends := func(name string, err error, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: error %v, want %v", name, err, want)
			}
			if diff := cmp.Diff(before, openFiles(t)); diff != "" {
				t.Errorf("%s: open files (-before +after):\n%s", name, diff)
			}
		}

		ctx, cancel := context.WithCancel(t.Context())
		e.Observer = at("stage write", func() {
			if !spooled() {
				t.Error("nothing is spooled, so this test shows nothing")
			}
			cancel()
		})
		_, err := e.Apply(ctx, p, pol, pkg, lockWait)
		ends("cancelled while it writes", err, context.Canceled)
		e.Observer = nil

		bad := broken{pkg, "workflows.workflowtype"}
		_, err = e.Plan(t.Context(), engine.Request{Policy: pol, Package: bad})
		ends("planning, the package cannot be read", err, errBroken)
		_, err = e.Apply(t.Context(), p, pol, bad, lockWait)
		ends("the package cannot be read", err, errBroken)

		s.run(t, "UPDATE document_types SET retention_years = 99 WHERE code = 'REC'")
		_, err = e.Apply(t.Context(), p, pol, pkg, lockWait)
		var stale *engine.StaleError
		if !errors.As(err, &stale) {
			t.Errorf("error %v, want that it is stale", err)
		}
		ends("the plan is stale", nil, nil)

		p = planned(t, e, pol, pkg)
		before = openFiles(t)
		_, err = e.Apply(t.Context(), p, pol, pkg, lockWait)
		ends("applied", err, nil)
		noChanges(t, e, pol, pkg)
	})
}
