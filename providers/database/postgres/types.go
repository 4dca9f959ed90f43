package postgres

import (
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/schema"
)

// pgType is a row of pg_type.
type pgType struct {
	class   string // typtype: b base, d domain, e enum, r range, m multirange
	elem    string // oid of the element type of what can be subscripted
	array   string // oid of the type of its arrays
	base    string // oid of a domain's base type
	baseMod string
	labels  []string
	native  string
	rule    domainRule
}

// domainRule is what a domain adds to its base type.
type domainRule struct {
	notNull     bool
	hasDefault  bool
	defaultText string
}

// catalogueTypes are the types by oid.
type catalogueTypes map[string]*pgType

func readTypes(result *pgconn.Result) (catalogueTypes, error) {
	types := make(catalogueTypes, len(result.Rows))
	for i, row := range texts(result) {
		t := &pgType{class: row[1], elem: row[2], array: row[3], base: row[4], baseMod: row[5], native: row[8]}
		if t.class == "d" {
			t.rule = domainRule{notNull: row[6] == "t", hasDefault: result.Rows[i][7] != nil, defaultText: row[7]}
		}
		var err error
		if t.labels, err = names(row[9]); err != nil {
			return nil, err
		}
		types[row[0]] = t
	}
	return types, nil
}

// resolve finds the canonical type and what the domains on the way to it add.
// The nearest default and any not-null count.
func (types catalogueTypes) resolve(oid, mod string) (schema.Type, domainRule) {
	var rule domainRule
	t := types[oid]
	for t != nil && t.class == "d" {
		rule.notNull = rule.notNull || t.rule.notNull
		if !rule.hasDefault && t.rule.hasDefault {
			rule.hasDefault, rule.defaultText = true, t.rule.defaultText
		}
		oid, mod = t.base, t.baseMod
		t = types[oid]
	}
	if t == nil { // a composite type
		return schema.Type{Kind: schema.Other}, rule
	}
	return types.canonical(t, oid, mod), rule
}

func (types catalogueTypes) canonical(t *pgType, oid, mod string) schema.Type {
	out := schema.Type{Native: t.native}
	switch {
	case t.class == "e":
		out.Kind, out.Labels = schema.Enum, t.labels
	case t.class != "b":
		out.Kind = schema.Other
	case types[t.elem] != nil && types[t.elem].array == oid:
		// The array's modifier is its elements'.
		elem, _ := types.resolve(t.elem, mod)
		out.Kind, out.Elem = schema.Array, &elem
	default:
		builtin(&out, oid)
		modify(&out, mod)
	}
	return out
}

// builtin sets the kind of a built-in type; their oids never change.
func builtin(t *schema.Type, oid string) {
	switch oid {
	case "16":
		t.Kind = schema.Bool
	case "21":
		t.Kind, t.Bits = schema.Integer, 16
	case "23":
		t.Kind, t.Bits = schema.Integer, 32
	case "20":
		t.Kind, t.Bits = schema.Integer, 64
	case "700":
		t.Kind, t.Bits = schema.Float, 32
	case "701":
		t.Kind, t.Bits = schema.Float, 64
	case "1700":
		t.Kind = schema.Numeric
	case "25", "1043", "1042": // text, varchar, char
		t.Kind = schema.Text
	case "17":
		t.Kind = schema.Bytes
	case "2950":
		t.Kind = schema.UUID
	case "1082":
		t.Kind = schema.Date
	case "1083":
		t.Kind = schema.Time
	case "1114":
		t.Kind = schema.Timestamp
	case "1184":
		t.Kind = schema.TimestampTZ
	case "1186":
		t.Kind = schema.Interval
	case "114", "3802":
		t.Kind = schema.JSON
	case "869":
		t.Kind = schema.Inet
	}
}

// modify applies a type modifier: of texts and numerics it is 4 more than what
// it says, and -1 when it says nothing.
func modify(t *schema.Type, mod string) {
	m, err := strconv.Atoi(mod)
	if err != nil || m < 4 {
		return
	}
	m -= 4
	switch t.Kind {
	case schema.Text:
		t.Length = m
	case schema.Numeric:
		// The scale has eleven bits, the highest its sign.
		t.Precision = m >> 16 & 0xffff
		t.Scale = (m&0x7ff ^ 1024) - 1024
	}
}
