package policy

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// maxSeedRecords bounds what for_each makes of one block.
const maxSeedRecords = 10_000

// readSeeds reads the seed blocks. The models are known by now: they say what
// identifies a record and which fields are sensitive.
func (r *reader) readSeeds(p *Policy) []*Seed {
	var seeds []*Seed
	first := map[string]*SeedRecord{}
	for _, b := range r.of("seed") {
		seeds = append(seeds, r.readSeed(p, b, first))
	}
	return seeds
}

// readSeed reads one block. first holds the records so far by model and key.
func (r *reader) readSeed(p *Policy, b *hclsyntax.Block, first map[string]*SeedRecord) *Seed {
	at := b.Body.Attributes
	s := &Seed{
		Model: r.labelName(b), Range: place(b.DefRange()), MatchRange: place(b.DefRange()),
		On:    SeedOn(r.choice(at["on"], 0, "reinit", "always")),
		Match: []Match{MatchKeep, MatchUpdate}[r.choice(at["match"], 0, "keep", "update")],
	}
	s.Ignore = r.names(at["ignore"], false)
	if a := at["match"]; a != nil {
		s.MatchRange = place(a.SrcRange)
	}
	m := p.Model(s.Model.Text)
	if m == nil {
		m = &Model{Label: s.Model.Text}
	}
	loop := r.readForEach(at["for_each"])
	objects := r.seedObjects(at["records"], loop, m)
	if n := len(objects) * len(loop.elements); n > maxSeedRecords {
		r.fail(b.DefRange(), *tooMuch("The seed has too many records",
			fmt.Sprintf("It makes %d, and a seed may have %d.", n, maxSeedRecords), "Put the records into a package."))
		return s
	}
	if len(loop.elements) == 0 {
		for _, o := range objects {
			r.seedRecord(m, o, loop, element{key: cty.DynamicVal, value: cty.DynamicVal})
		}
	}
	for _, e := range loop.elements {
		for _, o := range objects {
			if rec, key := r.seedRecord(m, o, loop, e); rec != nil {
				s.Records = append(s.Records, rec)
				r.seedOnce(m, rec, key, first)
			}
		}
	}
	return s
}

// seedOnce reports a record that stands in the policy's seeds already.
func (r *reader) seedOnce(m *Model, rec *SeedRecord, key []schema.Literal, first map[string]*SeedRecord) {
	if len(key) == 0 {
		return
	}
	id := fmt.Sprintf("%q", append(literalTexts(key), m.Label))
	before := first[id]
	if before == nil {
		first[id] = rec
		return
	}
	r.failAt(rec.Range, diag.Diagnostic{
		Code: "policy.duplicate", Summary: fmt.Sprintf("Two seed records of %q have the same natural key%s", m.Label, rec.maker()),
		Detail: fmt.Sprintf("The first is at %s%s.", before.Range, before.maker()),
		Remedy: "Remove one of them, or give it another natural key.",
	})
}

// maker says which element of for_each the record was made for.
func (s *SeedRecord) maker() string {
	if s.Each == "" {
		return ""
	}
	return fmt.Sprintf(" (each.key %q)", s.Each)
}

func literalTexts(list []schema.Literal) []string {
	var texts []string
	for _, l := range list {
		texts = append(texts, fmt.Sprintf("%d:%s", l.Kind, l.Text))
	}
	return texts
}

// seedObject is a record of a seed before its values are known.
type seedObject struct {
	rng   diag.Range
	items []*seedItem
	// broken is true when the record is not to be made.
	broken bool
}

// seedItem is a field of a seedObject.
type seedItem struct {
	name  Name
	expr  hclsyntax.Expression
	usage usage
	// failed is true when a problem with it was reported.
	failed bool
}

// item is the object's field with that name, nil if there is none.
func (o *seedObject) item(field string) *seedItem {
	i := slices.IndexFunc(o.items, func(i *seedItem) bool { return sameField(i.name.Text, field) })
	if i < 0 {
		return nil
	}
	return o.items[i]
}

// seedObjects reads the list of records.
func (r *reader) seedObjects(a *hclsyntax.Attribute, loop *forEach, m *Model) []*seedObject {
	if a == nil {
		return nil
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		r.notOfType(a, cty.NilVal, "a list of objects", `Write records = [{ FIELD = VALUE }, …].`)
		return nil
	}
	var objects []*seedObject
	for _, e := range list.Exprs {
		object, ok := e.(*hclsyntax.ObjectConsExpr)
		if !ok {
			r.fail(e.Range(), diag.Diagnostic{
				Code: "policy.value", Summary: "A seed's record must be an object", Detail: "It gives the record's fields.",
				Remedy: `Write { FIELD = VALUE }.`,
			})
			continue
		}
		o := &seedObject{rng: place(object.Range())}
		r.fieldItems(object, "records", func(n Name, value hclsyntax.Expression) {
			o.items = append(o.items, r.seedItem(n, value, loop))
		})
		r.seedKey(o, m)
		objects = append(objects, o)
	}
	return objects
}
