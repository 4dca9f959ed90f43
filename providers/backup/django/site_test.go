package django_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

// live is a database of the site in testdata, as the program reads it.
type live struct {
	snapshot database.Snapshot
	header   backup.Header
}

// siteModels are the site's models, each after those it refers to.
var siteModels = []struct{ label, table string }{
	{"contenttypes.contenttype", "django_content_type"},
	{"auth.permission", "auth_permission"},
	{"auth.group", "auth_group"},
	{"people.user", "users"},
	{"people.profile", "people_profile"},
	{"library.state", "library_state"},
	{"library.tag", "library_tag"},
	{"library.document", "library_document"},
	{"library.version", "library_version"},
	{"library.manual", "library_manual"},
	{"library.review", "library_review"},
	{"library.note", "library_note"},
	{"lists.listing", "lists_listing"},
}

// openSite describes the database's models but those of an app.
func openSite(t *testing.T, url, without string) *live {
	t.Helper()
	ctx := context.Background()
	open := sqlite.Open
	if strings.HasPrefix(url, "postgres:") {
		open = postgres.Open
	}
	db, err := open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := db.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = snapshot.Close()
		_ = db.Close()
	})
	catalogue, err := snapshot.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l := &live{snapshot: snapshot, header: backup.Header{Kind: backup.Export, Tables: catalogue.Tables}}
	labels := map[string]string{}
	for _, m := range siteModels {
		labels[m.table] = m.label
	}
	for _, m := range siteModels {
		if table := catalogue.Table(m.table); table != nil && !strings.HasPrefix(m.label, without) {
			l.header.Models = append(l.header.Models, describe(m.label, table, catalogue, labels))
		}
	}
	return l
}

// describe makes a Model of a table as the planner does: a foreign key's field
// is named without _id, and a table of two foreign keys named TABLE_FIELD is a
// many-to-many field.
func describe(label string, t *schema.Table, c *schema.Catalogue, labels map[string]string) *schema.Model {
	m := &schema.Model{Label: label, Table: t.Name}
	refer := func(t *schema.Table, k *schema.ForeignKey) *schema.ModelReference {
		if k == nil || labels[k.RefTable] == "" {
			return nil
		}
		return &schema.ModelReference{Model: labels[k.RefTable], Field: strings.TrimSuffix(k.RefColumns[0], "_id")}
	}
	for _, column := range t.Columns {
		f := schema.ModelField{Name: column.Name, Column: column.Name, Type: column.Type}
		if k := t.ForeignKeyOf(column.Name); k != nil {
			f.Name, f.References = strings.TrimSuffix(column.Name, "_id"), refer(t, k)
		}
		m.Fields = append(m.Fields, f)
	}
	for _, join := range c.Tables {
		field, ok := strings.CutPrefix(join.Name, t.Name+"_")
		if !ok || len(join.Columns) != 3 || len(join.ForeignKeys) != 2 || labels[join.Name] != "" {
			continue
		}
		owner, member := join.Columns[1].Name, join.Columns[2].Name
		if strings.HasPrefix(member, "from_") || join.ForeignKeyOf(owner).RefTable != t.Name {
			owner, member = member, owner
		}
		m.Fields = append(m.Fields, schema.ModelField{
			Name: field, References: refer(join, join.ForeignKeyOf(member)),
			Link: &schema.Link{Table: join.Name, Owner: owner, Member: member, Key: "id"},
		})
	}
	if label == "library.note" {
		m.Generics = []schema.GenericField{{Type: "content_type", ID: "object_id"}}
	}
	return m
}

func (l *live) labels() []string {
	var out []string
	for _, m := range l.header.Models {
		out = append(out, m.Label)
	}
	return out
}

// scan reads a table in the order of its primary key.
func (l *live) scan(table string) iter.Seq2[*schema.Record, error] {
	s := schema.Selection{}
	for _, t := range l.header.Tables {
		if t.Name == table {
			s.Table, s.OrderBy = t, t.PrimaryKey
			for _, c := range t.Columns {
				s.Columns = append(s.Columns, c.Name)
			}
		}
	}
	return l.snapshot.Scan(context.Background(), s)
}

// records yields the model's records as a schema.Typed has them.
func (l *live) records(t *testing.T, m *schema.Model) iter.Seq2[*schema.Record, error] {
	t.Helper()
	links := map[string]map[string][]schema.Member{}
	for _, f := range m.Fields {
		if f.Link == nil {
			continue
		}
		links[f.Name] = map[string][]schema.Member{}
		for r, err := range l.scan(f.Link.Table) {
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]string{}
			for _, c := range r.Fields {
				at[c.Name] = c.Value.Text
			}
			owner := at[f.Link.Owner]
			links[f.Name][owner] = append(links[f.Name][owner], schema.Member{ID: at[f.Link.Member], Row: at[f.Link.Key]})
		}
	}
	return func(yield func(*schema.Record, error) bool) {
		for r, err := range l.scan(m.Table) {
			if err != nil {
				yield(nil, err)
				return
			}
			pk := r.Fields[0].Value.Text // Django's primary keys come first
			out := schema.Record{Fields: slices.Clone(r.Fields)}
			for i, f := range m.Fields {
				if f.Link != nil {
					out.Fields = append(out.Fields, schema.Field{Name: f.Name, Value: schema.Members(links[f.Name][pk])})
				} else {
					out.Fields[i].Name = f.Name
				}
			}
			if !yield(&out, nil) {
				return
			}
		}
	}
}

func (l *live) writeModels(t *testing.T, w backup.Writer) {
	t.Helper()
	for _, m := range l.header.Models {
		if _, err := w.WriteModel(context.Background(), m, l.records(t, m)); err != nil {
			t.Fatal(err)
		}
	}
}

// write writes the whole database as a fixture.
func (l *live) write(t *testing.T, path string, o django.Options) {
	t.Helper()
	w, err := backuptest.InFile(path, func(f io.Writer) (backup.Writer, error) { return django.NewWriter(f, l.header, o) })
	if err != nil {
		t.Fatal(err)
	}
	l.writeModels(t, w)
	if err := w.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// readsBack opens the fixture with our own reader and looks for each column's
// value, but where a reference has become a natural key.
func (l *live) readsBack(t *testing.T, path string) {
	t.Helper()
	p := open(t, path)
	for _, m := range l.header.Models {
		var want, got []string
		for r, err := range l.records(t, m) {
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range m.Fields {
				if f.Link == nil && f.References == nil && f.Name != "id" {
					want = append(want, f.Name+"="+plain(f.Type, r.Fields[i].Value))
				}
			}
		}
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: m.Label}) {
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]schema.Literal{m.Fields[0].Name: r.PK}
			for _, f := range r.Fields {
				at[f.Name] = f.Value
			}
			for _, f := range m.Fields {
				if f.Link == nil && f.References == nil && f.Name != "id" {
					got = append(got, f.Name+"="+plain(f.Type, at[f.Name]))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-database +fixture):\n%s", m.Label, diff)
		}
	}
}

// plain is one text for values that mean the same on both databases.
func plain(typ schema.Type, l schema.Literal) string {
	v, err := typ.Parse(l)
	switch {
	case err != nil:
		return "not parsed: " + err.Error()
	case !v.Valid:
		return "NULL"
	case typ.Kind == schema.Interval: // an integer to SQLite
		us, err := schema.Type{Kind: schema.Integer, Bits: 64}.Parse(schema.Literal{Kind: schema.StringLiteral, Text: v.Text})
		return fmt.Sprintf("'%s'%v", us.Text, err)
	case typ.Kind == schema.Integer:
		return fmt.Sprintf("'%s'%v", v.Text, error(nil))
	}
	return "'" + typ.KeyText(v) + "'"
}

// rows are the database's records by model, in no order but their own: a line
// for each, in which what goes by natural keys is spelt so.
func (l *live) rows(t *testing.T) map[string][]string {
	t.Helper()
	natural := map[string]map[string]string{}
	out := map[string][]string{}
	for _, m := range l.header.Models {
		system := strings.HasPrefix(m.Label, "auth.") || strings.HasPrefix(m.Label, "contenttypes.")
		natural[m.Label] = map[string]string{}
		for r, err := range l.records(t, m) {
			if err != nil {
				t.Fatal(err)
			}
			var line, key []string
			for i, f := range m.Fields {
				text := l.text(t, f, r.Fields[i].Value, natural)
				if system && f.Name == "id" {
					continue
				}
				line = append(line, f.Name+"="+text)
				if f.Name != "permissions" && (m.Label != "auth.permission" || f.Name != "name") {
					key = append(key, line[len(line)-1])
				}
			}
			slices.Sort(line) // the columns' order is the database's own
			slices.Sort(key)
			if system {
				natural[m.Label][r.Fields[0].Value.Text] = fmt.Sprint(key)
			}
			out[m.Label] = append(out[m.Label], strings.Join(line, "\n"))
		}
		slices.Sort(out[m.Label])
	}
	return out
}

func (l *live) text(t *testing.T, f schema.ModelField, v schema.Literal, natural map[string]map[string]string) string {
	t.Helper()
	refer := func(id string) string {
		if key, ok := natural[f.References.Model][id]; ok {
			return key
		}
		return id
	}
	switch {
	case f.Link != nil:
		members, err := schema.ParseMembers(v)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, m := range members {
			list = append(list, refer(m.ID))
		}
		slices.Sort(list)
		return fmt.Sprint(list)
	case f.References != nil && v.Kind != schema.NullLiteral:
		return refer(v.Text)
	}
	return plain(f.Type, v)
}
