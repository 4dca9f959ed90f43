package render

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

// changeDoc is one change. A side that the plan does not hold (the fields of an
// added or destroyed record) is left out; a side that does not exist is null.
type changeDoc struct {
	Address         string          `json:"address"`
	Model           string          `json:"model"`
	Key             jsontext.Value  `json:"key"`
	OldKey          jsontext.Value  `json:"old_key,omitzero"`
	Actions         []string        `json:"actions"`
	Before          jsontext.Value  `json:"before,omitzero"`
	After           jsontext.Value  `json:"after,omitzero"`
	BeforeSensitive map[string]bool `json:"before_sensitive"`
	AfterSensitive  map[string]bool `json:"after_sensitive"`
	Hidden          int             `json:"unchanged_fields"`
	PrimaryKey      jsontext.Value  `json:"primary_key,omitzero"`
	Content         string          `json:"content,omitempty"`
	Stub            bool            `json:"stub,omitzero"`
	Reason          string          `json:"reason,omitempty"`
	Rule            string          `json:"rule,omitempty"`
}

func changeOf(r *plans.Record) changeDoc {
	s := r.Sealed()
	d := changeDoc{
		Address: address(s.Model, s.Key), Model: s.Model, Key: keyOf(s.Key), Actions: []string{s.Action.Name()},
		Hidden: s.Hidden, Content: s.Content, Stub: s.Stub, Reason: s.Reason,
		BeforeSensitive: map[string]bool{}, AfterSensitive: map[string]bool{},
	}
	if s.OldKey != "" {
		d.OldKey = keyOf(s.OldKey)
	}
	if s.PrimaryKey != "" {
		d.PrimaryKey = rawOf(s.PrimaryKey)
	}
	if !s.Rule.IsZero() {
		d.Rule = s.Rule.String()
	}
	for _, f := range s.Fields {
		if f.Sensitive {
			if s.Action != plans.Add {
				d.BeforeSensitive[f.Name] = true
			}
			d.AfterSensitive[f.Name] = true
		}
	}
	d.Before, d.After = sides(&s)
	return d
}

// sides are the two objects with the differing fields.
func sides(s *plans.Record) (before, after jsontext.Value) {
	null := jsontext.Value("null")
	switch s.Action {
	case plans.Add:
		if !s.Stub {
			return null, nil
		}
		return null, side(s.Fields, func(f plans.Field) plans.Value { return f.After })
	case plans.Destroy:
		return nil, null
	case plans.Remap:
		return nil, nil
	}
	return side(s.Fields, func(f plans.Field) plans.Value { return f.Before }),
		side(s.Fields, func(f plans.Field) plans.Value { return f.After })
}

func side(fields []plans.Field, of func(plans.Field) plans.Value) jsontext.Value {
	b := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = quoteText(f.Name).AppendTo(b)
		b = append(b, ':')
		b = append(b, rawOf(of(f))...)
	}
	return append(b, '}')
}
