package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// eager sets aside whatever can be, with hardly any room.
var eager = []asideLimits{{least: 1, lead: 1, trial: 1 << 30, makers: 1}, {least: 1, lead: 3, trial: 1 << 30, makers: 3}, {least: 1, lead: 1000, trial: 2}}

// told is all that a plan says and does, as text.
func told(t interface{ Fatal(...any) }, in Input) string {
	r, err := Plan(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\n%s %s\n%+v\n", r.Summary, r.ChangeSet, r.Secrets, r.Untouched)
	for _, a := range r.Accounting {
		links := a.Links
		a.Links = nil
		fmt.Fprintf(&b, "%+v %+v\n", a, links)
	}
	for _, x := range r.Remaps {
		fmt.Fprintf(&b, "%+v\n", x)
	}
	for _, x := range r.Skips {
		fmt.Fprintf(&b, "%+v\n", x)
	}
	b.WriteString(describe(r.Diagnostics))
	for _, s := range r.Sequences {
		fmt.Fprintf(&b, "%s.%s %d\n", s.Table.Name, s.Column, s.Last)
	}
	for rec, err := range r.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%+v\n", *rec)
	}
	if r.Diagnostics.HasErrors() {
		return b.String() // nothing is written
	}
	// In which order the rows of a table are written does not matter.
	var step string
	var lines []string
	next := func(s string) {
		if s == step {
			return
		}
		slices.Sort(lines)
		fmt.Fprintf(&b, "%s\n%s\n", step, strings.Join(lines, "\n"))
		step, lines = s, nil
	}
	for batch, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		next(fmt.Sprintf("%s %s %v", opName(batch.Op), batch.Table.Name, batch.Key))
		count := int64(0)
		for row, err := range batch.Rows {
			if err != nil {
				t.Fatal(err)
			}
			count++
			lines = append(lines, fmt.Sprintf("%v %+v", batch.Columns, row))
		}
		if count != batch.Count {
			lines = append(lines, fmt.Sprintf("%d rows instead of %d", count, batch.Count))
		}
	}
	for img, err := range r.Images() {
		if err != nil {
			t.Fatal(err)
		}
		next("images of " + img.Model)
		lines = append(lines, fmt.Sprintf("%s %s %d %v %v %v %v", img.Table.Name, img.Key, img.Op, img.Row, img.Before, img.After, img.Sensitive))
	}
	next("")
	return b.String()
}

// sameAside plans with and without setting records aside.
func sameAside(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, in Input,
) {
	in.aside = asideLimits{never: true}
	want := told(t, in)
	for i, l := range eager {
		in.aside = l
		in.limits = []spoolLimits{{}, {memory: 1, window: 1}, {memory: 300, window: 64}}[i]
		if diff := cmp.Diff(want, told(t, in)); diff != "" {
			t.Errorf("%+v (-every record has an entry +some are set aside):\n%s", l, diff)
		}
		if diff := cmp.Diff(sealed(t, in, true), sealed(t, in, false)); diff != "" {
			t.Errorf("%+v (-sealed, +not sealed):\n%s", l, diff)
		}
	}
}

// sealed is what a saved plan would hold of the changes.
func sealed(t interface{ Fatal(...any) }, in Input, only bool) string {
	in.Sealed = only
	r, err := Plan(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	b := []byte(r.ChangeSet + " " + r.Secrets + "\n")
	for rec, err := range r.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		b = append(rec.AppendJSON(b), '\n')
	}
	return string(b)
}

// TestSettingAsideChangesNothing plans drawn worlds whose package is the live
// state with some records changed, gone, new, doubled or damaged.
func TestSettingAsideChangesNothing(t *testing.T) {
	const tables = `
kinds: id serial, app_label text !, model text !
owners: id serial, uuid uuid ! unique, login text ! unique, boss_name text
papers: id serial, uuid uuid ! unique, code text ! unique, owner_id int ! -> owners, editor_id int -> owners, n int, at ts, meta json, slot text unique
pages: id serial, paper_id int ! -> papers, no int !, body text, unique(paper_id, no)
notes: id serial, uuid uuid ! unique, kind_id int -> kinds, object_id text, body text, seen bool
`
	const pol = `
model "ct.kind" {
 table = kinds
 natural_key = [app_label, model]
}
model "b.owner" {
 table = owners
 natural_key = [login]
 surrogate = [uuid]
}
model "b.paper" {
 table = papers
 natural_key = [code]
 surrogate = [uuid]
 on_collision = %s
 match = %s
 ignore = [n]
 discard = [legacy]
}
model "b.page" {
 table = pages
 natural_key = [paper, no]
 reference "paper" { on_missing = %s }
}
model "b.note" {
 table = notes
 natural_key = [uuid]
 sensitive = [body]
 generic_reference "object" {
  type = kind
  id   = object_id
  %s
 }
}
`
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		w := world{tables: tables}
		w.policy = fmt.Sprintf(pol,
			rapid.SampledFrom([]string{"fail", "remint", "rename"}).Draw(t, "on_collision"),
			rapid.SampledFrom([]string{"update", "update", "keep", "fail"}).Draw(t, "match"),
			rapid.SampledFrom([]string{"fail", "skip"}).Draw(t, "page on_missing"),
			rapid.SampledFrom([]string{"", "", "on_missing = keep", "on_missing = unset", "on_missing = skip"}).Draw(t, "note on_missing"))
		var live, pkg []string
		carried := rapid.Bool().Draw(t, "primary keys")
		natural := rapid.Bool().Draw(t, "natural references")
		name := func(n int, text string) string {
			if natural || !carried {
				return text
			}
			return fmt.Sprint(n)
		}
		moved := 0 // the owners' primary keys in the package are others
		if rapid.Bool().Draw(t, "moved") {
			moved = 50
		}
		empty := map[string]bool{}
		for _, table := range []string{"kinds", "owners", "papers", "pages", "notes"} {
			empty[table] = rapid.IntRange(0, 3).Draw(t, table) == 0
		}
		alive := func(table, row string) {
			if !empty[table] {
				live = append(live, row)
			}
		}
		add := func(table, model string, id int, here, there string) {
			alive(table, fmt.Sprintf(`%s {"id":%d,%s}`, table, id, here))
			fate := rapid.IntRange(0, 29).Draw(t, "fate")
			pk := ""
			if model == "b.owner" {
				id += moved
			}
			if carried {
				pk = fmt.Sprintf(`"pk":%d,`, id)
			}
			record := fmt.Sprintf(`%s {%s%s}`, model, pk, there)
			switch fate {
			case 0: // gone
				return
			case 1: // twice
				pkg = append(pkg, record)
			case 2: // under another's primary key
				if carried {
					record = fmt.Sprintf(`%s {"pk":%d,%s}`, model, id%4+1, there)
				}
			case 3:
				record = strings.Replace(record, `"body":"`, `"body":"x`, 1)
			case 4:
				record = strings.Replace(record, `"code":"`, `"code":"new-`, 1)
			case 5:
				record = strings.Replace(record, `"seen":true`, `"seen":"perhaps"`, 1) // does not parse where it stands
			case 6:
				record = strings.TrimSuffix(record, "}") + `,"legacy":1}`
			case 7:
				record = strings.Replace(record, `.123Z`, `.124Z`, 1)
			case 8: // only live: a row more with the same key where the database lets it
				alive(table, fmt.Sprintf(`%s {"id":%d,%s}`, table, id+100, strings.ReplaceAll(here, `"00000000-`, `"10000000-`)))
			case 9: // with another's value of a unique field
				record = strings.Replace(record, fmt.Sprintf(`"slot":"s%d"`, id), `"slot":"s1"`, 1)
			case 10: // without a field
				record = strings.Replace(record, `"body":"`, `"n":"`, 1)
			case 11: // with a null where none may be
				record = strings.Replace(record, `"uuid":"`, `"uuid":null,"legacy":"`, 1)
			case 12: // with a key that no sequence gives out
				if carried {
					record = strings.Replace(record, fmt.Sprintf(`"pk":%d`, id), `"pk":99999999999`, 1)
				}
			case 13: // the same, and without a primary key
				record = fmt.Sprintf(`%s {%s}`, model, strings.Replace(there, fmt.Sprintf(`"slot":"s%d"`, id), `"slot":"s1"`, 1))
			}
			pkg = append(pkg, record)
		}
		uuid := func(kind, n int) string { return fmt.Sprintf("00000000-0000-0000-%04x-%012x", kind, n) }
		for i, model := range []string{"kind", "owner", "paper", "page"} {
			app := map[bool]string{true: "ct", false: "b"}[i == 0]
			row := fmt.Sprintf(`"app_label":%q,"model":%q`, app, model)
			alive("kinds", fmt.Sprintf(`kinds {"id":%d,%s}`, i+1, row))
			pkg = append(pkg, fmt.Sprintf(`ct.kind {"pk":%d,%s}`, i+1, row))
		}
		n := rapid.IntRange(1, 7).Draw(t, "records")
		for i := 1; i <= n; i++ {
			row := fmt.Sprintf(`"uuid":%q,"login":"u%d","boss_name":null`, uuid(1, i), i)
			add("owners", "b.owner", i, row, row)
		}
		for i := 1; i <= n; i++ {
			common := fmt.Sprintf(`"uuid":%q,"code":"c%d","n":%d,"slot":"s%d","meta":{"a": 1, "b": [1.0, "x-y"]}`, uuid(2, i), i, i, i)
			owner, editor := i%n+1, (i+2)%n+1
			add("papers", "b.paper", i, fmt.Sprintf(`%s,"owner_id":%d,"editor_id":%d,"at":"2025-01-02T03:04:05.123456Z"`, common, owner, editor),
				fmt.Sprintf(`%s,"owner":%s,"editor":%s,"at":"2025-01-02T03:04:05.123Z"`, strings.ReplaceAll(common, " ", ""), name(owner+moved, fmt.Sprintf(`["u%d"]`, owner)), name(editor+moved, fmt.Sprintf(`["u%d"]`, editor))))
		}
		for i := 1; i <= n; i++ {
			paper := i/2 + 1
			rest := fmt.Sprintf(`"no":%d,"body":"text %d"`, i, i)
			add("pages", "b.page", i, fmt.Sprintf(`"paper_id":%d,%s`, paper, rest), fmt.Sprintf(`"paper":%s,%s`, name(paper, fmt.Sprintf(`["c%d"]`, paper)), rest))
		}
		for i := 1; i <= n; i++ {
			kind := rapid.IntRange(0, 4).Draw(t, "kind")
			rest := fmt.Sprintf(`"uuid":%q,"object_id":"%d","body":"note %d","seen":true`, uuid(3, i), i, i)
			here, there := "null", "null"
			if kind > 0 {
				models := []string{"kind", "owner", "paper", "page"}
				app := map[bool]string{true: "ct", false: "b"}[kind == 1]
				here, there = fmt.Sprint(kind), name(kind, fmt.Sprintf(`[%q,%q]`, app, models[kind-1]))
			}
			add("notes", "b.note", i, fmt.Sprintf(`"kind_id":%s,%s`, here, rest), fmt.Sprintf(`"kind":%s,%s`, there, rest))
		}
		if rapid.Bool().Draw(t, "shuffled") {
			pkg = rapid.Permutation(pkg).Draw(t, "package")
		}
		w.live, w.pkg = strings.Join(live, "\n"), strings.Join(pkg, "\n")
		in := w.input(outer)
		sameAside(t, in)
	})
}

func TestSameValuesAtAGlance(t *testing.T) {
	stamps := []string{"", ".5", ".50", ".500", ".545", ".545000", ".545123", ".000", ".0", ".001", ".001999"}
	typ := schema.Type{Kind: schema.TimestampTZ}
	for _, x := range stamps {
		for _, y := range stamps {
			mine := "2025-12-10T08:19:38" + x + "Z"
			v, err := typ.Parse(schema.Literal{Kind: schema.StringLiteral, Text: mine})
			if err != nil {
				continue
			}
			canonical, err := typ.Parse(schema.Literal{Kind: schema.StringLiteral, Text: "2025-12-10T08:19:38" + y + "Z"})
			if err != nil {
				continue
			}
			live := schema.NewValue(canonical.Text)
			if sameInstant(mine, live.Text) && !typ.Equal(v, live) {
				t.Errorf("%s and %s are not the same", mine, live.Text)
			}
		}
	}
	json := schema.Type{Kind: schema.JSON}
	texts := []string{`{"a":1}`, `{"a": 1}`, `{ "a" :1 }`, `{"a":" 1"}`, `{"a":"1"}`, `{"a":"\" "}`, `{"a":"\"  "}`, `[1,2]`, `[1, 2]`, `[12]`, `["a b","c"]`, `["a b", "c"]`, `["ab","c"]`, `{"\\":" "}`, `{"\\": ""}`}
	for _, x := range texts {
		for _, y := range texts {
			if sameSpacedJSON(x, y) && !json.Equal(schema.NewValue(x), schema.NewValue(y)) {
				t.Errorf("%s and %s are not the same", x, y)
			}
		}
	}
	if !sameSpacedJSON(texts[0], texts[2]) || !sameInstant("2025-12-10T08:19:38.545Z", "2025-12-10 08:19:38.545123+00") || !sameInstant("2025-12-10T08:19:38.500Z", "2025-12-10 08:19:38.5+00") {
		t.Error("the usual spellings are not told at a glance")
	}
}

// Records that are set aside are few words: what the planner keeps does not
// grow with what it does not change.
func TestMostRecordsAreSetAside(t *testing.T) {
	var live, pkg []string
	for i := 1; i <= 5000; i++ {
		live = append(live, fmt.Sprintf(`t {"id":%d,"code":"c%d","text":"x"}`, i, i))
		pkg = append(pkg, fmt.Sprintf(`m.t {"pk":%d,"code":"c%d","text":"x"}`, i, i))
	}
	pkg[77] = `m.t {"pk":78,"code":"c78","text":"y"}`
	w := world{
		tables: "t: id serial, code text ! unique, text text", policy: "model \"m.t\" {\n table = t\n natural_key = [code]\n}",
		live: strings.Join(live, "\n"), pkg: strings.Join(pkg, "\n"),
	}
	r, err := Plan(t.Context(), w.input(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	m := r.work.(*planning).models[0]
	if m.entries.len() != 1 || m.settled.count() != 4999 {
		t.Errorf("%d entries and %d records set aside", m.entries.len(), m.settled.count())
	}
	if want := (plans.Summary{Change: 1, Unchanged: 4999, Keep: 5000}); !slices.Equal([]plans.Summary{want}, []plans.Summary{r.Summary}) {
		t.Errorf("%+v", r.Summary)
	}
}

// Records of an empty table are no entries either, whatever refers to them.
func TestFreshRecordsHaveNoEntries(t *testing.T) {
	var pkg []string
	for i := 1; i <= 3000; i++ {
		pkg = append(pkg, fmt.Sprintf(`m.t {"pk":%d,"uuid":"00000000-0000-0000-0000-%012x","code":"c%d"}`, i, i, i))
		pkg = append(pkg, fmt.Sprintf(`m.u {"pk":%d,"t":["c%d"],"no":%d}`, i, i/3+1, i))
	}
	in := world{
		tables: "t: id serial, uuid uuid ! unique, code text ! unique\nu: id serial, t_id int ! -> t, no int !, unique(t_id, no)",
		policy: "model \"m.t\" {\n table = t\n natural_key = [code]\n surrogate = [uuid]\n}\nmodel \"m.u\" {\n table = u\n natural_key = [t, no]\n}",
		pkg:    strings.Join(pkg, "\n"),
	}.input(t)
	r, err := Plan(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	rows := 0
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range b.Rows {
			if err != nil {
				t.Fatal(err)
			}
			rows++
		}
	}
	for _, m := range r.work.(*planning).models {
		if m.entries.len() != 0 || m.settled.count() != 3000 || m.settled.fresh == nil {
			t.Errorf("%s: %d entries and %d records set aside", m.label, m.entries.len(), m.settled.count())
		}
	}
	if r.Summary.Add != 6000 || rows != 6000 {
		t.Errorf("%d records, %d rows", r.Summary.Add, rows)
	}
}

// Several goroutines make them, and none is lost between them: not the last,
// when some have more to do than others.
func TestFreshRecordsOfManyBatchesAreWhole(t *testing.T) {
	var pkg []string
	for i := range 13*batchRows + 5 {
		pkg = append(pkg, fmt.Sprintf(`m.t {"pk":%d,"code":"c%d"}`, 5000-i, i*7919%4001))
	}
	sameAside(t, world{
		tables: "t: id serial, code text ! unique", policy: "model \"m.t\" {\n table = t\n natural_key = [code]\n}", pkg: strings.Join(pkg, "\n"),
	}.input(t))
}

// A database puts rows where there is room. Those that wait for their like keep
// what they hold while their batches are used again, and the streams fall in
// step again: only what lies elsewhere waits.
func TestRowsThatLieElsewhereMeetTheirLike(t *testing.T) {
	const rows = 48 * 50 // some 19 batches
	var live, pkg []string
	for i := range rows {
		at := i
		switch i / 50 % 8 {
		case 2: // and its neighbour the other way round
			at += 50
		case 3:
			at -= 50
		}
		live = append(live, fmt.Sprintf(`t {"id":%d,"code":"c%d","note":"%d"}`, at+1, at, at*at))
		note := i * i
		if i%97 == 0 {
			note++
		}
		pkg = append(pkg, fmt.Sprintf(`m.t {"pk":%d,"code":"c%d","note":"%d"}`, i+1, i, note))
	}
	in := world{
		tables: "t: id serial, code text ! unique, note text", policy: "model \"m.t\" {\n table = t\n natural_key = [code]\n}",
		live: strings.Join(live, "\n"), pkg: strings.Join(pkg, "\n"),
	}.input(t)
	sameAside(t, in)

	in.aside = asideLimits{least: 1, lead: 60, trial: rows} // few more than lie elsewhere
	r, err := Plan(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	const changed = (rows + 96) / 97
	if got := r.work.(*planning).models[0].settled.count(); got != rows-changed || r.Summary.Change != changed {
		t.Errorf("%d records set aside and %d changed, want %d and %d", got, r.Summary.Change, rows-changed, changed)
	}
}

// What only several fresh records together do is found all the same.
func TestFreshRecordsTogether(t *testing.T) {
	const pol = "model \"m.t\" {\n table = t\n natural_key = [code]\n surrogate = [uuid]\n}"
	record := func(pk int, rest string) string { return fmt.Sprintf(`m.t {"pk":%d,%s}`, pk, rest) }
	cases := map[string]struct {
		pkg      []string
		problems []string
	}{
		"two have the same surrogate": {
			[]string{record(1, `"code":"a","uuid":"00000000-0000-0000-0000-000000000001"`), record(2, `"code":"b","uuid":"00000000-0000-0000-0000-000000000001"`)},
			[]string{`error surrogate.duplicate m.t ["b"]`},
		},
		"two have the same value of a unique column": {
			[]string{record(1, `"code":"a","slot":"x"`), record(2, `"code":"b","slot":"x"`)},
			[]string{`error predicted.unique.t_slot m.t ["b"]`},
		},
		"one that is not in order has it too": {
			[]string{record(1, `"code":"a","slot":"x"`), `m.t {"code":"b","slot":"x"}`},
			[]string{`error predicted.unique.t_slot m.t ["b"]`},
		},
		"two have the same primary key": {
			[]string{record(1, `"code":"a"`), record(1, `"code":"b"`)},
			[]string{`error key.duplicate_primary m.t ["b"]`},
		},
		"two have the same natural key": {
			[]string{record(1, `"code":"a"`), record(2, `"code":"a","slot":"x"`)},
			[]string{`error key.duplicate_package m.t ["a"]`},
		},
		"one has a primary key that its sequence does not reach": {
			[]string{record(1, `"code":"a"`), record(70, `"code":"b"`)},
			[]string{`error key.primary m.t ["b"]`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := world{tables: "t: id serial, code text ! unique, uuid uuid unique, slot text unique", policy: pol, pkg: strings.Join(c.pkg, "\n")}.input(t)
			in.Catalogue.Tables[0].Columns[0].Sequence.Max = 50
			in.aside = eager[2]
			if diff := cmp.Diff(c.problems, plan(t, in).problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			sameAside(t, in)
		})
	}
}

// A key that cannot be read any more must not be written as another.
func TestAKeyThatIsLostRefusesTheWrites(t *testing.T) {
	in := world{
		tables: "t: id serial, code text ! unique\nu: id serial, t_id int ! -> t, no int !, unique(t_id, no)",
		policy: "model \"m.t\" {\n table = t\n natural_key = [code]\n}\nmodel \"m.u\" {\n table = u\n natural_key = [t, no]\n}",
		live:   `t {"id":1,"code":"spooled"}` + "\n" + `u {"id":1,"t_id":1,"no":1}`,
		pkg:    `m.t {"pk":1,"code":"spooled"}` + "\n" + `m.u {"pk":1,"t":1,"no":1}` + "\n" + `m.u {"pk":2,"t":1,"no":2}`,
	}.input(t)
	in.aside, in.limits = eager[2], spoolLimits{memory: 1, window: 1}
	r, err := Plan(t.Context(), in)
	if err != nil || r.Summary.Add != 1 {
		t.Fatal(r, err)
	}
	defer func() { _ = r.Close() }()
	m := r.work.(*planning).models[0]
	m.entries = newEntries() // it is to be looked up
	m.settled.drop()
	if err := m.settled.keys.file.Close(); err != nil {
		t.Fatal(err)
	}
	failed := false
	for b, err := range r.Batches() {
		failed = failed || err != nil
		if err != nil {
			break
		}
		for _, err := range b.Rows {
			failed = failed || err != nil
		}
	}
	if !failed {
		t.Error("the writes went through")
	}
}
