package export

import (
	"context"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// work is one selection under way.
type work struct {
	ctx     context.Context
	in      Input
	diags   diag.Collector
	scope   *policy.Scope
	models  []*model
	byLabel map[string]*model // in lower case, as content types are
	keys    map[spot]*keyIndex
	// complaints wait for the natural keys of the records they are about.
	complaints complaints
}

// spot is a field of a model.
type spot struct {
	model *model
	field int
}

// model is a schema.Model with what the policy and the table say of it.
type model struct {
	*schema.Model
	policy *policy.Model // nil if the policy has none
	table  *schema.Table
	names  map[string]int // names of fields and columns
	pk     int            // -1 unless the primary key is one field
	key    []int          // the natural key

	inScope        bool
	where, include *policy.Expr
	treatments     []treatment
	// refs and generics are the references of the model; those of a field that
	// is unset are followed nowhere.
	refs     []reference
	generics []generic
	// wanted are the identifiers that references name, by the field that holds
	// them.
	wanted map[int]*wanted

	account  Account
	dangling map[dangle]int64
}

// reference is a field and where it leads.
type reference struct {
	field int
	to    spot
	many  bool
}

// generic is a reference by content type and id; types is the content type's
// identifier, whose natural key is the label of a model.
type generic struct {
	typ, id int
	types   spot
}

// dangle is a field that refers to missing records of a model.
type dangle struct {
	field  int
	target *model
}

func (w *work) model(label string) *model { return w.byLabel[strings.ToLower(label)] }

// newWork binds the policy to the models. What does not fit is a diagnostic.
func newWork(ctx context.Context, in Input) (*work, error) {
	w := &work{ctx: ctx, in: in, byLabel: map[string]*model{}, keys: map[spot]*keyIndex{}}
	tables := map[string]*schema.Table{}
	for _, t := range in.Tables {
		tables[t.Name] = t
	}
	for _, sm := range in.Models {
		m := &model{
			Model: sm, policy: in.Policy.Model(sm.Label), table: tables[sm.Table], names: map[string]int{}, pk: -1,
			wanted: map[int]*wanted{}, account: Account{Model: sm.Label}, dangling: map[dangle]int64{},
		}
		if err := m.bind(); err != nil {
			return nil, err
		}
		w.models = append(w.models, m)
		w.byLabel[strings.ToLower(sm.Label)] = m
	}
	for _, m := range w.models {
		w.bindReferences(m)
	}
	w.narrow()
	w.checkKey()
	for _, m := range w.models {
		w.treat(m)
	}
	w.joinPseudonyms()
	for _, m := range w.models {
		m.dropUnset()
		w.checkFields(m, m.where)
		w.checkFields(m, m.include)
	}
	return w, nil
}

// bind finds the model's columns, keys and links.
func (m *model) bind() error {
	if m.table == nil {
		return fmt.Errorf("the table %s of %s is not given", m.Table, m.Label)
	}
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Link == nil && m.table.Column(f.Column) == nil {
			return fmt.Errorf("the table %s has no column %s", m.Table, f.Column)
		}
		if _, taken := m.names[f.Column]; f.Column != "" && !taken {
			m.names[f.Column] = i
		}
		if f.Link != nil {
			m.account.Links = append(m.account.Links, LinkAccount{Field: f.Name})
		}
	}
	for i := range m.Fields {
		m.names[m.Fields[i].Name] = i
	}
	for _, name := range m.NaturalKey {
		i, ok := m.names[name]
		if !ok {
			return fmt.Errorf("%s has no field %s, which is in its natural key", m.Label, name)
		}
		m.key = append(m.key, i)
	}
	if len(m.table.PrimaryKey) == 1 {
		if i, ok := m.names[m.table.PrimaryKey[0]]; ok {
			m.pk = i
		}
	}
	return nil
}

// bindReferences finds where the model's references lead. One to a model that
// the source does not have is a plain value.
func (w *work) bindReferences(m *model) {
	for i := range m.Fields {
		if to, ok := w.target(m.Fields[i].References); ok {
			m.refs = append(m.refs, reference{field: i, to: to, many: m.Fields[i].Link != nil})
		}
	}
	for _, g := range m.Generics {
		typ, known := m.names[g.Type]
		id, also := m.names[g.ID]
		if !known || !also {
			continue
		}
		if types, ok := w.target(m.Fields[typ].References); ok {
			m.generics = append(m.generics, generic{typ: typ, id: id, types: types})
		}
	}
}

func (w *work) target(r *schema.ModelReference) (spot, bool) {
	if r == nil {
		return spot{}, false
	}
	t := w.model(r.Model)
	if t == nil {
		return spot{}, false
	}
	field, ok := t.names[r.Field]
	return spot{t, field}, ok
}

// narrow finds the scope and what it and the export blocks take.
func (w *work) narrow() {
	if w.in.Scope != "" {
		names := make([]string, 0, len(w.in.Policy.Scopes))
		for _, s := range w.in.Policy.Scopes {
			names = append(names, s.Name)
			if s.Name == w.in.Scope {
				w.scope = s
			}
		}
		if w.scope == nil {
			w.add(diag.Range{}, "policy.unknown_scope", fmt.Sprintf("There is no scope %q", w.in.Scope),
				"The policy declares no such scope.", "It has "+listed(names)+".")
			return
		}
	}
	for _, m := range w.models {
		m.inScope = w.scope == nil || w.scope.Holds(m.Label)
		if w.scope != nil {
			m.where = w.scope.Where[m.Label]
		}
		if e := m.export(w.in.Redact); e != nil {
			m.include = e.Include
		}
	}
}

// export is the model's export block when it applies.
func (m *model) export(redact bool) *policy.Export {
	if !redact || m.policy == nil {
		return nil
	}
	return m.policy.Export
}

// checkFields checks that the fields of an expression exist, and reads the
// natural keys that its references stand for.
func (w *work) checkFields(m *model, e *policy.Expr) {
	if e == nil {
		return
	}
	for _, n := range e.Fields() {
		if _, ok := m.names[n.Text]; !ok {
			w.unknownField(m, n)
		}
	}
}

func (w *work) unknownField(m *model, n policy.Name) {
	names := make([]string, 0, len(m.Fields))
	for i := range m.Fields {
		names = append(names, m.Fields[i].Name)
	}
	w.add(n.Range, "policy.unknown_field", fmt.Sprintf("%s has no field %q", m.Label, n.Text),
		fmt.Sprintf("The table %s has no such column.", m.Table), "Its fields are "+listed(names)+".")
}

// add notes a problem at a place of the policy.
func (w *work) add(r diag.Range, code, summary, detail, remedy string) {
	w.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: code, Range: r, Source: w.sourceLine(r),
		Summary: summary, Detail: detail, Remedy: remedy,
	})
}

// sourceLine is the line of the policy where a range starts.
func (w *work) sourceLine(r diag.Range) string {
	for _, f := range w.in.Policy.Files {
		if f.Name != r.File {
			continue
		}
		lines := strings.Split(string(f.Content), "\n")
		if r.Start.Line >= 1 && r.Start.Line <= len(lines) {
			return strings.TrimRight(lines[r.Start.Line-1], "\r")
		}
	}
	return ""
}

// listed joins names for a sentence.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
