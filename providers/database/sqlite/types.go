package sqlite

import (
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// affinity is what SQLite makes of a value as it stores it in a column.
type affinity uint8

const (
	blobAffinity    affinity = iota // kept as it is
	textAffinity                    // numbers become text
	numericAffinity                 // text that looks like a number becomes one
	integerAffinity                 // the same
	realAffinity                    // the same, and integers become reals
)

// numeric reports whether text that looks like a number becomes one.
func (a affinity) numeric() bool { return a >= numericAffinity }

// affinityOf applies SQLite's rules to a declared type, in their order: so
// "interval" is an integer, and "string" numeric.
func affinityOf(declared string) affinity {
	s := strings.ToUpper(declared)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return integerAffinity
	case has("CHAR", "CLOB", "TEXT"):
		return textAffinity
	case s == "", has("BLOB"):
		return blobAffinity
	case has("REAL", "FLOA", "DOUB"): //nolint:misspell // as SQLite shortens them
		return realAffinity
	}
	return numericAffinity
}

// typeOf is the type of a column that was declared so. The package comment
// has the table.
func typeOf(declared string) schema.Type {
	if words := strings.Fields(declared); len(words) > 1 && strings.EqualFold(words[0], "array") {
		elem := scalarOf(strings.Join(words[1:], " "))
		return schema.Type{Kind: schema.Array, Elem: &elem, Native: declared}
	}
	return scalarOf(declared)
}

func scalarOf(declared string) schema.Type {
	base, args := splitType(declared)
	t := schema.Type{Native: declared}
	kind, ok := kindOf(base)
	switch t.Kind = kind; {
	case !ok:
		byAffinity(&t, base, args)
	case kind == schema.Numeric:
		t.Precision = max(0, argument(args, 0))
		t.Scale = argument(args, 1)
	case kind == schema.Integer:
		t.Bits = argument(args, 0)
		if t.Bits != 16 && t.Bits != 32 {
			t.Bits = 64
		}
	case kind == schema.Float:
		t.Bits = 32
	}
	return t
}

// kindOf is the kind of what is declared by a name that says so by itself,
// given in lower case and without what stands in parentheses.
func kindOf(base string) (schema.Kind, bool) {
	switch base {
	case "bool", "boolean":
		return schema.Bool, true
	case narrowInteger:
		return schema.Integer, true
	case narrowFloat:
		return schema.Float, true
	case "uuid":
		return schema.UUID, true
	case "json", "jsonb", exactJSON, exactJSONB:
		return schema.JSON, true
	case "date":
		return schema.Date, true
	case "time", "time without time zone":
		return schema.Time, true
	case "datetime", "timestamp", "timestamptz", "timestamp with time zone":
		return schema.TimestampTZ, true
	case "timestamp without time zone":
		return schema.Timestamp, true
	case "interval":
		return schema.Interval, true
	case "inet":
		return schema.Inet, true
	case "decimal", "numeric", "number", exactNumeric:
		return schema.Numeric, true
	case "bytea":
		return schema.Bytes, true
	case enumText:
		return schema.Enum, true
	case "", otherText:
		return schema.Other, true
	}
	return schema.Other, false
}

// byAffinity types a column whose declared name says nothing by itself.
func byAffinity(t *schema.Type, base string, args []int) {
	switch affinityOf(t.Native) {
	case integerAffinity:
		t.Kind, t.Bits = schema.Integer, 64
	case realAffinity:
		t.Kind, t.Bits = schema.Float, 64
	case blobAffinity:
		t.Kind = schema.Bytes
	case textAffinity:
		t.Kind, t.Length = schema.Text, max(0, argument(args, 0))
		if (base == "char" || base == "character") && t.Length == 32 {
			t.Kind, t.Length = schema.UUID, 0
		}
	}
}

// splitType takes "Timestamp(6) with time zone" apart into the name, in lower
// case and with single spaces, and the numbers in parentheses.
func splitType(declared string) (base string, args []int) {
	before, rest, ok := strings.Cut(strings.ToLower(declared), "(")
	if ok {
		inner, after, _ := strings.Cut(rest, ")")
		before += " " + after
		for a := range strings.SplitSeq(inner, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(a))
			if err != nil {
				n = 0
			}
			args = append(args, n)
		}
	}
	return strings.Join(strings.Fields(before), " "), args
}

func argument(args []int, i int) int {
	if i < len(args) {
		return args[i]
	}
	return 0
}

// only reports whether all bytes of s are in.
func only(s string, in func(byte) bool) bool { return run(s, 0, in) == len(s) }
