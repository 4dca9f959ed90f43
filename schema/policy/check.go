package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// failAt is fail for a place that was converted already.
func (r *reader) failAt(rng diag.Range, d diag.Diagnostic) {
	r.fail(hcl.Range{
		Filename: rng.File,
		Start:    hcl.Pos{Line: rng.Start.Line, Column: rng.Start.Column, Byte: rng.Start.Byte},
		End:      hcl.Pos{Line: rng.End.Line, Column: rng.End.Column, Byte: rng.End.Byte},
	}, d)
}

// check looks at what several blocks say together.
func (r *reader) check(p *Policy) {
	labels := map[string]*Model{}
	for _, m := range p.Models {
		folded := strings.ToLower(m.Label)
		if other := labels[folded]; other != nil && other.Label != m.Label {
			r.failAt(m.Range, diag.Diagnostic{
				Code: "policy.label", Summary: fmt.Sprintf("The labels %q and %q differ only in case", other.Label, m.Label),
				Detail: "Packages spell labels in any case, so the records of one would be taken for those of the other.", Remedy: "Give one of them another label.",
			})
		}
		labels[folded] = m
		r.checkFields(m)
		r.checkExport(m)
		for _, ref := range m.References {
			r.checkModel(ref.Model)
		}
		r.checkKept(m)
		for _, ref := range m.JSONReferences {
			for _, path := range ref.Paths {
				r.checkModel(path.Model)
			}
		}
	}
	for _, s := range p.Scopes {
		r.checkScope(p, s)
	}
	for _, s := range p.Seeds {
		r.checkModel(s.Model)
	}
	for _, c := range p.Checks {
		r.checkModel(c.Model)
	}
	r.checkFileTrees(p.FileTrees)
}

// checkFields checks that no field is given two roles that exclude each
// other.
func (r *reader) checkFields(m *Model) {
	key := namesIn(m.NaturalKey)
	against := func(list []Name, attribute, why string) {
		for _, n := range list {
			if _, ok := key[n.Text]; ok {
				r.failAt(n.Range, diag.Diagnostic{
					Code: "policy.conflict", Summary: fmt.Sprintf("%s names %q, which is part of the natural key", attribute, n.Text),
					Detail: why, Remedy: fmt.Sprintf("Remove it from %s, or choose another natural key.", attribute),
				})
			}
		}
	}
	against(m.Sensitive, "sensitive", "The natural key of a record is printed in every plan.")
	against(m.Ignore, "ignore", "Records are matched by the natural key, so it is always compared.")
	against(m.Discard, "discard", "A field that is discarded has no column, and identifies nothing.")
	for _, s := range m.Surrogates {
		against([]Name{s.Name}, "surrogate", "A surrogate belongs to one environment, the natural key to all.")
	}
	ignored := namesIn(m.Ignore)
	for _, n := range m.Discard {
		if before, ok := ignored[n.Text]; ok {
			r.failAt(n.Range, diag.Diagnostic{
				Code: "policy.conflict", Summary: fmt.Sprintf("%q is ignored and discarded", n.Text),
				Detail: fmt.Sprintf("An ignored field has a column (%s), a discarded one has none.", before), Remedy: "Remove one of them.",
			})
		}
	}
}

// texts are the names without their places.
func texts(list []Name) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Text)
	}
	return out
}

func namesIn(list []Name) map[string]diag.Range {
	m := make(map[string]diag.Range, len(list))
	for _, n := range list {
		m[n.Text] = n.Range
	}
	return m
}

// labels are the labels of the model blocks, those with errors included.
func (r *reader) labels() []string {
	var list []string
	for _, b := range r.of("model") {
		list = append(list, label(b))
	}
	return list
}

func (r *reader) checkModel(n Name) {
	if n.Text != "" && !slices.Contains(r.labels(), n.Text) {
		r.failAt(n.Range, unknownModel(n.Text, r.labels()))
	}
}

func (r *reader) knownModel(name string, rng hcl.Range) {
	if !slices.Contains(r.labels(), name) {
		r.fail(rng, unknownModel(name, r.labels()))
	}
}

func unknownModel(name string, known []string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "policy.model.unknown", Summary: fmt.Sprintf("There is no model %q", name),
		Detail: "The policy has no model block with that label.",
		Remedy: didYouMean(name, known, fmt.Sprintf("Declare it: model %q { … }.", name)),
	}
}

// checkScope checks that each pattern matches a model and each filter is of
// one that is in the scope.
func (r *reader) checkScope(p *Policy, s *Scope) {
	known := r.labels()
	for _, pattern := range s.Models {
		if !slices.ContainsFunc(known, func(l string) bool { return MatchLabel(pattern.Text, l) }) {
			d := unknownModel(pattern.Text, known)
			if strings.Contains(pattern.Text, "*") {
				d.Summary = fmt.Sprintf("No model matches %q", pattern.Text)
				d.Detail = "The star stands for any number of characters."
				d.Remedy = didYouMean(pattern.Text, patterns(known), "Correct the pattern, or remove it.")
			}
			r.failAt(pattern.Range, d)
		}
	}
	for _, b := range r.of("scope") {
		if label(b) != s.Name {
			continue
		}
		for _, c := range b.Body.Blocks {
			name := label(c)
			switch {
			case !slices.Contains(known, name):
				r.knownModel(name, c.LabelRanges[0])
			case !s.Holds(name):
				r.fail(c.LabelRanges[0], diag.Diagnostic{
					Code: "policy.conflict", Summary: fmt.Sprintf("The model %q is not in the scope %q", name, s.Name),
					Detail: "where chooses rows of a model that the scope holds.", Remedy: fmt.Sprintf("Add it: models = [%q, …].", name),
				})
			}
		}
	}
}

// patterns are the patterns that match all models of one application.
func patterns(labels []string) []string {
	var list []string
	for _, l := range labels {
		if app, _, ok := strings.Cut(l, "."); ok && !slices.Contains(list, app+".*") {
			list = append(list, app+".*")
		}
	}
	return list
}

// Holds reports whether the model with that label is in the scope.
func (s *Scope) Holds(label string) bool {
	return slices.ContainsFunc(s.Models, func(n Name) bool { return MatchLabel(n.Text, label) })
}

// MatchLabel reports whether a model's label is what the pattern says; a star
// is any number of characters, dots included.
func MatchLabel(pattern, label string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == label
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(label) < len(first)+len(last) || !strings.HasPrefix(label, first) || !strings.HasSuffix(label, last) {
		return false
	}
	label = label[len(first) : len(label)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(label, part)
		if i < 0 {
			return false
		}
		label = label[i+len(part):]
	}
	return true
}
