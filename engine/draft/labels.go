package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// contentTypes are the labels of the models that Django knows of, sorted.
func contentTypes(ctx context.Context, w *world, live schema.Source) ([]string, error) {
	t := w.byName["django_content_type"]
	if t == nil || t.Column("app_label") == nil || t.Column("model") == nil {
		return nil, nil
	}
	out := []string{contentTypeLabel} // also where nothing has migrated yet
	for r, err := range live.Scan(ctx, schema.Selection{Table: t.Table, Columns: []string{"app_label", "model"}}) {
		if err != nil {
			return nil, fmt.Errorf("read the content types: %w", err)
		}
		out = append(out, r.Fields[0].Value.Text+"."+r.Fields[1].Value.Text)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// pair is a label that a table may have.
type pair struct {
	label       string
	table       *table
	score, name int
	// found and fields are how many of the package's fields the table has.
	found, fields int
	typed         bool
}

// label finds the tables of the labels. It returns the content types that have
// none.
func (w *world) label(packaged map[string]*surveyed, types []string) []string {
	labels := slices.Concat(types, sortedKeys(packaged))
	slices.Sort(labels)
	labels = slices.Compact(labels)
	var pairs []pair
	for _, label := range labels {
		if !soundLabel(label) {
			continue
		}
		for _, t := range w.tables {
			if p := w.pair(label, t, packaged[label]); p.score > 0 {
				pairs = append(pairs, p)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.score - a.score })
	placed := map[string]bool{}
	for _, p := range pairs {
		if placed[p.label] || p.table.label != "" {
			continue
		}
		placed[p.label] = true
		p.table.described = w.described[p.label]
		p.table.adopt(p, packaged[p.label], rivals(pairs, p))
	}
	if len(labels) == 0 {
		w.nameByThemselves()
	}
	return slices.DeleteFunc(types, func(label string) bool { return placed[label] })
}

// describedBy are the models of a package that says what its records are.
func describedBy(pkg schema.Source) map[string]*schema.Model {
	out := map[string]*schema.Model{}
	if typed, ok := pkg.(schema.Typed); ok {
		for _, m := range typed.Models() {
			out[m.Label] = m
		}
	}
	return out
}

func (w *world) pair(label string, t *table, s *surveyed) pair {
	p := pair{label: label, table: t, name: nameScore(t.Relation, label)}
	if m := w.described[label]; m != nil {
		p.typed = m.Table == t.Name
	}
	if t.Name == "django_migrations" {
		return p
	}
	if p.typed {
		p.score = 1000
		return p
	}
	if s == nil {
		// A join table is a model's only where its name leaves no doubt.
		if p.name >= partOfName && (!t.join || p.name == exactName) {
			p.score = p.name
		}
		return p
	}
	p.fields = len(s.fields)
	for _, f := range s.fields {
		if w.holds(t, f) {
			p.found++
		}
	}
	if p.fields == 0 {
		p.fields, p.found = 1, 1
	}
	fit := 100 * p.found / p.fields
	if p.name < goodName && (fit < 60 || !t.covered(s)) || fit < 30 {
		return p
	}
	// The records' own fields say more than names.
	p.score = 2*fit + p.name + 1
	return p
}

// holds reports whether the table has a place for the package's field.
func (w *world) holds(t *table, f *surveyedField) bool {
	i, ok := t.index[f.name]
	if !ok {
		return f.lists > 0 && w.manyField(t, f.name) != nil
	}
	if f.natural.count > 0 && f.natural.count == f.records-f.nulls && t.fields[i].refers == "" {
		k := t.fields[i].column.Type.Kind
		return k == schema.JSON || k == schema.Array || k == schema.Text
	}
	return true
}

// covered reports whether most of the columns that must be given are fields of
// the package.
func (t *table) covered(s *surveyed) bool {
	must, have := 0, 0
	for i, f := range t.fields {
		if !f.column.NotNull || f.column.HasDefault || i == t.pk() {
			continue
		}
		must++
		if s.index[f.name] != nil || s.index[f.column.Name] != nil {
			have++
		}
	}
	return 2*have >= must
}

// rivals are the other tables that fit the label about as well.
func rivals(pairs []pair, p pair) []string {
	var out []string
	for _, q := range pairs {
		if q.label == p.label && q.table != p.table && q.table.label == "" && q.score >= p.score-10 && p.name < goodName {
			out = append(out, q.table.Name)
		}
	}
	return out
}

func (t *table) adopt(p pair, s *surveyed, others []string) {
	t.label, t.pkg = p.label, s
	switch {
	case p.typed:
		t.why = "the package says that its records come from this table"
	case p.name == exactName:
		t.why = "Django's own name for the table"
	case s != nil:
		t.why = fmt.Sprintf("%d of the %d fields in the package are in the table", p.found, p.fields)
		t.unsure = p.found*10 < p.fields*8
	case p.name == goodName:
		t.why = "a content type, matched with the table by name"
	default:
		t.why = "a content type, matched with the table by a part of its name"
		t.unsure = true
	}
	if len(others) > 0 {
		t.unsure = true
		t.why += "; " + joinWords(others) + " would fit as well"
	}
}

// nameByThemselves labels the tables of a database that no Django made.
func (w *world) nameByThemselves() {
	taken := map[string]bool{}
	own := func(t *table) bool { return soundLabel(t.Name) && t.Name == strings.ToLower(t.Name) }
	for _, t := range w.tables { // those that are labels as they stand come first
		if !t.join && own(t) {
			taken[t.Name] = true
			t.label, t.why = t.Name, "the table's own name, as nothing says what packages call it"
		}
	}
	for _, t := range w.tables {
		if t.join || own(t) || t.Name == "" {
			continue
		}
		// Labels are told apart without regard to case.
		label := labelOf(t.Name)
		for n := 2; taken[strings.ToLower(label)]; n++ {
			label = fmt.Sprintf("%s_%d", labelOf(t.Name), n)
		}
		taken[strings.ToLower(label)] = true
		t.label, t.why = label, "the table's own name, as nothing says what packages call it"
		if label != t.Name {
			t.why = "the table's own name, spelt as a label that no other model has"
		}
	}
}

// labelOf is a sound label like the name.
func labelOf(name string) string {
	label := strings.Map(func(r rune) rune {
		if soundLabel(string(r)) {
			return r
		}
		return '_'
	}, name)
	return label[:min(len(label), 190)]
}

// soundLabel reports whether a policy can have a model of that label; what a
// package says may be anything.
func soundLabel(label string) bool {
	return label != "" && len(label) <= 200 && !strings.ContainsFunc(label, func(r rune) bool {
		return r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
