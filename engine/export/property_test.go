package export

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// drawWorld makes a world of people, papers and notes that refer to each other
// at random, to themselves and to what is not there as well.
func drawWorld(t *rapid.T, models []*schema.Model) world {
	w := world{}
	maybe := func(name string, most int) string {
		if n := rapid.IntRange(-1, most).Draw(t, name); n > 0 {
			return fmt.Sprint(n)
		}
		return "-"
	}
	for i, label := range []string{"person", "paper", "kind"} {
		w.add(models, "w.type", fmt.Sprintf("%d|w|%s", i+1, label))
	}
	for _, code := range []string{"SOP", "POL", ""} {
		w.add(models, "w.kind", code+"|a kind")
	}
	mails := []string{"", "ada@real.test", "bob@real.test", "cyd@real.test"}
	for i := range rapid.IntRange(1, 6).Draw(t, "people") {
		mail := rapid.SampledFrom(mails).Draw(t, "mail")
		w.add(models, "w.person", fmt.Sprintf("%d|p%d|00000000-0000-4000-8000-%012d|%s|%s|secret-pin%d|secret-token%d|-|t", i+1, i+1, i+1, maybe("boss", 7), mail, i, i))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "papers") {
		kind := rapid.SampledFrom([]string{"-", "SOP", "POL", "", "GONE"}).Draw(t, "kind")
		readers := strings.ReplaceAll(maybe("reader", 7)+" "+maybe("reader", 7), "-", "")
		mail := rapid.SampledFrom(mails).Draw(t, "mail")
		w.add(models, "w.paper", fmt.Sprintf("%d|n%d|%d|%s|%s|%s|%s", i+1, i+1, rapid.IntRange(1, 7).Draw(t, "owner"), kind, maybe("earlier", 7), mail, readers))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "notes") {
		w.add(models, "w.note", fmt.Sprintf("%d|%s|%s|%s", i+1, maybe("type", 4), rapid.SampledFrom([]string{"-", "1", "2", "5", "SOP", "x"}).Draw(t, "object"), maybe("person", 7)))
	}
	return w
}

// text is a field of a record, and whether it is not null.
func text(r *schema.Record, name string) (string, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value.Text, f.Value.Kind != schema.NullLiteral
		}
	}
	return "", false
}

// needs are the records that one refers to, as "w.person 7".
func needs(label string, r *schema.Record) (list []string) {
	leads := map[string]map[string]string{
		"w.person": {"boss": "w.person"},
		"w.paper":  {"owner": "w.person", "kind": "w.kind", "earlier": "w.paper"},
		"w.note":   {"type": "w.type", "person": "w.person"},
	}[label]
	for field, target := range leads {
		if id, ok := text(r, field); ok {
			list = append(list, target+" "+id)
		}
	}
	if members, ok := text(r, "readers"); ok {
		parsed, _ := schema.ParseMembers(schema.Literal{Kind: schema.ListLiteral, Text: members})
		for _, m := range parsed {
			list = append(list, "w.person "+m.ID)
		}
	}
	if typ, ok := text(r, "type"); ok {
		target := map[string]string{"1": "w.person", "2": "w.paper", "3": "w.kind"}[typ]
		if id, ok := text(r, "object"); ok && target != "" {
			list = append(list, target+" "+id)
		}
	}
	return list
}

// closureOf is what must leave, found by another way than the one under test:
// all records in memory, by their names.
func closureOf(w world, roots map[string]bool) (selected map[string]bool, dangling int64) {
	all := map[string]*schema.Record{}
	for label, list := range w {
		for _, r := range list {
			all[label+" "+r.Fields[0].Value.Text] = r
		}
	}
	selected = maps.Clone(roots)
	work := slices.Collect(maps.Keys(roots))
	for len(work) > 0 {
		name := work[len(work)-1]
		work = work[:len(work)-1]
		label, _, _ := strings.Cut(name, " ")
		for _, n := range needs(label, all[name]) {
			switch {
			case all[n] == nil:
				dangling++
			case !selected[n]:
				selected[n] = true
				work = append(work, n)
			}
		}
	}
	return selected, dangling
}

// With a random scope over a random world, exactly the roots and what they need
// leave, in whatever order the records come, and every record is accounted for.
func TestASubsetIsClosedAndMinimal(t *testing.T) {
	models, tables := worldModels()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt, models)
		var block, list []string
		roots := map[string]bool{}
		for _, label := range []string{"w.person", "w.paper", "w.note"} {
			if !rapid.Bool().Draw(rt, label) {
				continue
			}
			from, to := rapid.IntRange(0, 4).Draw(rt, "from"), rapid.IntRange(0, 6).Draw(rt, "to")
			list = append(list, label)
			block = append(block, fmt.Sprintf("where %q { rows = self.id >= %d && self.id <= %d }", label, from, to))
			for i := max(1, from); i <= min(to, len(w[label])); i++ {
				roots[fmt.Sprintf("%s %d", label, i)] = true
			}
		}
		if list == nil {
			return
		}
		want, dangling := closureOf(w, roots)
		in := Input{
			Policy: worldPolicy(t, nil, fmt.Sprintf("scope \"s\" {\n models = [%s]\n%s\n}", strings.Join(list, ", "), strings.Join(block, "\n"))),
			Models: models, Tables: tables, Scan: w.scan, Scope: "s",
		}
		s := mustSelect(rt, in)
		got := map[string]bool{}
		for _, line := range identified(t, s, models) {
			label, ids, _ := strings.Cut(line, " ")
			for _, id := range strings.Split(ids, " ") {
				got[label+" "+id] = true
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("(-want +got):\n%s", d)
		}
		left := int64(0)
		for _, a := range s.Accounting {
			if a.Records != int64(len(w[a.Model])) || a.Records != a.Roots+a.Closure+a.Outside+a.Excluded {
				rt.Fatalf("it does not add up: %+v", a)
			}
			left += a.Selected()
		}
		if left != int64(len(want)) {
			rt.Fatalf("%d are counted, %d leave", left, len(want))
		}
		for _, d := range s.Dangling {
			dangling -= d.References
		}
		if dangling != 0 {
			rt.Fatalf("dangling references: %+v, off by %d", s.Dangling, dangling)
		}

		shuffled := world{}
		for _, m := range models {
			shuffled[m.Label] = rapid.Permutation(w[m.Label]).Draw(rt, "order")
		}
		in.Scan, in.Models = shuffled.scan, rapid.Permutation(models).Draw(rt, "models")
		other := mustSelect(rt, in)
		byModel := func(a, b Account) int { return strings.Compare(a.Model, b.Model) }
		a, b := slices.Clone(s.Accounting), slices.Clone(other.Accounting)
		slices.SortFunc(a, byModel)
		slices.SortFunc(b, byModel)
		if d := cmp.Diff(a, b); d != "" {
			rt.Fatalf("in another order (-first +second):\n%s", d)
		}
		for _, m := range models {
			if d := cmp.Diff(leaving(t, s, m), leaving(t, other, m)); d != "" {
				rt.Fatalf("in another order (-first +second):\n%s", d)
			}
		}
	})
}

func mustSelect(t *rapid.T, in Input) *Selection {
	s, err := Select(context.Background(), in)
	if err != nil || s.Diagnostics != nil {
		t.Fatal(err, said(s.Diagnostics))
	}
	return s
}

// leaving are the records of a model that leave, as text, sorted.
func leaving(t testing.TB, s *Selection, m *schema.Model) []string {
	t.Helper()
	var list []string
	for r, err := range s.Records(context.Background(), m.Label) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%q", r.Fields))
	}
	slices.Sort(list)
	return list
}

// What was equal stays equal and what differed differs, in both tables; no
// secret leaves but by keep; what is not named leaves as it is.
func TestRedactionKeepsJoinsAndSecrets(t *testing.T) {
	models, tables := worldModels()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt, models)
		keep := rapid.Bool().Draw(rt, "keep")
		inside := "export {\n hash = [mail, uuid]\n" + silent + "\n}"
		if keep {
			inside = "export {\n hash = [mail, uuid]\n keep = [token]\n" + silent + "\n}"
		}
		s := mustSelect(rt, Input{
			Policy: worldPolicy(t, map[string]string{"w.person": inside, "w.paper": "export { hash = [author_mail] }", "w.kind": "export { hash = [code] }"}, ""),
			Models: models, Tables: tables, Dialect: "postgres", Scan: w.scan, Redact: true, Key: []byte(secret),
		})
		forward, back := map[string]string{}, map[string]string{}
		for _, m := range models {
			i := 0
			for r, err := range s.Records(context.Background(), m.Label) {
				if err != nil {
					rt.Fatal(err)
				}
				for n, f := range r.Fields {
					before := w[m.Label][i].Fields[n].Value
					switch f.Name {
					case "mail", "author_mail", "uuid", "code", "kind":
						if was, ok := forward[before.Text]; ok && was != f.Value.Text && before.Kind == f.Value.Kind {
							rt.Fatalf("%s: one value has two pseudonyms", f.Name)
						}
						if was, ok := back[f.Value.Text]; ok && was != before.Text {
							rt.Fatalf("%s: two values have one pseudonym", f.Name)
						}
						forward[before.Text], back[f.Value.Text] = f.Value.Text, before.Text
						if before.Text != "" && f.Value.Text == before.Text || before.Kind != f.Value.Kind {
							rt.Fatalf("%s: %v leaves as %v", f.Name, before, f.Value)
						}
					case "pin", "token", "object":
					default:
						if before != f.Value {
							rt.Fatalf("%s: %v leaves as %v", f.Name, before, f.Value)
						}
					}
					if strings.Contains(f.Value.Text, "secret-") && (!keep || f.Name != "token") {
						rt.Fatalf("a secret leaves in %s", f.Name)
					}
				}
				i++
			}
		}
	})
}
