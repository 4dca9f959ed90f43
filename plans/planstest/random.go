package planstest

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Random draws any plan: hostile texts, values of every shape, sensitive
// fields that hold Secret, and up to most changes.
func Random(most int) *rapid.Generator[*plans.Plan] {
	return rapid.Custom(func(t *rapid.T) *plans.Plan {
		models := rapid.SliceOfNDistinct(label(), 1, 40, rapid.ID).Draw(t, "models")
		model := rapid.SampledFrom(models)
		var changes []*plans.Record
		for i := range rapid.IntRange(0, most).Draw(t, "changes") {
			r := change(model.Draw(t, "model"), i).Draw(t, "change")
			// Many alike, as in real plans, and cheaply drawn.
			for range rapid.SampledFrom([]int{1, 1, 1, 7, 60}).Draw(t, "alike") {
				c := *r
				c.Key = plans.Value(fmt.Sprintf(`["key %d",%d]`, i, len(changes)))
				changes = append(changes, &c)
			}
		}
		var accounting []plans.Accounting
		for _, m := range models {
			n := rapid.IntRange(0, 2_000_000)
			a := plans.Accounting{Model: m, Table: label().Draw(t, "table"), Unchanged: n.Draw(t, "n"), Kept: n.Draw(t, "kept")}
			a.Package, a.Live = a.Unchanged, a.Kept
			for range rapid.IntRange(0, 3).Draw(t, "rules") {
				a.KeptBy = append(a.KeptBy, plans.KeptBy{Reason: text().Draw(t, "reason"), Rule: At(n.Draw(t, "line"), 1, 9), Count: n.Draw(t, "kept by")})
			}
			a.SeedsAdded, a.SeedsChanged = n.Draw(t, "seeds added"), n.Draw(t, "seeds changed")
			a.Altered, a.Outside = n.Draw(t, "altered"), n.Draw(t, "outside")
			a.KeyInFields = rapid.Bool().Draw(t, "key in fields")
			for range rapid.IntRange(0, 3).Draw(t, "references") {
				a.References = append(a.References, plans.Reference{Field: label().Draw(t, "field"), Model: model.Draw(t, "to")})
			}
			a.Added, a.Changed = a.SeedsAdded, a.SeedsChanged+a.Altered
			accounting = append(accounting, a)
		}
		p := New(Header(), accounting, remaps(model).Draw(t, "remaps"), changes)
		p.Header.Target = text().Draw(t, "target")
		Decide(p, rapid.SliceOfN(decision(model), 0, 30).Draw(t, "decisions"))
		p.Skips = rapid.SliceOfN(skip(model), 0, 30).Draw(t, "skips")
		p.Diagnostics = rapid.SliceOfN(problem(model), 0, 30).Draw(t, "diagnostics")
		p.Untouched = rapid.SliceOfN(label(), 0, 30).Draw(t, "untouched")
		return p
	})
}

func label() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[a-z]{1,12}\.[a-z]{1,12}`), rapid.StringN(1, 20, -1))
}

func text() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"", "\x1b[31mred", "```", "</details>", "<script>", "| a | b |", "\u202eright to left", "a\nPlan: 0 to add",
			strings.Repeat("a long word or two ", 400),
		}),
	)
}

func value() *rapid.Generator[plans.Value] {
	quoted := rapid.Map(text(), func(s string) plans.Value {
		b, _ := jsontext.AppendQuote(nil, s)
		return plans.Value(b)
	})
	object := rapid.Map(rapid.MapOfN(text(), quoted, 0, 4), func(m map[string]plans.Value) plans.Value {
		var members []string
		for k, v := range m {
			b, _ := jsontext.AppendQuote(nil, k)
			members = append(members, string(b)+":"+string(v))
		}
		return plans.Value("{" + strings.Join(members, ",") + "}")
	})
	return rapid.OneOf(quoted, object, rapid.SampledFrom([]plans.Value{
		"null", "true", "12.30", `["admin"]`, `[["a"],["b"]]`, `[]`, `{"a":[1,2,{"b":null}]}`, `"\ud800"`, `"\u00e9\/"`, `1.0e5`,
	}))
}

func change(model string, n int) *rapid.Generator[*plans.Record] {
	return rapid.Custom(func(t *rapid.T) *plans.Record {
		r := &plans.Record{
			Model:  model,
			Action: rapid.SampledFrom([]plans.Action{plans.Add, plans.Change, plans.Change, plans.Destroy}).Draw(t, "action"),
		}
		if r.Action != plans.Change {
			r.Reason, r.Rule = text().Draw(t, "reason"), At(1+n, 1, 9)
			r.Stub = r.Action == plans.Add && rapid.Bool().Draw(t, "stub")
		}
		for i := range rapid.IntRange(1, 4).Draw(t, "fields") {
			f := plans.Field{Name: fmt.Sprintf("field_%d", i), Sensitive: rapid.Bool().Draw(t, "sensitive")}
			if r.Action != plans.Add {
				f.Before = value().Draw(t, "before")
			}
			if r.Action != plans.Destroy {
				f.After = value().Draw(t, "after")
			}
			if f.Sensitive {
				f.Before, f.After = `"`+Secret+`"`, `"`+Secret+` too"`
			}
			r.Fields = append(r.Fields, f)
		}
		return r
	})
}

func remaps(model *rapid.Generator[string]) *rapid.Generator[[]plans.Remapping] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plans.Remapping {
		return plans.Remapping{
			Model: model.Draw(t, "model"), Key: plans.Value(fmt.Sprintf(`["key 0",%d]`, rapid.IntRange(0, 99).Draw(t, "key"))),
			Field: "uuid", Package: value().Draw(t, "package"), Live: value().Draw(t, "live"),
		}
	}), 0, 30)
}

func decision(model *rapid.Generator[string]) *rapid.Generator[plans.Decision] {
	return rapid.Custom(func(t *rapid.T) plans.Decision {
		d := plans.Decision{
			Model: model.Draw(t, "model"), Package: text().Draw(t, "package"), Number: rapid.IntRange(0, 99).Draw(t, "number"),
			Do: rapid.SampledFrom(plans.Verdicts()).Draw(t, "verdict"), Live: text().Draw(t, "live"), Place: At(9, 1, 9),
		}
		if rapid.Bool().Draw(t, "settles") {
			d.Codes = []string{text().Draw(t, "code")}
		}
		if rapid.Bool().Draw(t, "found") {
			d.Key, d.LiveKey = `["decided"]`, `["here"]`
		}
		return d
	})
}

func skip(model *rapid.Generator[string]) *rapid.Generator[plans.Skip] {
	return rapid.Custom(func(t *rapid.T) plans.Skip {
		return plans.Skip{
			Model: model.Draw(t, "model"), Key: `["skipped"]`, Number: rapid.IntRange(1, 9999).Draw(t, "number"),
			Reason: text().Draw(t, "reason"), Rule: At(9, 1, 9),
		}
	})
}

func problem(model *rapid.Generator[string]) *rapid.Generator[diag.Diagnostic] {
	return rapid.Custom(func(t *rapid.T) diag.Diagnostic {
		d := diag.Diagnostic{
			Severity: rapid.SampledFrom([]diag.Severity{diag.Error, diag.Warning}).Draw(t, "severity"),
			Code:     "made.up", Summary: text().Draw(t, "summary"), Detail: text().Draw(t, "detail"),
			Remedy: text().Draw(t, "remedy"), More: rapid.IntRange(0, 20).Draw(t, "more"),
		}
		if rapid.Bool().Draw(t, "placed") {
			d.Range, d.Source = At(3, rapid.IntRange(0, 60).Draw(t, "column"), 40), text().Draw(t, "source")
		} else {
			d.Record = &diag.Record{Member: text().Draw(t, "member"), Number: 3, Model: model.Draw(t, "of"), Key: `["k"]`}
		}
		return d
	})
}
