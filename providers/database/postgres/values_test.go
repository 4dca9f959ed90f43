package postgres_test

import (
	"strings"

	"pgregory.net/rapid"
)

// blankPadded draws what a char(3) column holds.
func blankPadded() *rapid.Generator[string] {
	return rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("ab\\é")), 0, 3, -1), func(s string) string {
		return s + strings.Repeat(" ", 3-len([]rune(s)))
	})
}
