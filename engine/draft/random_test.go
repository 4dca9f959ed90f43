package draft_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// A random site is what a Django project of a few applications may be: the
// tables of its models, rows in a live database, and a fixture of the same
// project in another environment, in one of the ways in which dumpdata spells
// it. Both sides are drawn from one universe of rows; primary keys may differ.

type randomModel struct {
	app, name, table string
	columns          []randomColumn
	key              []string // the fields of its natural_key, empty without one
	members          string   // the label that its many-to-many field leads to, empty without one
	generic          bool
	rows             []*randomRow
}

func (m *randomModel) label() string { return m.app + "." + m.name }

type randomColumn struct {
	name, sql string
	to        *randomModel // a foreign key
	nullable  bool
	unique    bool
}

func (c randomColumn) column() string {
	if c.to != nil {
		return c.name + "_id"
	}
	return c.name
}

type randomRow struct {
	model        *randomModel
	pk           int
	values       map[string]any // *randomRow for a reference
	members      []*randomRow
	live, packed bool
}

type randomSite struct {
	models  []*randomModel
	shift   int // of the live primary keys
	natural bool
	primary bool
	legacy  bool
}

var (
	appNames   = []string{"shop", "library", "crm"}
	modelNames = []string{"book", "category", "ticket", "invoice", "device", "branch", "policyholder"}
)

func drawSite(t *rapid.T) *randomSite {
	s := &randomSite{shift: rapid.SampledFrom([]int{0, 1000}).Draw(t, "shift"), legacy: rapid.Bool().Draw(t, "legacy")}
	s.natural = rapid.Bool().Draw(t, "natural foreign")
	s.primary = s.natural && rapid.Bool().Draw(t, "natural primary")
	types := &randomModel{
		app: "contenttypes", name: "contenttype", table: "django_content_type", key: []string{"app_label", "model"},
		columns: []randomColumn{{name: "app_label", sql: "varchar(100)"}, {name: "model", sql: "varchar(100)"}},
	}
	s.models = append(s.models, types)
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(modelNames), 1, 5, rapid.ID[string]).Draw(t, "models")
	for _, name := range names {
		s.models = append(s.models, s.drawModel(t, name))
	}
	for i, m := range s.models {
		for _, label := range s.models[1:] {
			if i == 0 {
				s.add(m, map[string]any{"app_label": label.app, "model": label.name}, true, true)
			}
		}
	}
	for _, m := range s.models[1:] {
		s.drawRows(t, m)
	}
	s.close()
	return s
}

func (s *randomSite) drawModel(t *rapid.T, name string) *randomModel {
	flip := func(what string) bool { return rapid.Bool().Draw(t, name+" "+what) }
	m := &randomModel{app: rapid.SampledFrom(appNames).Draw(t, "app"), name: name}
	m.table = rapid.SampledFrom([]string{m.app + "_" + name, name + "s", m.app + "_" + name + "s"}).Draw(t, "table")
	m.columns = []randomColumn{{name: "note", sql: "text"}, {name: "amount", sql: "integer"}, {name: "created_at", sql: "timestamp with time zone"}}
	if flip("secret") {
		m.columns = append(m.columns, randomColumn{name: "api_token", sql: "varchar(80)"})
	}
	if flip("uuid") {
		m.columns = append(m.columns, randomColumn{name: "uuid", sql: "uuid", unique: true})
	}
	for _, c := range []string{"code", "name", "slug"} {
		if flip(c) {
			m.columns = append(m.columns, randomColumn{name: c, sql: "varchar(60)", unique: true})
			m.key = []string{c}
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, name+" references") {
		to := rapid.SampledFrom(append(slices.Clone(s.models[1:]), m)).Draw(t, "to")
		c := randomColumn{name: fmt.Sprintf("%s%d", []string{"owner", "parent"}[i], i), sql: "bigint", to: to}
		c.nullable = to == m || flip("nullable")
		m.columns = append(m.columns, c)
		if !c.nullable && m.key == nil && (len(to.key) > 0 || !s.natural) && flip("composite") {
			m.columns = append(m.columns, randomColumn{name: "position", sql: "varchar(10)"})
			m.key = rapid.Permutation([]string{c.name, "position"}).Draw(t, "key")
		}
	}
	// Where it is all that tells one record from another and some have none, no
	// policy can say which is which.
	if m.keyed() && flip("serial") {
		m.columns = append(m.columns, randomColumn{name: "serial", sql: "varchar(60)", unique: true, nullable: true})
	}
	if flip("members") {
		m.members = rapid.SampledFrom(append(slices.Clone(s.models[1:]), m)).Draw(t, "members of").label()
	}
	// What a generic id means cannot be told where records lose their primary
	// keys: that is for people to decide.
	m.generic = !s.primary && flip("generic")
	return m
}

func (s *randomSite) add(m *randomModel, values map[string]any, live, pkg bool) *randomRow {
	r := &randomRow{model: m, pk: len(m.rows) + 1, values: values, live: live, packed: pkg}
	m.rows = append(m.rows, r)
	return r
}

func (s *randomSite) drawRows(t *rapid.T, m *randomModel) {
	for n := range rapid.IntRange(0, 4).Draw(t, "rows of "+m.name) {
		values := map[string]any{}
		for _, c := range m.columns {
			switch {
			case c.to != nil:
				if pool := c.to.rows; len(pool) > 0 && (!c.nullable || rapid.Bool().Draw(t, "refers")) {
					values[c.name] = rapid.SampledFrom(pool).Draw(t, c.name)
				} else if !c.nullable {
					values = nil
				}
			case c.name == "uuid":
				values[c.name] = fmt.Sprintf("%08x-0000-4000-8000-%012x", len(m.name)*1000+int(m.name[0]), n+1)
			case c.name == "note":
				values[c.name] = rapid.SampledFrom([]string{"", "same", "other ${text} \"\n"}).Draw(t, "note")
			case c.name == "amount":
				values[c.name] = rapid.IntRange(0, 2).Draw(t, "amount")
			case c.name == "created_at":
				values[c.name] = "2026-01-02T03:04:05.678Z"
			case c.name == "serial" && rapid.Bool().Draw(t, "no serial"):
			case c.name == "api_token":
				values[c.name] = fmt.Sprintf("hush-%s-%d", m.name, n)
			case c.name == "position":
				values[c.name] = fmt.Sprintf("p%d", n)
			default:
				values[c.name] = fmt.Sprintf("%s %s %d", m.name, c.name, n)
			}
			if values == nil {
				break
			}
		}
		if values == nil {
			continue // nothing to refer to
		}
		side := rapid.IntRange(0, 2).Draw(t, "side")
		r := s.add(m, values, side != 1, side != 2)
		for _, to := range s.models {
			if to.label() == m.members && len(to.rows) > 0 {
				r.members = rapid.SliceOfNDistinct(rapid.SampledFrom(to.rows), 0, 2, func(r *randomRow) int { return r.pk }).Draw(t, "members")
			}
		}
	}
}

// close puts what a row refers to on each side where the row is.
func (s *randomSite) close() {
	for range 20 {
		for _, m := range s.models {
			for _, r := range m.rows {
				for _, to := range r.refers() {
					to.live, to.packed = to.live || r.live, to.packed || r.packed
				}
			}
		}
	}
}

func (r *randomRow) refers() []*randomRow {
	out := slices.Clone(r.members)
	for _, v := range r.values {
		if to, ok := v.(*randomRow); ok {
			out = append(out, to)
		}
	}
	return out
}

// added counts the package's rows that the live database lacks.
func (m *randomModel) added() int {
	n := 0
	for _, r := range m.rows {
		if r.packed && !r.live {
			n++
		}
	}
	return n
}

// sql makes the tables and the live rows.
func (s *randomSite) sql() string {
	var b strings.Builder
	for _, m := range s.models {
		fmt.Fprintf(&b, "CREATE TABLE %q (id $ID", m.table)
		for _, c := range m.columns {
			fmt.Fprintf(&b, ", %s %s", c.column(), c.sql)
			if !c.nullable {
				b.WriteString(" NOT NULL")
			}
			if c.unique {
				b.WriteString(" UNIQUE")
			}
			if c.to != nil {
				fmt.Fprintf(&b, " REFERENCES %q (id) DEFERRABLE INITIALLY DEFERRED", c.to.table)
			}
		}
		if m.generic {
			b.WriteString(", content_type_id bigint REFERENCES django_content_type (id) DEFERRABLE INITIALLY DEFERRED, object_id bigint")
		}
		if len(m.key) > 1 {
			fmt.Fprintf(&b, ", UNIQUE (%s)", strings.Join(m.keyColumns(), ", "))
		}
		b.WriteString(");\n")
	}
	for _, m := range s.models {
		if to := s.model(m.members); to != nil {
			from, into := m.name+"_id", to.name+"_id"
			if to == m {
				from, into = "from_"+from, "to_"+into
			}
			fmt.Fprintf(&b, "CREATE TABLE %q (id $ID, %s bigint NOT NULL REFERENCES %q (id) DEFERRABLE INITIALLY DEFERRED, %s bigint NOT NULL REFERENCES %q (id) DEFERRABLE INITIALLY DEFERRED, UNIQUE (%[2]s, %[4]s));\n",
				m.table+"_tags", from, m.table, into, to.table)
		}
	}
	b.WriteString("BEGIN;\n")
	for _, m := range s.models {
		for _, r := range m.rows {
			if r.live {
				s.insert(&b, r)
			}
		}
	}
	b.WriteString("COMMIT;\n")
	return b.String()
}

func (m *randomModel) keyColumns() []string {
	var out []string
	for _, c := range m.columns {
		if slices.Contains(m.key, c.name) {
			out = append(out, c.column())
		}
	}
	return out
}

func (s *randomSite) model(label string) *randomModel {
	for _, m := range s.models {
		if m.label() == label {
			return m
		}
	}
	return nil
}

func (s *randomSite) insert(b *strings.Builder, r *randomRow) {
	columns, values := []string{"id"}, []string{fmt.Sprint(r.pk + s.shift)}
	for _, c := range r.model.columns {
		columns = append(columns, c.column())
		switch v := r.values[c.name].(type) {
		case nil:
			values = append(values, "NULL")
		case *randomRow:
			values = append(values, fmt.Sprint(v.pk+s.shift))
		case int:
			values = append(values, fmt.Sprint(v))
		case string:
			values = append(values, "'"+strings.ReplaceAll(strings.ReplaceAll(v, "T03:04:05.678Z", " 03:04:05.678"), "'", "''")+"'")
		}
	}
	fmt.Fprintf(b, "INSERT INTO %q (%s) VALUES (%s);\n", r.model.table, strings.Join(columns, ", "), strings.Join(values, ", "))
	for _, to := range r.members {
		from, into := r.model.name+"_id", to.model.name+"_id"
		if to.model == r.model {
			from, into = "from_"+from, "to_"+into
		}
		fmt.Fprintf(b, "INSERT INTO %q (%s, %s) VALUES (%d, %d);\n", r.model.table+"_tags", from, into, r.pk+s.shift, to.pk+s.shift)
	}
}

// fixture is what dumpdata writes where the package was made.
func (s *randomSite) fixture(t *rapid.T) string {
	records := []map[string]any{}
	for _, m := range s.models {
		for _, r := range m.rows {
			if !r.packed {
				continue
			}
			fields := map[string]any{}
			for _, c := range m.columns {
				v := r.values[c.name]
				if to, ok := v.(*randomRow); ok {
					v = s.spell(to)
				}
				if c.name == "note" {
					v = rapid.SampledFrom([]any{v, "edited"}).Draw(t, "edited")
				}
				fields[c.name] = v
			}
			if s.model(m.members) != nil {
				list := []any{}
				for _, to := range r.members {
					list = append(list, s.spell(to))
				}
				fields["tags"] = list
			}
			if m.generic {
				fields["content_type"], fields["object_id"] = s.spell(s.models[0].rows[0]), nil
			}
			if s.legacy && m != s.models[0] {
				fields["legacy_flag"] = true
			}
			record := map[string]any{"model": m.label(), "fields": fields}
			if !s.primary || len(m.key) == 0 {
				record["pk"] = r.pk
			}
			records = append(records, record)
		}
	}
	if s.legacy {
		records = append(records, map[string]any{"model": "gone.model", "pk": 1, "fields": map[string]any{"a": 1}})
	}
	text, err := json.Marshal(records)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// spell is a reference: by natural key where it is asked for and there is one.
func (s *randomSite) spell(r *randomRow) any {
	if !s.natural || len(r.model.key) == 0 {
		return r.pk
	}
	return r.naturalKey()
}

func (r *randomRow) naturalKey() []any {
	var out []any
	for _, name := range r.model.key {
		if to, ok := r.values[name].(*randomRow); ok {
			out = append(out, to.naturalKey()...)
			continue
		}
		out = append(out, r.values[name])
	}
	return out
}
