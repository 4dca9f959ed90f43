package planner

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
)

// officeOf draws a re-initialisation: rules for every reference, conditions,
// rows that refer to each other, maybe a package and a scope.
func officeOf(t *rapid.T) officeCase {
	rule := func(field string) string {
		r := rapid.SampledFrom([]string{"", "fail", "destroy", "destroy", "unset", "keep", "keep", "repoint"}).Draw(t, field)
		switch r {
		case "":
			return ""
		case "repoint":
			if field == "author" || field == "boss" || field == "maker" || field == "user" {
				return repoint(field)
			}
			return onDestroy(field, "destroy")
		}
		missing := rapid.SampledFrom([]string{"", "", "on_missing = unset", "on_missing = skip"}).Draw(t, field+" missing")
		return fmt.Sprintf("\nreference %q {\n on_destroy = %s\n %s\n}\n", field, r, missing)
	}
	clear := func(model, field string) string {
		return rapid.SampledFrom([]string{"", "reinit { clear = false }", clearAll, `reinit { clear = contains(["b", "d", "f"], self.` + field + `) }`}).Draw(t, model)
	}
	absent := rapid.SampledFrom([]string{"", "", "\nabsent = destroy\n"})
	match := rapid.SampledFrom([]string{"", "", "\nmatch = keep\n"})
	c := officeCase{
		user:  rapid.SampledFrom([]string{clearUsers, clearAll, "", "reinit {\n clear = self.login != \"admin\"\n on_keep { set = { active = false } }\n}"}).Draw(t, "users") + rule("boss"),
		typ:   clear("type", "code") + rule("maker") + match.Draw(t, "type match"),
		paper: clear("paper", "number") + rule("author") + rule("kind") + rule("parent") + rule("readers") + absent.Draw(t, "paper absent"),
		note:  clear("note", "code") + rule("paper"),
		trail: clear("trail", "code") + rule("user") + match.Draw(t, "trail match"),
		plain: rapid.IntRange(0, 9).Draw(t, "plain") == 0,
	}
	if rapid.Bool().Draw(t, "seeds") {
		c.rest = "seed \"o.user\" {\n on = reinit\n records = [{ login = \"admin\", active = true }, { login = \"b\", active = false, boss = \"admin\" }]\n}\n"
	}
	if target := rapid.SampledFrom([]string{"", "", "", "o.user", "o.paper", "o.t*"}).Draw(t, "target"); target != "" {
		c.in = func(in *Input) { in.Target = []string{target} }
	}
	c.live, c.pkg = rows(t), ""
	if rapid.Bool().Draw(t, "package") {
		c.pkg = recordsOf(t)
	}
	return c
}

const letters = "abcdef"

// rows are live rows; references lead to rows that exist.
func rows(t *rapid.T) string {
	var b strings.Builder
	users := rapid.IntRange(1, 5).Draw(t, "users")
	some := func(name string, n int) string {
		if i := rapid.IntRange(0, n).Draw(t, name); i > 0 {
			return fmt.Sprint(i)
		}
		return "null"
	}
	for i := range users {
		login := "admin"
		if i > 0 {
			login = letters[i-1 : i]
		}
		fmt.Fprintf(&b, "users {\"id\":%d,\"login\":%q,\"active\":true,\"boss_id\":%s}\n", i+1, login, some("boss of", users))
	}
	types := rapid.IntRange(0, 3).Draw(t, "types")
	for i := range types {
		fmt.Fprintf(&b, "types {\"id\":%d,\"code\":%q,\"name\":%q,\"maker_id\":%d}\n", i+1, letters[i:i+1], letters[i:i+1], rapid.IntRange(1, users).Draw(t, "maker of"))
	}
	papers := rapid.IntRange(0, 4).Draw(t, "papers")
	for i := range papers {
		fmt.Fprintf(&b, "papers {\"id\":%d,\"number\":%q,\"author_id\":%s,\"kind_id\":%s,\"parent_id\":%s}\n", i+1, letters[i:i+1],
			some("author of", users), some("kind of", types), some("parent of", papers))
		for u := range users {
			if rapid.IntRange(0, 3).Draw(t, "reads") == 0 {
				fmt.Fprintf(&b, "papers_readers {\"id\":%d,\"paper_id\":%d,\"user_id\":%d}\n", 1+i*10+u, i+1, u+1)
			}
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "notes") {
		if papers == 0 {
			break
		}
		code := rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, "null"}).Draw(t, "code")
		fmt.Fprintf(&b, "notes {\"id\":%d,\"code\":%s,\"paper_id\":%d}\n", i+1, code, rapid.IntRange(1, papers).Draw(t, "paper of"))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "trail") {
		fmt.Fprintf(&b, "trail {\"id\":%d,\"code\":%q,\"user_id\":%s}\n", i+1, letters[i:i+1], some("user of", users))
	}
	return b.String()
}

// recordsOf are records of a package that may refer to each other or to what
// is live.
func recordsOf(t *rapid.T) string {
	var b strings.Builder
	name := rapid.SampledFrom([]string{`["admin"]`, `["a"]`, `["b"]`, `["c"]`, "null", "null"})
	if rapid.Bool().Draw(t, "admin comes") {
		b.WriteString(`o.user {"login":"admin","active":true}` + "\n")
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "user records") {
		fmt.Fprintf(&b, "o.user {\"login\":%q,\"active\":false,\"boss\":%s}\n", letters[i:i+1], name.Draw(t, "boss"))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "paper records") {
		parent := rapid.SampledFrom([]string{"null", `["a"]`, `["b"]`, `["d"]`}).Draw(t, "parent")
		fmt.Fprintf(&b, "o.paper {\"number\":%q,\"author\":%s,\"parent\":%s,\"readers\":[%s]}\n", letters[i:i+1], name.Draw(t, "author"), parent,
			rapid.SampledFrom([]string{"", `["admin"]`, `["a"],["b"]`}).Draw(t, "readers"))
	}
	if rapid.Bool().Draw(t, "trail comes") {
		fmt.Fprintf(&b, "o.trail {\"code\":\"a\",\"user\":%s}\n", name.Draw(t, "trail's user"))
	}
	return b.String()
}

// Whatever the rules say of whatever refers to whatever: the plan adds up, it
// does not depend on the order of rows, and one that is not refused is carried
// out without a broken constraint and leaves nothing to do.
func TestEveryReinitAddsUpAndIsCarriedOut(t *testing.T) {
	carried := 0
	rapid.Check(t, func(rt *rapid.T) {
		c := officeOf(rt)
		in := c.input(t)
		o := plan(t, in)
		if wrong := c.wrong(t, in, o); wrong != "" {
			rt.Fatalf("%s\n%+v\n%s\n%s", wrong, c, strings.Join(o.changes, "\n"), describe(o.result.Diagnostics))
		}
		if !o.result.Diagnostics.HasErrors() {
			carried++
		}
	})
	if carried == 0 {
		t.Error("every plan was refused")
	}
	t.Logf("%d plans were carried out", carried)
}

// wrong is what does not hold of a plan, empty if all does.
func (c officeCase) wrong(t testing.TB, in Input, o *outcome) string {
	for _, a := range o.result.Accounting {
		n := 0
		for _, k := range a.KeptBy {
			n += k.Count
		}
		if !a.Balanced() || n > a.Kept || (a.Refused > 0 && !o.result.Diagnostics.HasErrors()) {
			return fmt.Sprintf("does not add up: %+v", a)
		}
	}
	for seed := range uint64(2) {
		turned := in
		turned.Live = in.Live.(*memoryLive).shuffled(seed)
		if other := plan(t, turned); other.digest != o.digest {
			return "live rows in another order give another plan:\n" + strings.Join(other.changes, "\n")
		}
	}
	count := map[plans.Action]int{}
	for rec, err := range o.result.Changes() {
		if err != nil || (rec.Reason != "" && rec.Rule.IsZero()) {
			return fmt.Sprintf("%s: no rule, error %v", changeText(rec), err)
		}
		count[rec.Action]++
	}
	if o.result.Diagnostics.HasErrors() {
		return ""
	}
	if s := o.result.Summary; count[plans.Add] != s.Add || count[plans.Change] != s.Change || count[plans.Destroy] != s.Destroy {
		return fmt.Sprintf("the summary says %+v, the changes are %v", s, count)
	}
	if err := in.Live.(*memoryLive).carryOut(o.result); err != nil {
		return "carrying out: " + err.Error()
	}
	if again := plan(t, in); !again.result.Diagnostics.HasErrors() && again.result.Summary.Any() {
		return "planned again:\n" + strings.Join(again.changes, "\n")
	}
	return ""
}
