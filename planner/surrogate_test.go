package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// surrogates is a world of one table whose rows have a code and a uuid.
type surrogates struct {
	collision string
	adopt     bool
	destroy   bool
	live, pkg map[string]string // uuid by code, "" where the package has none
}

func drawSurrogates(t *rapid.T) *surrogates {
	s := &surrogates{
		collision: rapid.SampledFrom([]string{"fail", "rename", "remint"}).Draw(t, "on_collision"),
		adopt:     rapid.Bool().Draw(t, "adopt"), destroy: rapid.Bool().Draw(t, "destroy"),
		live: map[string]string{}, pkg: map[string]string{},
	}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 0, 4, rapid.ID[string])
	for i, c := range some.Draw(t, "live") {
		s.live[c] = uuidOf(i)
	}
	for _, c := range some.Draw(t, "package") {
		if n := rapid.IntRange(-1, 7).Draw(t, "uuid"); n < 0 {
			s.pkg[c] = ""
		} else {
			s.pkg[c] = uuidOf(n)
		}
	}
	return s
}

func uuidOf(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) }

func (s *surrogates) world() world {
	var live, pkg strings.Builder
	for i, c := range slices.Sorted(maps.Keys(s.live)) {
		fmt.Fprintf(&live, "rows {\"id\":%d,\"code\":%q,\"uuid\":%q}\n", i+1, c, s.live[c])
	}
	for i, c := range slices.Sorted(maps.Keys(s.pkg)) {
		fmt.Fprintf(&pkg, "t.row {\"pk\":%d,\"code\":%q", i+3, c)
		if s.pkg[c] != "" {
			fmt.Fprintf(&pkg, ",\"uuid\":%q", s.pkg[c])
		}
		pkg.WriteString("}\n")
	}
	attributes := "surrogate = [uuid]\non_collision = " + s.collision
	if s.adopt {
		attributes += "\nsurrogate \"uuid\" { adopt = true }"
	}
	if s.destroy {
		attributes += "\nabsent = destroy"
	}
	return world{tables: "rows: id serial, code text ! unique, uuid uuid ! unique", policy: single("code", attributes), live: live.String(), pkg: pkg.String()}
}

// judge follows the matching table of the design, row by row. It returns the
// uuids by code after the plan; ok is false where the plan must be refused.
func (s *surrogates) judge() (after map[string]string, ok bool) {
	after, claimed := map[string]string{}, map[string]bool{}
	renamed := map[string]bool{}
	for c, u := range s.pkg {
		own, here := s.live[c]
		minted := newUUID("t.row", "uuid", schema.MakeKey(c))
		switch {
		case here && (u == "" || u == own):
			after[c] = own
			continue
		case u == "":
			after[c] = minted
			continue
		case claimed[u]:
			return nil, false
		}
		claimed[u] = true
		holder := ""
		for other, v := range s.live {
			if v == u {
				holder = other
			}
		}
		_, holderKnown := s.pkg[holder]
		if s.collision == "remint" && s.destroy && !holderKnown {
			holder = ""
		}
		switch {
		case holder == "" && here && !s.adopt:
			after[c] = own
		case holder == "":
			after[c] = u
		case s.collision == "remint" && here:
			after[c] = own
		case s.collision == "remint":
			after[c] = minted
		case s.collision == "rename" && !here && !holderKnown:
			after[c], renamed[holder] = u, true
		default:
			return nil, false
		}
	}
	for c, u := range s.live {
		if _, here := s.pkg[c]; !here && !s.destroy && !renamed[c] {
			after[c] = u
		}
	}
	return after, true
}

func TestSurrogatesFollowTheMatchingTable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawSurrogates(rt)
		want, ok := s.judge()
		w := s.world()
		in := w.input(t)
		r := planQuietly(rt, in, spoolLimits{memory: 40, window: 16})
		defer func() { _ = r.Close() }()
		o := observe(t, r)
		balanced(t, o)
		if r.Diagnostics.HasErrors() == ok {
			rt.Fatalf("ok is %v, the plan says\n%s%s\nlive:\n%s\npackage:\n%s", ok, describe(r.Diagnostics), w.policy, w.live, w.pkg)
		}
		turned := in
		turned.Package = in.Package.(*memoryPackage).reversed()
		other := planQuietly(rt, turned, spoolLimits{})
		if other.ChangeSet != r.ChangeSet {
			rt.Fatalf("in reverse the plan is another one\n%s", w.pkg)
		}
		_ = other.Close()
		if !ok {
			return
		}
		live := in.Live.(*memoryLive)
		if err := live.carryOut(r); err != nil {
			rt.Fatalf("%v\n%s", err, strings.Join(o.batches, "\n"))
		}
		got := map[string]string{}
		for _, row := range live.rows["rows"] {
			got[row["code"].Text] = row["uuid"].Text
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s\n%s\nlive:\n%s\npackage:\n%s", diff, w.policy, w.live, w.pkg)
		}
		if s.adopt && s.collision == "remint" {
			return // a value that one record gave up may be adopted by another the next time
		}
		again := planQuietly(rt, in, spoolLimits{})
		if again.Summary.Any() || again.Diagnostics.HasErrors() {
			rt.Fatalf("planned again: %s\n%s", strings.Join(observe(t, again).changes, "\n"), describe(again.Diagnostics))
		}
		_ = again.Close()
	})
}

// A row that a renamed record takes over is not destroyed under the name that
// it loses, whatever it referred to.
func TestARenamedRowGoesByItsRecord(t *testing.T) {
	tables := "users: id serial, uuid uuid ! unique, login text ! unique, boss_id int -> users"
	pol := `
model "t.user" {
  table        = users
  natural_key  = [login]
  surrogate    = [uuid]
  on_collision = rename
  reinit { clear = self.login == "old" }
  reference "boss" { on_destroy = RULE }
}`
	live := `users {"id":1,"login":"old","uuid":"` + one + `"}
		users {"id":2,"login":"cat","uuid":"` + two + `","boss_id":1}`
	for name, c := range map[string]struct {
		rule, boss string
		want       []string
	}{
		"pointed elsewhere": {"destroy", `,"boss":null`, []string{
			`- t.user ["old"] id 1 uuid "` + one + `" login "old" boss null`,
			`~ t.user ["eve"] was ["cat"] login "cat" -> "eve" boss ["old"] -> null`,
		}},
		"kept by nobody who lets go of it": {"keep", `,"boss":null`, []string{
			`- t.user ["old"] id 1 uuid "` + one + `" login "old" boss null`,
			`~ t.user ["eve"] was ["cat"] login "cat" -> "eve" boss ["old"] -> null`,
		}},
		"unset by the rule": {"unset", ``, []string{
			`- t.user ["old"] id 1 uuid "` + one + `" login "old" boss null`,
			`~ t.user ["eve"] was ["cat"] login "cat" -> "eve" boss ["old"] -> null`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in := world{
				tables: tables, live: live, policy: fill(pol, "RULE", c.rule),
				pkg: `t.user {"pk":9,"login":"eve","uuid":"` + two + `"` + c.boss + `}`,
			}.input(t)
			in.Reinit = true
			o := plan(t, in)
			balanced(t, o)
			if d := cmp.Diff(c.want, o.changes); d != "" || o.result.Diagnostics.HasErrors() {
				t.Errorf("(-want +got)\n%s\n%s", d, describe(o.result.Diagnostics))
			}
		})
	}
}
