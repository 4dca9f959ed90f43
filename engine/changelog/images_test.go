package changelog

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
	"github.com/edmsplan/edmsplan/schema"
)

// imageWorld is a database with one table, people.
func imageWorld(t *testing.T) database.Database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "live.sqlite")
	if err := sqlite.Script(t.Context(), path, "CREATE TABLE people (id integer PRIMARY KEY, name text)"); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// inTx commits what f does.
func inTx(t *testing.T, db database.Database, f func(tx database.Tx) error) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = f(tx)
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err := errors.Join(err, tx.Close()); err != nil {
		t.Fatal(err)
	}
}

func keptImages(t *testing.T, db database.Database, applyID string, c *schema.Catalogue) ([]planner.Image, error) {
	t.Helper()
	view, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := view.Close(); err != nil {
			t.Error(err)
		}
	}()
	if c == nil {
		if c, err = view.Catalogue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var out []planner.Image
	for img, err := range Images(t.Context(), view, applyID, c) {
		if err != nil {
			return out, err
		}
		one := *img
		one.Table = &schema.Table{Name: img.Table.Name}
		out = append(out, one)
	}
	return out, nil
}

func stream(images []planner.Image, err error) iter.Seq2[*planner.Image, error] {
	return func(yield func(*planner.Image, error) bool) {
		for i := range images {
			if !yield(&images[i], nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestImagesAreKeptUntilDropped(t *testing.T) {
	db := imageWorld(t)
	people := &schema.Table{Name: "people"}
	row := []planner.Cell{{Column: "id", Value: schema.NewValue("7")}}
	mine := []planner.Image{
		{Model: "a.person", Key: `["ann"]`, Table: people, Op: schema.Insert, Row: row, After: row},
		{Model: "a.person", Key: `["bob"]`, Table: people, Op: schema.Delete, Row: row, Before: row, Sensitive: []string{"pass\xffword", "token"}},
		{
			Model: "a.person", Key: `["cid"]`, Table: people, Op: schema.Update, Row: row,
			Before: []planner.Cell{{Column: "name"}, {Column: "note", Value: schema.NewValue("")}},
			After:  []planner.Cell{{Column: "name", Value: schema.NewValue("null")}, {Column: "note", Value: schema.NewValue("\x00 \xff \"")}},
		},
	}
	others := []planner.Image{{Model: "a.person", Key: `["dan"]`, Table: people, Op: schema.Insert, Row: row, After: row}}
	if _, err := keptImages(t, db, "one", nil); !errors.Is(err, ErrNoImages) {
		t.Errorf("before any apply: %v", err)
	}
	for id, images := range map[string][]planner.Image{"one": mine, "two": others} {
		inTx(t, db, func(tx database.Tx) error { return AppendImages(t.Context(), tx, id, stream(images, nil)) })
	}
	check := func(id string, want []planner.Image) {
		t.Helper()
		got, err := keptImages(t, db, id, nil)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	check("one", mine)
	check("two", others)
	if _, err := keptImages(t, db, "one", &schema.Catalogue{}); err == nil || err.Error() != `the table "people", of which row images are kept, no longer exists` {
		t.Errorf("without the table: %v", err)
	}

	inTx(t, db, func(tx database.Tx) error { return DropImages(t.Context(), tx, "one") })
	if _, err := keptImages(t, db, "one", nil); !errors.Is(err, ErrNoImages) {
		t.Errorf("after pruning: %v", err)
	}
	check("two", others)
}

func TestAnImageThatCannotBeMadeFailsTheAppend(t *testing.T) {
	db := imageWorld(t)
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := AppendImages(context.Background(), tx, "one", stream(nil, broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := tx.Close(); err != nil {
		t.Error(err)
	}
}

func TestCellsReadBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		cells := rapid.SliceOf(rapid.Custom(func(rt *rapid.T) planner.Cell {
			c := planner.Cell{Column: text.Draw(rt, "column")}
			if rapid.Bool().Draw(rt, "valid") {
				c.Value = schema.NewValue(text.Draw(rt, "value"))
			}
			return c
		})).Draw(rt, "cells")
		got, err := decodeCells(encodeCells(cells))
		if err != nil || !slices.Equal(cells, got) {
			rt.Fatalf("%v: %v", err, cmp.Diff(cells, got))
		}
	})
}

func FuzzDecodeCells(f *testing.F) {
	for _, s := range []string{`[]`, `[["a","b"],["c",null]]`, `[["a",["ff"]]]`, `[["a"]]`, `[[1,2]]`, `[["a",[[["ff"]]]]]`, `{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cells, err := decodeCells(s)
		if err != nil {
			return
		}
		again, err := decodeCells(encodeCells(cells))
		if err != nil || !slices.Equal(cells, again) {
			t.Errorf("%q: %v, %v", s, cells, again)
		}
	})
}
