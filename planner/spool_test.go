package planner

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// drawRow draws a row as decode makes them.
func drawRow(t *rapid.T, fields int) *row {
	r := &row{number: rapid.IntRange(0, 1<<40).Draw(t, "number"), cells: make([]cell, fields)}
	for i := range r.cells {
		r.cells[i] = drawCell(t, true)
	}
	return r
}

func drawCell(t *rapid.T, list bool) cell {
	kinds := []cellKind{absent, plain, byID, byKey, dangling}
	if list {
		kinds = append(kinds, members)
	}
	c := cell{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	switch c.kind {
	case plain, byID, dangling:
		if c.value.Valid = rapid.Bool().Draw(t, "valid"); c.value.Valid {
			c.value.Text = rapid.StringN(0, 40, 200).Draw(t, "text")
			c.value.Digits = rapid.SampledFrom([]uint8{0, 3, unidentified}).Draw(t, "digits")
		}
	case byKey:
		c.key = schema.MakeKey(rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "key")...)
	case members:
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			c.list = append(c.list, drawCell(t, false))
		}
	}
	return c
}

func TestASpoolGivesBackWhatWasPut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limits := spoolLimits{memory: rapid.IntRange(1, 300).Draw(rt, "memory"), window: rapid.IntRange(1, 100).Draw(rt, "window")}
		s := newSpool(t.TempDir(), limits)
		var rows []*row
		var offsets []int64
		check := func(i int) {
			got, err := s.get(offsets[i], len(rows[i].cells))
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(rows[i], got, cmp.AllowUnexported(row{}, cell{})); diff != "" {
				rt.Fatal(diff)
			}
		}
		for n := range rapid.IntRange(1, 12).Draw(rt, "rows") {
			r := drawRow(rt, rapid.IntRange(0, 5).Draw(rt, "fields"))
			at, err := s.put(r)
			if err != nil {
				rt.Fatal(err)
			}
			rows, offsets = append(rows, r), append(offsets, at)
			check(rapid.IntRange(0, n).Draw(rt, "look back"))
		}
		for i := range rows {
			check(i)
		}
		if err := s.close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestASpoolLeavesNoFile(t *testing.T) {
	s := newSpool(t.TempDir(), spoolLimits{memory: 1, window: 1})
	if _, err := s.put(&row{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzDecodeRow(f *testing.F) {
	r := &row{number: 7, cells: []cell{
		{kind: plain, value: schema.NewValue("x")},
		{kind: plain},
		{},
		{kind: byKey, key: schema.MakeKey("a", "b")},
		{kind: members, list: []cell{{kind: byID, value: schema.NewValue("1")}}},
	}}
	whole := r.append(nil)
	f.Add(whole, 5)
	for range 20 {
		cut := append([]byte(nil), whole[:rand.IntN(len(whole))]...)
		f.Add(cut, 5)
	}
	f.Fuzz(func(t *testing.T, b []byte, fields int) {
		if fields < 0 || fields > 1000 {
			return
		}
		got, err := decodeRow(b, fields)
		if err != nil {
			return
		}
		again, err := decodeRow(got.append(nil), fields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again, cmp.AllowUnexported(row{}, cell{})); diff != "" {
			t.Error(diff)
		}
	})
}
