package policytest

import (
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// spell writes a reference as a fixture does. A test may write a natural key of
// one part as the text that it is, as a seed may: "admin" for ["admin"]; a
// number, or a text that is a primary key by its form, is a primary key.
func (c *testCase) spell(f *schema.ModelField, l schema.Literal) schema.Literal {
	if f == nil || f.References == nil {
		return l
	}
	target := c.field(f.References.Model, f.References.Field)
	if f.Link == nil {
		if l.Kind == schema.StringLiteral && !isPrimaryKey(target, l) {
			return list(literalJSON(l))
		}
		return l
	}
	if l.Kind != schema.ListLiteral {
		return l
	}
	var members []plans.Value
	for _, m := range plans.Value(l.Text).Parts() {
		if text, ok := m.Text(); ok && !isPrimaryKey(target, textLiteral(text)) {
			m = plans.Value(list(m).Text)
		}
		members = append(members, m)
	}
	return list(members...)
}

func isPrimaryKey(target *schema.ModelField, l schema.Literal) bool {
	if target == nil || target.Type.Kind == schema.Text || target.Type.Kind == schema.Other {
		return false
	}
	_, err := target.Type.Parse(l)
	return err == nil
}

func list(values ...plans.Value) schema.Literal {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = string(v)
	}
	return schema.Literal{Kind: schema.ListLiteral, Text: "[" + strings.Join(parts, ",") + "]"}
}
