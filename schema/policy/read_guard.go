package policy

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// What conditions may look like.
const (
	guardExample = `plan.destroy["MODEL"] <= 10`
	checkExample = "result == 0"
)

// totalName is the member of plan that has each count for all models.
const totalName = "total"

// planCounts are what a guard may ask of a plan, each by model.
func planCounts() []string {
	return []string{"add", "change", "destroy", "remap", "unchanged", "skip", "keep", "live", "package"}
}

func (r *reader) readGuard(b *hclsyntax.Block) *Guard {
	at := b.Body.Attributes
	g := &Guard{
		Name: label(b), Range: place(b.DefRange()),
		Level:   GuardLevel(r.choice(at["level"], 0, guardLevelWords()...)),
		Message: r.constantText(at["error_message"], false),
		models:  r.labels(),
	}
	a := at["condition"]
	if a == nil {
		return g
	}
	before := len(r.diags)
	r.planNames(a.Expr)
	scope := map[string]cty.Value{"plan": cty.DynamicVal}
	named := len(r.diags) == before
	if named {
		scope["plan"] = unknownPlan()
	}
	g.condition = r.conditionOver(a.Expr, scope, guardExample)
	if named && len(r.diags) > before {
		r.bareCounts(a.Expr, r.diags[before:])
	}
	return g
}

// unknownPlan is what a guard sees of a plan that is not made yet.
func unknownPlan() cty.Value {
	plan, totals := map[string]cty.Value{}, map[string]cty.Value{}
	for _, what := range planCounts() {
		plan[what] = cty.UnknownVal(cty.Map(cty.Number)).RefineNotNull()
		totals[what] = cty.UnknownVal(cty.Number).RefineNotNull()
	}
	plan[totalName] = cty.ObjectVal(totals)
	return cty.ObjectVal(plan)
}

// bareCounts adds to the diagnostics of a condition what may be the reason: a
// count without a model.
func (r *reader) bareCounts(expr hclsyntax.Expression, diags diag.List) {
	for _, t := range hclsyntax.Variables(expr) {
		if name, ok := step(t); t.RootName() == "plan" && ok && len(t) == 2 {
			diags[0].Remedy = fmt.Sprintf(`Write plan.%s["MODEL"] for one model, plan.total.%s for all.`, name, name)
			if name == totalName {
				diags[0].Remedy = "Say which count: plan.total.destroy."
			}
			return
		}
	}
}

// planNames checks plan.COUNT["MODEL"] and plan.total.COUNT in a guard.
func (r *reader) planNames(expr hclsyntax.Expression) {
	for _, t := range hclsyntax.Variables(expr) {
		if t.RootName() != "plan" {
			continue
		}
		name, ok := step(t)
		switch {
		case ok && name == totalName && len(t) > 2:
			if name, ok := step(t[1:]); !ok || !slices.Contains(planCounts(), name) {
				r.noCount(t, "total."+name, planCounts(), name)
			}
		case ok && name == totalName:
		case !ok || !slices.Contains(planCounts(), name):
			r.noCount(t, name, append(planCounts(), totalName), name)
		case len(t) > 2:
			if i, ok := t[2].(hcl.TraverseIndex); ok && i.Key.Type() == cty.String {
				r.knownModel(i.Key.AsString(), i.SrcRange)
			}
		}
	}
}

func (r *reader) noCount(t hcl.Traversal, what string, known []string, name string) {
	r.fail(t.SourceRange(), diag.Diagnostic{
		Code: "policy.name.unknown", Summary: fmt.Sprintf("A plan has no %q", what),
		Detail: fmt.Sprintf("It has %s.", allOf(known)), Remedy: didYouMean(name, known, "Write plan.destroy[\"MODEL\"] or another of them."),
	})
}

func (r *reader) readCheck(b *hclsyntax.Block) *Check {
	at := b.Body.Attributes
	c := &Check{
		Name: label(b), Range: place(b.DefRange()),
		Message: r.constantText(at["error_message"], false),
		Query:   r.constantText(at["query"], false),
		Model:   r.name(at["model"], true),
	}
	if a := at["condition"]; a != nil {
		c.condition = r.conditionOver(a.Expr, unknown([]string{"result"}), checkExample)
	}
	if a := at["rows"]; a != nil {
		c.Rows = r.condition(a.Expr, "self")
	}
	r.checkForm(b)
	return c
}

// checkForm checks that a check has one of its two forms, and all of it.
func (r *reader) checkForm(b *hclsyntax.Block) {
	at := b.Body.Attributes
	onRows, onQuery := at["model"] != nil || at["rows"] != nil, at["query"] != nil || at["condition"] != nil
	const forms = "A check has a query with a condition on its result, or a model with a condition on its rows."
	if onRows == onQuery {
		d := diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("The check %q has two forms at once", label(b)),
			Detail: forms, Remedy: "Make two checks of it.",
		}
		if !onRows {
			d.Code, d.Summary = "policy.attribute.missing", fmt.Sprintf("The check %q checks nothing", label(b))
			d.Remedy = "Write query and condition, or model and rows."
		}
		r.fail(b.DefRange(), d)
		return
	}
	needed := []string{"query", "condition"}
	if onRows {
		needed = []string{"model", "rows"}
	}
	r.checkAttributes(&shape{required: needed, open: true}, b)
}
