package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// markdownLimit is how many bytes a Markdown rendering may take, and so more
// than its characters. A comment on GitHub may have 65,536 of them.
const markdownLimit = 60_000

// Shares of the limit. What remains is the sections'.
const (
	accountingShare = 14_000
	problemsShare   = 10_000
	titleShare      = 6_000
	sectionsShare   = markdownLimit - accountingShare - problemsShare - titleShare - 2_000
)

// Markdown writes the plan for a pull request: under 60,000 characters
// whatever its size, the largest sections summarised first. It ends with the
// digest of the change set.
func Markdown(w io.Writer, p *plans.Plan) error {
	seen, err := surveyChanges(p, Options{})
	if err != nil {
		return err
	}
	s := newSections(sectionsShare)
	c := newChanges(p, seen, Options{})
	err = c.each(p, func(b block) error {
		s.add(b.model, b.records, b.text)
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range p.Accounting {
		s.describe(a.Model, a)
	}
	s.addText("Remapped records", thousands(len(p.Remaps)), func(w io.Writer) { remapTable(w, p, seen, Options{}) })
	s.addText("Decisions", thousands(len(p.Decisions)), func(w io.Writer) { decided(w, p, Options{}) })
	s.addText("Skipped records", thousands(len(p.Skips)), func(w io.Writer) { skipped(w, p, Options{}) })
	s.addText("Tables without a model block", thousands(len(p.Untouched)), func(w io.Writer) { untouched(w, p, Options{}) })

	out := bufio.NewWriter(w)
	markdownTitle(out, p)
	markdownAccounting(out, p.Accounting)
	markdownProblems(out, p.Diagnostics)
	s.print(out)
	fmt.Fprintf(out, "Change set: %s\n", code(short(p.Digests.ChangeSet, 64)))
	return out.Flush()
}

func markdownTitle(w io.Writer, p *plans.Plan) {
	fmt.Fprintf(w, "# edmsplan: plan for %s\n\n", code(short(p.Header.Target, 80)))
	var warnings []string
	if n := p.Summary.Destroy; n > 0 {
		warnings = append(warnings, "**This plan destroys "+counted(n, "record")+".**")
	}
	if line := refusal(p.Diagnostics); line != "" {
		warnings = append(warnings, "**"+line+"**")
	}
	if len(warnings) > 0 {
		fmt.Fprintf(w, "> [!WARNING]\n> %s\n\n", strings.Join(warnings, "\n> "))
	}
	fmt.Fprintf(w, "%s\n\n", summaryLine(p))
	what := ""
	if p.Header.Package != "" {
		what = "Package " + code(short(p.Header.Package, 80)) + ", policy " + code(short(p.Header.Policy, 60)) + ".\n"
	}
	if p.Header.Reinit() {
		what += "Re-initialisation under the policy " + code(short(p.Header.Policy, 60)) + ".\n"
	}
	if id := p.Header.Undoes(); id != "" {
		what = "Reverses apply " + code(short(id, 60)) + ".\n"
	}
	if flags := p.Header.Narrowed(); flags != "" {
		what += "**This plan is partial:** " + code(short(flags, 300)) + ". What lies outside is kept as it is.\n"
	}
	if what != "" {
		fmt.Fprintf(w, "%s\n", what)
	}
}

func markdownAccounting(w io.Writer, all []plans.Accounting) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "| %s |\n|---%s|\n", strings.Join(columns(), " | "), strings.Repeat("|---:", len(columns())-1))
	total := accountingRow("**total**", totals(all))
	left := accountingShare - 1_000
	models, empty := occupied(all)
	for i, a := range models {
		var b strings.Builder
		row := accountingRow(code(short(a.Model, 80)), a)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		for _, l := range a.Links {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(linksRow("↳ "+code(short(l.Field, 80)), l), " | "))
		}
		if left -= b.Len(); left < 0 {
			more := make([]string, len(columns()))
			more[0] = "and " + counted(len(models)-i, "more model")
			fmt.Fprintf(w, "| %s |\n", strings.Join(more, " | "))
			break
		}
		fmt.Fprint(w, b.String())
	}
	fmt.Fprintf(w, "| %s |\n\n", strings.Join(total, " | "))
	if len(empty) > 0 {
		fmt.Fprintf(w, "%s%s\n\n", emptyModels(len(empty)), code(short(strings.Join(empty, ", "), 600)))
	}
	markdownNotes(w, all, left)
}

// markdownNotes are the accounting's notes, as many as fit.
func markdownNotes(w io.Writer, all []plans.Accounting, left int) {
	notes := accountingNotes(all)
	for i, n := range notes {
		line := "- " + code(short(n, 300)) + "\n"
		if left -= len(line); left < 0 {
			fmt.Fprintf(w, "- and %s\n", counted(len(notes)-i, "more note"))
			break
		}
		fmt.Fprint(w, line)
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
}

// markdownProblems shows the diagnostics, errors first, as many as fit.
func markdownProblems(w io.Writer, l diag.List) {
	if len(l) == 0 {
		return
	}
	var body bytes.Buffer
	hidden := 0
	for _, severity := range []diag.Severity{diag.Error, diag.Warning} {
		for _, d := range l {
			if d.Severity != severity {
				continue
			}
			var b bytes.Buffer
			diagnostic(&b, d, Options{})
			if body.Len()+b.Len() > problemsShare-1_000 {
				hidden += 1 + d.More
				continue
			}
			body.Write(b.Bytes())
		}
	}
	title := fmt.Sprintf("Diagnostics: %s, %s", counted(l.Count(diag.Error), "error"), counted(l.Count(diag.Warning), "warning"))
	if hidden > 0 {
		title += fmt.Sprintf(" (%s hidden here)", thousands(hidden))
	}
	text := details(title, body.String(), l.HasErrors())
	if len(text) > problemsShare { // a fence as long as the text
		text = details(title+" (all hidden here)", "", false)
	}
	fmt.Fprint(w, text)
}

// details is a section that folds. The fence is longer than any in the body.
func details(title, body string, open bool) string {
	body = strings.TrimRight(body, "\n")
	fence := "```"
	for strings.Contains(body, fence) {
		fence += "`"
	}
	attribute := ""
	if open {
		attribute = " open"
	}
	if body == "" {
		return fmt.Sprintf("<details%s><summary>%s</summary></details>\n\n", attribute, title)
	}
	return fmt.Sprintf("<details%s><summary>%s</summary>\n\n%s\n%s\n%s\n\n</details>\n\n", attribute, title, fence, body, fence)
}

// code shows a text as it is, in tables and summaries too. Everything that
// Markdown or HTML could act on becomes an entity; in code nobody is mentioned.
func code(s string) string {
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range visible(s) {
		if strings.ContainsRune("<>&\"'`|*[]()\\#~@:!$%^{}=+", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteString("</code>")
	return b.String()
}

// short is a text's beginning, with how much was cut.
func short(s string, most int) string {
	head, rest := cutText(s, most)
	if rest == 0 || utf8.RuneCountInString(s) <= most {
		return s
	}
	return head + "… (" + counted(rest, "character") + " cut)"
}
