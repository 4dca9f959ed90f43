package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// verifyRecords is level 2: each record decodes, and each reference leads to a
// record of the package or is listed.
func verifyRecords(ctx context.Context, r VerifyRequest) (VerifiedLevel, error) {
	if r.references != nil {
		return r.references.level(), nil
	}
	pkg, ok := r.Package.(backup.Described)
	if !ok {
		level := newRecordsLevel()
		n, err := decodeAll(ctx, r.Package)
		level.Facts = append(level.Facts, fmt.Sprintf("%d records decode.", n),
			"What the references mean, only a policy and a database tell: make a plan with the package.")
		return level, err
	}
	j := newReferenceJudge(pkg)
	for _, m := range pkg.Models() {
		for rec, err := range pkg.Scan(ctx, schema.Selection{Model: m.Label}) {
			if err == nil {
				err = j.record(m, rec)
			}
			if err != nil {
				return newRecordsLevel(), err
			}
		}
	}
	return j.level(), nil
}

func newRecordsLevel() VerifiedLevel {
	return VerifiedLevel{Level: 2, Name: "records and references"}
}

// decodeAll reads all records and returns how many there are.
func decodeAll(ctx context.Context, pkg backup.Package) (int, error) {
	records := 0
	for _, c := range pkg.Contents() {
		for _, err := range pkg.Scan(ctx, schema.Selection{Model: c.Model}) {
			if err != nil {
				return records, err
			}
			records++
		}
	}
	return records, nil
}

// referenceJudge follows the references of a package's records. Of a record
// that others may refer to it keeps the value that they name it by.
type referenceJudge struct {
	pkg    backup.Described
	models map[string]*schema.Model // by their labels in small letters
	ids    map[schema.ModelReference]*idSet
	// types are the labels that content types mean, by their identifier.
	types        map[string]string
	contentTypes map[string]bool
	// done are the models that were read: those of which all ids are known.
	done  map[string]bool
	found []*followed
	// reading is the model that is read, records how many records were.
	reading *modelJudge
	records int
}

// modelJudge is what is to be looked at in the records of one model.
type modelJudge struct {
	*schema.Model
	notes    []noted
	refs     []*followed
	generics []*generic
}

// noted is a field by whose value references may name the record.
type noted struct {
	at  int
	ids *idSet
}

// generic is a reference by content type and id: the fields, and what was
// followed by the label that it leads to.
type generic struct {
	typ, id int
	name    string
	byLabel map[string]*followed
}

// followed counts the references of one field.
type followed struct {
	model, field string
	at           int // the field
	// to is the model referred to.
	to            string
	resolved      int
	lost          int
	first         int  // the number of the first record whose reference is lost
	generic, deep bool // by content type and id; to a model outside the package
	// ids are those that the references name, waiting those that are not known
	// yet, as their model is read later: how often each is named, and where
	// first.
	ids     *idSet
	waiting map[string]waiting
}

type waiting struct{ count, first int }

// newReferenceJudge finds which fields references may name.
func newReferenceJudge(pkg backup.Described) *referenceJudge {
	j := &referenceJudge{
		pkg: pkg, models: map[string]*schema.Model{}, ids: map[schema.ModelReference]*idSet{},
		types: map[string]string{}, contentTypes: map[string]bool{}, done: map[string]bool{},
	}
	for _, m := range pkg.Models() {
		j.models[strings.ToLower(m.Label)] = m
		for i := range m.Fields {
			if ref := m.Fields[i].References; ref != nil {
				j.ids[*ref] = &idSet{}
			}
		}
		for _, g := range m.Generics {
			if ref := m.Field(g.Type).References; ref != nil {
				j.contentTypes[ref.Model] = true
			}
		}
	}
	if len(j.contentTypes) > 0 {
		for _, m := range pkg.Models() {
			if pk := j.primaryKey(m); pk != nil {
				j.ids[schema.ModelReference{Model: m.Label, Field: pk.Name}] = &idSet{}
			}
		}
	}
	return j
}

// begin looks at a model before its first record.
func (j *referenceJudge) begin(m *schema.Model) *modelJudge {
	for _, before := range j.pkg.Models() {
		if before.Label == m.Label {
			break
		}
		j.done[before.Label] = true
	}
	out := &modelJudge{Model: m}
	for n := range m.Fields {
		f := &m.Fields[n]
		if ids := j.ids[schema.ModelReference{Model: m.Label, Field: f.Name}]; ids != nil {
			out.notes = append(out.notes, noted{n, ids})
		}
		if ref := f.References; ref != nil {
			out.refs = append(out.refs, &followed{model: m.Label, field: f.Name, at: n, to: ref.Model, ids: j.ids[*ref]})
		}
	}
	j.found = append(j.found, out.refs...)
	for _, g := range m.Generics {
		one := &generic{typ: -1, id: -1, name: g.ID, byLabel: map[string]*followed{}}
		for n := range m.Fields {
			switch m.Fields[n].Name {
			case g.Type:
				one.typ = n
			case g.ID:
				one.id = n
			}
		}
		if one.typ >= 0 && one.id >= 0 {
			out.generics = append(out.generics, one)
		}
	}
	return out
}

// meant is the label that a content type stands for.
func meant(m *schema.Model, rec *schema.Record) string {
	var parts []string
	for _, name := range m.NaturalKey {
		for n := range m.Fields {
			if m.Fields[n].Name == name {
				parts = append(parts, rec.Fields[n].Value.Text)
			}
		}
	}
	return strings.ToLower(strings.Join(parts, "."))
}

// primaryKey is the field with the table's primary key, nil if it is not one
// column.
func (j *referenceJudge) primaryKey(m *schema.Model) *schema.ModelField {
	for _, t := range j.pkg.Header().Tables {
		if t.Name == m.Table && len(t.PrimaryKey) == 1 {
			for i := range m.Fields {
				if m.Fields[i].Column == t.PrimaryKey[0] {
					return &m.Fields[i]
				}
			}
		}
	}
	return nil
}

// record follows the references of a record. The records of one model come
// together.
func (j *referenceJudge) record(m *schema.Model, rec *schema.Record) error {
	if j.reading == nil || j.reading.Label != m.Label {
		j.reading = j.begin(m)
	}
	j.records++
	r := j.reading
	for _, n := range r.notes {
		text := rec.Fields[n.at].Value.Text
		if rec.Fields[n.at].Value.Kind == schema.NullLiteral {
			continue
		}
		n.ids.add(text)
		if j.contentTypes[m.Label] {
			j.types[strings.Clone(text)] = meant(m, rec)
		}
	}
	for _, f := range r.refs {
		if err := j.field(f, &m.Fields[f.at], rec); err != nil {
			return fmt.Errorf("%s record %d, %s: %w", m.Label, rec.Number, f.field, err)
		}
	}
	for _, g := range r.generics {
		j.judgeGeneric(m, g, rec)
	}
	return nil
}

// field follows what a field refers to: a record, or the members of a
// many-to-many field.
func (j *referenceJudge) field(f *followed, field *schema.ModelField, rec *schema.Record) error {
	l := rec.Fields[f.at].Value
	if l.Kind == schema.NullLiteral {
		return nil
	}
	if field.Link == nil {
		j.follow(f, l.Text, rec.Number)
		return nil
	}
	if l.Text == "[]" {
		return nil
	}
	members, err := schema.ParseMembers(l)
	for _, m := range members {
		j.follow(f, m.ID, rec.Number)
	}
	return err
}

// follow counts a reference. Models are read each after those that it refers
// to, as far as that is possible: what leads to one that is not read yet waits.
func (j *referenceJudge) follow(f *followed, id string, number int) {
	switch {
	case f.ids.has(id):
		f.resolved++
	case f.deep || j.done[f.to]:
		f.lose(1, number)
	default:
		if f.waiting == nil {
			f.waiting = map[string]waiting{}
		}
		w := f.waiting[id]
		if w.count++; w.count == 1 {
			w.first, id = number, strings.Clone(id)
		}
		f.waiting[id] = w
	}
}

// settle judges what waited.
func (j *referenceJudge) settle() {
	for _, f := range j.found {
		for id, w := range f.waiting {
			if f.ids.has(id) {
				f.resolved += w.count
			} else {
				f.lose(w.count, w.first)
			}
		}
	}
}

func (f *followed) lose(n, number int) {
	if f.lost += n; f.first == 0 || number < f.first {
		f.first = number
	}
}

func (j *referenceJudge) judgeGeneric(m *schema.Model, g *generic, rec *schema.Record) {
	typ, id := rec.Fields[g.typ].Value, rec.Fields[g.id].Value
	if typ.Kind == schema.NullLiteral || id.Kind == schema.NullLiteral {
		return
	}
	label := j.types[typ.Text]
	f := g.byLabel[label]
	if f == nil {
		f = j.generic(m, g.name, label)
		g.byLabel[label] = f
	}
	j.follow(f, id.Text, rec.Number)
}

// generic begins to follow a model's generic references to another one.
func (j *referenceJudge) generic(m *schema.Model, field, label string) *followed {
	f := &followed{model: m.Label, field: field, to: label, generic: true, deep: true}
	j.found = append(j.found, f)
	if target := j.models[label]; target != nil {
		f.deep, f.to = false, target.Label
		if pk := j.primaryKey(target); pk != nil {
			f.ids = j.ids[schema.ModelReference{Model: target.Label, Field: pk.Name}]
		}
	}
	return f
}

// level is the outcome.
func (j *referenceJudge) level() VerifiedLevel {
	level := newRecordsLevel()
	j.settle()
	if j.records != j.pkg.Info().Records {
		level.Problems = append(level.Problems, fmt.Sprintf("The package counts %d records and holds %d.", j.pkg.Info().Records, j.records))
	}
	level.Facts = append(level.Facts, fmt.Sprintf("%d records decode.", j.records))
	j.report(&level)
	return level
}

// report says what resolved. A generic reference may lead nowhere: what it
// names may be gone for good.
func (j *referenceJudge) report(level *VerifiedLevel) {
	resolved, generic, lost := 0, 0, 0
	for _, f := range j.found {
		switch {
		case f.generic:
			generic += f.resolved
		default:
			resolved += f.resolved
		}
		lost += f.lost
		if f.lost == 0 {
			continue
		}
		text := fmt.Sprintf("%s.%s: %d of %d references to %s lead to no record of the package, the first in record %d.",
			f.model, f.field, f.lost, f.lost+f.resolved, orUnknown(f.to), f.first)
		switch {
		case f.deep:
			level.Listed = append(level.Listed, fmt.Sprintf("%s.%s: %d references to %s lead outside the package.", f.model, f.field, f.lost, orUnknown(f.to)))
		case f.generic:
			level.Listed = append(level.Listed, text)
		default:
			level.Problems = append(level.Problems, text)
			level.Lost++
		}
	}
	slices.Sort(level.Listed)
	level.Facts = append(level.Facts, fmt.Sprintf("%d references and %d generic references lead to records of the package.", resolved, generic))
}

func orUnknown(label string) string {
	if label == "" {
		return "an unknown content type"
	}
	return label
}
