package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// intro says what was compared and which marks follow.
func intro(w io.Writer, p *plans.Plan, seen *survey, o Options) {
	if line := compared(p); line != "" {
		fmt.Fprintf(w, "%s\n\n", line)
	}
	pt := painter{o.Color}
	if line := partial(p); line != "" {
		fmt.Fprintf(w, "%s\n\n", pt.bold(line))
	}
	var marks []string
	for _, m := range []struct {
		action plans.Action
		occurs bool
		says   string
	}{
		{plans.Add, p.Summary.Add > 0, "create"},
		{plans.Change, p.Summary.Change > 0, "update in-place"},
		{plans.Destroy, p.Summary.Destroy > 0, "destroy"},
		{plans.Remap, seen.remapOnly(p) > 0, "remap only: no row changes, references are rewritten"},
	} {
		if m.occurs {
			marks = append(marks, pt.mark(m.action)+" "+m.says)
		}
	}
	if len(marks) > 0 {
		fmt.Fprintf(w, "Actions are indicated with the following marks:\n%s\n\n", strings.Join(marks, "\n"))
	}
	if p.Summary.Any() {
		fmt.Fprint(w, "edmsplan will perform the following actions:\n\n")
	}
}

// compared says what the plan is made of.
func compared(p *plans.Plan) string {
	pkg, target, policy := visible(p.Header.Package), visible(p.Header.Target), visible(p.Header.Policy)
	switch {
	case p.Header.Undoes() != "":
		return fmt.Sprintf("Reverses apply %s on the live database %s.", visible(p.Header.Undoes()), target)
	case pkg != "" && p.Header.Reinit():
		return fmt.Sprintf("Compared the package %s with the live database %s under the policy %s, for re-initialisation and restore in one.", pkg, target, policy)
	case pkg != "":
		return fmt.Sprintf("Compared the package %s with the live database %s under the policy %s.", pkg, target, policy)
	case p.Header.Reinit():
		return fmt.Sprintf("Compared the live database %s with the policy %s for re-initialisation.", target, policy)
	}
	return ""
}

// partial says that the plan leaves something out; empty when it does not.
func partial(p *plans.Plan) string {
	flags := p.Header.Narrowed()
	if flags == "" {
		return ""
	}
	return "This plan is partial (" + visible(flags) + "): what lies outside is kept as it is."
}

// preventedCode is the code of diagnostics that forbid a model's records to be
// destroyed; it holds for all of the model.
const preventedCode = "destroy.prevented"

// prevented are the models whose destroyed records the plan is refused for.
func prevented(p *plans.Plan) map[string]bool {
	models := map[string]bool{}
	for _, d := range p.Diagnostics {
		if d.Code == preventedCode && d.Record != nil {
			models[d.Record.Model] = true
		}
	}
	return models
}
