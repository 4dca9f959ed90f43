package planner

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// TestEntriesAreFoundByTheirKeys compares with a map, and demands that an
// entry that is pointed at is still the model's after others were made.
func TestEntriesAreFoundByTheirKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, want := newEntries(), map[schema.Key]int32{}
		at := map[int32]*entry{}
		for i := range rapid.IntRange(0, 400).Draw(t, "steps") {
			key := schema.Key(fmt.Sprint(rapid.IntRange(0, 200).Draw(t, "key")))
			known, there := want[key]
			if n, ok := x.find(key); ok != there || ok && n != known {
				t.Fatalf("find(%q) = %d, %t, want %d, %t", key, n, ok, known, there)
			}
			n, isNew := x.put(key)
			if isNew == there || there && n != known {
				t.Fatalf("put(%q) = %d, %t, want %d", key, n, isNew, known)
			}
			want[key] = n
			if at[n] == nil {
				at[n] = x.at(n)
			}
			if i%7 == 0 {
				other := schema.Key(fmt.Sprintf("other %d", i))
				x.rekey(n, other)
				want[other] = n
			}
		}
		for n, e := range at {
			e.refs = n + 1
			if x.at(n).refs != n+1 || x.number(e) != n {
				t.Fatalf("entry %d has moved", n)
			}
		}
	})
}

// TestIdentifiersLeadToWhatWasSetLast compares with a map, dense numbers and
// others alike.
func TestIdentifiersLeadToWhatWasSetLast(t *testing.T) {
	ids := rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 50), func(n int) string { return fmt.Sprint(n) }),
		rapid.Map(rapid.IntRange(denseStart-20, denseStart+2000), func(n int) string { return fmt.Sprint(n) }),
		rapid.SampledFrom([]string{"", "0", "01", "1 ", "-1", "+1", "1.0", "2147483647", "2147483648", "9999999999", "99999999999", "a"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var x idMap
		want := map[string]int32{}
		for range rapid.IntRange(0, 400).Draw(t, "steps") {
			id := ids.Draw(t, "id")
			n, ok := x.get(id)
			if known, there := want[id]; ok != there || n != known {
				t.Fatalf("get(%q) = %d, %t, want %d, %t", id, n, ok, known, there)
			}
			want[id] = int32(rapid.IntRange(0, 1000).Draw(t, "number"))
			x.set(id, want[id])
		}
		got := map[string]int32{}
		for id, n := range x.all() {
			got[id] = n
		}
		if len(got) != len(want) {
			t.Fatalf("all yields %d identifiers, want %d", len(got), len(want))
		}
		for id, n := range want {
			if got[id] != n {
				t.Fatalf("all yields %d for %q, want %d", got[id], id, n)
			}
		}
	})
}

// TestAKeyThatCannotBeReadIsAFailure demands that a temporary file which lost
// its contents is not taken for a record that is not there.
func TestAKeyThatCannotBeReadIsAFailure(t *testing.T) {
	s := newSettled(newSpool(t.TempDir(), spoolLimits{memory: 1, window: 1}))
	defer func() { _ = s.close() }()
	for i := range 3 * blockKeys {
		if ok, err := s.add(fmt.Sprintf("key %d", i), fmt.Sprint(i)); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if i, ok := s.find("key 20"); !ok || i != 20 || s.key(20) != "key 20" || s.failure() != nil {
		t.Fatalf("find = %d, %t; %v", i, ok, s.failure())
	}
	if ok, err := s.add("key 20", "77"); ok || err != nil {
		t.Errorf("a key that is there was added again: %t, %v", ok, err)
	}
	if err := s.keys.file.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.find("key 40"); ok || s.failure() == nil {
		t.Errorf("find in an empty file = %t; %v, want a failure", ok, s.failure())
	}
	if _, err := s.add("key 40", "78"); err == nil {
		t.Error("a record was added although it cannot be told whether it is there")
	}
}

// TestAKeptRowReadsBackWhole demands that nothing of a resolved row is lost
// between the times that it is asked for: what is written and what is logged
// must not differ.
func TestAKeptRowReadsBackWhole(t *testing.T) {
	text := func(s string) schema.Value { return schema.NewValue(s) }
	before := &row{cells: []cell{
		{kind: plain, value: text("a")},
		{kind: plain},
		{kind: resolved, key: "\x01k", value: text("7")},
		{kind: dangling, value: schema.Value{Valid: true, Digits: unidentified, Text: "9"}},
	}}
	after := &row{number: 12, cells: []cell{
		{kind: absent},
		{kind: plain, value: schema.Value{Valid: true, Digits: 3, Text: "1.500"}},
		{kind: resolved, key: "\x01m"},
		{kind: members, list: []cell{{kind: resolved, key: "\x01n", row: "4"}}},
	}}
	for name, first := range map[string]*row{"a change": before, "an add": nil} {
		m := &model{fields: make([]field, len(after.cells))}
		m.written = newSpool(t.TempDir(), spoolLimits{memory: 1, window: 1})
		e := &entry{done: -1}
		if err := m.keepDone(e, first, after); err != nil {
			t.Fatal(err)
		}
		b, a, err := m.readDone(e)
		if err != nil || !reflect.DeepEqual(b, first) || !reflect.DeepEqual(a, after) {
			t.Errorf("%s: %+v, %+v, %v\nwant %+v, %+v", name, b, a, err, first, after)
		}
		if err := m.written.close(); err != nil {
			t.Fatal(err)
		}
	}
}
