package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/policy"
)

func protected(t *testing.T, o *orchard) []string {
	t.Helper()
	view, err := o.db.View(t.Context())
	must(t, err)
	defer func() { must(t, view.Close()) }()
	list, err := engine.Protected(t.Context(), view)
	must(t, err)
	return list
}

func codes(p *plans.Plan) []string {
	var out []string
	for _, d := range p.Diagnostics {
		out = append(out, d.Code)
	}
	return out
}

func TestProtectionOutlivesItsBlock(t *testing.T) {
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		o := fresh(t)
		protecting, bare := orchardPolicy(t, "prevent_destroy = true", ""), orchardPolicy(t, "", "")
		if got := protected(t, o); got != nil {
			t.Fatalf("protected before any apply: %v", got)
		}
		// A plan that destroys nothing, twice: recorded once.
		for range 2 {
			p, err := o.engine.Plan(t.Context(), engine.Request{Policy: protecting})
			must(t, err)
			s := saved(t, &p.Plan)
			must(t, p.Close())
			_, err = o.apply(t, s, protecting)
			must(t, err)
		}
		if diff := cmp.Diff([]string{"o.apple"}, protected(t, o)); diff != "" {
			t.Errorf("protected (-want +got):\n%s", diff)
		}
		p := o.reinit(t, bare)
		if want := []string{"destroy.prevented", "destroy.prevented"}; !slices.Equal(codes(p), want) {
			t.Errorf("without its block: %v, want %v", codes(p), want)
		}
		before := look(t, o.db)
		if _, err := o.apply(t, p, bare); err == nil {
			t.Error("a protected row is destroyed")
		}
		identical(t, before, look(t, o.db))
		renamed, list := policy.Parse([]policy.File{{Name: "x.hcl", Content: []byte(
			"policy { name = \"x\" }\nmodel \"o.fruit\" {\n table = apples\n natural_key = [name]\n reinit { clear = true }\n}\n",
		)}}, policy.Options{})
		must(t, list.Err())
		if p := o.reinit(t, renamed); !slices.Contains(codes(p), "destroy.prevented") {
			t.Errorf("under another name: %v, want that it is still protected", codes(p))
		}
	})
}

// A protection that comes between the plan and its apply holds.
func TestProtectionIsReadUnderTheLocks(t *testing.T) {
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		o := fresh(t)
		protecting, bare := orchardPolicy(t, "prevent_destroy = true", ""), orchardPolicy(t, "", "")
		late := o.reinit(t, bare)
		must(t, late.CanApply())
		p, err := o.engine.Plan(t.Context(), engine.Request{Policy: protecting})
		must(t, err)
		s := saved(t, &p.Plan)
		must(t, p.Close())
		_, err = o.apply(t, s, protecting)
		must(t, err)
		if _, err := o.apply(t, late, bare); err == nil || !strings.Contains(err.Error(), "protects the model") {
			t.Errorf("error %v, want that the live database protects the model", err)
		}
	})
}

func TestUnprotect(t *testing.T) {
	onOrchards(t, func(t *testing.T, fresh func(*testing.T) *orchard) {
		o := fresh(t)
		refused := func(model, reason, want string) {
			t.Helper()
			if err := o.engine.Unprotect(t.Context(), model, reason); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %q: error %v, want %q", model, reason, err, want)
			}
		}
		refused("o.apple", "why not", "protects no model")
		logged(t, o.site, 0)
		protecting := orchardPolicy(t, "prevent_destroy = true", "")
		p, err := o.engine.Plan(t.Context(), engine.Request{Policy: protecting})
		must(t, err)
		s := saved(t, &p.Plan)
		must(t, p.Close())
		_, err = o.apply(t, s, protecting)
		must(t, err)
		refused("o.apple", " \n", "needs a reason")
		refused("o.pear", "why not", "protected are o.apple")
		logged(t, o.site, 1)
		must(t, o.engine.Unprotect(t.Context(), "O.Apple", `ticket "7"`))
		if got := protected(t, o); got != nil {
			t.Errorf("still protected: %v", got)
		}
		logged(t, o.site, 2)
		e := lastEntry(t, o)
		if e.Model != "edmsplan.protection" || e.Key != `["o.apple"]` || e.Action != "destroy" || e.Actor != "tester" ||
			e.After != `{"reason":"ticket \"7\""}` || !strings.HasPrefix(e.Before, `{"model":"o.apple","table":"apples","since":"2`) {
			t.Errorf("logged %+v", e)
		}
		bare := orchardPolicy(t, "", "")
		_, err = o.apply(t, o.reinit(t, bare), bare)
		must(t, err)
		logged(t, o.site, 3)
	})
}

func lastEntry(t *testing.T, o *orchard) changelog.Entry {
	t.Helper()
	view, err := o.db.View(context.WithoutCancel(t.Context()))
	must(t, err)
	defer func() { must(t, view.Close()) }()
	var last changelog.Entry
	for e, err := range changelog.Entries(t.Context(), view, "") {
		must(t, err)
		last = *e
	}
	return last
}
