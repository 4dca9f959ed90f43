package sqlite

import (
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// The names that Create declares columns by where SQLite has no customary one
// that keeps the kind, its bits and every value. Those with "text" in them have
// SQLite keep what is a number as a text, digit for digit.
const (
	exactNumeric  = "decimal text"
	exactJSON     = "json text"
	exactJSONB    = "jsonb text"
	enumText      = "enum text"
	otherText     = "other text"
	narrowInteger = "integer bits" // (16) or (32)
	narrowFloat   = "real bits"    // (32)
)

// realDigits is how many decimal digits a REAL holds for sure.
const realDigits = 15

// declaredOf is how a column of that type is declared: as its Native says, when
// it was this adapter that read the type from it, else as Create would.
func declaredOf(t schema.Type) string {
	if t.Native != "" && sameType(typeOf(t.Native), t) {
		return t.Native
	}
	return nameOf(t)
}

// sameType compares what a declaration can say, which labels and elements are
// not part of.
func sameType(a, b schema.Type) bool {
	return a.Kind == b.Kind && a.Bits == b.Bits && a.Length == b.Length && a.Precision == b.Precision && a.Scale == b.Scale
}

// nameOf is what Create declares a column of that type as: its Native, when
// that means the same here and keeps every value, else a name for its kind.
func nameOf(t schema.Type) string {
	if t.Native != "" && plainName(t.Native) && sameType(typeOf(t.Native), t) && keeps(t) {
		return t.Native
	}
	switch t.Kind {
	case schema.Bool:
		return "bool"
	case schema.Integer:
		if t.Bits == 16 || t.Bits == 32 {
			return narrowInteger + "(" + strconv.Itoa(t.Bits) + ")"
		}
		return "bigint"
	case schema.Float:
		if t.Bits == 32 {
			return narrowFloat + "(32)"
		}
		return "real"
	case schema.Numeric:
		return numericName(t)
	case schema.JSON:
		if base, _ := splitType(t.Native); base == "jsonb" || base == exactJSONB {
			return exactJSONB
		}
		return exactJSON
	case schema.Text:
		if t.Length > 0 {
			return "varchar(" + strconv.Itoa(t.Length) + ")"
		}
		return "text"
	case schema.Array:
		return "array " + elementName(t)
	case schema.Other:
		if t.Native == "" {
			return "" // a column without a type
		}
	}
	return simpleName(t.Kind)
}

// simpleName is the name of a kind that has but one.
func simpleName(k schema.Kind) string {
	switch k {
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
	case schema.Enum:
		return enumText
	}
	return otherText
}

// elementName is the name of an array's innermost elements: like PostgreSQL, a
// declaration does not tell lists from lists of lists.
func elementName(t schema.Type) string {
	for t.Kind == schema.Array && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind == schema.Array || t.Kind == schema.Other {
		return otherText
	}
	return nameOf(t)
}

// keeps reports whether a column declared by the type's own name keeps every
// value of the type. Affinity NUMERIC makes a REAL of a number, and Other says
// nothing of its values.
func keeps(t schema.Type) bool {
	switch t.Kind {
	case schema.Numeric:
		return affinityOf(t.Native) == textAffinity || real15(t)
	case schema.JSON:
		return affinityOf(t.Native) == textAffinity
	case schema.Array, schema.Enum, schema.Other:
		return false
	}
	return true
}

// real15 reports whether a REAL holds every value of the numeric type.
func real15(t schema.Type) bool {
	return t.Precision > 0 && t.Precision <= realDigits && t.Scale >= 0 && t.Scale <= realDigits
}

func numericName(t schema.Type) string {
	name := exactNumeric
	if real15(t) {
		name = "decimal"
	}
	if t.Precision > 0 {
		name += "(" + strconv.Itoa(t.Precision) + ", " + strconv.Itoa(t.Scale) + ")"
	}
	return name
}

// plainName reports whether a declared type can stand in SQL as it is: a word,
// or words that are known to be a type and not its constraints, and numbers in
// parentheses at the end.
func plainName(declared string) bool {
	name, rest, args := strings.Cut(declared, "(")
	numbers, after, closed := strings.Cut(rest, ")")
	if args != closed || after != "" || !only(numbers, func(c byte) bool { return isDigit(c) || c == ',' || c == ' ' }) {
		return false
	}
	name = strings.TrimSpace(name)
	if !strings.Contains(name, " ") {
		return name != "" && !isDigit(name[0]) && only(name, isWord)
	}
	base, _ := splitType(name)
	switch base {
	case "double precision", "character varying", "varying character", "native character",
		"integer unsigned", "smallint unsigned", "bigint unsigned", "unsigned big int":
		return true
	}
	_, known := kindOf(base)
	return known
}
