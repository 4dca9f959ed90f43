package databasetest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// present stands for a text that is in the database's own words.
const present = "(present)"

// wantTables is what every catalogue says of the fixture's tables.
func wantTables() []*schema.Table {
	integer := schema.Type{Kind: schema.Integer}
	text := schema.Type{Kind: schema.Text}
	varchar := func(n int) schema.Type { return schema.Type{Kind: schema.Text, Length: n} }
	id := schema.Column{Name: "id", Type: integer, NotNull: true, HasDefault: true, Sequence: &schema.Sequence{}}
	return []*schema.Table{
		{
			Name: "lines",
			Columns: []schema.Column{
				{Name: "doc", Type: integer, NotNull: true},
				{Name: "line", Type: integer, NotNull: true},
				{Name: "quantity", Type: integer, NotNull: true, HasDefault: true, Default: present},
				{Name: "doubled", Type: integer, Generated: true},
			},
			PrimaryKey: []string{"line", "doc"},
		},
		{
			Name: "members",
			Columns: []schema.Column{
				id,
				{Name: "person_id", Type: integer, NotNull: true},
				{Name: "team_code", Type: varchar(10), NotNull: true},
			},
			PrimaryKey: []string{"id"},
			Uniques:    []schema.Unique{{Columns: []string{"team_code", "person_id"}}},
			ForeignKeys: []schema.ForeignKey{
				{Columns: []string{"person_id"}, RefTable: "people", RefColumns: []string{"id"}, OnDelete: "cascade", OnUpdate: "no action"},
				{Columns: []string{"team_code"}, RefTable: "teams", RefColumns: []string{"code"}, OnDelete: "restrict", OnUpdate: "cascade"},
			},
		},
		{
			Name: "notes",
			Columns: []schema.Column{
				id, {Name: "doc", Type: integer}, {Name: "line", Type: integer}, {Name: "body", Type: text},
			},
			PrimaryKey: []string{"id"},
			ForeignKeys: []schema.ForeignKey{{
				Columns: []string{"line", "doc"}, RefTable: "lines", RefColumns: []string{"line", "doc"},
				OnDelete: "set null", OnUpdate: "no action",
			}},
		},
		{
			Name: "people",
			Columns: []schema.Column{
				id,
				{Name: "username", Type: varchar(20), NotNull: true},
				{Name: "email", Type: text},
				{Name: "active", Type: schema.Type{Kind: schema.Bool}, NotNull: true, HasDefault: true, Default: present},
				{Name: "manager_id", Type: integer},
			},
			PrimaryKey: []string{"id"},
			Uniques: []schema.Unique{
				{Name: "people_email_lower", Columns: []string{"active"}, Expression: true, Definition: present},
				{Name: "people_one_boss", Columns: []string{"active"}, Predicate: present},
				{Columns: []string{"username"}},
			},
			ForeignKeys: []schema.ForeignKey{{
				Columns: []string{"manager_id"}, RefTable: "people", RefColumns: []string{"id"},
				Deferrable: true, OnDelete: "no action", OnUpdate: "no action",
			}},
		},
		{
			Name:       "teams",
			Columns:    []schema.Column{{Name: "code", Type: varchar(10), NotNull: true}, {Name: "name", Type: text, NotNull: true}},
			PrimaryKey: []string{"code"},
			Checks:     []schema.Check{{Expression: present}},
		},
		{
			Name: `we"ird ; table`,
			Columns: []schema.Column{
				{Name: "a b", Type: integer, NotNull: true},
				{Name: "select", Type: text},
				{Name: `Quo"ted`, Type: text},
				{Name: "x'y", Type: text},
			},
			PrimaryKey: []string{"a b"},
		},
	}
}

// neutral takes out of a table what is in the database's own words: names it
// made up, expressions, native types and the width of integers.
func neutral(t *schema.Table) *schema.Table {
	out := &schema.Table{
		Name: t.Name, Columns: slices.Clone(t.Columns), PrimaryKey: t.PrimaryKey, Uniques: slices.Clone(t.Uniques),
		ForeignKeys: slices.Clone(t.ForeignKeys), Checks: slices.Clone(t.Checks), Triggers: t.Triggers,
	}
	blur := func(s *string) {
		if *s != "" {
			*s = present
		}
	}
	for i := range out.Columns {
		c := &out.Columns[i]
		c.Type.Native, c.Type.Bits = "", 0
		blur(&c.Default)
		if c.Sequence != nil {
			c.Sequence = &schema.Sequence{}
		}
	}
	for i := range out.Uniques {
		u := &out.Uniques[i]
		if !strings.HasPrefix(u.Name, "people_email_") && !strings.HasPrefix(u.Name, "people_one_") {
			u.Name = ""
		}
		blur(&u.Predicate)
		blur(&u.Definition)
	}
	slices.SortFunc(out.Uniques, func(a, b schema.Unique) int {
		return slices.Compare(append(slices.Clone(a.Columns), a.Name), append(slices.Clone(b.Columns), b.Name))
	})
	for i := range out.ForeignKeys {
		out.ForeignKeys[i].Name = ""
	}
	slices.SortFunc(out.ForeignKeys, func(a, b schema.ForeignKey) int { return slices.Compare(a.Columns, b.Columns) })
	for i := range out.Checks {
		out.Checks[i].Name = ""
		blur(&out.Checks[i].Expression)
	}
	return out
}

func testCatalogue(t *testing.T, a Adapter) {
	f := open(t, a)
	s := f.view()
	c, err := s.Catalogue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("says what database it is", func(t *testing.T) {
		if c.Dialect != a.Dialect || c.Server == "" || c.Identity == "" || c.Name == "" {
			t.Errorf("dialect %q, server %q, identity %q, name %q", c.Dialect, c.Server, c.Identity, c.Name)
		}
		if s.Name() != "live" || s.Contents() != nil {
			t.Errorf("a database is a source called %q with contents %v", s.Name(), s.Contents())
		}
	})
	t.Run("describes every table but its own", func(t *testing.T) {
		got := make([]*schema.Table, len(c.Tables))
		for i, table := range c.Tables {
			got[i] = neutral(table)
		}
		if diff := cmp.Diff(wantTables(), got); diff != "" {
			t.Errorf("catalogue (-want +got):\n%s", diff)
		}
	})
	t.Run("keeps its identity through writes", func(t *testing.T) {
		f.run("INSERT INTO teams VALUES ('a', 'b')")
		again, err := f.view().Catalogue(context.Background())
		if err != nil || again.Identity != c.Identity {
			t.Errorf("identity %q became %q, error %v", c.Identity, again.Identity, err)
		}
	})
	t.Run("has another identity for another database", func(t *testing.T) {
		other, err := open(t, a).view().Catalogue(context.Background())
		if err != nil || other.Identity == c.Identity {
			t.Errorf("two databases have identity %q, error %v", c.Identity, err)
		}
	})
	t.Run("knows where a sequence stands", func(t *testing.T) {
		first := f.table("people").Column("id").Sequence
		f.run("INSERT INTO people (username) VALUES ('one')")
		f.run("INSERT INTO people (username, manager_id) VALUES ('two', 1)")
		second := f.table("people").Column("id").Sequence
		if first.Last != 0 || second.Last != 2 {
			t.Errorf("the sequence stands at %d, after two rows at %d", first.Last, second.Last)
		}
		if second.Max < 1<<31-1 {
			t.Errorf("the sequence ends at %d", second.Max)
		}
	})
}
