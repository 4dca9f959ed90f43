package changelog

import (
	"context"
	"encoding/base64"
	"errors"
	"iter"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
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

// inTx makes tables and commits what f does.
func inTx(t *testing.T, db database.Database, f func(tx database.Tx) error, tables ...*schema.Table) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := tx.Create(t.Context(), table); err != nil {
			t.Fatal(err)
		}
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

// Images were kept one a row once, as JSON: they are read, and dropped, as ever.
func TestImagesOfARowEachAreRead(t *testing.T) {
	db := imageWorld(t)
	inTx(t, db, func(tx database.Tx) error {
		table := imageTable()
		rows := [][]string{
			{"1", "old", "a.person", `["bob"]`, "people", "delete", `[["id","7"]]`, `[["id","7"],["name",null]]`, `[]`, `["token",["70617373ff"]]`},
			{"2", "old", "a.person", `["cid"]`, "people", "update", `[["id","8"]]`, `[["name",["00ff"]]]`, `[["name","\u0000\""]]`, `[]`},
			{"3", "old", "a.person", `["dan"]`, "people", "insert", `[["id","9"]]`, `[]`, `[["id","9"]]`, `[]`},
			{"4", "damaged", "a.person", `["eve"]`, "people", "insert", `[["id"]]`, `[]`, `[]`, `[]`},
			{"5", "unknown", "a.person", `["eve"]`, "people", "upsert", `[]`, `[]`, `[]`, `[]`},
		}
		_, err := tx.Write(t.Context(), schema.Batch{
			Op: schema.Insert, Table: table, Columns: columns(table), Count: int64(len(rows)),
			Rows: func(yield func([]schema.Value, error) bool) {
				for _, row := range rows {
					if !yield(values(row), nil) {
						return
					}
				}
			},
		})
		return err
	}, imageTable())
	cell := func(column, value string) planner.Cell {
		return planner.Cell{Column: column, Value: schema.NewValue(value)}
	}
	people := &schema.Table{Name: "people"}
	want := []planner.Image{
		{Model: "a.person", Key: `["bob"]`, Table: people, Op: schema.Delete, Row: []planner.Cell{cell("id", "7")}, Before: []planner.Cell{cell("id", "7"), {Column: "name"}}, Sensitive: []string{"token", "pass\xff"}},
		{Model: "a.person", Key: `["cid"]`, Table: people, Op: schema.Update, Row: []planner.Cell{cell("id", "8")}, Before: []planner.Cell{cell("name", "\x00\xff")}, After: []planner.Cell{cell("name", "\x00\"")}},
		{Model: "a.person", Key: `["dan"]`, Table: people, Op: schema.Insert, Row: []planner.Cell{cell("id", "9")}, After: []planner.Cell{cell("id", "9")}},
	}
	got, err := keptImages(t, db, "old", nil)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, id := range []string{"damaged", "unknown"} {
		if got, err := keptImages(t, db, id, nil); !errors.Is(err, errImage) {
			t.Errorf("%s: %v, %v", id, got, err)
		}
	}
	inTx(t, db, func(tx database.Tx) error { return DropImages(t.Context(), tx, "old") })
	if _, err := keptImages(t, db, "old", nil); !errors.Is(err, ErrNoImages) {
		t.Errorf("after pruning: %v", err)
	}
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

// drawImages are generated images, of few tables and shapes.
func drawImages(rt *rapid.T) []planner.Image {
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	names := rapid.SliceOfN(rapid.SampledFrom([]string{"id", "name", "", "pass\xffword"}), 0, 3)
	cells := func(label string) []planner.Cell {
		var out []planner.Cell
		for _, column := range names.Draw(rt, label) {
			c := planner.Cell{Column: column}
			if rapid.Bool().Draw(rt, "valid") {
				c.Value = schema.NewValue(text.Draw(rt, "value"))
			}
			out = append(out, c)
		}
		return out
	}
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) planner.Image {
		img := planner.Image{
			Model: rapid.SampledFrom([]string{"a.person", "a.group"}).Draw(rt, "model"), Key: text.Draw(rt, "key"),
			Table: &schema.Table{Name: rapid.SampledFrom([]string{"people", "groups"}).Draw(rt, "table")},
			Op:    rapid.SampledFrom([]schema.Op{schema.Insert, schema.Update, schema.Delete}).Draw(rt, "op"),
			Row:   cells("row"), Before: cells("before"), After: cells("after"),
		}
		if s := names.Draw(rt, "sensitive"); len(s) > 0 {
			img.Sensitive = s
		}
		return img
	}), 1, 20).Draw(rt, "images")
}

// unpacked decodes values of the column.
func unpacked(values []string) ([]planner.Image, error) {
	c := &schema.Catalogue{Tables: []*schema.Table{{Name: "people"}, {Name: "groups"}}}
	var out []planner.Image
	for _, v := range values {
		for img, err := range unchunked(v, c) {
			if err != nil {
				return out, err
			}
			out = append(out, *img)
		}
	}
	return out, nil
}

func packed(images []planner.Image) ([]string, error) {
	var out []string
	for v, err := range chunks(stream(images, nil)) {
		if err != nil {
			return out, err
		}
		out = append(out, base64.StdEncoding.EncodeToString(v))
	}
	return out, nil
}

func TestImagesReadBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := drawImages(rt)
		values, err := packed(want)
		if err != nil || len(values) != 1 {
			rt.Fatalf("%d values: %v", len(values), err)
		}
		got, err := unpacked(values)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			rt.Fatal(err, diff)
		}
	})
}

// An image that is larger than a value should be is kept whole, and the next
// ones go into another value.
func TestManyImagesAreKeptInSeveralValues(t *testing.T) {
	var want []planner.Image
	for i := range 40 {
		text := strings.Repeat(strconv.Itoa(i), chunkSize/10)
		if i == 20 {
			text = strings.Repeat("long ", chunkSize)
		}
		row := []planner.Cell{{Column: "id", Value: schema.NewValue(strconv.Itoa(i))}, {Column: "name", Value: schema.NewValue(text)}}
		want = append(want, planner.Image{Model: "a.person", Table: &schema.Table{Name: "people"}, Op: schema.Insert, Row: row[:1], After: row})
	}
	values, err := packed(want)
	if err != nil || len(values) < 5 || len(values) > 20 {
		t.Fatalf("%d values: %v", len(values), err)
	}
	got, err := unpacked(values)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestDamagedImagesAreAnError(t *testing.T) {
	row := []planner.Cell{{Column: "id", Value: schema.NewValue("7")}}
	img := planner.Image{Model: "a.person", Table: &schema.Table{Name: "people"}, Op: schema.Insert, Row: row}
	whole, err := packed([]planner.Image{img})
	if err != nil {
		t.Fatal(err)
	}
	cut := whole[0][:len(whole[0])-8]
	for name, value := range map[string]string{"not base64": "?", "not compressed": "AP8=", "nothing": "", "cut": cut} {
		if got, err := unpacked([]string{value}); !errors.Is(err, errImage) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	img.Op = 9
	if _, err := packed([]planner.Image{img}); err == nil {
		t.Error("an image without an operation is kept")
	}
}

func FuzzChunk(f *testing.F) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	c := &chunk{}
	row := []planner.Cell{{Column: "id", Value: schema.NewValue("7")}, {Column: "note"}}
	for range 2 {
		img := &planner.Image{Model: "a.person", Table: &schema.Table{Name: "people"}, Op: schema.Update, Row: row[:1], Before: row, After: row}
		if err := c.add(img); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(c.buf)
	f.Add([]byte{1, 1, 'a', 6, 'p', 'e', 'o', 'p', 'l', 'e', 1, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, plain []byte) {
		got, err := unpacked([]string{base64.StdEncoding.EncodeToString(enc.EncodeAll(plain, nil))})
		if err != nil || len(got) == 0 {
			return
		}
		values, err := packed(got)
		if err != nil {
			t.Fatal(err)
		}
		again, err := unpacked(values)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}
