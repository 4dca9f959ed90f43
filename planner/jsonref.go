package planner

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// unallotted stands for the primary key of a record that is added, while the
// records are compared. It is no identifier that a database gives out.
const unallotted = "-9223372036854775808"

// jsonLost is an id inside a document that leads nowhere, where the policy says
// to skip the record for it.
type jsonLost struct {
	ref    *jsonRef
	target *model
}

// resolveJSON rewrites the ids inside a JSON field of the package: each id
// that is the primary key of a record of the package becomes the primary key
// that record has, or gets, in the live database.
func (p *planning) resolveJSON(m *model, j *jsonRef, r *row) {
	c := &r.cells[j.field]
	if c.kind != plain || !c.value.Valid {
		return
	}
	out, err := rewrite(jsontext.Value(c.value.Text), j.paths, func(t *model, id string) (string, bool) {
		return p.jsonID(m, j, r, t, id)
	})
	if err != nil {
		return // not JSON: Check says so
	}
	c.value.Text = string(out)
}

// jsonID returns what is written for an id found in a document; false leaves
// it as it is.
func (p *planning) jsonID(m *model, j *jsonRef, r *row, t *model, id string) (string, bool) {
	n, known := t.owner(id)
	if known && (t.entries.at(n).stays() || t.entries.at(n).status == broken) {
		e := t.entries.at(n)
		if p.noting {
			e.refs++
		}
		if e.pk != "" {
			return e.pk, true
		}
		// The record is added and has no key yet: no live row holds it, so the
		// document differs whatever stands here.
		return unallotted, true
	}
	switch {
	case j.policy.OnMissing == policy.OnMissingSkip:
		p.jsonLost = append(p.jsonLost, jsonLost{j, t})
	case j.policy.OnMissing == policy.OnMissingUnset:
		if p.noting {
			p.genericNotes[genericNote{holder: m.label, field: m.fields[j.field].name, target: t.label, why: "json_unset"}]++
		}
		return "", true
	case !p.noting:
	case j.policy.OnMissing == policy.OnMissingFail:
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "json.missing", Range: j.policy.Range, Record: p.placeRow(m, r),
			Summary: fmt.Sprintf("An id in %s leads to no %s of the package", m.fields[j.field].name, t.label),
			Remedy:  "Write on_missing = keep to leave such ids as they are, or unset to write null.",
		})
	default:
		why := "json"
		switch {
		case known:
			why = "json_skipped"
		case !t.pkCarried:
			why = "json_unidentified"
		}
		p.genericNotes[genericNote{holder: m.label, field: m.fields[j.field].name, target: t.label, why: why}]++
	}
	return "", false
}

// wrongIDs refuses a record whose document is the package's and keeps an id that
// is a live row's: see wrongTarget.
func (p *planning) wrongIDs(m *model, e *entry, j *jsonRef, before, after *row) error {
	if e.pkg < 0 || e.seed != nil || e.altered || j.policy.RuleRange != j.policy.Range || before != nil && after.cells[j.field].same(before.cells[j.field]) {
		return nil
	}
	mine, err := m.spool.get(e.pkg, len(m.fields))
	if err != nil {
		return err
	}
	p.eachID(j, mine, func(t *model, id string) {
		if n, known := t.owner(id); known && t.entries.at(n).stays() {
			return
		}
		key, hit := t.liveKey(id)
		if !hit || e.status == broken {
			return
		}
		e.status = broken
		field := m.fields[j.field].name
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "json.wrong_record", Range: j.policy.Range, Record: p.place(m, mine.number, e.key),
			Summary: fmt.Sprintf("An id in %s could lead to another record", field),
			Detail:  fmt.Sprintf("The package does not identify the %s it means; in the live database the id belongs to %s.", t.label, p.keyText(t, key)),
			Remedy:  fmt.Sprintf("Take a package with primary keys, or say what to do: json_reference %q { on_missing = unset | skip }. If the ids are known to be the same on both sides, on_missing = keep writes them as they are.", field),
		})
	})
	return nil
}

// liveKey is the natural key of the live row that an id names.
func (m *model) liveKey(id string) (schema.Key, bool) {
	tg := m.target(m.pk)
	if tg == nil {
		return "", false
	}
	if n, ok := tg.live.get(id); ok {
		e := m.entries.at(n)
		return e.key, e.status != destroyed
	}
	if i, ok := m.settled.findLive(id); ok {
		return m.settled.key(i), true
	}
	return "", false
}

// eachID visits the ids inside a JSON field.
func (p *planning) eachID(j *jsonRef, r *row, visit func(t *model, id string)) {
	c := &r.cells[j.field]
	if c.kind != plain || !c.value.Valid {
		return
	}
	_, _ = rewrite(jsontext.Value(c.value.Text), j.paths, func(t *model, id string) (string, bool) {
		visit(t, id)
		return "", false
	}) // not JSON: Check says so
}

// rewrite replaces the ids at the paths of a JSON document and leaves all
// else, number texts and member order included, as it is.
func rewrite(v jsontext.Value, paths []jsonPath, id func(t *model, id string) (string, bool)) (jsontext.Value, error) {
	for _, path := range paths {
		if len(path.path) == 0 && v.Kind() != '{' {
			return rewriteID(v, path.model, id)
		}
	}
	if k := v.Kind(); k != '{' && k != '[' || len(paths) == 0 {
		return v, nil
	}
	dec := jsontext.NewDecoder(strings.NewReader(string(v)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	open, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	out := []byte(open.String()[:1])
	for i := 0; dec.PeekKind() != '}' && dec.PeekKind() != ']'; i++ {
		if i > 0 {
			out = append(out, ',')
		}
		var inner []jsonPath
		if v.Kind() == '{' {
			name, err := dec.ReadValue()
			if err != nil {
				return nil, err
			}
			inner = below(name, paths)
			out = append(append(out, name...), ':')
		} else {
			inner = belowList(paths)
		}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		value, err = rewrite(value.Clone(), inner, id)
		if err != nil {
			return nil, err
		}
		out = append(out, value...)
	}
	if v.Kind() == '{' {
		return append(out, '}'), nil
	}
	return append(out, ']'), nil
}

// rewriteID replaces one id, or each of a list of ids.
func rewriteID(v jsontext.Value, t *model, id func(*model, string) (string, bool)) (jsontext.Value, error) {
	switch v.Kind() {
	case '0', '"':
		l, err := literal(v)
		if err != nil {
			return nil, err
		}
		text, ok := id(t, l.Text)
		switch {
		case !ok:
			return v, nil
		case text == "":
			return jsontext.Value("null"), nil
		case v.Kind() == '0' && jsontext.Value(text).Kind() == '0':
			return jsontext.Value(text), nil
		}
		return jsontext.AppendQuote(nil, text)
	case '[':
		list, err := items(schema.Literal{Kind: schema.ListLiteral, Text: string(v)})
		if err != nil {
			return nil, err
		}
		out := []byte{'['}
		for i, l := range list {
			if i > 0 {
				out = append(out, ',')
			}
			raw := jsontext.Value(l.Text)
			switch l.Kind {
			case schema.StringLiteral:
				raw, err = jsontext.AppendQuote(nil, l.Text)
			case schema.NullLiteral:
				raw = jsontext.Value("null")
			}
			if err != nil {
				return nil, err
			}
			if raw, err = rewriteID(raw, t, id); err != nil {
				return nil, err
			}
			out = append(out, raw...)
		}
		return append(out, ']'), nil
	}
	return v, nil
}

// below are the paths that go on under an object's member.
func below(quoted jsontext.Value, paths []jsonPath) []jsonPath {
	name, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return nil
	}
	var out []jsonPath
	for _, p := range paths {
		if len(p.path) > 0 && (p.path[0] == "*" || p.path[0] == string(name)) {
			out = append(out, jsonPath{path: p.path[1:], model: p.model})
		}
	}
	return out
}

// belowList are the paths that go on under a list's items: * stands for any.
func belowList(paths []jsonPath) []jsonPath {
	var out []jsonPath
	for _, p := range paths {
		if len(p.path) > 0 && p.path[0] == "*" {
			out = append(out, jsonPath{path: p.path[1:], model: p.model})
		}
	}
	return out
}
