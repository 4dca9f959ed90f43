package render

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// The parts of the page. Nothing in them is from a plan.
//
//go:embed page/page.html
var pageTemplate string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

// HTML writes the plan as one page that needs nothing else: no network, no
// other file. What is destroyed comes first. The records are data that the
// page's script shows as they are asked for, so that a plan of a hundred
// thousand does not freeze it; everything else is there without the script.
//
// A policy of the page itself forbids all requests and every script but its
// own, whatever a package holds. It reads the changes twice and holds none.
func HTML(w io.Writer, p *plans.Plan) error { return writePage(w, p, maxPageRecords) }

// writePage writes a page with at most so many records.
func writePage(w io.Writer, p *plans.Plan, most int) error {
	seen, err := surveyChanges(p, Options{})
	if err != nil {
		return err
	}
	d := newPageData(p, seen)
	d.most = most
	if err := d.survey(p); err != nil {
		return err
	}
	page, err := newPage(p, d, seen)
	if err != nil {
		return err
	}
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("the page's template: %w", err)
	}
	out := bufio.NewWriter(w)
	if err := t.ExecuteTemplate(out, "page", page); err != nil {
		return err
	}
	if err := d.element(out, p); err != nil {
		return err
	}
	fmt.Fprintf(out, "<script>%s</script>\n</body>\n</html>\n", pageScript)
	return out.Flush()
}

// page is what the template shows.
type page struct {
	Target, Compared, Partial, Summary string
	Refusal                            string
	Policy                             template.HTMLAttr // content of the page's own policy
	Style                              template.CSS
	Tiles                              []tile
	Destroyed                          []destroyed
	DestroyedTotal                     string
	Models, Quiet                      []modelRow
	QuietCount                         string
	Totals                             []modelCell
	Columns                            []string
	Notes                              []string
	NotesCount                         string
	Unbalanced                         []string
	Graph                              template.HTML
	GraphNote                          string
	Remaps                             []remapRow
	RemapsTotal, RemapsHidden          string
	Problems                           []problem
	ProblemsTitle                      string
	Decisions                          []decisionRow
	DecisionsTotal, DecisionsHidden    string
	Skips                              []skipRow
	SkipsTotal, SkipsHidden            string
	Untouched                          []string
	UntouchedWhy                       string
	Facts                              []fact
	Records                            string
	Count                              int
	Listed                             []listed
	Unlisted                           string
}

type tile struct{ Kind, Mark, Count, Word string }

type fact struct{ Name, Value string }

func newPage(p *plans.Plan, d *pageData, seen *survey) (*page, error) {
	pg := &page{
		Target: visible(p.Header.Target), Compared: compared(p), Partial: partial(p), Summary: summaryLine(p),
		Refusal: refusal(p.Diagnostics), Style: template.CSS(pageStyle), //nolint:gosec // our own
		Policy:  pagePolicy(),
		Columns: columns()[1:], Notes: accountingNotes(p.Accounting), Records: thousands(d.count), Count: d.count,
		Facts: facts(p),
	}
	s := p.Summary
	for _, t := range []struct {
		kind, mark, word string
		n                int
	}{
		{"destroy", "−", "to destroy", s.Destroy},
		{"change", "~", "to change", s.Change},
		{"add", "+", "to add", s.Add},
		{"remap", "⇄", "to remap", s.Remap},
		{"quiet", "=", "unchanged", s.Unchanged},
		{"quiet", "", "skipped", s.Skip},
		{"quiet", "", "live rows kept", s.Keep},
	} {
		kind := t.kind
		if t.n == 0 {
			kind = "none"
		}
		pg.Tiles = append(pg.Tiles, tile{kind, t.mark, thousands(t.n), t.word})
	}
	pg.NotesCount = counted(len(pg.Notes), "note")
	pg.Listed = d.listed
	if n := d.count - len(d.listed); n > 0 {
		pg.Unlisted = thousands(n)
	}
	pg.destroyed(p, d)
	pg.models(p, d)
	if err := pg.graph(p, d); err != nil {
		return nil, err
	}
	pg.remaps(p, seen)
	pg.problems(p.Diagnostics)
	pg.decisions(p.Decisions)
	pg.skips(p.Skips)
	for _, t := range p.Untouched {
		pg.Untouched = append(pg.Untouched, visible(t))
	}
	if p.Header.Undoes() == "" {
		pg.UntouchedWhy = " without a model block"
	}
	return pg, nil
}

// pagePolicy allows the page its style and its one script, and nothing else:
// no request, no other script, wherever it would come from.
func pagePolicy() template.HTMLAttr {
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(s[:]) + "'"
	}
	return template.HTMLAttr(fmt.Sprintf(`content="default-src 'none'; script-src %s; style-src %s; base-uri 'none'; form-action 'none'"`, //nolint:gosec // our own
		sum(pageScript), sum(pageStyle)))
}

// facts are what a plan is made of and what seals it.
func facts(p *plans.Plan) []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, visible(value)})
		}
	}
	h := &p.Header
	add("Live database", plans.WithoutPassword(h.LiveURL))
	add("Package", h.Package)
	add("Policy", h.Policy)
	add("Flags", h.Narrowed())
	if !h.CreatedAt.IsZero() {
		add("Made", h.CreatedAt.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	add("Plan", h.ID)
	add("Made by", strings.TrimSpace("edmsplan "+h.Version))
	add("Digest of the policy", p.Digests.Policy)
	add("Digest of the package", p.Digests.Package)
	add("Digest of the change set", p.Digests.ChangeSet)
	return all
}
