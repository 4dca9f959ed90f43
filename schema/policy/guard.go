package policy

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// GuardLevel says what a guard that does not hold does to a plan.
type GuardLevel uint8

// GuardMandatory refuses the plan, GuardOverridable refuses it until somebody
// overrides the guard with a reason, GuardAdvisory warns.
const (
	GuardMandatory GuardLevel = iota
	GuardOverridable
	GuardAdvisory
)

// String is the policy's word.
func (l GuardLevel) String() string {
	if words := guardLevelWords(); int(l) < len(words) {
		return words[l]
	}
	return "unknown"
}

func guardLevelWords() []string { return []string{"mandatory", "overridable", "advisory"} }

// Guard is a condition on the plan.
type Guard struct {
	Name  string
	Range diag.Range
	Level GuardLevel
	// Message says what is wrong when the guard does not hold.
	Message string

	condition *Expr
	models    []string
}

// Counts is what a guard asks of a plan. what is one of add, change, destroy,
// remap, unchanged, skip, keep, live and package.
type Counts interface {
	// Count is the number for the model with that label; false when the plan
	// has no such model, which counts as 0.
	Count(what, model string) (int, bool)
	// Total is the number for all models of the plan together.
	Total(what string) int
}

// Holds reports whether the guard's condition is true of a plan. A diagnostic
// says that it cannot be told.
func (g *Guard) Holds(c Counts) (bool, diag.List) {
	totals := map[string]cty.Value{}
	plan := map[string]cty.Value{}
	for _, what := range planCounts() {
		counts := map[string]cty.Value{}
		for _, label := range g.models {
			n, _ := c.Count(what, label)
			counts[label] = cty.NumberIntVal(int64(n))
		}
		plan[what] = numbers(counts)
		totals[what] = cty.NumberIntVal(int64(c.Total(what)))
	}
	plan[totalName] = cty.ObjectVal(totals)
	v, diags := g.condition.with(map[string]cty.Value{"plan": cty.ObjectVal(plan)}, open)
	if diags != nil {
		return false, diags
	}
	return g.condition.truth(v, guardExample)
}

// ConditionRange is the place of the condition.
func (g *Guard) ConditionRange() diag.Range { return g.condition.Range() }

func numbers(m map[string]cty.Value) cty.Value {
	if len(m) == 0 {
		return cty.MapValEmpty(cty.Number)
	}
	return cty.MapVal(m)
}

// Check is a condition on the database after the changes and before the
// commit, in one of two forms: a query with a condition on its result, or a
// model with a condition that all its rows must satisfy.
type Check struct {
	Name  string
	Range diag.Range
	// Message says what is wrong when the check fails; it may be empty.
	Message string
	// Query is SQL that returns one value; empty in the form on rows.
	Query string
	// Model is the label of the model that Rows is about, and Rows the
	// condition on each live row of it; nil in the form with a query.
	Model Name
	Rows  *Expr

	condition *Expr
}

// Holds reports whether the condition is true of the query's result. It is for
// the form with a query. The result is spelt by its type: a number as a
// NumberLiteral, true and false as BoolLiteral, null as NullLiteral; a
// CanonicalLiteral counts as text.
func (c *Check) Holds(result schema.Literal) (bool, diag.List) {
	v, err := fromLiteral(result)
	if err != nil {
		return false, diag.List{c.condition.problem("The result of the query cannot be used in an expression", sentence(err.Error()),
			"Let the query return a number, a text, true or false.")}
	}
	v, diags := c.condition.with(map[string]cty.Value{"result": v}, queried)
	if diags != nil {
		return false, diags
	}
	return c.condition.truth(v, checkExample)
}
