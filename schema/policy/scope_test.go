package policy_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestStarsStandForAnyNumberOfCharacters(t *testing.T) {
	for name, c := range map[string]struct {
		pattern, label string
		want           bool
	}{
		"the label itself":              {"users.user", "users.user", true},
		"another label":                 {"users.user", "users.userrole", false},
		"all of an application":         {"users.*", "users.user", true},
		"none of another":               {"users.*", "user.users", false},
		"dots too":                      {"a*c", "a.b.c", true},
		"no characters":                 {"users.*user*", "users.user", true},
		"the end is not the start":      {"aba*aba", "aba", false},
		"parts in their order":          {"*b*a*", "ab", false},
		"each part has its own":         {"*a*a*", "a", false},
		"each part has its own, longer": {"x*a*a*y", "x-a-a-y", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := policy.Scope{Models: []policy.Name{{Text: c.pattern}}}
			if got := s.Holds(c.label); got != c.want {
				t.Errorf("%s holds %s: %v", c.pattern, c.label, got)
			}
			if got := policy.MatchLabel(c.pattern, c.label); got != c.want {
				t.Errorf("%s matches %s: %v", c.pattern, c.label, got)
			}
		})
	}
}
