package planner

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The properties draw a small world: tables t0, t1, … with a code, a text, a
// unique slot, references to any of them (themselves too) and, of t0, members
// in the last table. An oracle that knows nothing of keys, streams or spools
// says what must come out.

// thing is a record as the oracle sees it: references are codes.
type thing struct {
	text, slot string
	refs       map[string]string // by field, "" for null
	members    []string          // sorted
}

// given is a package's record: what it speaks of.
type given struct {
	code             string
	pk               int // 0: not carried
	thing            thing
	hasText, hasSlot bool
	hasRefs          map[string]bool
	hasMembers       bool
}

// drawn is a whole world.
type drawn struct {
	tables  int
	refs    [][]int // by table: the tables it refers to; the field is rN
	destroy []bool
	live    []map[string]thing
	pkg     [][]given
}

var codes = []string{"a", "b", "c", "d", "e", "f"}

func (d *drawn) label(i int) string { return "m.t" + strconv.Itoa(i) }

func drawWorld(t *rapid.T) *drawn {
	d := &drawn{tables: rapid.IntRange(1, 3).Draw(t, "tables")}
	for i := range d.tables {
		d.refs = append(d.refs, rapid.SliceOfNDistinct(rapid.IntRange(0, d.tables-1), 0, 2, rapid.ID[int]).Draw(t, "refs of t"+strconv.Itoa(i)))
		slices.Sort(d.refs[i])
		d.destroy = append(d.destroy, rapid.Bool().Draw(t, "destroy"))
	}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 4, rapid.ID[string])
	liveCodes, pkgCodes := make([][]string, d.tables), make([][]string, d.tables)
	for i := range d.tables {
		liveCodes[i], pkgCodes[i] = some.Draw(t, "live codes"), some.Draw(t, "package codes")
	}
	draw := func(known [][]string, i int) thing {
		x := thing{refs: map[string]string{}}
		x.text = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "text")
		x.slot = rapid.SampledFrom([]string{"", "", "", "", "s1", "s2", "s3", "s4", "s5", "s6", "s7"}).Draw(t, "slot")
		for _, to := range d.refs[i] {
			x.refs["r"+strconv.Itoa(to)] = rapid.SampledFrom(append([]string{""}, known[to]...)).Draw(t, "ref")
		}
		if last := known[d.tables-1]; i == 0 && len(last) > 0 {
			x.members = rapid.SliceOfNDistinct(rapid.SampledFrom(last), 0, 3, rapid.ID[string]).Draw(t, "members")
			slices.Sort(x.members)
			x.members = slices.Clip(append([]string(nil), x.members...)) // nil when empty
		}
		return x
	}
	both := make([][]string, d.tables)
	for i := range d.tables {
		both[i] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(liveCodes[i], pkgCodes[i]))))
	}
	for i := range d.tables {
		rows, taken := map[string]thing{}, map[string]bool{}
		for _, c := range liveCodes[i] {
			x := draw(liveCodes, i)
			if taken[x.slot] {
				x.slot = ""
			}
			taken[x.slot] = x.slot != ""
			rows[c] = x
		}
		d.live = append(d.live, rows)
		var records []given
		pks := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), len(pkgCodes[i]), len(pkgCodes[i]), rapid.ID[int]).Draw(t, "pks")
		for n, c := range pkgCodes[i] {
			g := given{code: c, pk: pks[n], thing: draw(both, i), hasRefs: map[string]bool{}}
			g.hasText, g.hasSlot = rapid.Bool().Draw(t, "has text"), rapid.Bool().Draw(t, "has slot")
			g.hasMembers = i == 0 && rapid.Bool().Draw(t, "has members")
			for f := range g.thing.refs {
				g.hasRefs[f] = true
			}
			for _, f := range slices.Sorted(maps.Keys(g.hasRefs)) {
				g.hasRefs[f] = rapid.IntRange(0, 3).Draw(t, "has ref") > 0
			}
			records = append(records, g)
		}
		d.pkg = append(d.pkg, records)
	}
	return d
}

// world spells it out. A reference is a natural key, or the package's integer
// where the package has the record.
func (d *drawn) world(t *rapid.T) world {
	var w world
	var tables, pol, live, pkg strings.Builder
	ids := d.liveIDs(t)
	for i := range d.tables {
		fmt.Fprintf(&tables, "t%d: id serial, code text ! unique, text text, slot text unique", i)
		for _, to := range d.refs[i] {
			fmt.Fprintf(&tables, ", r%d_id int -> t%d", to, to)
		}
		tables.WriteString("\n")
		fmt.Fprintf(&pol, "model %q {\n table = t%d\n natural_key = [code]\n", d.label(i), i)
		if d.destroy[i] {
			pol.WriteString(" absent = destroy\n")
		}
		if i == 0 {
			fmt.Fprintf(&tables, "links: id serial, from_id int ! -> t0, to_id int ! -> t%d\n", d.tables-1)
			pol.WriteString(" reference \"members\" { through = links }\n")
		}
		pol.WriteString("}\n")
		for _, c := range slices.Sorted(maps.Keys(d.live[i])) {
			x := d.live[i][c]
			row := map[string]any{"id": ids[i][c], "code": c, "text": x.text, "slot": orNull(x.slot)}
			for f, to := range x.refs {
				at, _ := strconv.Atoi(f[1:])
				if row[f+"_id"] = any(nil); to != "" {
					row[f+"_id"] = ids[at][to]
				}
			}
			fmt.Fprintf(&live, "t%d %s\n", i, jsonText(row))
			for _, to := range x.members {
				fmt.Fprintf(&live, "links %s\n", jsonText(map[string]any{"id": 1000 + strings.Count(live.String(), "\n"), "from_id": ids[0][c], "to_id": ids[d.tables-1][to]}))
			}
		}
		for _, g := range d.pkg[i] {
			fmt.Fprintf(&pkg, "%s %s\n", d.label(i), d.spell(t, i, g))
		}
	}
	w.tables, w.policy, w.live, w.pkg = tables.String(), pol.String(), live.String(), pkg.String()
	return w
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (d *drawn) liveIDs(t *rapid.T) []map[string]int {
	ids := make([]map[string]int, d.tables)
	for i := range d.tables {
		ids[i] = map[string]int{}
		list := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), len(d.live[i]), len(d.live[i]), rapid.ID[int]).Draw(t, "live ids")
		for n, c := range slices.Sorted(maps.Keys(d.live[i])) {
			ids[i][c] = list[n]
		}
	}
	return ids
}

// spell writes a record of the package.
func (d *drawn) spell(t *rapid.T, i int, g given) string {
	ref := func(to int, code string) any {
		for _, other := range d.pkg[to] {
			if other.code == code && rapid.Bool().Draw(t, "as integer") {
				return other.pk
			}
		}
		return []string{code}
	}
	fields := map[string]any{"pk": g.pk, "code": g.code}
	if g.hasText {
		fields["text"] = g.thing.text
	}
	if g.hasSlot {
		fields["slot"] = orNull(g.thing.slot)
	}
	for _, f := range slices.Sorted(maps.Keys(g.hasRefs)) {
		if !g.hasRefs[f] {
			continue
		}
		to, _ := strconv.Atoi(f[1:])
		if fields[f] = any(nil); g.thing.refs[f] != "" {
			fields[f] = ref(to, g.thing.refs[f])
		}
	}
	if g.hasMembers {
		list := []any{}
		for _, m := range g.thing.members {
			list = append(list, ref(d.tables-1, m))
		}
		fields["members"] = list
	}
	return jsonText(fields)
}

// judged is what the oracle expects.
type judged struct {
	added, changed, unchanged, destroyed []string
	valid                                bool
	after                                []map[string]thing
}

// judge is the oracle.
func (d *drawn) judge() judged {
	v := judged{valid: true}
	for i := range d.tables {
		after := maps.Clone(d.live[i])
		inPackage := map[string]bool{}
		for _, g := range d.pkg[i] {
			inPackage[g.code] = true
			old, there := d.live[i][g.code]
			x := overlay(old, g)
			after[g.code] = x
			name := d.label(i) + " " + g.code
			switch {
			case !there:
				v.added = append(v.added, name)
			case !cmp.Equal(x, old, cmp.AllowUnexported(thing{})):
				v.changed = append(v.changed, name)
			default:
				v.unchanged = append(v.unchanged, name)
			}
		}
		for c := range d.live[i] {
			if d.destroy[i] && !inPackage[c] {
				delete(after, c)
				v.destroyed = append(v.destroyed, d.label(i)+" "+c)
			}
		}
		v.after = append(v.after, after)
	}
	for i, rows := range v.after {
		slots := map[string]bool{}
		for _, x := range rows {
			v.valid = v.valid && (x.slot == "" || !slots[x.slot])
			slots[x.slot] = true
			for f, to := range x.refs {
				at, _ := strconv.Atoi(f[1:])
				_, there := v.after[at][to]
				v.valid = v.valid && (to == "" || there)
			}
			for _, to := range x.members {
				_, there := v.after[d.tables-1][to]
				v.valid = v.valid && (i > 0 || there)
			}
		}
	}
	for _, list := range []*[]string{&v.added, &v.changed, &v.unchanged, &v.destroyed} {
		slices.Sort(*list)
	}
	return v
}

// overlay is a row after a record of the package.
func overlay(old thing, g given) thing {
	x := thing{text: old.text, slot: old.slot, refs: map[string]string{}, members: old.members}
	if g.hasText {
		x.text = g.thing.text
	}
	if g.hasSlot {
		x.slot = g.thing.slot
	}
	for f := range g.hasRefs {
		if x.refs[f] = old.refs[f]; g.hasRefs[f] {
			x.refs[f] = g.thing.refs[f]
		}
	}
	if g.hasMembers {
		x.members = g.thing.members
	}
	return x
}

// read takes the things back out of the live rows.
func (d *drawn) read(l *memoryLive) []map[string]thing {
	name := func(i int, id string) string { return l.value("t"+strconv.Itoa(i), "code", "id", id) }
	out := make([]map[string]thing, d.tables)
	for i := range d.tables {
		out[i] = map[string]thing{}
		for _, r := range l.rows["t"+strconv.Itoa(i)] {
			x := thing{text: r["text"].Text, slot: r["slot"].Text, refs: map[string]string{}}
			for _, to := range d.refs[i] {
				f := "r" + strconv.Itoa(to)
				if x.refs[f] = ""; r[f+"_id"].Valid {
					x.refs[f] = name(to, r[f+"_id"].Text)
				}
			}
			for _, link := range l.rows["links"] {
				if i == 0 && link["from_id"] == r["id"] {
					x.members = append(x.members, name(d.tables-1, link["to_id"].Text))
				}
			}
			slices.Sort(x.members)
			out[i][r["code"].Text] = x
		}
	}
	return out
}

// planQuietly plans, and leaves the closing to the caller: a property plans
// often.
func planQuietly(t *rapid.T, in Input, limits spoolLimits) *Result {
	in.limits = limits
	r, err := Plan(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestThePlanIsWhatTheOracleSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawWorld(rt)
		w, want := d.world(rt), d.judge()
		in := w.input(t)
		r := planQuietly(rt, in, spoolLimits{})
		defer func() { _ = r.Close() }()
		o := observe(t, r)
		balanced(t, o)
		if failed := r.Diagnostics.HasErrors(); failed == want.valid {
			rt.Fatalf("valid is %v, the plan says\n%s\n%s\nlive:\n%s\npackage:\n%s", want.valid, describe(r.Diagnostics), w.policy, w.live, w.pkg)
		}
		again := planQuietly(rt, in, spoolLimits{memory: 20, window: 16})
		if again.ChangeSet != r.ChangeSet {
			rt.Fatal("with small spools the plan is another one")
		}
		_ = again.Close()
		in.Package = d.shuffled(rt, in.Package.(*memoryPackage))
		turned := planQuietly(rt, in, spoolLimits{})
		if turned.ChangeSet != r.ChangeSet {
			rt.Fatalf("in another order the plan is another one:\n%s\n%s\n%s", w.pkg, strings.Join(o.changes, "\n"), strings.Join(observe(t, turned).changes, "\n"))
		}
		_ = turned.Close()
		if !want.valid {
			return
		}
		if diff := cmp.Diff(want.sums(), sumsOf(o)); diff != "" {
			rt.Fatalf("%s\nlive:\n%s\npackage:\n%s", diff, w.live, w.pkg)
		}
		live := in.Live.(*memoryLive)
		if err := live.carryOut(r); err != nil {
			rt.Fatalf("%v\n%s", err, strings.Join(o.batches, "\n"))
		}
		if diff := cmp.Diff(want.after, d.read(live), cmp.AllowUnexported(thing{})); diff != "" {
			rt.Fatalf("%s\nlive:\n%s\npackage:\n%s", diff, w.live, w.pkg)
		}
		last := planQuietly(rt, in, spoolLimits{})
		if last.Summary.Any() {
			rt.Fatalf("planned again: %s", strings.Join(observe(t, last).changes, "\n"))
		}
		_ = last.Close()
	})
}

func (d *drawn) shuffled(t *rapid.T, p *memoryPackage) *memoryPackage {
	out := &memoryPackage{labels: rapid.Permutation(p.labels).Draw(t, "labels"), records: maps.Clone(p.records)}
	for _, l := range p.labels {
		out.records[l] = rapid.Permutation(p.records[l]).Draw(t, "order")
	}
	return out
}

// sums are the oracle's expectation in the form of sumsOf.
func (v judged) sums() map[string][]string {
	out := map[string][]string{}
	for mark, list := range map[string][]string{"+": v.added, "~": v.changed, "-": v.destroyed} {
		if len(list) > 0 {
			out[mark] = list
		}
	}
	out["unchanged"] = []string{strconv.Itoa(len(v.unchanged))}
	return out
}

func sumsOf(o *outcome) map[string][]string {
	out := map[string][]string{}
	for _, c := range o.changes {
		w := strings.Fields(c)
		if w[0] != "<>" {
			out[w[0]] = append(out[w[0]], w[1]+" "+strings.Trim(w[2], `["]`))
		}
	}
	for _, list := range out {
		slices.Sort(list)
	}
	out["unchanged"] = []string{strconv.Itoa(o.result.Summary.Unchanged)}
	return out
}
