package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// text is a JSON string's text, or the JSON itself of anything else.
func text(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}

// parts are the texts of a reference in a package, nil for null.
func parts(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	var list []json.RawMessage
	must(t, json.Unmarshal(raw, &list))
	var out []string
	for _, part := range list {
		out = append(out, text(t, part))
	}
	return out
}

// key is the record's natural key as the package spells it.
func (r record) key(t *testing.T, m *policy.Model) []string {
	t.Helper()
	var key []string
	for _, f := range m.NaturalKey {
		switch raw, ok := r.Fields[f.Text]; {
		case !ok: // the primary key
			key = append(key, text(t, r.PK))
		case raw[0] == '[':
			key = append(key, parts(t, raw)...)
		default:
			key = append(key, text(t, raw))
		}
	}
	return key
}

// spelt is a column of a live row, to be compared with a field of a package
// apart from what the product knows about spellings.
type spelt struct {
	pol   *policy.Policy
	state *state
	table *schema.Table
	row   row
	c     *schema.Column
}

// differs says how the field of the package differs from the column.
func (s spelt) differs(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	live := s.row[s.c.Name]
	isNull := string(raw) == "null"
	if isNull || live.Kind == schema.NullLiteral {
		if isNull != (live.Kind == schema.NullLiteral) {
			return fmt.Sprintf("null in the package %v, null here %v", isNull, live.Kind == schema.NullLiteral)
		}
		return ""
	}
	if to, other := s.state.target(s.table, s.row, s.c.Name); to != nil {
		got := s.state.key(s.pol, to, other)
		want := parts(t, raw)
		// A workflow's spelling has its type as well.
		if to.Name == "document_workflows" {
			got = append(got, other["workflow_type"].Text)
		}
		if !slices.Equal(got, want) {
			return fmt.Sprintf("refers to %q, in the package to %q", got, want)
		}
		return ""
	}
	if same, err := sameValue(s.c.Type.Kind, raw, live.Text); err != nil || !same {
		return fmt.Sprintf("%.60q here, %.60s in the package, error %v", live.Text, raw, err)
	}
	return ""
}

func sameValue(kind schema.Kind, raw json.RawMessage, live string) (bool, error) {
	var s string
	isText := json.Unmarshal(raw, &s) == nil
	switch kind {
	case schema.JSON:
		a, err := decode(raw)
		if err != nil {
			return false, err
		}
		b, err := decode([]byte(live))
		return reflect.DeepEqual(a, b), err
	case schema.TimestampTZ:
		want, err := time.Parse("2006-01-02T15:04:05.999Z", s)
		if err != nil {
			return false, err
		}
		got, err := time.Parse("2006-01-02 15:04:05.999999-07", live)
		return got.Truncate(time.Millisecond).Equal(want), err
	case schema.Time:
		want, err := time.Parse("15:04:05.999", s)
		if err != nil {
			return false, err
		}
		got, err := time.Parse("15:04:05.999999", live)
		return got.Equal(want), err
	case schema.Bool:
		return string(raw) == map[string]string{"t": "true", "f": "false"}[live], nil
	}
	if isText {
		return s == live, nil
	}
	return string(raw) == live, nil
}

func decode(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// holdsLinks compares a many-to-many field with its join table.
func holdsLinks(t *testing.T, pol *policy.Policy, s *state, table *schema.Table, live row, r record, field string) {
	t.Helper()
	join := s.catalogue.Table(table.Name + "_" + field)
	if join == nil {
		t.Errorf("%s has no field %s", r.Model, field)
		return
	}
	var want, got []string
	var members []json.RawMessage
	must(t, json.Unmarshal(r.Fields[field], &members))
	for _, m := range members {
		want = append(want, fmt.Sprintf("%q", parts(t, m)))
	}
	for _, link := range s.rows[join.Name] {
		mine, member := false, ""
		for _, c := range join.Columns {
			switch to, other := s.target(join, link, c.Name); {
			case to == table:
				mine = link[c.Name].Text == live[table.PrimaryKey[0]].Text
			case to != nil:
				member = fmt.Sprintf("%q", s.key(pol, to, other))
			}
		}
		if mine {
			got = append(got, member)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("%s %v: %s are %v, want %v", r.Model, live["username"], field, got, want)
	}
}

// holdsState finds a document state, whose code packages do not have, by all
// its other fields.
func holdsState(t *testing.T, s *state, table *schema.Table, r record) int {
	t.Helper()
	for _, live := range s.rows[table.Name] {
		same := true
		for f, raw := range r.Fields {
			ok, err := sameValue(table.Column(f).Type.Kind, raw, live[f].Text)
			same = same && ok && err == nil && live[f].Kind != schema.NullLiteral
		}
		if same {
			return len(r.Fields)
		}
	}
	var fields []string
	for f, raw := range r.Fields {
		fields = append(fields, f+"="+string(raw))
	}
	t.Errorf("the state %s is not in the database", strings.Join(fields, ", "))
	return 0
}
