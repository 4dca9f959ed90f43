package policy

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// taint says what an expression's errors may show. HCL's own words quote the
// values that an expression came upon, so they are used only where those
// stand in the policy anyway.
type taint uint8

const (
	// open expressions use nothing but the policy's text.
	open taint = iota
	// outside ones read the environment or a file.
	outside
	// record ones read fields of a record, queried ones the result of a query,
	// secret ones a sensitive variable.
	record
	queried
	secret
)

// evaluation turns a problem of an evaluation into ours.
func (s *sources) evaluation(d *hcl.Diagnostic, expr hclsyntax.Expression, t taint) diag.Diagnostic {
	rng := expr.Range()
	if d.Subject != nil {
		rng = *d.Subject
	}
	out := diag.Diagnostic{Code: "policy.expression", Summary: d.Summary, Detail: d.Detail, Remedy: "Correct the expression."}
	extra, called := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	var own refusal
	var blind blindRefusal
	switch {
	case called && errors.As(extra.FunctionCallError(), &blind):
		out.Summary = fmt.Sprintf("%s failed", extra.CalledFunctionName())
		out.Detail, out.Remedy = sentence(blind.detail), blind.remedy
		return s.at(rng, out)
	case called && extra.FunctionCallError() != nil && t <= outside && errors.As(extra.FunctionCallError(), &own):
		out.Summary = fmt.Sprintf("%s failed", extra.CalledFunctionName())
		out.Detail, out.Remedy = sentence(own.detail), own.remedy
	case t == open:
	case called && extra.CalledFunctionName() != "":
		out.Detail = fmt.Sprintf("The function %s does not take what it is given here.", extra.CalledFunctionName())
	default:
		out.Detail = plainly(d.Summary)
	}
	switch t {
	case record:
		out.Detail += " The values of fields are not shown."
		out.Remedy = "Where a field may be null or of another type, write coalesce(self.FIELD, DEFAULT) or try(…, DEFAULT)."
	case queried:
		out.Detail += " The result of the query is not shown."
		out.Remedy = "Where the result may be null or of another type, write coalesce(result, DEFAULT) or try(…, DEFAULT)."
	case secret:
		out.Detail += " The expression uses a sensitive variable, so values are not shown."
	}
	return s.at(rng, out)
}

// plainly says what went wrong without any value.
func plainly(summary string) string {
	switch summary {
	case "Invalid operand", "Operation failed":
		return "An operand is null or not of the type that the operator needs."
	case "Unsupported attribute", "Invalid index", "Missing map element":
		return "What is selected here does not exist."
	case "Attempt to get attribute from null value", "Attempt to index null value", "Iteration over null value", "Splat of null value":
		return "The value is null here."
	case "Invalid template interpolation value":
		return "The value is null or cannot be part of a text."
	case "Null condition", "Incorrect condition type", "Condition is null", "Invalid 'for' condition":
		return "The condition is neither true nor false."
	case "Inconsistent conditional result types":
		return "The two results of the condition are not of one type."
	}
	return "The expression cannot be evaluated."
}

// sentence makes a sentence of an error's text.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	if c := text[0]; c >= 'a' && c <= 'z' {
		text = string(c-'a'+'A') + text[1:]
	}
	return text + "."
}
