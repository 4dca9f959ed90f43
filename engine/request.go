package engine

import (
	"context"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Request is what a plan is asked for.
type Request struct {
	Policy *policy.Policy
	// Package is nil for a re-initialisation alone.
	Package backup.Package
	// Reinit clears what the policy's reinit blocks say.
	Reinit bool
	// Scope, Target and Exclude narrow the plan, see planner.Input.
	Scope           string
	Target, Exclude []string
	// Decisions settle single records; Conflicts asks for those that are left.
	Decisions []plans.Decision
	Conflicts bool
}

// The keys of Header.Options under which a plan keeps its request, to plan
// again alike.
const (
	optionReinit  = plans.OptionReinit
	optionScope   = plans.OptionScope
	optionTarget  = plans.OptionTarget
	optionExclude = plans.OptionExclude
)

// options are the request as a saved plan keeps it.
func (r *Request) options() map[string]string {
	out := map[string]string{}
	set := func(key, value string) {
		if value != "" {
			out[key] = value
		}
	}
	if r.Reinit {
		set(optionReinit, strconv.FormatBool(true))
	}
	set(optionScope, r.Scope)
	set(optionTarget, strings.Join(r.Target, " "))
	set(optionExclude, strings.Join(r.Exclude, " "))
	return out
}

// requestOf is the request that a saved plan was made for.
func requestOf(saved *plans.Plan, pol *policy.Policy, pkg backup.Package) Request {
	o := saved.Header.Options
	return Request{
		Policy: pol, Package: pkg, Reinit: o[optionReinit] != "", Scope: o[optionScope],
		Target: strings.Fields(o[optionTarget]), Exclude: strings.Fields(o[optionExclude]),
		Decisions: saved.Decisions,
	}
}

// input is the request as the planner takes it.
func (e *Engine) input(ctx context.Context, r Request, live database.Snapshot, c *schema.Catalogue) (planner.Input, error) {
	about, err := e.estimates(ctx, live, planner.Tables(r.Policy, c))
	in := planner.Input{
		Policy: r.Policy, Live: live, Catalogue: c, TempDir: e.TempDir, Observer: e.observer(), Estimate: about,
		Reinit: r.Reinit, Scope: r.Scope, Target: r.Target, Exclude: r.Exclude, Decisions: r.Decisions, Conflicts: r.Conflicts,
	}
	if r.Package != nil {
		in.Package, in.Partial = r.Package, r.Package.Info().Partial
	}
	return in, err
}

// packageWarnings are what is odd about the package itself.
func packageWarnings(info backup.Info) diag.List {
	var out diag.List
	for _, w := range info.Warnings {
		out = append(out, diag.Diagnostic{Severity: diag.Warning, Code: "package.warning", Summary: strings.TrimSuffix(w, ".")})
	}
	return out
}

// packageInfo describes the request's package, or none.
func (r *Request) packageInfo() backup.Info {
	if r.Package == nil {
		return backup.Info{}
	}
	return r.Package.Info()
}
