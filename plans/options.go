package plans

import "strings"

// The keys of Header.Options. OptionTarget and OptionExclude hold patterns of
// labels, separated by a blank.
const (
	OptionReinit  = "reinit"
	OptionScope   = "scope"
	OptionTarget  = "target"
	OptionExclude = "exclude"
)

// Reinit reports whether the plan re-initialises.
func (h *Header) Reinit() bool { return h.Options[OptionReinit] != "" }

// Narrowed are the flags that make the plan a partial one, as a command line
// has them: "-scope in-force -target users.*"; empty for a whole plan.
func (h *Header) Narrowed() string {
	var flags []string
	for _, key := range []string{OptionScope, OptionTarget, OptionExclude} {
		for _, v := range strings.Fields(h.Options[key]) {
			flags = append(flags, "-"+key+" "+v)
		}
	}
	return strings.Join(flags, " ")
}
