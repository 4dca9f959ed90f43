package backup

import (
	"context"
	"fmt"
	"sort"

	"github.com/edmsplan/edmsplan/schema"
)

// Inspection is what a package holds and how it spells it. It holds no value
// of any record: those may be secrets.
type Inspection struct {
	Info   Info
	Models []ModelInspection
	// Warnings are the package's own and those that its records give reason
	// for, in the order of the models.
	Warnings []string
}

// ModelInspection is one model's records.
type ModelInspection struct {
	Model   string
	Records int
	// Keyed counts the records that carry a primary key apart from the fields.
	Keyed  int
	Fields []FieldInspection
}

// FieldInspection is one field of a model, in the order of first appearance.
type FieldInspection struct {
	Name string
	// Records counts the records that have the field.
	Records int
	// Spellings are the ways in which it is spelt, the most frequent first.
	Spellings []Spelling
	// Description says the same in words.
	Description string
}

// Spelling counts one way to spell a field.
type Spelling struct {
	Shape Shape
	Count int
	// First is the number of the first record that does it so.
	First int
}

// Inspect reads the whole package once.
func Inspect(ctx context.Context, p Package) (*Inspection, error) {
	in := &Inspection{Info: p.Info()}
	in.Warnings = append(in.Warnings, in.Info.Warnings...)
	for _, c := range p.Contents() {
		m, err := inspectModel(ctx, p, c.Model)
		if err != nil {
			return nil, err
		}
		in.Models = append(in.Models, *m)
		in.Warnings = append(in.Warnings, m.warnings()...)
	}
	return in, nil
}

// manyFields bounds what is remembered of a model: a hostile package may name
// each field anew.
const manyFields = 10_000

func inspectModel(ctx context.Context, p Package, model string) (*ModelInspection, error) {
	m := &ModelInspection{Model: model}
	at := map[string]int{}
	for r, err := range p.Scan(ctx, schema.Selection{Model: model}) {
		if err != nil {
			return nil, fmt.Errorf("inspecting %s: %w", model, err)
		}
		m.Records++
		if r.PK.Kind != schema.NullLiteral {
			m.Keyed++
		}
		for _, f := range r.Fields {
			i, ok := at[f.Name]
			if !ok {
				if i = len(m.Fields); i >= manyFields {
					continue
				}
				at[f.Name] = i
				m.Fields = append(m.Fields, FieldInspection{Name: f.Name})
			}
			m.Fields[i].count(ShapeOf(f.Value), r.Number)
		}
	}
	for i := range m.Fields {
		m.Fields[i].describe()
	}
	return m, nil
}

func (f *FieldInspection) count(s Shape, number int) {
	f.Records++
	for i := range f.Spellings {
		if f.Spellings[i].Shape == s {
			f.Spellings[i].Count++
			return
		}
	}
	f.Spellings = append(f.Spellings, Spelling{Shape: s, Count: 1, First: number})
}

func (f *FieldInspection) describe() {
	sort.SliceStable(f.Spellings, func(i, j int) bool { return f.Spellings[i].Count > f.Spellings[j].Count })
	for i, s := range f.Spellings {
		switch {
		case i > 0 && i == len(f.Spellings)-1:
			f.Description += " or "
		case i > 0:
			f.Description += ", "
		}
		f.Description += string(s.Shape)
	}
}

// has counts the records in which the field has one of the shapes.
func (f *FieldInspection) has(shapes ...Shape) int {
	n := 0
	for _, s := range f.Spellings {
		for _, want := range shapes {
			if s.Shape == want {
				n += s.Count
			}
		}
	}
	return n
}

// warnings says what in the model's spelling deserves a look.
func (m *ModelInspection) warnings() []string {
	var out []string
	if m.Keyed > 0 && m.Keyed < m.Records {
		out = append(out, fmt.Sprintf("%s: %d of %d records carry a primary key, the others none.",
			m.Model, m.Keyed, m.Records))
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Records < m.Records {
			out = append(out, fmt.Sprintf("%s.%s: missing in %d of %d records.", m.Model, f.Name, m.Records-f.Records, m.Records))
		}
		natural, number := f.has(NaturalKey), f.has(NumberShape)
		if natural > 0 && number > 0 {
			out = append(out, fmt.Sprintf("%s.%s: references are spelt as natural keys in %d records and as numbers in %d.",
				m.Model, f.Name, natural, number))
		}
		if lists, numbers := f.has(NaturalKeys), f.has(NumberList); lists > 0 && numbers > 0 {
			out = append(out, fmt.Sprintf("%s.%s: members are spelt as natural keys in %d records and as numbers in %d.",
				m.Model, f.Name, lists, numbers))
		}
	}
	if len(m.Fields) >= manyFields {
		out = append(out, fmt.Sprintf("%s: only the first %d different field names are listed.", m.Model, manyFields))
	}
	return out
}
