package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

func TestUndoOfRowsThatChangedSince(t *testing.T) {
	const before = `
		people {"id": 1, "name": "ann", "password": "hunter2 a"}
		people {"id": 2, "name": "bob"}
		groups {"id": 5, "name": "readers"}
		documents {"id": 3, "title": "SOP", "pages": 1}`
	const after = `
		people {"id": 1, "name": "ann", "password": "hunter2 b"}
		people {"id": 4, "name": "cid"}
		groups {"id": 5, "name": "readers"}
		people_groups {"id": 9, "people_id": 1, "group_id": 5}
		documents {"id": 3, "title": "SOP", "pages": 2}`
	cases := map[string]struct {
		edit           []string // of the state after the apply
		add            string
		problems, says []string
		never          string
	}{
		"nothing changed": {},
		"a column that the apply did not write is left alone": {
			edit: []string{`"title": "SOP"`, `"title": "SOP 9"`},
		},
		"an equal number spelt differently is the same": {
			edit: []string{`"pages": 2}`, `"pages": 2.0}`},
		},
		"a changed column was changed again": {
			edit:     []string{`"pages": 2}`, `"pages": 7}`},
			problems: []string{"error undo.conflict m.documents [3]"},
			says:     []string{"pages: the apply left 2, it is now 7, undo would make it 1."},
		},
		"a sensitive column was changed again": {
			edit:     []string{`hunter2 b`, `hunter2 c`},
			problems: []string{"error undo.conflict m.people [1]"},
			says:     []string{"password: it differs (sensitive value)."},
		},
		"an added row was changed": {
			edit:     []string{`"cid"`, `"sid"`},
			problems: []string{"error undo.conflict m.people [4]"},
			says:     []string{`name: the apply left "cid", it is now "sid", undo would make it no row.`},
		},
		"an added row is gone": {
			edit:     []string{`people {"id": 4, "name": "cid"}`, ``},
			problems: []string{"error undo.conflict m.people [4]"},
			says:     []string{"The row is gone from people, so there is nothing to be destroyed"},
		},
		"a changed row is gone": {
			edit:     []string{`documents {"id": 3, "title": "SOP", "pages": 2}`, ``},
			problems: []string{"error undo.conflict m.documents [3]"},
			says:     []string{"nothing to be restored"},
		},
		"an added join row is gone": {
			edit:     []string{`people_groups {"id": 9, "people_id": 1, "group_id": 5}`, ``},
			problems: []string{"error undo.conflict m.people.groups [1,5]"},
		},
		"a destroyed row is there again": {
			add:      `people {"id": 2, "name": "bert"}`,
			problems: []string{"error undo.conflict m.people [2]"},
			says:     []string{`name: the apply left no row, it is now "bert", undo would make it "bob".`},
		},
		"a destroyed row is there again as it was": {
			add:      `people {"id": 2, "name": "bob"}`,
			problems: []string{"error undo.conflict m.people [2]"},
			says:     []string{"It is as undo would make it."},
		},
		"a unique value of a destroyed row is taken": {
			add:      `people {"id": 8, "name": "bob"}`,
			problems: []string{"error undo.conflict m.people [2]"},
			says:     []string{"Its value of name is taken, which the unique constraint people_name forbids. A live row has it and keeps it."},
		},
		"a row of a table without images refers to an added row": {
			edit:     []string{`people {"id": 4, "name": "cid"}`, `people {"id": 4, "name": "cid"}` + "\n" + `documents {"id": 6, "title": "new", "owner": 4}`},
			problems: []string{"error predicted.reference.documents.owner"},
			says:     []string{"1 row of documents would refer by owner", "The row with id 6 refers to m.people [4], which is as apply 01a2 left it"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			now := strings.NewReplacer(append(c.edit, "\x00", "")...).Replace(after) + "\n" + c.add
			live, o := applied{shop, "", before, after}.undo(t, now)
			if diff := cmp.Diff(c.problems, o.problems); diff != "" {
				t.Fatal(diff)
			}
			for _, s := range c.says {
				if text := describe(o.result.Diagnostics); !strings.Contains(text, s) {
					t.Errorf("%q is not in\n%s", s, text)
				}
			}
			if len(c.problems) > 0 {
				return
			}
			want := newLive(t, live.catalogue, strings.NewReplacer(append(c.edit, "\x00", "")...).Replace(before)).state()
			if err := restores(t, live, o, want); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUndoPredicts(t *testing.T) {
	cases := map[string]struct {
		tables, dialect    string
		before, after, now string
		problems           []string
	}{
		"a re-added row refers to a row that was removed since": {
			before:   `people {"id": 1, "name": "ann"}` + "\n" + `documents {"id": 3, "title": "SOP", "owner": 1}`,
			after:    `people {"id": 1, "name": "ann"}`,
			problems: []string{"error undo.reference m.documents [3]"},
		},
		"a changed row refers again to a row that was removed since": {
			before:   `people {"id": 1, "name": "ann"}` + "\n" + `documents {"id": 3, "title": "SOP", "owner": 1}`,
			after:    `people {"id": 1, "name": "ann"}` + "\n" + `documents {"id": 3, "title": "SOP"}`,
			now:      `documents {"id": 3, "title": "SOP"}`,
			problems: []string{"error undo.reference m.documents [3]"},
		},
		"an untouched table refers to an added row": {
			after:    `documents {"id": 3, "title": "SOP"}`,
			now:      `documents {"id": 3, "title": "SOP"}` + "\n" + `notes {"id": 1, "document": 3}` + "\n" + `notes {"id": 2, "document": 3}`,
			problems: []string{"error predicted.reference.notes.document"},
		},
		"an untouched table refers to nothing": {
			after: `documents {"id": 3, "title": "SOP"}`,
			now:   `documents {"id": 3, "title": "SOP"}` + "\n" + `notes {"id": 1}`,
		},
		"a changed row's old unique value is taken": {
			before:   `people {"id": 1, "name": "ann"}`,
			after:    `people {"id": 1, "name": "anna"}`,
			now:      `people {"id": 1, "name": "anna"}` + "\n" + `people {"id": 2, "name": "ann"}`,
			problems: []string{"error undo.conflict m.people [1]"},
		},
		"two rows swap a unique value, which the database can wait for": {
			before: `people {"id": 1, "name": "ann"}` + "\n" + `people {"id": 2, "name": "bob"}`,
			after:  `people {"id": 1, "name": "bob"}` + "\n" + `people {"id": 2, "name": "ann"}`,
		},
		"an added row has the unique value of a destroyed one": {
			tables: `people: id serial, name text ! unique now`,
			before: `people {"id": 1, "name": "ann"}`,
			after:  `people {"id": 2, "name": "ann"}`,
		},
		"a key was given up and taken in one apply": {
			tables: `people: name text pk, boss text -> people`,
			before: `people {"name": "ann"}` + "\n" + `people {"name": "bob", "boss": "ann"}`,
			after:  `people {"name": "cid"}` + "\n" + `people {"name": "bob", "boss": "cid"}`,
		},
		"a circle of references that the database judges now": {
			tables: `
				a: id serial, b int -> b now
				b: id serial, a int -> a now`,
			before: `a {"id": 1, "b": 1}` + "\n" + `b {"id": 1, "a": 1}`,
			after:  `a {"id": 2, "b": 2}` + "\n" + `b {"id": 2, "a": 2}`,
		},
		"a reference moves from an added row to a destroyed one": {
			tables: `
				a: id serial
				b: id serial, a int ! -> a, c int -> a now`,
			before: `a {"id": 1}` + "\n" + `b {"id": 1, "a": 1, "c": 1}`,
			after:  `a {"id": 2}` + "\n" + `b {"id": 1, "a": 2, "c": 2}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.tables == "" {
				c.tables = shop
			}
			if c.now == "" && len(c.problems) == 0 {
				c.now = c.after
			}
			live, o := applied{c.tables, c.dialect, c.before, c.after}.undo(t, c.now)
			if diff := cmp.Diff(c.problems, o.problems); diff != "" {
				t.Fatal(diff, describe(o.result.Diagnostics))
			}
			if len(c.problems) == 0 && c.now == c.after {
				if err := restores(t, live, o, newLive(t, catalogue(t, c.tables, ""), c.before).state()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A row's natural key in a table without a primary key changes with the row.
func TestUndoFollowsAKeyThatTheApplyChanged(t *testing.T) {
	c := catalogue(t, `people: name text !, age int`, "")
	live := newLive(t, c, `people {"name": "anna", "age": 30}`)
	was := newLive(t, c, `people {"name": "ann", "age": 30}`).state()
	o := undo(t, live, []Image{{
		Model: "m.people", Key: `["anna"]`, Table: c.Tables[0], Op: schema.Update,
		Row:    []Cell{{"name", schema.NewValue("ann")}},
		Before: []Cell{{"name", schema.NewValue("ann")}}, After: []Cell{{"name", schema.NewValue("anna")}},
	}})
	if err := restores(t, live, o, was); err != nil {
		t.Error(err)
	}
}

func TestUndoOfTablesThatChangedSince(t *testing.T) {
	c := catalogue(t, shop, "")
	text := func(s string) schema.Value { return schema.NewValue(s) }
	gone := &schema.Table{Name: "gone", PrimaryKey: []string{"id"}}
	imgs := []Image{
		{Model: "m.gone", Key: "[1]", Table: gone, Op: schema.Insert, Row: []Cell{{"id", text("1")}}, After: []Cell{{"id", text("1")}}},
		{Model: "m.people", Key: "[1]", Table: c.Table("people"), Op: schema.Delete, Row: []Cell{{"id", text("1")}}, Before: []Cell{{"id", text("1")}, {"age", text("30")}}},
		{Model: "m.notes", Key: "[1]", Table: c.Table("notes"), Op: schema.Insert, Row: []Cell{{"nr", text("1")}}, After: []Cell{{"nr", text("1")}}},
		{Model: "m.notes", Key: "[2]", Table: c.Table("notes"), Op: schema.Insert, Row: []Cell{{"id", text("1")}}, After: []Cell{{"id", text("1")}}},
		{Model: "m.notes", Key: "[3]", Table: c.Table("notes"), Op: schema.Insert, Row: []Cell{{"id", text("1")}}, After: []Cell{{"id", text("1")}}},
	}
	o := undo(t, newLive(t, c, `notes {"id": 1}`), imgs)
	want := []string{
		"error undo.table m.gone [1]",
		"error undo.column m.people [1]", // age is no more
		"error undo.column m.people [1]", // name is needed
		"error undo.image m.notes [1]",
		"error undo.image m.notes [3]",
	}
	if diff := cmp.Diff(want, o.problems); diff != "" {
		t.Error(diff)
	}
}
