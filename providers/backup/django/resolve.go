package django

import (
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/edmsplan/edmsplan/schema"
)

// What dumpdata's YAML library takes a plain scalar for. It follows YAML 1.1,
// and quotes a string only when it would read it as something else. The
// library here follows 1.2 in part: left to it, the string 1e5 would become a
// number.
var (
	plainNull   = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
	plainBool   = regexp.MustCompile(`^([Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$`)
	plainNumber = regexp.MustCompile(`^([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?` +
		`|\.[0-9][0-9_]*([eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*` +
		`|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)` +
		`|[-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)` +
		`|[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+)$`)
)

// meaning is what a scalar stands for.
type meaning uint8

const (
	textMeaning meaning = iota
	nullMeaning
	trueMeaning
	falseMeaning
	numberMeaning
	badNumber    // NaN, Infinity, or digits that are not decimal
	ambiguous    // a plain yes or off: a bool to YAML 1.1, a text to 1.2
	otherMeaning // of a type that dumpdata does not write
)

// resolve tells what a scalar stands for.
func resolve(n *yaml.Node) meaning {
	if n.Style&yaml.TaggedStyle != 0 {
		switch n.ShortTag() {
		case "!!str", "!!timestamp":
			return textMeaning
		case "!!null", "!!bool", "!!int", "!!float":
			return plain(n.Value)
		}
		return otherMeaning
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return textMeaning
	}
	return plain(n.Value)
}

func plain(s string) meaning {
	switch {
	case plainNull.MatchString(s):
		return nullMeaning
	case s == "true" || s == "True" || s == "TRUE":
		return trueMeaning
	case s == "false" || s == "False" || s == "FALSE":
		return falseMeaning
	case plainBool.MatchString(s):
		return ambiguous
	case !plainNumber.MatchString(s):
		return textMeaning
	case jsontext.Value(s).IsValid() && kindOf([]byte(s)) == schema.NumberLiteral:
		return numberMeaning
	}
	return badNumber
}
