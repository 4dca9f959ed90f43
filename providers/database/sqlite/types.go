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

// exactNumeric declares a numeric that is kept as text, because a REAL holds
// no more than 15 digits for sure.
const exactNumeric = "decimal text"

// exactJSON declares JSON without a check whose numbers are kept as text: in a
// column declared "json" a document that is only a number becomes a REAL.
const exactJSON = "json text"

// typeOf is the type of a column that was declared so. The package comment
// has the table.
func typeOf(declared string) schema.Type {
	base, args := splitType(declared)
	t := schema.Type{Native: declared}
	switch base {
	case "bool", "boolean":
		t.Kind = schema.Bool
	case "uuid":
		t.Kind = schema.UUID
	case "json", "jsonb", exactJSON:
		t.Kind = schema.JSON
	case "date":
		t.Kind = schema.Date
	case "time", "time without time zone":
		t.Kind = schema.Time
	case "datetime", "timestamp", "timestamptz", "timestamp with time zone":
		t.Kind = schema.TimestampTZ
	case "timestamp without time zone":
		t.Kind = schema.Timestamp
	case "interval":
		t.Kind = schema.Interval
	case "inet":
		t.Kind = schema.Inet
	case "decimal", "numeric", "number", exactNumeric:
		t.Kind, t.Precision, t.Scale = schema.Numeric, argument(args, 0), argument(args, 1)
	case "bytea":
		t.Kind = schema.Bytes
	case "":
		t.Kind = schema.Other
	default:
		byAffinity(&t, base, args)
	}
	return t
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
		t.Kind, t.Length = schema.Text, argument(args, 0)
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
			if err != nil || n < 0 {
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

// nativeOf is the declared type of a column of that type: the one it has, or
// the one that Create gives it when it comes from elsewhere.
func nativeOf(t schema.Type) string {
	if t.Native != "" && plainName(t.Native) {
		if typeOf(t.Native).Kind == t.Kind {
			return t.Native
		}
	}
	switch t.Kind {
	case schema.Bool:
		return "bool"
	case schema.Integer:
		return "bigint"
	case schema.Numeric:
		return numericName(t)
	case schema.Float:
		return "real"
	case schema.Bytes:
		return "BLOB"
	case schema.UUID:
		return "char(32)"
	case schema.Date:
		return "date"
	case schema.Time:
		return "time"
	case schema.Timestamp:
		return "timestamp without time zone"
	case schema.TimestampTZ:
		return "datetime"
	case schema.Interval:
		return "interval"
	case schema.Inet:
		return "inet"
	case schema.JSON:
		return exactJSON
	case schema.Text:
		if t.Length > 0 {
			return "varchar(" + strconv.Itoa(t.Length) + ")"
		}
	case schema.Other:
		if t.Native == "" {
			return "" // a column without a type
		}
	}
	return "text"
}

func numericName(t schema.Type) string {
	name := "decimal"
	if t.Precision == 0 || t.Precision > 15 {
		name = exactNumeric
	}
	if t.Precision > 0 {
		name += "(" + strconv.Itoa(t.Precision) + ", " + strconv.Itoa(t.Scale) + ")"
	}
	return name
}

// plainName reports whether a declared type can stand in SQL as it is: words
// and, in parentheses, numbers.
func plainName(declared string) bool {
	name, rest, _ := strings.Cut(declared, "(")
	numbers, after, _ := strings.Cut(rest, ")")
	return only(name+after, func(c byte) bool { return isWord(c) || c == ' ' }) &&
		only(numbers, func(c byte) bool { return isDigit(c) || c == ',' || c == ' ' })
}

// only reports whether all bytes of s are in.
func only(s string, in func(byte) bool) bool { return run(s, 0, in) == len(s) }
