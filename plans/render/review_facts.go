package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func made(p *plans.Plan) string { return p.Header.CreatedAt.UTC().Format("2006-01-02 15:04:05 UTC") }

// digestStart is enough of a change set's digest to tell it from others.
func digestStart(p *plans.Plan) string {
	head, _ := cutText(p.Digests.ChangeSet, 12)
	return visible(head)
}

// grounds say on what the two plans rest, when that is not the same.
func grounds(old, now *plans.Plan) []string {
	var out []string
	a, b := &old.Header, &now.Header
	if old.Digests.Policy != now.Digests.Policy || a.Policy != b.Policy {
		out = append(out, "The policy is not the same"+policyChanges(a, b)+".")
	}
	if old.Digests.Package != now.Digests.Package {
		line := "The package is not the same: " + named(b.Package, "none")
		if a.Package == b.Package {
			line += " has other contents."
		} else {
			line += " instead of " + named(a.Package, "none") + "."
		}
		out = append(out, line)
	}
	if old.Digests.Live != now.Digests.Live {
		line := "The live database is not the same: " + named(b.Target, "one without a name")
		if a.Target == b.Target {
			line += " is another one of the same name."
		} else {
			line += " instead of " + named(a.Target, "one without a name") + "."
		}
		out = append(out, line)
	}
	if x, y := purpose(a), purpose(b); x != y {
		out = append(out, fmt.Sprintf("The plan is made for something else: %s instead of %s.", y, x))
	}
	return out
}

// remarks are what a reader should know where no fact speaks against it.
func remarks(old, now *plans.Plan) []string {
	var out []string
	if len(grounds(old, now)) == 0 {
		out = append(out, "Policy, package and live database are the same.")
	}
	if old.Header.CreatedAt.After(now.Header.CreatedAt) {
		out = append(out, "The plan that it is compared with is the newer one.")
	}
	if old.Digests.Secrets != "" || now.Digests.Secrets != "" {
		out = append(out, "Sensitive values are not compared: no plan holds them.")
	}
	return out
}

func named(s, none string) string {
	if s == "" {
		return none
	}
	return visible(short(s, 80))
}

// purpose is what a plan's flags say of it.
func purpose(h *plans.Header) string {
	text := "a plan"
	switch {
	case h.Undoes() != "":
		text = "the undo of " + visible(short(h.Undoes(), 60))
	case h.Reinit():
		text = "a re-initialisation"
	}
	if flags := h.Narrowed(); flags != "" {
		return text + " narrowed by " + visible(short(flags, 300))
	}
	return text + " of everything"
}

// policyChanges names the files and variables that differ, the first few.
func policyChanges(a, b *plans.Header) string {
	var parts []string
	was := map[string]string{}
	for _, f := range a.PolicyFiles {
		was[f.Name] = f.Content
	}
	for _, f := range b.PolicyFiles {
		switch text, known := was[f.Name]; {
		case !known:
			parts = append(parts, named(f.Name, "a file")+" is new")
		case text != f.Content:
			parts = append(parts, named(f.Name, "a file")+" differs")
		}
		delete(was, f.Name)
	}
	for _, f := range a.PolicyFiles {
		if _, gone := was[f.Name]; gone {
			parts = append(parts, named(f.Name, "a file")+" is gone")
		}
	}
	for _, v := range b.Variables {
		if !slices.Contains(a.Variables, v) {
			parts = append(parts, "the variable "+named(v.Name, "without a name")+" has another value")
		}
	}
	const most = 8
	if len(parts) > most {
		parts = append(parts[:most], "and "+thousands(len(parts)-most)+" more")
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// list is lines that stand in one of two plans only.
type list struct {
	title, noun string
	// came are whole, of what went the first line is enough.
	came, went []string
}

// lists are what differs between two plans beside records and accounting.
func lists(old, now *plans.Plan) []list {
	var out []list
	add := func(title, noun string, lines func(*plans.Plan) []string) {
		if came, went := linesDiffer(lines(old), lines(now)); len(came)+len(went) > 0 {
			out = append(out, list{title, noun, came, went})
		}
	}
	add("Diagnostics", "diagnostic", diagnosticLines)
	add("Remapped records", "line", remapTexts)
	add("Decisions", "decision", decisionTexts)
	add("Skipped records", "line", skipLines)
	add("Notes of the accounting", "line", func(p *plans.Plan) []string { return accountingNotes(p.Accounting) })
	add("Tables without a model block", "table", func(p *plans.Plan) []string {
		var out []string
		for _, t := range p.Untouched {
			out = append(out, visible(t))
		}
		return out
	})
	return out
}

// linesDiffer compares lines as often as they stand there.
func linesDiffer(old, now []string) (came, went []string) {
	count := map[string]int{}
	for _, l := range old {
		count[l]++
	}
	for _, l := range now {
		if count[l] > 0 {
			count[l]--
			continue
		}
		came = append(came, l)
	}
	for _, l := range old {
		if count[l] > 0 {
			count[l]--
			went = append(went, l)
		}
	}
	return came, went
}

// diagnosticLines leave out places, which move with every edit of a policy.
func diagnosticLines(p *plans.Plan) []string {
	var out []string
	for _, d := range p.Diagnostics {
		word := "Error: "
		if d.Severity == diag.Warning {
			word = "Warning: "
		}
		line := word + visible(d.Summary)
		if d.Record != nil {
			line += ", in " + address(d.Record.Model, plans.Value(d.Record.Key))
		}
		for _, text := range []string{d.Detail, d.Remedy} {
			if strings.TrimSpace(text) != "" {
				line += "\n    " + strings.Join(lines(text), "\n    ")
			}
		}
		if d.More > 0 {
			line += "\n    and " + thousands(d.More) + " more like it"
		}
		out = append(out, line)
	}
	return out
}

func remapTexts(p *plans.Plan) []string {
	var out []string
	for _, r := range p.Remaps {
		out = append(out, fmt.Sprintf("%s: %s %s in the package is %s here",
			address(r.Model, r.Key), visible(r.Field), plainText(r.Package), plainText(r.Live)))
	}
	return out
}

func skipLines(p *plans.Plan) []string {
	var out []string
	for _, s := range p.Skips {
		out = append(out, address(s.Model, s.Key)+" "+because(s.Reason, diag.Range{}))
	}
	return out
}

// says is how many lines of each kind there are.
func (l list) says() string {
	return thousands(len(l.came)) + " new, " + thousands(len(l.went)) + " gone"
}

// print lists the first few lines, or all.
func (l list) print(w io.Writer, o Options) {
	for _, part := range []struct {
		word  string
		lines []string
	}{{"new", l.came}, {"gone", l.went}} {
		for i, line := range part.lines {
			if i == reviewed && !o.All {
				fmt.Fprintf(w, "  %s\n", moreOf(len(part.lines)-i, l.noun, o))
				break
			}
			if first, _, several := strings.Cut(line, "\n"); several && part.word == "gone" {
				line = first
			}
			fmt.Fprintf(w, "  %-5s %s\n", part.word+":", line)
		}
	}
}
