package planner

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// office is a world to re-initialise: people with a boss, types with a maker,
// papers that follow each other and have readers, notes on papers, and a trail.
const office = `
users: id serial, login text ! unique, active bool !, boss_id int -> users, password text
types: id serial, code text ! unique, name text ! unique, maker_id int ! -> users
papers: id serial, number text ! unique, author_id int -> users, kind_id int -> types, parent_id int -> papers
papers_readers: id serial, paper_id int ! -> papers, user_id int ! -> users, unique(paper_id, user_id)
notes: id serial, code text, paper_id int ! -> papers
trail: id serial, code text ! unique, user_id int -> users
`

const officePolicy = `
model "o.user" {
  table = users
  natural_key = [login]
  sensitive = [password]
  USER
}
model "o.type" {
  table = types
  natural_key = [code]
  TYPE
}
model "o.paper" {
  table = papers
  natural_key = [number]
  PAPER
}
model "o.note" {
  table = notes
  natural_key = [code]
  NOTE
}
model "o.trail" {
  table = trail
  natural_key = [code]
  TRAIL
}
REST
`

// officeCase is a re-initialisation of the office: attributes of its models,
// what is live, and what is to come of it.
type officeCase struct {
	user, typ, paper, note, trail, rest string // attributes of the models, more blocks
	live, pkg                           string
	in                                  func(*Input)
	plain                               bool // no reinit
	wants                               officeWants
}

// officeWants are the changes with their reasons, what keeps rows, and the
// problems.
type officeWants struct{ changes, kept, problems []string }

func (c officeCase) input(t testing.TB) Input {
	t.Helper()
	in := world{
		tables: office, live: c.live, pkg: c.pkg,
		policy: fill(officePolicy, "USER", c.user, "TYPE", c.typ, "PAPER", c.paper, "NOTE", c.note, "TRAIL", c.trail, "REST", c.rest),
	}.input(t)
	in.Reinit = !c.plain
	if c.pkg == "" {
		in.Package = nil
	}
	if c.in != nil {
		c.in(&in)
	}
	return in
}

// run plans, checks what holds of every plan, and compares.
func (c officeCase) run(t *testing.T) {
	t.Helper()
	in := c.input(t)
	o := plan(t, in)
	balanced(t, o)
	silent(t, o)
	if d := cmp.Diff(c.wants, reasoned(t, o), cmp.AllowUnexported(officeWants{})); d != "" {
		t.Errorf("(-want +got)\n%s\n%s", d, describe(o.result.Diagnostics))
	}
	for seed := range uint64(5) {
		c.shuffled(t, in, o, seed)
	}
	if !o.result.Diagnostics.HasErrors() {
		converges(t, in, o)
	}
}

// shuffled plans with the live rows in another order, which must not matter.
func (c officeCase) shuffled(t *testing.T, in Input, o *outcome, seed uint64) {
	t.Helper()
	in.Live = in.Live.(*memoryLive).shuffled(seed)
	other := plan(t, in)
	if d := cmp.Diff(reasoned(t, o), reasoned(t, other), cmp.AllowUnexported(officeWants{})); d != "" || o.digest != other.digest {
		t.Errorf("live rows in another order give another plan:\n%s", d)
	}
}

// shuffled is the database with its rows in another order.
func (l *memoryLive) shuffled(seed uint64) *memoryLive {
	live := *l
	live.rows = map[string][]map[string]schema.Value{}
	random := rand.New(rand.NewPCG(seed, 0))
	for _, table := range slices.Sorted(maps.Keys(l.rows)) {
		rows := slices.Clone(l.rows[table])
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		live.rows[table] = rows
	}
	return &live
}

var place = regexp.MustCompile(`test\.hcl:\d+`)

func reasoned(t *testing.T, o *outcome) officeWants {
	t.Helper()
	w := officeWants{problems: o.problems}
	n := 0
	for rec, err := range o.result.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		text := o.changes[n]
		if rec.Action == plans.Destroy {
			text = fmt.Sprintf("- %s %s", rec.Model, rec.Key)
		}
		if rec.Reason != "" {
			text += " " + place.ReplaceAllString(rec.Reason, "here")
			if rec.Rule.IsZero() {
				t.Errorf("%s %s: no rule is named", rec.Model, rec.Key)
			}
		}
		w.changes = append(w.changes, text)
		n++
	}
	for _, a := range o.result.Accounting {
		for _, k := range a.KeptBy {
			w.kept = append(w.kept, fmt.Sprintf("%s %d: %s", a.Model, k.Count, k.Reason))
		}
	}
	return w
}

const (
	clearAll   = "reinit { clear = true }"
	clearUsers = `reinit { clear = self.login != "admin" }`
	admin      = `users {"id":1,"login":"admin","active":true}` + "\n"
	ada        = `users {"id":2,"login":"ada","active":true}` + "\n"
	bob        = `users {"id":3,"login":"bob","active":true,"boss_id":2}` + "\n"
)

func onDestroy(field, rule string) string {
	return fmt.Sprintf("\nreference %q { on_destroy = %s }\n", field, rule)
}

const toAdmin = "repoint\n repoint = { login = \"admin\" }\n"

func repoint(field string) string {
	return fmt.Sprintf("\nreference %q {\n on_destroy = %s}\n", field, toAdmin)
}

func TestReinit(t *testing.T) {
	cases := map[string]officeCase{
		"without a package no row is missing from it": {
			user: clearUsers, note: "absent = destroy", trail: "absent = destroy\n" + `reinit { clear = self.code == "t1" }`,
			live: admin + ada + `papers {"id":1,"number":"p"}
notes {"id":1,"code":"n","paper_id":1}
trail {"id":1,"code":"t1"}
trail {"id":2,"code":"t2"}`,
			wants: officeWants{
				changes: []string{
					`- o.trail ["t1"] because the policy clears o.trail on reinit`,
					`- o.user ["ada"] because the policy clears o.user on reinit`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
					`o.trail 1: the condition of reinit.clear does not hold for it`,
				},
			},
		},
		"a condition clears rows, each by its rule": {
			user: clearUsers, live: admin + ada,
			wants: officeWants{
				changes: []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:    []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"without reinit nothing is cleared": {user: clearUsers, live: admin + ada, plain: true},
		"clear = false keeps by its rule": {
			typ: "reinit { clear = false }", live: admin + `types {"id":1,"code":"A","name":"A","maker_id":1}`,
			wants: officeWants{kept: []string{`o.type 1: the condition of reinit.clear does not hold for it`}},
		},
		"fail is the default": {
			user: clearUsers, live: admin + ada + `trail {"id":1,"code":"t","user_id":2}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:     []string{`o.user 1: the condition of reinit.clear does not hold for it`},
				problems: []string{`error destroy.referred.user o.trail ["t"]`},
			},
		},
		"destroy goes on along references, and the reasons say how": {
			user: clearUsers, paper: onDestroy("author", "destroy"), note: onDestroy("paper", "destroy"),
			live: admin + ada + `papers {"id":1,"number":"P","author_id":2}
				notes {"id":1,"code":"n","paper_id":1}
				papers {"id":2,"number":"Q","author_id":1}
				notes {"id":2,"code":"m","paper_id":2}`,
			wants: officeWants{
				changes: []string{
					`- o.note ["n"] because its paper is destroyed, and on_destroy = destroy; o.paper["P"]: its author is destroyed, and on_destroy = destroy (here); o.user["ada"]: the policy clears o.user on reinit (here)`,
					`- o.paper ["P"] because its author is destroyed, and on_destroy = destroy; o.user["ada"]: the policy clears o.user on reinit (here)`,
					`- o.user ["ada"] because the policy clears o.user on reinit`,
				},
				kept: []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"a row without a natural key is destroyed as a consequence": {
			paper: clearAll, note: onDestroy("paper", "destroy"),
			live: `papers {"id":1,"number":"P"}
				notes {"id":1,"code":null,"paper_id":1}
				notes {"id":2,"code":null,"paper_id":1}
				notes {"id":3,"code":"n","paper_id":1}
				notes {"id":4,"code":"n","paper_id":1}`,
			wants: officeWants{
				changes: []string{
					`- o.note ["row 1"] because its paper is destroyed, and on_destroy = destroy; o.paper["P"]: the policy clears o.paper on reinit (here)`,
					`- o.note ["row 2"] because its paper is destroyed, and on_destroy = destroy; o.paper["P"]: the policy clears o.paper on reinit (here)`,
					`- o.note ["row 3"] because its paper is destroyed, and on_destroy = destroy; o.paper["P"]: the policy clears o.paper on reinit (here)`,
					`- o.note ["row 4"] because its paper is destroyed, and on_destroy = destroy; o.paper["P"]: the policy clears o.paper on reinit (here)`,
					`- o.paper ["P"] because the policy clears o.paper on reinit`,
				},
			},
		},
		"unset": {
			user: clearUsers, trail: onDestroy("user", "unset"), live: admin + ada + `trail {"id":1,"code":"t","user_id":2}`,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.trail ["t"] user ["ada"] -> null because o.user["ada"] is destroyed, and on_destroy = unset; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"unset of a column that takes no null": {
			user: clearUsers, typ: onDestroy("maker", "unset"), live: admin + ada + `types {"id":1,"code":"A","name":"A","maker_id":2}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:     []string{`o.user 1: the condition of reinit.clear does not hold for it`},
				problems: []string{`error destroy.referred.maker o.type ["A"]`},
			},
		},
		"repoint": {
			user: clearUsers, typ: repoint("maker"), live: admin + ada + `types {"id":1,"code":"A","name":"A","maker_id":2}
				types {"id":2,"code":"B","name":"B","maker_id":1}`,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.type ["A"] maker ["ada"] -> ["admin"] because o.user["ada"] is destroyed, and on_destroy = repoint; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"repoint to nobody": {
			user: clearAll, typ: repoint("maker"), live: admin + `types {"id":1,"code":"A","name":"A","maker_id":1}`,
			wants: officeWants{
				changes:  []string{`- o.user ["admin"] because the policy clears o.user on reinit`},
				problems: []string{`error policy.repoint o.type ["A"]`},
			},
		},
		"repoint to somebody whom a seed makes": {
			user: "reinit { clear = self.login == \"ada\" }", typ: repoint("maker"),
			live: ada + `types {"id":1,"code":"A","name":"A","maker_id":2}`,
			rest: "seed \"o.user\" {\n on = reinit\n records = [{ login = \"admin\", active = true }]\n}",
			wants: officeWants{changes: []string{
				`- o.user ["ada"] because the policy clears o.user on reinit`,
				`+ o.user ["admin"] login "admin" active true because the policy declares it`,
				`~ o.type ["A"] maker ["ada"] -> ["admin"] because o.user["ada"] is destroyed, and on_destroy = repoint; o.user["ada"]: the policy clears o.user on reinit (here)`,
			}},
		},
		"keep, with what is set": {
			user:  "reinit {\n clear = self.login != \"admin\"\n on_keep { set = { active = false } }\n}",
			trail: onDestroy("user", "keep"),
			live:  admin + ada + bob + onlyBoss + `trail {"id":1,"code":"t","user_id":2}`,
			wants: officeWants{
				changes: []string{
					`- o.user ["bob"] because the policy clears o.user on reinit`,
					`- o.user ["eve"] because the policy clears o.user on reinit`,
					`~ o.user ["ada"] active true -> false because o.trail refers to it by user, and on_destroy = keep; o.trail["t"]`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
					`o.user 1: o.trail refers to it by user, and on_destroy = keep`,
				},
			},
		},
		"keep goes on along references": {
			user: clearUsers + onDestroy("boss", "keep"), trail: onDestroy("user", "keep"),
			live: admin + ada + bob + `trail {"id":1,"code":"t","user_id":3}`,
			wants: officeWants{kept: []string{
				`o.user 1: the condition of reinit.clear does not hold for it`,
				`o.user 1: o.user refers to it by boss, and on_destroy = keep`,
				`o.user 1: o.trail refers to it by user, and on_destroy = keep`,
			}},
		},
		"a row that is destroyed itself keeps nobody": {
			user: clearUsers, trail: clearAll + onDestroy("user", "keep"), live: admin + ada + `trail {"id":1,"code":"t","user_id":2}`,
			wants: officeWants{
				changes: []string{`- o.trail ["t"] because the policy clears o.trail on reinit`, `- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:    []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"what is kept takes back the consequences": {
			user: clearUsers, paper: onDestroy("author", "destroy"), trail: onDestroy("user", "keep"),
			live: admin + ada + `papers {"id":1,"number":"P","author_id":2}
				trail {"id":1,"code":"t","user_id":2}`,
			wants: officeWants{kept: []string{
				`o.user 1: the condition of reinit.clear does not hold for it`,
				`o.user 1: o.trail refers to it by user, and on_destroy = keep`,
			}},
		},
		"two keep each other, and nobody else keeps them": {
			user: clearAll + onDestroy("boss", "keep"),
			live: `users {"id":1,"login":"ada","active":true,"boss_id":2}
				users {"id":2,"login":"bob","active":true,"boss_id":1}`,
			wants: officeWants{changes: []string{
				`- o.user ["ada"] because the policy clears o.user on reinit`, `- o.user ["bob"] because the policy clears o.user on reinit`,
			}},
		},
		"a row that refers to itself": {
			user: clearUsers + onDestroy("boss", "fail"), live: admin + `users {"id":2,"login":"ada","active":true,"boss_id":2}`,
			wants: officeWants{
				changes: []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:    []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
		"a circle, destroyed from one end": {
			paper: "reinit { clear = self.number == \"A\" }" + onDestroy("parent", "destroy"),
			live: `papers {"id":1,"number":"A","parent_id":3}
				papers {"id":2,"number":"B","parent_id":1}
				papers {"id":3,"number":"C","parent_id":2}
				papers {"id":4,"number":"D","parent_id":null}`,
			wants: officeWants{
				changes: []string{
					`- o.paper ["A"] because the policy clears o.paper on reinit`,
					`- o.paper ["B"] because its parent is destroyed, and on_destroy = destroy; o.paper["A"]: the policy clears o.paper on reinit (here)`,
					`- o.paper ["C"] because its parent is destroyed, and on_destroy = destroy; o.paper["B"]: its parent is destroyed, and on_destroy = destroy (here); o.paper["A"]: the policy clears o.paper on reinit (here)`,
				},
				kept: []string{
					`o.paper 1: the condition of reinit.clear does not hold for it`,
				},
			},
		},
		"a member that is destroyed, and fail": {
			user: clearUsers, live: admin + ada + readers,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
				},
				problems: []string{
					`error destroy.referred.readers o.paper ["P"]`,
				},
			},
		},
		"a member that is destroyed, and unset": {
			user: clearUsers, paper: onDestroy("readers", "unset"), live: admin + ada + readers,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.paper ["P"] readers [["ada"],["admin"]] -> [["admin"]] because o.user["ada"] is destroyed, and on_destroy = unset; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
				},
			},
		},
		"a member that is destroyed, of a row that a seed finds there": {
			user: clearUsers, paper: onDestroy("readers", "unset"), live: admin + ada + readers,
			rest: "seed \"o.paper\" {\n on = reinit\n records = [{ number = \"P\", author = \"admin\", readers = [] }]\n}\n",
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.paper ["P"] readers [["ada"],["admin"]] -> [["admin"]] because o.user["ada"] is destroyed, and on_destroy = unset; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
				},
			},
		},
		"a member that is destroyed, of a record that says nothing of its members": {
			user: clearUsers, paper: onDestroy("readers", "unset"), live: admin + ada + readers, pkg: `o.paper {"pk":1,"number":"P"}`,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.paper ["P"] readers [["ada"],["admin"]] -> [["admin"]] because o.user["ada"] is destroyed, and on_destroy = unset; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
				},
			},
		},
		"a member that is destroyed, and keep": {
			user: clearUsers, paper: onDestroy("readers", "keep"), live: admin + ada + readers,
			wants: officeWants{
				kept: []string{
					`o.user 1: the condition of reinit.clear does not hold for it`,
					`o.user 1: o.paper refers to it by readers, and on_destroy = keep`,
				},
			},
		},
		"the owner is destroyed with its members": {
			paper: clearAll, live: admin + ada + readers,
			wants: officeWants{
				changes: []string{
					`- o.paper ["P"] because the policy clears o.paper on reinit`,
				},
			},
		},
		"a consequence that another row keeps contradicts itself": {
			user: clearUsers, paper: onDestroy("author", "destroy"), note: onDestroy("paper", "keep"),
			live: admin + ada + `papers {"id":1,"number":"P","author_id":2}
				notes {"id":1,"code":"n","paper_id":1}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				kept:     []string{`o.user 1: the condition of reinit.clear does not hold for it`},
				problems: []string{`error destroy.referred.author o.paper ["P"]`},
			},
		},
		"rows of a cleared model that no natural key tells apart": {
			note: clearAll,
			live: `papers {"id":1,"number":"P"}
				notes {"id":1,"code":null,"paper_id":1}
				notes {"id":2,"code":"n","paper_id":1}
				notes {"id":3,"code":"n","paper_id":1}`,
			wants: officeWants{changes: []string{
				`- o.note ["row 1"] because the policy clears o.note on reinit`, `- o.note ["row 2"] because the policy clears o.note on reinit`,
				`- o.note ["row 3"] because the policy clears o.note on reinit`,
			}},
		},
	}
	for name, c := range cases {
		t.Run(name, c.run)
	}
}

// What a re-initialisation clears and the package brings back is unchanged.
func TestReinitWithAPackage(t *testing.T) {
	cases := map[string]officeCase{
		"what comes back is unchanged, keys and all": {
			user: clearAll, paper: clearAll, note: clearAll + onDestroy("paper", "destroy"),
			live: ada + bob + `papers {"id":7,"number":"P","author_id":2}
				notes {"id":9,"code":"n","paper_id":7}`,
			pkg: `o.user {"login":"ada","active":true}
				o.user {"login":"bob","active":true,"boss":["ada"]}
				o.paper {"number":"P","author":["ada"]}
				o.note {"code":"n","paper":["P"]}`,
		},
		"what differs is changed, what is missing goes": {
			user: clearAll + onDestroy("boss", "unset"), live: ada + bob,
			pkg: `o.user {"login":"bob","active":false}`,
			wants: officeWants{changes: []string{
				`- o.user ["ada"] because the policy clears o.user on reinit`,
				`~ o.user ["bob"] active true -> false boss ["ada"] -> null because o.user["ada"] is destroyed, and on_destroy = unset; o.user["ada"]: the policy clears o.user on reinit (here)`,
			}},
		},
		"the package itself unsets the reference": {
			user: clearAll, live: ada + bob,
			pkg: `o.user {"login":"bob","active":true,"boss":null}`,
			wants: officeWants{changes: []string{
				`- o.user ["ada"] because the policy clears o.user on reinit`, `~ o.user ["bob"] boss ["ada"] -> null`,
			}},
		},
		"a reference to somebody who goes": {
			user: clearAll, live: ada, pkg: `o.trail {"code":"t","user":["ada"]}`,
			wants: officeWants{
				changes:  []string{`- o.user ["ada"] because the policy clears o.user on reinit`},
				problems: []string{`error reference.missing.user o.trail ["t"]`},
			},
		},
		"a reference to somebody who goes is unset, even where another rule keeps them": {
			user:  clearAll + "\nreference \"boss\" {\n on_missing = unset\n on_destroy = unset\n}\n",
			trail: onDestroy("user", "keep"), live: ada + bob + `trail {"id":1,"code":"t","user_id":2}`,
			pkg: `o.user {"login":"bob","active":true,"boss":["ada"]}`,
			wants: officeWants{
				changes: []string{`~ o.user ["bob"] boss ["ada"] -> null`},
				kept:    []string{`o.user 1: o.trail refers to it by user, and on_destroy = keep`},
			},
		},
		"a reference to a row that goes as a consequence": {
			user: clearAll, paper: onDestroy("author", "destroy"), live: ada + `papers {"id":1,"number":"Q","author_id":2}`,
			pkg: `o.paper {"number":"P","parent":["Q"]}`,
			wants: officeWants{
				changes: []string{
					`- o.paper ["Q"] because its author is destroyed, and on_destroy = destroy; o.user["ada"]: the policy clears o.user on reinit (here)`,
					`- o.user ["ada"] because the policy clears o.user on reinit`, `+ o.paper ["P"] number "P" parent ["Q"]`,
				},
				problems: []string{`error reference.missing.parent o.paper ["P"]`},
			},
		},
		"a record that match = keep skips is pointed elsewhere": {
			user: clearUsers, typ: "match = keep\n" + repoint("maker"),
			live: admin + ada + `types {"id":1,"code":"A","name":"A","maker_id":2}`,
			pkg:  `o.type {"code":"A","name":"Another","maker":["admin"]}`,
			wants: officeWants{
				changes: []string{
					`- o.user ["ada"] because the policy clears o.user on reinit`,
					`~ o.type ["A"] maker ["ada"] -> ["admin"] because o.user["ada"] is destroyed, and on_destroy = repoint; o.user["ada"]: the policy clears o.user on reinit (here)`,
				},
				kept: []string{`o.user 1: the condition of reinit.clear does not hold for it`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, c.run)
	}
}

const onlyBoss = `users {"id":4,"login":"eve","active":true}` + "\n"

const readers = `papers {"id":1,"number":"P"}
	papers_readers {"id":1,"paper_id":1,"user_id":1}
	papers_readers {"id":2,"paper_id":1,"user_id":2}`

// A long chain of reasons names its ends.
func TestReasonsOfALongChain(t *testing.T) {
	c := officeCase{paper: `reinit { clear = self.number == "p0" }` + onDestroy("parent", "destroy"), live: line(12)}
	got := reasoned(t, plan(t, c.input(t))).changes
	want := `- o.paper ["pb"] because its parent is destroyed, and on_destroy = destroy`
	for _, n := range []string{"pa", "p9", "p8", "p7", "p6", "p5"} {
		want += fmt.Sprintf(`; o.paper[%q]: its parent is destroyed, and on_destroy = destroy (here)`, n)
	}
	want += `; …; o.paper["p0"]: the policy clears o.paper on reinit (here)`
	if d := cmp.Diff(want, got[len(got)-1]); d != "" {
		t.Errorf("the last one's reason (-want +got):\n%s", d)
	}
}

// line is so many papers, each of which follows the one before.
func line(n int) string {
	text := "papers {\"id\":1,\"number\":\"p0\"}\n"
	for i := 1; i < n; i++ {
		text += fmt.Sprintf("papers {\"id\":%d,\"number\":\"p%x\",\"parent_id\":%d}\n", i+1, i, i)
	}
	return text
}

// What a diagnostic says of a row tells which row it is, where it comes from
// and what can be done.
func TestDiagnosticsOfRowsThatThePackageLacks(t *testing.T) {
	cases := map[string]struct {
		officeCase
		record, remedy string
	}{
		"a repoint to nobody names the row that would be repointed": {
			officeCase: officeCase{user: clearAll, typ: repoint("maker"), live: admin + `types {"id":1,"code":"A","name":"A","maker_id":1}`},
			record:     `live o.type ["A"]`,
		},
		"what cannot be unset is not to be unset": {
			officeCase: officeCase{user: clearUsers, typ: onDestroy("maker", "unset"), live: admin + ada + `types {"id":1,"code":"A","name":"A","maker_id":2}`},
			record:     `live o.type ["A"]`,
			remedy:     `Say what becomes of it: reference "maker" { on_destroy = destroy | repoint | keep }.`,
		},
		"a seed stands in the policy": {
			officeCase: officeCase{rest: userSeed("password = \"x\"")},
			record:     `test.hcl (o.user ["admin"])`, remedy: "Correct it in the seed.",
		},
		"a record that is made has its rule in the policy": {
			officeCase: officeCase{
				trail: `reference "user" { on_missing = create }`, pkg: `o.trail {"pk":1,"code":"t","user":["eve"]}`,
			},
			record: `test.hcl (o.user ["eve"])`, remedy: "Give the created record a value: create = { active = … }.",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := plan(t, c.input(t))
			for _, d := range o.result.Diagnostics {
				if d.Severity != diag.Error {
					continue
				}
				if d.Record == nil || d.Record.String() != c.record || d.Remedy != c.remedy {
					t.Errorf("%v: %s", d.Record, d.Remedy)
				}
				return
			}
			t.Error("no error")
		})
	}
}
