package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// binding is a policy bound to a catalogue.
type binding struct {
	policy    *policy.Policy
	catalogue *schema.Catalogue
	models    []*model // in the order in which they are planned and added
	byLabel   map[string]*model
	byTable   map[string][]*model
	// joins are the join tables of many-to-many fields.
	joins map[string]bool
	diags *diag.Collector
}

// bind finds the tables and columns that the policy names. What it does not
// find is a diagnostic, and the model is left out.
func bind(p *policy.Policy, c *schema.Catalogue, diags *diag.Collector) *binding {
	b := &binding{
		policy: p, catalogue: c, diags: diags,
		byLabel: map[string]*model{}, byTable: map[string][]*model{}, joins: map[string]bool{},
	}
	for _, pm := range p.Models {
		t := c.Table(pm.Table.Text)
		if t == nil {
			b.unknown("table", pm.Table, tableNames(c), "The live database has no such table.")
			continue
		}
		m := &model{policy: pm, label: pm.Label, table: t, names: map[string]int{}, pk: -1}
		b.models = append(b.models, m)
		b.byLabel[strings.ToLower(m.label)] = m
		b.byTable[t.Name] = append(b.byTable[t.Name], m)
	}
	for _, m := range b.models {
		b.columns(m)
	}
	for _, m := range b.models {
		b.joinTables(m)
		b.references(m)
		b.attributes(m)
	}
	for _, m := range b.models {
		b.plainParts(m)
	}
	b.order()
	for _, m := range b.models {
		b.targets(m)
		b.loose(m)
	}
	b.checks()
	return b
}

// columns makes a field of each column that can be written.
func (b *binding) columns(m *model) {
	for i := range m.table.Columns {
		c := &m.table.Columns[i]
		if c.Generated {
			continue
		}
		f := field{name: c.Name, column: c}
		if m.table.ForeignKeyOf(c.Name) != nil {
			if short, ok := strings.CutSuffix(c.Name, "_id"); ok && m.table.Column(short) == nil {
				f.name = short
			}
		}
		m.names[f.name], m.names[c.Name] = len(m.fields), len(m.fields)
		m.fields = append(m.fields, f)
	}
	if len(m.table.PrimaryKey) == 1 {
		if i, ok := m.names[m.table.PrimaryKey[0]]; ok {
			m.pk = i
		}
	}
}

// joinTables makes a field of each join table of the model: a table named
// TABLE_FIELD, or named by a reference block's through, that has nothing but
// two foreign keys, one of them to the model's table, and its own key.
func (b *binding) joinTables(m *model) {
	for _, t := range b.catalogue.Tables {
		through := m.through(t)
		name, byName := strings.CutPrefix(t.Relation, m.table.Relation+"_")
		byName = byName && t.Schema == m.table.Schema && name != ""
		if through == nil && (!byName || len(b.byTable[t.Name]) > 0) {
			continue
		}
		owner, member := joinColumns(t, m.table)
		if owner == nil {
			if through != nil {
				b.add(through.Through.Range, "policy.through", fmt.Sprintf("%q is not a join table of %s", t.Name, m.table.Name),
					"A join table has two foreign keys of one column, one of them to "+m.table.Name+", and nothing else but its own key.", "")
			}
			continue
		}
		if through != nil {
			name = through.Field.Text
		}
		if _, taken := m.names[name]; taken {
			continue
		}
		b.joins[t.Name] = true
		f := field{name: name, many: &many{
			table: t, owner: owner.Columns[0], ownerField: m.names[owner.RefColumns[0]], member: member.Columns[0],
		}}
		if pk := t.PrimaryKey; len(pk) == 1 && pk[0] != f.many.owner && pk[0] != f.many.member {
			f.many.key = pk
		}
		f.ref = b.reference(m, name, member)
		m.names[name] = len(m.fields)
		m.fields = append(m.fields, f)
	}
}

func (m *model) through(t *schema.Table) *policy.Reference {
	for _, r := range m.policy.References {
		if r.Through.Text == t.Name {
			return r
		}
	}
	return nil
}

// joinColumns returns the two foreign keys of a join table, nil if it is none.
// Where both lead to the owner's table, Django's from_ column is the owner's.
func joinColumns(t, ownerTable *schema.Table) (owner, member *schema.ForeignKey) {
	plain := 0
	for _, c := range t.Columns {
		if !slices.Contains(t.PrimaryKey, c.Name) && !c.Generated {
			plain++
		}
	}
	var keys []*schema.ForeignKey
	inKey := 0
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		if len(fk.Columns) != 1 {
			return nil, nil
		}
		if slices.Contains(t.PrimaryKey, fk.Columns[0]) {
			inKey++
		}
		keys = append(keys, fk)
	}
	if len(keys) != 2 || plain != 2-inKey {
		return nil, nil
	}
	slices.SortStableFunc(keys, func(x, y *schema.ForeignKey) int { return joinRank(x, t) - joinRank(y, t) })
	for i, fk := range keys {
		if fk.RefTable == ownerTable.Name {
			return fk, keys[1-i]
		}
	}
	return nil, nil
}

func joinRank(fk *schema.ForeignKey, t *schema.Table) int {
	if strings.HasPrefix(fk.Columns[0], "from_") {
		return -1
	}
	return slices.IndexFunc(t.Columns, func(c schema.Column) bool { return c.Name == fk.Columns[0] })
}

// references binds the foreign keys and the reference blocks.
func (b *binding) references(m *model) {
	for i := range m.table.ForeignKeys {
		fk := &m.table.ForeignKeys[i]
		if len(fk.Columns) != 1 {
			b.composite(m, fk)
			continue
		}
		if f, ok := m.names[fk.Columns[0]]; ok {
			m.fields[f].ref = b.reference(m, m.fields[f].name, fk)
		}
	}
	for _, r := range m.policy.References {
		f, ok := b.name(m, r.Field)
		if ok && m.fields[f].ref == nil {
			b.add(r.Field.Range, "policy.reference", fmt.Sprintf("%q of %s is not a reference", r.Field.Text, m.label),
				"The column has no foreign key, and there is no join table of that name.",
				"Name a field with a foreign key, or give the join table with through.")
		}
	}
}

// reference finds the model that a foreign key leads to.
func (b *binding) reference(m *model, name string, fk *schema.ForeignKey) *reference {
	r := &reference{table: fk.RefTable}
	for _, pr := range m.policy.References {
		if pr.Field.Text == name || pr.Field.Text == fk.Columns[0] {
			r.rule = pr
		}
	}
	candidates := b.byTable[fk.RefTable]
	if r.rule != nil && r.rule.Model.Text != "" {
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(c *model) bool { return c.label != r.rule.Model.Text })
	}
	switch len(candidates) {
	case 0:
		if len(b.byTable[fk.RefTable]) > 0 {
			b.add(r.rule.Model.Range, "policy.reference", fmt.Sprintf("%s is not a model of the table %s that %s.%s refers to", r.rule.Model.Text, fk.RefTable, m.label, name), "",
				fmt.Sprintf("Name the model whose block says table = %s.", fk.RefTable))
		}
	case 1:
		r.model = candidates[0]
		r.field = r.model.names[fk.RefColumns[0]]
	default:
		b.add(m.policy.Range, "policy.ambiguous", fmt.Sprintf("Several models share the table %s that %s.%s refers to", fk.RefTable, m.label, name),
			"", fmt.Sprintf("Say which one is meant: reference %q { model = … }.", name))
	}
	return r
}

// attributes binds the names in the model block.
func (b *binding) attributes(m *model) {
	for _, n := range m.policy.NaturalKey {
		if f, ok := b.name(m, n); ok {
			m.key = append(m.key, f)
			if m.fields[f].many != nil {
				b.add(n.Range, "policy.key", fmt.Sprintf("%q cannot be part of a natural key", n.Text), "It is a many-to-many field.", "")
			} else if r := m.fields[f].ref; r != nil && r.model == nil {
				b.add(n.Range, "policy.key", fmt.Sprintf("%q refers to the table %s, which has no model block", n.Text, r.table),
					"A reference contributes the natural key of what it refers to.", fmt.Sprintf("Add a model block for the table %s.", r.table))
			}
		}
	}
	m.packageKey = m.key
	if len(m.policy.PackageKey) > 0 {
		m.packageKey = nil
		for _, n := range m.policy.PackageKey {
			if f, ok := b.name(m, n); ok {
				m.packageKey = append(m.packageKey, f)
			}
		}
		m.ownSpelling = !slices.Equal(m.packageKey, m.key)
	}
	for _, n := range m.policy.Sensitive {
		if f, ok := b.name(m, n); ok {
			m.fields[f].sensitive = true
			if slices.Contains(m.key, f) || slices.Contains(m.packageKey, f) {
				b.add(n.Range, "policy.sensitive", fmt.Sprintf("%q is part of the natural key of %s", n.Text, m.label),
					"The natural key of a record is printed in every plan.", "Take another natural key.")
			}
		}
	}
	if m.policy.Absent == policy.AbsentDestroy && len(b.byTable[m.table.Name]) > 1 {
		b.add(m.rule("absent"), "policy.absent", fmt.Sprintf("%s shares the table %s with another model", m.label, m.table.Name),
			"Which of its rows the package lacks cannot be told.", "Write absent = keep.")
	}
	for _, n := range m.policy.Ignore {
		if f, ok := b.name(m, n); ok {
			m.fields[f].ignore = true
		}
	}
	for _, s := range m.policy.Surrogates {
		if f, ok := b.name(m, s.Name); ok {
			m.fields[f].surrogate = !slices.Contains(m.key, f)
			m.surrogates = append(m.surrogates, surrogate{field: f, adopt: s.Adopt})
		}
	}
	for _, d := range m.policy.Derives {
		if f, ok := b.name(m, d.Field); ok {
			m.derives = append(m.derives, derive{policy: d, field: f})
			for _, n := range d.Value.Fields() {
				b.name(m, n)
			}
		}
	}
	b.indirect(m)
	m.rowKey = nil
	for _, c := range m.table.PrimaryKey {
		if f, ok := m.names[c]; ok {
			m.rowKey = append(m.rowKey, f)
		}
	}
	if len(m.rowKey) == 0 {
		m.rowKey = m.key
	}
	uniques := slices.Clone(m.table.Uniques)
	if len(m.rowKey) > 1 || (m.pk >= 0 && m.fields[m.pk].ref != nil) {
		// A primary key of one plain column is given where it is free.
		uniques = append(uniques, schema.Unique{Name: "primary key", Columns: m.table.PrimaryKey})
	}
	for _, u := range uniques {
		if len(u.Columns) == 0 || u.Expression || u.Predicate != "" {
			continue
		}
		fields := make([]int, 0, len(u.Columns))
		for _, c := range u.Columns {
			if f, ok := m.names[c]; ok {
				fields = append(fields, f)
			}
		}
		if len(fields) == len(u.Columns) {
			m.uniques = append(m.uniques, unique{Unique: u, fields: fields})
		}
	}
}

// indirect binds references that the database does not know of.
func (b *binding) indirect(m *model) {
	for _, g := range m.policy.GenericReferences {
		typ, ok1 := b.name(m, g.Type)
		id, ok2 := b.name(m, g.ID)
		if !ok1 || !ok2 {
			continue
		}
		if m.fields[typ].ref == nil || m.fields[typ].ref.model == nil || len(m.fields[typ].ref.model.policy.NaturalKey) != 2 {
			b.add(g.Type.Range, "policy.generic", fmt.Sprintf("%q does not refer to content types", g.Type.Text),
				"The type of a generic reference is a foreign key to a model whose natural key is [app_label, model].", "Add that model block.")
			continue
		}
		m.generics = append(m.generics, generic{policy: g, typ: typ, id: id})
		m.fields[id].generic = len(m.generics)
	}
	for _, j := range m.policy.JSONReferences {
		f, ok := b.name(m, j.Field)
		if !ok {
			continue
		}
		if m.fields[f].column == nil || m.fields[f].column.Type.Kind != schema.JSON {
			b.add(j.Field.Range, "policy.json", fmt.Sprintf("%q of %s is not a JSON column", j.Field.Text, m.label), "", "")
			continue
		}
		ref := jsonRef{policy: j, field: f}
		for _, p := range j.Paths {
			if t := b.byLabel[strings.ToLower(p.Model.Text)]; t != nil {
				ref.paths = append(ref.paths, jsonPath{path: p.Path, model: t})
			}
		}
		m.jsonRefs = append(m.jsonRefs, ref)
	}
}
