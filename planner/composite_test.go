package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// tenants is a world in which every foreign key holds the tenant too, as
// databases of several customers have it.
var tenants = world{
	tables: `
		tenants: id serial, slug text ! unique
		people: id serial, tenant_id int ! -> tenants, login text ! unique, boss_id int
		calls: id serial, no text ! unique, tenant_id int !, person_id int`,
	policy: `
		model "t.tenant" {
			table       = tenants
			natural_key = [slug]
		}
		model "t.person" {
			table       = people
			natural_key = [login]
		}
		model "t.call" {
			table       = calls
			natural_key = [no]
		}`,
}

// compound adds the foreign keys of two columns.
func compound(in Input) Input {
	pair := []string{"tenant_id", "id"}
	calls, people := in.Catalogue.Table("calls"), in.Catalogue.Table("people")
	calls.ForeignKeys = append(calls.ForeignKeys, schema.ForeignKey{Name: "calls_person", Columns: []string{"tenant_id", "person_id"}, RefTable: "people", RefColumns: pair})
	people.ForeignKeys = append(people.ForeignKeys, schema.ForeignKey{Name: "people_boss", Columns: []string{"tenant_id", "boss_id"}, RefTable: "people", RefColumns: pair})
	return in
}

// A record of the package must not end with somebody else because a reference
// that spells the tenant as well was taken for two numbers.
func TestForeignKeysOfSeveralColumnsFollowTheirRecords(t *testing.T) {
	w := tenants
	w.live = `
		tenants {"id":1,"slug":"north"}
		tenants {"id":2,"slug":"south"}
		people {"id":1,"tenant_id":1,"login":"bob"}
		people {"id":2,"tenant_id":1,"login":"ann","boss_id":1}
		calls {"id":5,"no":"c1","tenant_id":1,"person_id":2}`
	w.pkg = `
		t.tenant {"pk":2,"slug":"north"}
		t.tenant {"pk":1,"slug":"south"}
		t.person {"pk":2,"tenant":2,"login":"bob"}
		t.person {"pk":1,"tenant":2,"login":"ann","boss_id":2}
		t.person {"pk":3,"tenant":1,"login":"cid","boss_id":3}
		t.call {"pk":5,"no":"c1","tenant_id":2,"person_id":1}
		t.call {"pk":6,"no":"c2","tenant_id":1,"person_id":3}
		t.call {"pk":7,"no":"c3","tenant_id":2,"person_id":null}`
	in := compound(w.input(t))
	o := plan(t, in)
	balanced(t, o)
	if len(o.problems) > 0 {
		t.Fatalf("problems: %q", o.problems)
	}
	want := []string{
		`<> t.tenant ["north"]`, `<> t.tenant ["south"]`, `<> t.person ["ann"]`, `<> t.person ["bob"]`,
		`+ t.person ["cid"] pk 3 tenant ["south"] login "cid" boss_id ["cid"]`,
		`+ t.call ["c2"] pk 6 no "c2" tenant_id ["south"] person_id ["cid"]`,
		`+ t.call ["c3"] pk 7 no "c3" tenant_id ["north"] person_id null`,
	}
	if diff := cmp.Diff(want, o.changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	converges(t, in, o)
}

func TestAForeignKeyOfSeveralColumnsToNoRecordIsMissing(t *testing.T) {
	w := tenants
	w.live = `tenants {"id":1,"slug":"north"}` + "\n" + `people {"id":7,"tenant_id":1,"login":"bob"}`
	w.pkg = `t.call {"pk":5,"no":"c1","tenant_id":1,"person_id":7}`
	o := plan(t, compound(w.input(t)))
	if got := strings.Join(o.problems, "\n"); !strings.Contains(got, "error reference.missing.person_id") {
		t.Errorf("problems: %s", got)
	}
}

func TestPlainPartsOfForeignKeysAreNamed(t *testing.T) {
	w := world{
		tables: "a_lines: id serial, name text ! unique, plant text !, lot int !\nlots: id serial, plant text !, lot int !, unique(plant, lot)",
		policy: "model \"m.line\" {\n table = a_lines\n natural_key = [name]\n}\nmodel \"m.lot\" {\n table = lots\n natural_key = [plant, lot]\n}",
		pkg:    `m.line {"pk":1,"name":"l","plant":"x","lot":1}` + "\n" + `m.lot {"pk":1,"plant":"x","lot":1}`,
	}
	keyed := func(policy string) Input {
		w.policy = policy
		in := w.input(t)
		lines := in.Catalogue.Table("a_lines")
		lines.ForeignKeys = append(lines.ForeignKeys, schema.ForeignKey{Name: "line_lot", Columns: []string{"plant", "lot"}, RefTable: "lots", RefColumns: []string{"plant", "lot"}})
		return in
	}
	o := plan(t, keyed(w.policy))
	if diff := cmp.Diff([]string{"warning policy.composite"}, o.problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`+ m.lot ["x",1] pk 1 plant "x" lot 1`, `+ m.line ["l"] pk 1 name "l" plant "x" lot 1`}, o.changes); diff != "" {
		t.Errorf("what refers comes after (-want +got):\n%s", diff)
	}
	o = plan(t, keyed(strings.Replace(w.policy, "natural_key = [plant, lot]", "natural_key = [plant]\n surrogate = [lot]", 1)))
	if got := strings.Join(o.problems, "\n"); !strings.Contains(got, "error policy.composite") {
		t.Errorf("a surrogate that a foreign key spells is not refused: %s", got)
	}
}

// A row may refer by plain values to one that comes in the same plan: where the
// database checks at once, the values are written when that row is there.
func TestPlainPartsOfForeignKeysAreWrittenWhenTheirRowIsThere(t *testing.T) {
	w := world{
		tables: "versions: id serial, doc text !, no int !, prev int, unique(doc, no)",
		policy: "model \"m.version\" {\n table = versions\n natural_key = [doc, no]\n}",
		live:   `versions {"id":3,"doc":"d","no":3,"prev":1}` + "\n" + `versions {"id":1,"doc":"d","no":1}`,
		pkg:    `m.version {"pk":3,"doc":"d","no":3,"prev":2}` + "\n" + `m.version {"pk":2,"doc":"d","no":2,"prev":1}`,
	}
	in := w.input(t)
	versions := in.Catalogue.Table("versions")
	versions.ForeignKeys = append(versions.ForeignKeys, schema.ForeignKey{Name: "prev", Columns: []string{"doc", "prev"}, RefTable: "versions", RefColumns: []string{"doc", "no"}})
	want := []string{"insert versions id,doc,no 1", "update versions prev 2"}
	if diff := cmp.Diff(want, plan(t, in).batches); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

// Values that refer to a record follow it only where the record takes them on
// too.
func TestWhatIsReferredToByValueMustNotStayAsItIs(t *testing.T) {
	cases := map[string]struct {
		unit    string
		exclude []string
		refused bool
	}{
		"it is changed":                       {"", nil, false},
		"it is kept":                          {"match = keep", nil, true},
		"the column is ignored":               {"ignore = [no]", nil, true},
		"the column is in the natural key":    {"match = keep\n natural_key = [org, no]", nil, false},
		"the plan leaves the other model out": {"", []string{"m.unit"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			key := "natural_key = [org, code]\n"
			if strings.Contains(c.unit, "natural_key") {
				key = ""
			}
			w := world{
				tables: "units: id serial, org text !, no int !, code text !, unique(org, no), unique(org, code)\nseats: id serial, name text ! unique, org text !, unit int !",
				policy: "model \"m.unit\" {\n table = units\n " + key + c.unit + "\n}\nmodel \"m.seat\" {\n table = seats\n natural_key = [name]\n}",
			}
			in := w.input(t)
			in.Exclude = c.exclude
			seats := in.Catalogue.Table("seats")
			seats.ForeignKeys = append(seats.ForeignKeys, schema.ForeignKey{Name: "seat_unit", Columns: []string{"org", "unit"}, RefTable: "units", RefColumns: []string{"org", "no"}})
			got := strings.Contains(strings.Join(plan(t, in).problems, "\n"), "error policy.composite")
			if got != c.refused {
				t.Errorf("refused: %v, want %v", got, c.refused)
			}
		})
	}
}

// That there is a row for all columns of a foreign key together is found out
// before the database does.
func TestRowsThatAForeignKeyOfSeveralColumnsLeadsNowhereAreFound(t *testing.T) {
	const (
		live = `rooms {"id":1,"code":"R"}
			shelves {"room_id":1,"no":1,"state":"a"}
			shelves {"room_id":1,"no":2,"state":"a"}
			books {"id":1,"title":"old","room_id":1,"no":2}`
		room = `s.room {"pk":7,"code":"R"}` + "\n"
	)
	for name, c := range map[string]struct {
		shelf, pkg string
		want       []string
	}{
		"a live row":                {"", room + `s.book {"title":"new","room_id":7,"no":1}`, nil},
		"an added row":              {"", room + `s.shelf {"room":7,"no":3}` + "\n" + `s.book {"title":"new","room_id":7,"no":3}`, nil},
		"no row":                    {"", room + `s.book {"title":"new","room_id":7,"no":3}`, []string{`error predicted.target.books.room_id.no s.book ["new"]`}},
		"no row, of a changed one":  {"", room + `s.book {"title":"old","room_id":7,"no":3}`, []string{`error predicted.target.books.room_id.no s.book ["old"]`}},
		"null refers to nothing":    {"", room + `s.book {"title":"new","room_id":7,"no":null}`, nil},
		"what stays is not written": {"", room + `s.book {"title":"old","room_id":7,"no":2}`, nil},
		"a row that is destroyed": {
			"absent = destroy", room + `s.shelf {"room":7,"no":2}` + "\n" + `s.book {"title":"new","room_id":7,"no":1}`,
			[]string{`error predicted.target.books.room_id.no s.book ["new"]`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{
				tables: "rooms: id serial, code text ! unique\nshelves: room_id int ! -> rooms, no int !, state text, pk(room_id, no)\nbooks: id serial, title text ! unique, room_id int, no int, fk(room_id, no) -> shelves(room_id, no)",
				policy: "model \"s.room\" {\n table = rooms\n natural_key = [code]\n}\nmodel \"s.shelf\" {\n table = shelves\n natural_key = [room, no]\n SHELF\n}\nmodel \"s.book\" {\n table = books\n natural_key = [title]\n}",
				live:   live, pkg: c.pkg,
			}
			w.policy = fill(w.policy, "SHELF", c.shelf)
			o := plan(t, w.input(t))
			problems := slices.DeleteFunc(slices.Clone(o.problems), func(s string) bool { return strings.HasPrefix(s, "warning") })
			if diff := cmp.Diff(strings.Join(c.want, "\n"), strings.Join(problems, "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%s", diff, describe(o.result.Diagnostics))
			}
		})
	}
}

// A row that is mapped to keeps its own number, and what refers to the record
// by its number would mean the row that has that one here.
func TestARecordThatOthersReferToByValueIsNotMappedToAnother(t *testing.T) {
	w := world{
		tables: "rooms: id serial, code text ! unique\nshelves: room_id int ! -> rooms, no int !, state text, pk(room_id, no)\nbooks: id serial, title text ! unique, room_id int, no int, fk(room_id, no) -> shelves(room_id, no)",
		policy: "model \"s.room\" {\n table = rooms\n natural_key = [code]\n}\nmodel \"s.shelf\" {\n table = shelves\n natural_key = [room, no]\n}\nmodel \"s.book\" {\n table = books\n natural_key = [title]\n}",
		live: `rooms {"id":1,"code":"R"}
			shelves {"room_id":1,"no":1,"state":"a"}
			shelves {"room_id":1,"no":2,"state":"a"}`,
		pkg: `s.room {"pk":7,"code":"R"}
			s.shelf {"room":7,"no":1,"state":"b"}
			s.book {"title":"new","room_id":7,"no":1}`,
	}
	for decision, want := range map[string]string{
		`map s.shelf ["R",1] -> ["R",2]`: `error decision.value s.shelf ["R",1]`,
		`map s.shelf ["R",1] -> ["R",1]`: "",
	} {
		in := w.input(t)
		in.Decisions = decisions(t, decision)
		problems := slices.DeleteFunc(plan(t, in).problems, func(s string) bool { return strings.HasPrefix(s, "warning") })
		if got := strings.Join(problems, "\n"); got != want {
			t.Errorf("%s: problems %q, want %q", decision, got, want)
		}
	}
}

// Records that are new in an empty table are looked at too, many as they are.
func TestManyRowsThatReferByValueAreLookedAt(t *testing.T) {
	w := world{
		tables: "bins: id serial, name text ! unique, room int !, no int !, unique(room, no)\nitems: id serial, name text ! unique, room int, no int, fk(room, no) -> bins(room, no)",
		policy: "model \"s.bin\" {\n table = bins\n natural_key = [name]\n}\nmodel \"s.item\" {\n table = items\n natural_key = [name]\n}",
	}
	for i := range 400 {
		w.pkg += fmt.Sprintf("s.bin {\"pk\":%d,\"name\":\"b%03d\",\"room\":%d,\"no\":%d}\n", i+1, i, i/10, i%10)
		w.pkg += fmt.Sprintf("s.item {\"pk\":%d,\"name\":\"i%03d\",\"room\":%d,\"no\":%d}\n", i+1, i, i/10, i%10)
	}
	for last, want := range map[string]string{
		`s.item {"pk":900,"name":"last","room":39,"no":9}`: "",
		`s.item {"pk":900,"name":"last","room":40,"no":0}`: `error predicted.target.items.room.no s.item ["last"]`,
	} {
		for _, sealed := range []bool{false, true} {
			one := w
			one.pkg += last
			in := one.input(t)
			in.Sealed = sealed
			problems := slices.DeleteFunc(plan(t, in).problems, func(s string) bool { return strings.HasPrefix(s, "warning") })
			if got := strings.Join(problems, "\n"); got != want {
				t.Errorf("%s: problems %q, want %q", last, got, want)
			}
		}
	}
}
