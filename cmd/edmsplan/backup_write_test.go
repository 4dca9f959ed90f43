package main

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// cups is a package of cups. Each is inside another one, by its id.
type cups struct {
	inside []string
	counts int   // what the package says of itself
	err    error // after the last record
}

func (c *cups) Name() string { return "cups" }

func (c *cups) Contents() []schema.Content {
	return []schema.Content{{Model: "d.cup", Records: c.counts}}
}
func (c *cups) Info() backup.Info     { return backup.Info{Records: c.counts} }
func (c *cups) Close() error          { return nil }
func (c *cups) Header() backup.Header { return backup.Header{} }

func (c *cups) Models() []*schema.Model {
	return []*schema.Model{{Label: "d.cup", Fields: []schema.ModelField{
		{Name: "id"}, {Name: "inside", References: &schema.ModelReference{Model: "d.cup", Field: "id"}},
	}}}
}

func (c *cups) Scan(context.Context, schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for i, in := range c.inside {
			id := schema.Literal{Kind: schema.CanonicalLiteral, Text: string(rune('a' + i))}
			ref := schema.Literal{Kind: schema.CanonicalLiteral, Text: in}
			if !yield(&schema.Record{Number: i + 1, Fields: []schema.Field{{Name: "id", Value: id}, {Name: "inside", Value: ref}}}, nil) {
				return
			}
		}
		if c.err != nil {
			yield(nil, c.err)
		}
	}
}

// A package gets its name if it reads back as it was written. References that
// the database itself has lost are only warned of.
func TestWhatDoesNotReadBackIsNotPublished(t *testing.T) {
	for name, c := range map[string]struct {
		pkg     cups
		refused string // "" is published
		warned  string
	}{
		"a sound package":          {pkg: cups{inside: []string{"b", "a"}, counts: 2}},
		"a lost reference":         {pkg: cups{inside: []string{"b", "z"}, counts: 2}, warned: "lead to no record"},
		"fewer records than said":  {pkg: cups{inside: []string{"a"}, counts: 2}, refused: "counts 2 records and holds 1"},
		"both":                     {pkg: cups{inside: []string{"z"}, counts: 2}, refused: "counts 2 records and holds 1"},
		"a record that is refused": {pkg: cups{inside: []string{"a"}, counts: 2, err: &backup.Refusal{Summary: "record 2 is no record"}}, refused: "record 2 is no record"},
		"more than were written":   {pkg: cups{inside: []string{"a", "b", "c"}, counts: 3}, refused: "holds 3 records, and 2 were written"},
	} {
		t.Run(name, func(t *testing.T) {
			done := &engine.BackedUp{Models: []engine.BackedUpModel{{Label: "d.cup", Written: 2}}}
			err := (&writing{}).verify(t.Context(), &c.pkg, done)
			switch {
			case c.refused == "" && err != nil:
				t.Error(err)
			case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
				t.Errorf("refused with %v, want %q", err, c.refused)
			}
			if got := describe(done); (c.warned == "") != (got == "") || !strings.Contains(got, c.warned) {
				t.Errorf("warned of %q, want %q", got, c.warned)
			}
		})
	}
}

func describe(done *engine.BackedUp) string {
	var all []string
	for _, d := range done.Diagnostics {
		all = append(all, d.Error())
	}
	return strings.Join(all, " ")
}
