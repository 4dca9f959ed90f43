package planner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// shop is the world of these tests: people and their manager, groups by a join
// table, documents of people, notes that no image speaks of.
const shop = `
	people: id serial, name text ! unique, boss int -> people, password text, at ts default
	groups: id serial, name text !
	people_groups: id serial, people_id int ! -> people, group_id int ! -> groups, unique(people_id, group_id)
	documents: id serial, title text ! unique, owner int -> people, pages num
	notes: id serial, document int -> documents, text text`

// applied is a state before an apply and the state after it.
type applied struct{ tables, dialect, before, after string }

func (a applied) undo(t testing.TB, now string) (*memoryLive, *outcome) {
	t.Helper()
	c := catalogue(t, a.tables, a.dialect)
	live := newLive(t, c, now)
	imgs := difference(c, newLive(t, c, a.before), newLive(t, c, a.after))
	live.sequences()
	return live, undo(t, live, imgs)
}

func undo(t testing.TB, live *memoryLive, imgs []Image) *outcome {
	t.Helper()
	r, err := Undo(context.Background(), UndoInput{
		Images: func() iter.Seq2[*Image, error] { return eachImage(imgs) }, Live: live, Catalogue: live.catalogue,
		TempDir: t.TempDir(), Label: "apply 01a2",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	o := observe(t, r)
	balanced(t, o)
	silent(t, o)
	return o
}

func eachImage(imgs []Image) iter.Seq2[*Image, error] {
	return func(yield func(*Image, error) bool) {
		for i := range imgs {
			if !yield(&imgs[i], nil) {
				return
			}
		}
	}
}

// difference are the images of what leads from one state to another, in the
// order of the tables' names.
func difference(c *schema.Catalogue, before, after *memoryLive) []Image {
	var out []Image
	for _, t := range c.Tables {
		key := t.PrimaryKey
		if strings.HasSuffix(t.Name, "_groups") {
			key = []string{"people_id", "group_id"}
		}
		old, kept := before.byKey(t, key), after.byKey(t, key)
		for _, k := range slices.Sorted(maps.Keys(old)) {
			if img := imageBetween(t, key, old[k], kept[k]); img != nil {
				out = append(out, *img)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(kept)) {
			if old[k] == nil {
				out = append(out, *imageBetween(t, key, nil, kept[k]))
			}
		}
	}
	return out
}

func (l *memoryLive) byKey(t *schema.Table, key []string) map[string]map[string]schema.Value {
	out := map[string]map[string]schema.Value{}
	for _, r := range l.rows[t.Name] {
		k, _ := tupleOf(r, key)
		out[k] = r
	}
	return out
}

func imageBetween(t *schema.Table, key []string, before, after map[string]schema.Value) *Image {
	img := &Image{Model: "m." + t.Name, Table: t, Op: schema.Update}
	if t.Column("password") != nil {
		img.Sensitive = []string{"password"}
	}
	one := before
	if one == nil {
		img.Op, one = schema.Insert, after
	} else if after == nil {
		img.Op = schema.Delete
	}
	var names []string
	for _, k := range key {
		img.Row = append(img.Row, Cell{k, one[k]})
		names = append(names, one[k].Text)
	}
	if t.Name == "people_groups" {
		img.Model, names = "m.people.groups", names[:1]
	}
	img.Key = fmt.Sprintf("[%s]", strings.Join(names, ","))
	for _, c := range t.Columns {
		if img.Op == schema.Update && before[c.Name] == after[c.Name] {
			continue
		}
		if before != nil {
			img.Before = append(img.Before, Cell{c.Name, before[c.Name]})
		}
		if _, written := after[c.Name]; after != nil && (written || img.Op == schema.Update) {
			img.After = append(img.After, Cell{c.Name, after[c.Name]})
		}
	}
	if len(img.Before)+len(img.After) == 0 {
		return nil
	}
	return img
}

// state is what the database holds, for comparison.
func (l *memoryLive) state() map[string][]string {
	out := map[string][]string{}
	for _, t := range l.catalogue.Tables {
		for _, r := range l.rows[t.Name] {
			var b strings.Builder
			for _, c := range t.Columns {
				fmt.Fprintf(&b, " %s=%s", c.Name, c.Type.JSON(r[c.Name]))
			}
			out[t.Name] = append(out[t.Name], b.String())
		}
		slices.Sort(out[t.Name])
	}
	return out
}

// restores carries an undo out, compares the state with that before the
// apply, and undoes the undo.
func restores(t testing.TB, live *memoryLive, o *outcome, want map[string][]string) error {
	t.Helper()
	if o.result.Diagnostics.HasErrors() {
		return fmt.Errorf("refused:\n%s", describe(o.result.Diagnostics))
	}
	was := live.state()
	var imgs []Image
	for img, err := range o.result.Images() {
		if err != nil {
			return err
		}
		imgs = append(imgs, *img)
	}
	if err := live.carryOut(o.result); err != nil {
		return fmt.Errorf("carrying out: %w\n%s\n%s", err, strings.Join(o.changes, "\n"), strings.Join(o.batches, "\n"))
	}
	if diff := cmp.Diff(want, live.state()); diff != "" {
		return errors.New(diff)
	}
	redo := undo(t, live, imgs)
	if err := live.carryOut(redo.result); err != nil || redo.result.Diagnostics.HasErrors() {
		return fmt.Errorf("undoing the undo: %w\n%s", err, describe(redo.result.Diagnostics))
	}
	if diff := cmp.Diff(was, live.state()); diff != "" {
		return fmt.Errorf("the undo undone: %s", diff)
	}
	return nil
}

func TestUndoRestores(t *testing.T) {
	const before = `
		people {"id": 1, "name": "ann", "password": "hunter2 a"}
		people {"id": 2, "name": "bob", "boss": 1}
		groups {"id": 5, "name": "readers"}
		people_groups {"id": 9, "people_id": 2, "group_id": 5}
		documents {"id": 3, "title": "SOP", "owner": 2, "pages": 1.50}
		documents {"id": 4, "title": "POL", "owner": 2}`
	const after = `
		people {"id": 1, "name": "ann", "password": "hunter2 b"}
		people {"id": 7, "name": "bob", "boss": 1}
		groups {"id": 5, "name": "readers"}
		groups {"id": 6, "name": "writers"}
		people_groups {"id": 10, "people_id": 7, "group_id": 6}
		documents {"id": 3, "title": "SOP 2", "owner": 7, "pages": 1.50}
		documents {"id": 8, "title": "POL", "owner": 7}`
	want := applied{shop, "", before, before}
	state := newLive(t, catalogue(t, want.tables, ""), before).state()
	for name, tables := range map[string]string{
		"with constraints that wait":                   shop,
		"with references that the database judges now": strings.NewReplacer("-> people", "-> people now", "-> groups", "-> groups now").Replace(shop),
	} {
		t.Run(name, func(t *testing.T) {
			live, o := applied{tables, "", before, after}.undo(t, after)
			if err := restores(t, live, o, state); err != nil {
				t.Error(err)
			}
		})
	}
	live, o := applied{shop, "sqlite", before, after}.undo(t, after)
	wantChanges := []string{
		`- m.people.groups [7,6] id 10 people_id 7 group_id 6`,
	}
	if diff := cmp.Diff(wantChanges, o.changes[:1]); diff != "" {
		t.Error(diff)
	}
	if err := restores(t, live, o, state); err != nil {
		t.Error(err)
	}
}

// A column of SQLite may have held a value of any type, which undo gives back.
func TestUndoGivesBackValuesOfAnotherTypeThanTheColumns(t *testing.T) {
	for name, held := range map[string]string{"a text": "abc", "a text that looks like a number": "\xfftext:1"} {
		t.Run(name, func(t *testing.T) {
			c := catalogue(t, shop, "sqlite")
			before := newLive(t, c, `documents {"id": 1, "title": "SOP"}`)
			before.rows["documents"][0]["pages"] = schema.NewValue(held)
			after := newLive(t, c, `documents {"id": 1, "title": "SOP", "pages": 2}`)
			o := undo(t, after, difference(c, before, after))
			if len(o.problems) > 0 {
				t.Errorf("undo is refused: %q", o.problems)
			}
			if len(o.changes) != 1 || o.result.Diagnostics.HasErrors() {
				t.Errorf("undo plans %q", o.changes)
			}
		})
	}
}
