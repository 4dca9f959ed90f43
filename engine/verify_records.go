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
	level := VerifiedLevel{Level: 2, Name: "records and references"}
	pkg, ok := r.Package.(backup.Described)
	if !ok {
		n, err := decodeAll(ctx, r.Package)
		level.Facts = append(level.Facts, fmt.Sprintf("%d records decode.", n),
			"What the references mean, only a policy and a database tell: make a plan with the package.")
		return level, err
	}
	j := &referenceJudge{pkg: pkg, models: map[string]*schema.Model{}, ids: map[schema.ModelReference]map[string]bool{}, types: map[string]string{}, done: map[string]bool{}}
	j.index()
	records := 0
	for _, m := range pkg.Models() {
		n, err := j.judge(ctx, m)
		if records += n; err != nil {
			return level, err
		}
	}
	j.settle()
	if records != pkg.Info().Records {
		level.Problems = append(level.Problems, fmt.Sprintf("The package counts %d records and holds %d.", pkg.Info().Records, records))
	}
	level.Facts = append(level.Facts, fmt.Sprintf("%d records decode.", records))
	j.report(&level)
	return level, nil
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
	ids    map[schema.ModelReference]map[string]bool
	// types are the labels that content types mean, by their identifier.
	types        map[string]string
	contentTypes map[string]bool
	// done are the models that were read: those of which all ids are known.
	done  map[string]bool
	found []*followed
}

// followed counts the references of one field.
type followed struct {
	model, field string
	// to is the model referred to.
	to            string
	resolved      int
	lost          int
	first         int  // the number of the first record whose reference is lost
	generic, deep bool // by content type and id; to a model outside the package
	// ids are those that the references name, waiting those that are not known
	// yet, as their model is read later: how often each is named, and where
	// first.
	ids     map[string]bool
	waiting map[string]waiting
}

type waiting struct{ count, first int }

// index finds which fields references may name.
func (j *referenceJudge) index() {
	for _, m := range j.pkg.Models() {
		j.models[strings.ToLower(m.Label)] = m
	}
	contentTypes := map[string]bool{}
	for _, m := range j.pkg.Models() {
		for i := range m.Fields {
			if ref := m.Fields[i].References; ref != nil {
				j.ids[*ref] = map[string]bool{}
			}
		}
		for _, g := range m.Generics {
			if ref := m.Field(g.Type).References; ref != nil {
				contentTypes[ref.Model] = true
			}
		}
	}
	if len(contentTypes) > 0 {
		for _, m := range j.pkg.Models() {
			if pk := j.primaryKey(m); pk != nil {
				j.ids[schema.ModelReference{Model: m.Label, Field: pk.Name}] = map[string]bool{}
			}
		}
	}
	j.contentTypes = contentTypes
}

// noteFields are the fields of a model whose values references may name.
func (j *referenceJudge) noteFields(m *schema.Model) map[int]map[string]bool {
	sets := map[int]map[string]bool{}
	for n := range m.Fields {
		if set := j.ids[schema.ModelReference{Model: m.Label, Field: m.Fields[n].Name}]; set != nil {
			sets[n] = set
		}
	}
	return sets
}

// note notes how references name a record.
func (j *referenceJudge) note(m *schema.Model, rec *schema.Record, sets map[int]map[string]bool) {
	for n, set := range sets {
		text := strings.Clone(rec.Fields[n].Value.Text) // not the whole record with it
		set[text] = true
		if j.contentTypes[m.Label] {
			j.types[text] = meant(m, rec)
		}
	}
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

// judge follows the references of a model's records.
func (j *referenceJudge) judge(ctx context.Context, m *schema.Model) (records int, err error) {
	byField := make([]*followed, len(m.Fields))
	for n := range m.Fields {
		if ref := m.Fields[n].References; ref != nil {
			byField[n] = &followed{model: m.Label, field: m.Fields[n].Name, to: ref.Model, ids: j.ids[*ref]}
			j.found = append(j.found, byField[n])
		}
	}
	generics, sets := map[string]*followed{}, j.noteFields(m)
	for rec, err := range j.pkg.Scan(ctx, schema.Selection{Model: m.Label}) {
		if err != nil {
			return records, err
		}
		records++
		j.note(m, rec, sets)
		for n, f := range byField {
			if f == nil {
				continue
			}
			ids, err := referred(m.Fields[n], rec.Fields[n].Value)
			if err != nil {
				return records, fmt.Errorf("%s record %d, %s: %w", m.Label, rec.Number, f.field, err)
			}
			for _, id := range ids {
				j.follow(f, id, rec.Number)
			}
		}
		for _, g := range m.Generics {
			j.judgeGeneric(m, g, rec, generics)
		}
	}
	j.done[m.Label] = true
	return records, nil
}

// follow counts a reference. Models are read each after those that it refers
// to, as far as that is possible: what leads to one that is not read yet waits.
func (j *referenceJudge) follow(f *followed, id string, number int) {
	switch {
	case f.ids[id]:
		f.resolved++
	case j.done[f.to] || f.deep:
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
			if f.ids[id] {
				f.resolved += w.count
			} else {
				f.lose(w.count, w.first)
			}
		}
	}
}

// referred are the identifiers that a reference or the members of a
// many-to-many field name.
func referred(f schema.ModelField, l schema.Literal) ([]string, error) {
	switch {
	case l.Kind == schema.NullLiteral:
		return nil, nil
	case f.Link == nil:
		return []string{l.Text}, nil
	}
	members, err := schema.ParseMembers(l)
	ids := make([]string, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	return ids, err
}

func (f *followed) lose(n, number int) {
	if f.lost += n; f.first == 0 || number < f.first {
		f.first = number
	}
}

func (j *referenceJudge) judgeGeneric(m *schema.Model, g schema.GenericField, rec *schema.Record, found map[string]*followed) {
	var typ, id schema.Literal
	for n := range m.Fields {
		switch m.Fields[n].Name {
		case g.Type:
			typ = rec.Fields[n].Value
		case g.ID:
			id = rec.Fields[n].Value
		}
	}
	if typ.Kind == schema.NullLiteral || id.Kind == schema.NullLiteral {
		return
	}
	label := j.types[typ.Text]
	f := found[g.ID+" "+label]
	if f == nil {
		f = &followed{model: m.Label, field: g.ID, to: label, generic: true, deep: true}
		found[g.ID+" "+label] = f
		j.found = append(j.found, f)
	}
	if target := j.models[label]; target != nil && f.ids == nil {
		f.deep, f.to = false, target.Label
		if pk := j.primaryKey(target); pk != nil {
			f.ids = j.ids[schema.ModelReference{Model: target.Label, Field: pk.Name}]
		}
	}
	j.follow(f, id.Text, rec.Number)
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
