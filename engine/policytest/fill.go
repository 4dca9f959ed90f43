package policytest

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/schema"
)

// fill gives a record what its table asks for and the test does not care
// about: a column that takes no null and has no default gets a value that
// follows from model, natural key and field, on both sides alike. What is
// written as null stays null, and so do fields that others give a value.
func (c *testCase) fill(m *schema.Model, rec *schema.Record, others ...string) {
	t := c.tables[m.Label]
	key, _ := keyOf(m, rec)
	for i := range m.Fields {
		f := &m.Fields[i]
		col := t.Column(f.Column)
		if col == nil || !col.NotNull || col.HasDefault || col.Generated || given(f, rec) != nil || !fillable(m, t, f) ||
			slices.Contains(others, f.Name) || slices.Contains(others, f.Column) {
			continue
		}
		seed := m.Label + "\x00" + keyID(key) + "\x00" + f.Name
		if text, ok := placeholder(f, isUnique(t, f.Column), seed); ok {
			rec.Fields = append(rec.Fields, schema.Field{Name: f.Name, Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: text}})
		}
	}
}

// derived are the fields that the policy derives where a record lacks them.
func (c *testCase) derived(label string) []string {
	var out []string
	for _, d := range c.policy.Model(label).Derives {
		out = append(out, d.Field.Text)
	}
	return out
}

// fillable leaves out what identifies a record or leads somewhere: a test says
// that itself.
func fillable(m *schema.Model, t *schema.Table, f *schema.ModelField) bool {
	if f.References != nil || slices.Contains(t.PrimaryKey, f.Column) || slices.Contains(m.NaturalKey, f.Name) {
		return false
	}
	if slices.ContainsFunc(t.ForeignKeys, func(fk schema.ForeignKey) bool { return slices.Contains(fk.Columns, f.Column) }) {
		return false
	}
	return !slices.ContainsFunc(m.Generics, func(g schema.GenericField) bool { return g.Type == f.Name || g.ID == f.Name })
}

func isUnique(t *schema.Table, column string) bool {
	return slices.ContainsFunc(t.Uniques, func(u schema.Unique) bool { return slices.Contains(u.Columns, column) })
}

// placeholder is a value of the field's type in canonical form.
func placeholder(f *schema.ModelField, unique bool, seed string) (string, bool) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(seed)) // a hash does not fail
	sum := h.Sum64()
	number := "0"
	if unique {
		number = strconv.FormatUint(sum%30_000, 10) // fits the smallest integer
		if f.Type.Kind == schema.Integer && f.Type.Bits > 16 {
			number = strconv.FormatUint(sum%2_000_000_000, 10)
		}
	}
	switch f.Type.Kind {
	case schema.Bool:
		return "f", true
	case schema.Integer, schema.Float:
		return number, true
	case schema.Numeric:
		v, err := f.Type.Parse(schema.Literal{Kind: schema.NumberLiteral, Text: "0"})
		return v.Text, err == nil
	case schema.Text:
		return placeholderText(f, unique, sum), true
	case schema.UUID:
		return uuid.NewSHA1(uuid.NameSpaceOID, []byte(seed)).String(), true
	case schema.Enum:
		return slices.Concat(f.Type.Labels, []string{""})[0], len(f.Type.Labels) > 0
	}
	text, ok := map[schema.Kind]string{
		schema.Bytes: `\x`, schema.Date: "2000-01-01", schema.Time: "00:00:00", schema.Timestamp: "2000-01-01 00:00:00",
		schema.TimestampTZ: "2000-01-01 00:00:00+00", schema.Interval: "PT0S", schema.JSON: "{}", schema.Array: "{}", schema.Inet: "192.0.2.1",
	}[f.Type.Kind]
	return text, ok
}

// placeholderText is the field's name, with something of its own where texts
// must differ.
func placeholderText(f *schema.ModelField, unique bool, sum uint64) string {
	text := f.Name
	if unique {
		text = fmt.Sprintf("%08x-%s", uint32(sum), f.Name)
	}
	if n := f.Type.Length; n > 0 && len(text) > n {
		text = text[:n]
	}
	return text
}
