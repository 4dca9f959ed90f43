package django_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/schema"
)

// system is a package of content types, permissions, groups and notes about
// anything, with the records to write.
type system struct {
	header backup.Header
	rows   map[string][]string // values by "|"; NULL is -, members are =7,8
}

func newSystem() *system {
	n, text := schema.Type{Kind: schema.Integer, Bits: 32}, schema.Type{Kind: schema.Text}
	s := &system{rows: map[string][]string{
		"contenttypes.contenttype": {"6|people|user", "9|auth|group"},
		"auth.permission":          {"33|Can approve|6|can_approve"},
		"auth.group":               {"71|Editors|=33", "72|Empty|="},
		"a.note":                   {"1|6|71|71|12|=72,71", "2|-|-|-|-|="},
	}}
	to := func(label string) *schema.ModelReference { return &schema.ModelReference{Model: label, Field: "id"} }
	add := func(label, table string, fields ...schema.ModelField) *schema.Table {
		t := &schema.Table{Name: table, PrimaryKey: []string{"id"}}
		for _, f := range fields {
			if f.Link == nil {
				t.Columns = append(t.Columns, schema.Column{Name: f.Column, Type: f.Type})
				continue
			}
			s.header.Tables = append(s.header.Tables, &schema.Table{Name: f.Link.Table, PrimaryKey: []string{"id"}, Columns: []schema.Column{
				{Name: "id", Type: n}, {Name: f.Link.Owner, Type: n}, {Name: f.Link.Member, Type: n},
			}})
		}
		s.header.Models = append(s.header.Models, &schema.Model{Label: label, Table: table, Fields: fields})
		s.header.Tables = append(s.header.Tables, t)
		return t
	}
	plain := func(name string, t schema.Type) schema.ModelField {
		return schema.ModelField{Name: name, Column: name, Type: t}
	}
	ref := func(name, label string) schema.ModelField {
		return schema.ModelField{Name: name, Column: name + "_id", Type: n, References: to(label)}
	}
	link := func(name, label, table string) schema.ModelField {
		return schema.ModelField{Name: name, References: to(label), Link: &schema.Link{Table: table, Owner: "o", Member: "m", Key: "id"}}
	}
	add("contenttypes.contenttype", "django_content_type", plain("id", n), plain("app_label", text), plain("model", text))
	add("auth.permission", "auth_permission", plain("id", n), plain("name", text), ref("content_type", "contenttypes.contenttype"), plain("codename", text))
	add("auth.group", "auth_group", plain("id", n), plain("name", text), link("permissions", "auth.permission", "auth_group_permissions"))
	note := add("a.note", "notes", plain("id", n), ref("content_type", "contenttypes.contenttype"), plain("object_id", text),
		plain("team", n), plain("size", n), link("teams", "auth.group", "notes_teams"))
	note.ForeignKeys = []schema.ForeignKey{{Columns: []string{"team"}, RefTable: "auth_group", RefColumns: []string{"id"}}}
	s.model("a.note").Generics = []schema.GenericField{{Type: "content_type", ID: "object_id"}}
	return s
}

func (s *system) model(label string) *schema.Model {
	for _, m := range s.header.Models {
		if m.Label == label {
			return m
		}
	}
	return nil
}

// without takes a model out of the package.
func (s *system) without(label string) {
	var kept []*schema.Model
	for _, m := range s.header.Models {
		if m.Label != label {
			kept = append(kept, m)
		}
	}
	s.header.Models = kept
}

func (s *system) write() (string, error) {
	var b bytes.Buffer
	w, err := django.NewWriter(&b, s.header, django.Options{})
	if err != nil {
		return "", err
	}
	for _, m := range s.header.Models {
		_, err := w.WriteModel(context.Background(), m, func(yield func(*schema.Record, error) bool) {
			for _, row := range s.rows[m.Label] {
				if !yield(recordOf(m, row), nil) {
					return
				}
			}
		})
		if err != nil {
			return "", err
		}
	}
	err = w.Finish(context.Background())
	return b.String(), err
}

func recordOf(m *schema.Model, row string) *schema.Record {
	r := &schema.Record{}
	for i, text := range strings.Split(row, "|") {
		l := schema.Literal{Kind: schema.CanonicalLiteral, Text: text}
		if text == "-" {
			l = schema.Literal{}
		} else if ids, ok := strings.CutPrefix(text, "="); ok {
			var members []schema.Member
			for _, id := range strings.FieldsFunc(ids, func(r rune) bool { return r == ',' }) {
				members = append(members, schema.Member{ID: id})
			}
			l = schema.Members(members)
		}
		r.Fields = append(r.Fields, schema.Field{Name: m.Fields[i].Name, Value: l})
	}
	return r
}

func TestWhatEveryDatabaseHasGoesByNaturalKeys(t *testing.T) {
	text, err := newSystem().write()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range backuptest.Read(t, open(t, write(t, "x.json", text))) {
		line := r.Model + " " + r.PK.Text
		for _, f := range r.Fields {
			line += " " + f.Name + "=" + f.Value.Text
		}
		got = append(got, line)
	}
	want := []string{
		"contenttypes.contenttype  app_label=people model=user",
		"contenttypes.contenttype  app_label=auth model=group",
		`auth.permission  name=Can approve content_type=["people","user"] codename=can_approve`,
		`auth.group  name=Editors permissions=[["can_approve","people","user"]]`,
		"auth.group  name=Empty permissions=[]",
		`a.note 1 content_type=["people","user"] object_id=71 team=["Editors"] size=12 teams=[["Empty"],["Editors"]]`,
		"a.note 2 content_type= object_id= team= size= teams=[]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestWhatLeadsToNoNaturalKeyIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*system)
		want  string
	}{
		"a member that is not there": {
			func(s *system) { s.rows["auth.group"][0] = "71|Editors|=34" },
			"writing auth.group: record 1: field permissions: it refers to a record of auth.permission that the package does not hold",
		},
		"a content type that is not there": {
			func(s *system) { s.rows["a.note"][1] = "2|8|1|-|-|=" },
			"writing a.note: record 2: field content_type: it refers to a record of contenttypes.contenttype that the package does not hold",
		},
		"a group, and the package holds none": {
			func(s *system) { s.without("auth.group") }, "field team: it refers to auth.group, whose records go by natural keys, and the package holds none",
		},
		"a generic reference to a group": {
			func(s *system) { s.rows["a.note"][0] = "1|9|71|-|-|=" }, `field object_id: it refers to a record of ["auth","group"] by its primary key`,
		},
		"a group without a name": {
			func(s *system) { s.rows["auth.group"][0] = "71|-|=" }, "field name: it is NULL, and Django finds the record by it",
		},
		"a permission without its codename's field": {
			func(s *system) { m := s.model("auth.permission"); m.Fields = m.Fields[:3] }, "a fixture cannot hold auth.permission: its field codename",
		},
		"a primary key that is a group": {
			func(s *system) {
				s.model("a.note").Fields[0].References = &schema.ModelReference{Model: "auth.group", Field: "id"}
			}, "its primary key is one of auth.group",
		},
		"a primary key of two columns": {
			func(s *system) { s.header.Tables[len(s.header.Tables)-1].PrimaryKey = []string{"id", "team"} },
			"a fixture cannot hold a.note: its table notes has no primary key of one column",
		},
		"a primary key left out": {
			func(s *system) { m := s.model("a.note"); m.Fields = m.Fields[1:] }, "its primary key is not among its fields",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSystem()
			c.spoil(s)
			if _, err := s.write(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A field through a model of its own, and columns that the database computes,
// are none of Django's fixtures.
func TestFieldsThatDjangoDoesNotWrite(t *testing.T) {
	s := newSystem()
	join := s.header.Tables[4]
	if join.Name != "notes_teams" {
		t.Fatalf("the join table is not where it was: %s", join.Name)
	}
	n := schema.Type{Kind: schema.Integer, Bits: 32}
	s.header.Models = append(s.header.Models, &schema.Model{Label: "a.membership", Table: "notes_teams", Fields: []schema.ModelField{
		{Name: "id", Column: "id", Type: n}, {Name: "note", Column: "o", Type: n}, {Name: "team", Column: "m", Type: n, References: &schema.ModelReference{Model: "auth.group", Field: "id"}},
	}})
	s.rows["a.membership"] = []string{"5|1|72"}
	s.header.Tables[5].Columns[4].Generated = true // size
	text, err := s.write()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, `"teams"`) || strings.Contains(text, `"size"`) || !strings.Contains(text, `"model": "a.membership"`) {
		t.Errorf("wrote %s", text)
	}
}
