package render

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/graph"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Caps of the page's sections; each says what it hides.
const (
	maxPageRemaps   = 500
	maxPageSkips    = 500
	maxPageProblems = 500
	maxGraphNodes   = 120
)

// destroyed is one model's destroyed records.
type destroyed struct {
	Model   string
	ID      int
	Count   string
	Blocked bool
	Reasons []reason
	Others  string
}

type reason struct{ Count, Because string }

func (pg *page) destroyed(p *plans.Plan, d *pageData) {
	pg.DestroyedTotal = counted(p.Summary.Destroy, "record")
	blocked := prevented(p)
	most := slices.Collect(maps.Keys(d.destroys)) // the most first
	slices.SortFunc(most, func(a, b int) int {
		return cmp.Or(cmp.Compare(d.destroys[b].count, d.destroys[a].count), cmp.Compare(a, b))
	})
	for _, id := range most {
		m, x := d.models[id], d.destroys[id]
		row := destroyed{Model: visible(m), ID: id, Count: thousands(x.count), Blocked: blocked[m]}
		rest := x.count
		for _, why := range x.order {
			n := ""
			if x.reasons[why] < x.count {
				n = thousands(x.reasons[why])
			}
			row.Reasons = append(row.Reasons, reason{n, strings.Trim(why, "()")})
			rest -= x.reasons[why]
		}
		if rest > 0 && len(x.order) > 0 {
			row.Others = thousands(rest) + " for other reasons, said at each record"
		}
		pg.Destroyed = append(pg.Destroyed, row)
	}
}

// modelRow is a model's row of the accounting with its bar.
type modelRow struct {
	Model  string
	Cells  []modelCell
	Bar    []segment
	Shares string // the bar in words
	Said   string // the row in words, where there is no room for its cells
	Links  bool   // a many-to-many field of the model before it
	Wrong  bool
	Active bool
}

// modelCell is a count and how it looks: nothing is as loud as what is destroyed.
type modelCell struct{ Text, Kind string }

func cells(row []string) []modelCell {
	kinds := map[string]string{"destroyed": "destroy", "changed": "change", "added": "add", "remapped": "remap"}
	var out []modelCell
	for i, text := range row[1:] {
		c := modelCell{text, kinds[columns()[i+1]]}
		if text == "0" || text == "" {
			c.Kind = "zero"
		}
		out = append(out, c)
	}
	return out
}

// segment is a part of a bar: where it begins and how wide it is, in percent.
type segment struct {
	Kind        string
	From, Width string
	Said        string
}

func (pg *page) models(p *plans.Plan, d *pageData) {
	quiet := 0
	for _, a := range p.Accounting {
		row := modelRow{Model: visible(a.Model), Cells: cells(accountingRow("", a)), Wrong: !a.Balanced()}
		row.Active = a.Added+a.Changed+a.Destroyed > 0
		row.Bar, row.Shares = bar(a)
		row.Said = inWords(row.Shares, count{a.Remapped, "remapped"}, count{a.Skipped, "skipped"}, count{a.Refused, "refused"})
		rows := []modelRow{row}
		if row.Wrong {
			pg.Unbalanced = append(pg.Unbalanced, visible(a.Model))
		}
		for _, l := range a.Links {
			rows = append(rows, modelRow{Model: visible(l.Field), Links: true, Active: l.Added+l.Removed > 0, Cells: cells(linksRow("", l)), Said: inWords("", count{l.Removed, "removed"}, count{l.Added, "added"}, count{l.Package - l.Added, "unchanged"})})
			row.Active = row.Active || l.Added+l.Removed > 0
		}
		if row.Active || row.Wrong || a.Remapped+a.Skipped+a.Refused > 0 {
			pg.Models = append(pg.Models, rows...)
		} else {
			pg.Quiet = append(pg.Quiet, rows...)
			quiet++
		}
	}
	pg.QuietCount = counted(quiet, "model")
	pg.Totals = cells(accountingRow("", totals(p.Accounting)))
}

type count struct {
	n    int
	word string
}

// inWords adds what is counted to a text.
func inWords(said string, all ...count) string {
	for _, c := range all {
		if c.n == 0 {
			continue
		}
		if said != "" {
			said += ", "
		}
		said += thousands(c.n) + " " + c.word
	}
	return said
}

// bar shows the shares of what becomes of a model's records. The kept are
// those that the package does not speak of: the others are among the changed
// and unchanged. A share that is not nothing is wide enough to be seen.
func bar(a plans.Accounting) ([]segment, string) {
	parts := []struct {
		kind, word string
		n          int
	}{
		{"destroy", "destroyed", a.Destroyed},
		{"change", "changed", a.Changed},
		{"add", "added", a.Added},
		{"same", "unchanged", a.Unchanged},
		{"keep", "only here, kept", max(0, a.Kept-a.Changed-a.Unchanged)},
	}
	total := 0
	for _, x := range parts {
		total += x.n
	}
	if total == 0 {
		return nil, "no records"
	}
	const least = 2.5
	widths, all := make([]float64, len(parts)), 0.0
	var said []string
	for i, x := range parts {
		if x.n > 0 {
			widths[i] = math.Max(least, 100*float64(x.n)/float64(total))
			all += widths[i]
			said = append(said, thousands(x.n)+" "+x.word)
		}
	}
	var out []segment
	at := 0.0
	for i, x := range parts {
		if x.n == 0 {
			continue
		}
		w := widths[i] * 100 / all
		out = append(out, segment{x.kind, fmt.Sprintf("%.2f", at), fmt.Sprintf("%.2f", w), thousands(x.n) + " " + x.word})
		at += w
	}
	return out, strings.Join(said, ", ")
}

// graph draws the models of which something changes and those they refer to.
func (pg *page) graph(p *plans.Plan, d *pageData) error {
	g, ids := modelGraph(p, d)
	if len(g.Edges) == 0 {
		return nil
	}
	changes := func(n graph.Node) bool { return n.Kind != graph.Quiet }
	if !slices.ContainsFunc(g.Nodes, changes) {
		changes = func(graph.Node) bool { return true }
	}
	part, of, left := g.Around(changes, maxGraphNodes)
	shown := make([]int, len(of))
	for i, n := range of {
		shown[i] = ids[n]
	}
	var b bytes.Buffer
	if err := part.Inline(&b, "Models and their references. Models with changes have a solid frame and say how many.", shown); err != nil {
		return err
	}
	pg.Graph = template.HTML(b.String()) //nolint:gosec // escaped by graph
	if left > 0 {
		pg.GraphNote = counted(left, "model") + " more, of which nothing changes, not drawn; edmsplan graph draws all."
		if quiet := len(slices.DeleteFunc(slices.Clone(g.Nodes), changes)); left > quiet {
			pg.GraphNote = counted(left, "model") + " more than can be read here, not drawn; edmsplan graph draws all."
		}
	}
	return nil
}

// modelGraph is the plan's models and references, with the numbers that the
// page knows the models by.
func modelGraph(p *plans.Plan, d *pageData) (*graph.Graph, []int) {
	g, at := &graph.Graph{}, map[string]int{}
	var ids []int
	for _, a := range p.Accounting {
		if _, twice := at[a.Model]; twice {
			continue
		}
		at[a.Model] = len(g.Nodes)
		n := graph.Node{Label: visible(a.Model), Kind: graph.Quiet}
		var notes []string
		for _, c := range []struct {
			kind graph.Kind
			mark string
			n    int
		}{{graph.Add, "+", a.Added}, {graph.Change, "~", a.Changed}, {graph.Destroy, "−", a.Destroyed}} {
			if c.n > 0 {
				n.Kind = c.kind // the last is the gravest
				notes = append(notes, c.mark+thousands(c.n))
			}
		}
		n.Note = strings.Join(notes, "  ")
		_, n.Detail = bar(a)
		g.Nodes = append(g.Nodes, n)
		ids = append(ids, d.id(a.Model))
	}
	for _, a := range p.Accounting {
		for _, r := range a.References {
			if to, known := at[r.Model]; known {
				g.Edges = append(g.Edges, graph.Edge{From: at[a.Model], To: to, Field: visible(r.Field)})
			}
		}
	}
	return g, ids
}

type remapRow struct{ Mark, Word, Model, Key, Field, Package, Live, Rewritten string }

func (pg *page) remaps(p *plans.Plan, seen *survey) {
	for i, r := range p.Remaps {
		if i == maxPageRemaps {
			pg.RemapsHidden = thousands(len(p.Remaps)-i) + " more are not listed here; edmsplan show -all lists them."
			break
		}
		row := remapRow{
			Mark: "⇄", Word: "remapped only", Model: visible(r.Model), Key: cut(r.Key, longText), Field: visible(r.Field),
			Package: plainText(r.Package), Live: plainText(r.Live), Rewritten: thousands(r.Rewritten),
		}
		if seen.changed[identity{r.Model, r.Key}] {
			row.Mark, row.Word = "~", "changes otherwise too"
		}
		pg.Remaps = append(pg.Remaps, row)
	}
	pg.RemapsTotal = thousands(len(p.Remaps))
}

type decisionRow struct{ Record, Decision, Because string }

func (pg *page) decisions(all []plans.Decision) {
	for i := range all {
		d := &all[i]
		if i == maxPageSkips {
			pg.DecisionsHidden = thousands(len(all)-i) + " more are not listed here; edmsplan show -all lists them."
			break
		}
		pg.Decisions = append(pg.Decisions, decisionRow{
			Record: short(decisionSubject(d), 300), Decision: short(decisionText(d), 300), Because: strings.Trim(because(decisionWhy(d), d.Place), "()"),
		})
	}
	pg.DecisionsTotal = thousands(len(all))
}

type skipRow struct{ Address, Number, Because string }

func (pg *page) skips(all []plans.Skip) {
	for i, s := range all {
		if i == maxPageSkips {
			pg.SkipsHidden = thousands(len(all)-i) + " more are not listed here; edmsplan show -all lists them."
			break
		}
		row := skipRow{Address: short(address(s.Model, s.Key), 300), Because: strings.Trim(because(s.Reason, s.Rule), "()")}
		if s.Number > 0 {
			row.Number = thousands(s.Number)
		}
		pg.Skips = append(pg.Skips, row)
	}
	pg.SkipsTotal = thousands(len(all))
}

// problem is a diagnostic.
type problem struct {
	Error                                   bool
	Word, Summary, Place, Source, Record    string
	Detail, Remedy                          []string
	More                                    string
	SourceBefore, SourceMarked, SourceAfter string
}

func (pg *page) problems(l diag.List) {
	if len(l) == 0 {
		return
	}
	pg.ProblemsTitle = counted(l.Count(diag.Error), "error") + ", " + counted(l.Count(diag.Warning), "warning")
	for _, severity := range []diag.Severity{diag.Error, diag.Warning} {
		for _, d := range l {
			if d.Severity == severity && len(pg.Problems) < maxPageProblems {
				pg.Problems = append(pg.Problems, problemOf(d))
			}
		}
	}
	if n := len(l) - len(pg.Problems); n > 0 {
		pg.ProblemsTitle += " (" + thousands(n) + " of them not listed here; edmsplan show lists them)"
	}
}

func problemOf(d diag.Diagnostic) problem {
	pr := problem{Error: d.Severity == diag.Error, Word: "Warning", Summary: visible(d.Summary)}
	if pr.Error {
		pr.Word = "Error"
	}
	if !d.Range.IsZero() {
		pr.Place = visible(d.Range.String())
		var b bytes.Buffer
		source(&b, d, painter{})
		pr.Source = outdented(strings.TrimRight(b.String(), "\n"))
	}
	if d.Record != nil {
		pr.Record = visible(d.Record.String())
	}
	if strings.TrimSpace(d.Detail) != "" {
		pr.Detail = lines(d.Detail)
	}
	if strings.TrimSpace(d.Remedy) != "" {
		pr.Remedy = lines(d.Remedy)
	}
	if d.More > 0 {
		pr.More = "and " + thousands(d.More) + " more like it"
	}
	return pr
}

// outdented is a text without the space that its first line begins with.
func outdented(s string) string {
	space := len(s) - len(strings.TrimLeft(s, " "))
	return strings.ReplaceAll(s[space:], "\n"+s[:space], "\n")
}
