package plans

import (
	"testing"

	"pgregory.net/rapid"
)

func TestUsualValuesAreWhatACloserLookFindsThem(t *testing.T) {
	for s, want := range map[string]bool{
		`"a"`: true, `""`: true, `0`: true, `-10`: true, `["a",-1,""]`: true, `["\n"]`: false, `"é"`: false,
		``: false, `[]`: false, `]`: false, `"a"]`: false, `"a"x`: false, `["a"`: false, `["a",]`: false, `["a"]]`: false, `01`: false, `-`: false, `1.5`: false, `"`: false, `"\"`: false, `[["a"]]`: false, `["a" ]`: false, `1 `: false, "\"\x7f\"": false,
	} {
		if got := isUsual(s); got != want {
			t.Errorf("%s: usual is %t", s, got)
		}
	}
	part := rapid.OneOf(rapid.SampledFrom([]string{"[", "]", `"`, `"a"`, ",", "-", "0", "12", `\`, " ", "{", "}", "\n", "é", "\xff", "\x7f", "true", ".5"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, p := range rapid.SliceOfN(part, 0, 9).Draw(t, "parts") {
			s += p
		}
		if got := string(appendChecked(nil, s)); isUsual(s) && got != s {
			t.Errorf("%q is appended as %q", s, got)
		}
	})
}
