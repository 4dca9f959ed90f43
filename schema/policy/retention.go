package policy

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Retention is the retention block: which packages of a place are kept. A rule
// that is not given is 0 or empty; one is given at least.
type Retention struct {
	Range diag.Range
	// Last keeps that many newest packages, Hourly the newest of each of that
	// many hours that have one, and so on.
	Last, Hourly, Daily, Weekly, Monthly, Yearly int
	// Within keeps what is younger: numbers with the letters y, m, d and h in
	// this order, each once at most, such as "2y5m7d3h".
	Within string
}

// within is a duration; what it matches may still be no time at all.
var within = regexp.MustCompile(`^(?:[0-9]{1,4}y)?(?:[0-9]{1,4}m)?(?:[0-9]{1,5}d)?(?:[0-9]{1,6}h)?$`)

func (r *reader) readRetention(b *hclsyntax.Block) *Retention {
	at := b.Body.Attributes
	if len(at) == 0 {
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.value", Summary: "The retention block keeps nothing",
			Detail: "It has no rule.", Remedy: "Write keep_last = 3, or remove the block.",
		})
	}
	return &Retention{
		Range: place(b.DefRange()),
		Last:  r.keepCount(at["keep_last"]), Hourly: r.keepCount(at["keep_hourly"]), Daily: r.keepCount(at["keep_daily"]),
		Weekly: r.keepCount(at["keep_weekly"]), Monthly: r.keepCount(at["keep_monthly"]), Yearly: r.keepCount(at["keep_yearly"]),
		Within: r.keepWithin(at["keep_within"]),
	}
}

// keepCount reads how many packages a rule keeps: one at least.
func (r *reader) keepCount(a *hclsyntax.Attribute) int {
	n := r.wholeNumber(a)
	if n == nil {
		return 0
	}
	if *n == 0 {
		r.fail(a.Expr.Range(), diag.Diagnostic{
			Code: "policy.value", Summary: fmt.Sprintf("%s must be greater than 0", a.Name),
			Detail: "A rule that keeps nothing is no rule.", Remedy: fmt.Sprintf("Write %s = 3, or remove it.", a.Name),
		})
	}
	return *n
}

func (r *reader) keepWithin(a *hclsyntax.Attribute) string {
	text := r.constantText(a, false)
	if text == "" || within.MatchString(text) && strings.ContainsAny(text, "123456789") {
		return text
	}
	r.fail(a.Expr.Range(), diag.Diagnostic{
		Code: "policy.value", Summary: fmt.Sprintf("%s is not a length of time", a.Name),
		Detail: "It is numbers with the letters y, m, d and h for years, months, days and hours, in this order, and more than nothing.",
		Remedy: fmt.Sprintf(`Write %s = "30d", or "2y5m7d3h".`, a.Name),
	})
	return ""
}
