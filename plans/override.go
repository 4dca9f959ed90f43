package plans

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Prefixes of the codes of what guards say; the rest is the guard's name.
const (
	guardCode       = "guard."
	overridableCode = "guard.overridable."
)

// Override splits a plan's diagnostics into those that are left when the
// guards named in overrides, each with a reason, are overridden, and the names
// of the guards that this concerns, in the list's order.
func Override(list diag.List, overrides map[string]string) (left diag.List, overridden []string) {
	for _, d := range list {
		name, can := strings.CutPrefix(d.Code, overridableCode)
		if can && d.Severity == diag.Error && strings.TrimSpace(overrides[name]) != "" {
			overridden = append(overridden, name)
			continue
		}
		left = append(left, d)
	}
	return left, overridden
}

// OnlyGuards reports whether there are errors and all of them are guards'.
func OnlyGuards(list diag.List) bool {
	for _, d := range list {
		if d.Severity == diag.Error && !strings.HasPrefix(d.Code, guardCode) {
			return false
		}
	}
	return list.HasErrors()
}

// CanApplyWith is CanApply for who overrides guards: it returns nil when
// nothing but overridable guards named there, each with a reason, refuses the
// plan.
func (p *Plan) CanApplyWith(overrides map[string]string) error {
	left, _ := Override(p.Diagnostics, overrides)
	return left.Err()
}
