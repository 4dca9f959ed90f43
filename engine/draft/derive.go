package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// derive is how a field that the package lacks may follow from another.
type derive struct{ field, value string }

// manyDerived is how many live rows a derivation is tried on.
const manyDerived = 10_000

// way makes a key of a text as people tend to, and says so in a policy's words.
type way struct {
	expression string
	of         func(string) string
}

func ways() []way {
	spaced := func(change func(string) string, with string) func(string) string {
		return func(s string) string { return strings.ReplaceAll(change(s), " ", with) }
	}
	return []way{
		{`upper(replace(self.%s, " ", "_"))`, spaced(strings.ToUpper, "_")},
		{`lower(replace(self.%s, " ", "_"))`, spaced(strings.ToLower, "_")},
		{`lower(replace(self.%s, " ", "-"))`, spaced(strings.ToLower, "-")},
		{`self.%s`, func(s string) string { return s }},
	}
}

// derivations looks, for each field of a key that the package lacks, for a
// field that the package has and from which the live rows' values follow.
func (w *world) derivations(ctx context.Context, t *table, live schema.Source) error {
	if t.chosen == nil || t.pkg == nil || t.pkg.records == 0 {
		return nil
	}
	for n, i := range t.chosen.fields {
		if t.packaged(i) {
			continue
		}
		from := t.texts(i)
		if from == nil || t.fields[i].refers != "" {
			t.deriveTODO(t.fields[i], n, "")
			t.model.derives = append(t.model.derives, derive{t.fields[i].name, "EXPRESSION"})
			continue
		}
		best, rows, err := t.tryWays(ctx, live, i, from)
		if err != nil {
			return err
		}
		found := fmt.Sprintf(" What stands below is right for %d of %s%s.", best.right, counted(rows, "live row"), best.mistakes(rows))
		if rows == 0 {
			found = " What stands below is a guess: there are no live rows to try it on."
		}
		t.deriveTODO(t.fields[i], n, found)
		t.model.derives = append(t.model.derives, derive{t.fields[i].name, best.expression})
	}
	return nil
}

// texts are the text fields that each of the package's records has and that a
// policy may name bare, the likeliest first.
func (t *table) texts(key int) []int {
	var out []int
	for i, f := range t.fields {
		if i == key || t.secret(f) || f.refers != "" || f.column.Type.Kind != schema.Text || !t.packaged(i) || bare(f.name) != f.name {
			continue
		}
		out = append(out, i)
		for n := len(out) - 1; n > 0 && nameRank(t.fields[out[n]].column.Name) < nameRank(t.fields[out[n-1]].column.Name); n-- {
			out[n], out[n-1] = out[n-1], out[n]
		}
	}
	return out
}

// tried is a way from one of the fields, and how it did on the live rows.
type tried struct {
	expression string
	of         func(string) string
	column     int // of the field among those that are scanned
	right      int
	wrong      []string // the first of the others, and what their key is
}

// someWrong is how many rows are named for which a derivation is not right.
const someWrong = 5

// tryWays finds the way that is right for most live rows.
func (t *table) tryWays(ctx context.Context, live schema.Source, key int, from []int) (best tried, rows int, err error) {
	var all []tried
	for k, f := range from {
		for _, w := range ways() {
			all = append(all, tried{expression: fmt.Sprintf(w.expression, t.fields[f].name), of: w.of, column: k + 1})
		}
	}
	sel := schema.Selection{Model: t.label, Table: t.Table, Columns: t.columns(append([]int{key}, from...)), Limit: manyDerived}
	for r, err := range live.Scan(ctx, sel) {
		if err != nil {
			return tried{}, 0, fmt.Errorf("read the table %s: %w", t.Name, err)
		}
		rows++
		for i := range all {
			all[i].try(r.Fields[all[i].column].Value, r.Fields[0].Value)
		}
	}
	return slices.MaxFunc(all, func(x, y tried) int { return x.right - y.right }), rows, nil
}

func (t *tried) try(from, key schema.Literal) {
	switch {
	case from.Kind == schema.NullLiteral:
	case t.of(from.Text) == key.Text:
		t.right++
	case len(t.wrong) < someWrong:
		t.wrong = append(t.wrong, fmt.Sprintf("%s, which is %s", quoted(from.Text), quoted(key.Text)))
	}
}

// mistakes is `, not for "Waiting", which is "PENDING"; nor for 3 others`.
func (t *tried) mistakes(rows int) string {
	if len(t.wrong) == 0 {
		return ""
	}
	out := ", not for " + strings.Join(t.wrong, "; ")
	if more := rows - t.right - len(t.wrong); more > 0 {
		out += fmt.Sprintf("; nor for %s", counted(more, "other"))
	}
	return out
}

func (t *table) deriveTODO(f field, n int, found string) {
	example := ""
	if s := t.spelled; s != nil && n < s.width {
		example = ", while references spell it, such as " + t.example()
	}
	t.todo("The package's %s lack %s%s. Say how it follows from the fields they have.%s Two records of which the same would follow are reported.",
		counted(t.pkg.records, "record"), quote(f.name), example, found)
}
