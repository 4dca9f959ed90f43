package planner

import (
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// alike reports whether a package's record says nothing else than the live row
// with its natural key, and whether it carries its primary key. It may say no
// where a closer look would find the two alike, never the other way round.
func (a *aside) alike(mine, live *item) (carried, same bool) {
	m := a.m
	if mine.pk != "" && mine.pk != live.values[a.pkAt].Text {
		return false, false
	}
	for i, n := range a.links {
		h := mine.links[i]
		if h == lacking || m.fields[n].ignore && h != nowhere {
			continue
		}
		if h == nowhere || h != live.links[i] {
			return false, false
		}
	}
	for g := range m.generics {
		h := mine.links[len(a.links)+g]
		if h != lacking && h != unknown && (h == nowhere || h != live.links[len(a.links)+g]) {
			return false, false
		}
	}
	for j, n := range a.at {
		f := &m.fields[n]
		i := mine.layout.where[n]
		if i < 0 || f.ref != nil || f.generic > 0 || n == m.pk {
			continue
		}
		if !a.sameValue(n, mine.values[i], live.values[j]) {
			return false, false
		}
	}
	return mine.pk != "", true
}

// sameValue compares a plain field. The usual spellings of equal values are
// told at a glance, the others are parsed.
func (a *aside) sameValue(n int, mine, live schema.Literal) bool {
	f := &a.m.fields[n]
	t := &f.column.Type
	if mine.Kind == schema.NullLiteral || live.Kind == schema.NullLiteral {
		if mine.Kind == live.Kind {
			return true
		}
	} else {
		switch {
		case mine.Kind == schema.CanonicalLiteral:
			if mine.Text == live.Text && a.same[n] {
				return true
			}
		case mine.Kind == schema.StringLiteral && mine.Text == live.Text:
			if t.Kind == schema.Text || t.Kind == schema.UUID || t.Kind == schema.Date || t.Kind == schema.Enum {
				return true
			}
		case mine.Kind == schema.StringLiteral && t.Kind == schema.TimestampTZ:
			if sameInstant(mine.Text, live.Text) {
				return true
			}
		case mine.Kind == schema.NumberLiteral && t.Kind == schema.Integer:
			if mine.Text == live.Text {
				return true
			}
		case mine.Kind == schema.BoolLiteral && t.Kind == schema.Bool:
			if mine.Text[:1] == live.Text {
				return true
			}
		case mine.Kind == schema.ObjectLiteral && t.Kind == schema.JSON:
			if sameSpacedJSON(mine.Text, live.Text) {
				return true
			}
		}
	}
	c, err := a.decodeCell(a.m, n, mine)
	if err != nil {
		return false
	}
	return f.ignore || a.equal(a.m, n, c, a.liveCell(a.m, n, live))
}

// sameInstant compares 2025-12-10T08:19:38.545Z, as Django writes it, with
// 2025-12-10 08:19:38.545123+00.
func sameInstant(mine, live string) bool {
	const whole = len("2025-12-10T08:19:38")
	mine, utc := strings.CutSuffix(mine, "Z")
	live, canonical := strings.CutSuffix(live, "+00")
	if !utc || !canonical || len(mine) < whole || len(live) < whole || mine[:10] != live[:10] || mine[10] != 'T' || live[10] != ' ' || mine[11:whole] != live[11:whole] {
		return false
	}
	mine, live = mine[whole:], live[whole:]
	if len(mine) != len(".545") {
		return mine == live // all digits or none
	}
	for len(live) > 0 && len(live) < len(mine) {
		if mine[len(mine)-1] != '0' {
			return false
		}
		mine = mine[:len(mine)-1]
	}
	if live == "" {
		return mine == ".000"
	}
	return live[:len(mine)] == mine
}

// sameSpacedJSON reports whether two JSON texts are the same but for white
// space between the tokens.
func sameSpacedJSON(a, b string) bool {
	i, j := 0, 0
	inside := false // a string
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			if a[i] == '\\' && inside {
				if i+1 == len(a) || j+1 == len(b) || a[i+1] != b[j+1] {
					return false
				}
				i++
				j++
			} else if a[i] == '"' {
				inside = !inside
			}
			i++
			j++
		case inside:
			return false
		case blank(a[i]) && beside(a, i):
			i++
		case blank(b[j]) && beside(b, j):
			j++
		default:
			return false
		}
	}
	return i == len(a) && j == len(b)
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// beside reports whether a blank stands next to what separates tokens: between
// two numbers it would not be white space only.
func beside(s string, i int) bool {
	separates := func(i int) bool {
		return i < 0 || i >= len(s) || strings.IndexByte("{}[],:", s[i]) >= 0 || blank(s[i])
	}
	return separates(i-1) || separates(i+1)
}
