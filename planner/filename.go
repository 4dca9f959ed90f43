package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// fileNames are the names of files, below their tree, that records have after
// the plan, each with one record that has it.
type fileNames map[string]fileName

// fileName is a record's value. checked says that the plan answers for it: the
// record is the package's, not a live row that stays as it is.
type fileName struct {
	record  diag.Record
	field   string
	checked bool
}

// treeInScope reports whether a partial plan is about the tree: about the
// model whose records name its files, or about the tree by its own label.
func (p *planning) treeInScope(t *policy.FileTree) bool {
	if !p.partial() {
		return true
	}
	match := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(x string) bool { return policy.MatchLabel(x, FileModel(t)) })
	}
	switch {
	case match(p.in.Exclude):
		return false
	case match(p.in.Target):
		return true
	case t.Field == nil:
		return p.scope == nil && len(p.in.Target) == 0
	}
	m := p.byLabel[strings.ToLower(t.Field.Model.Text)]
	return m != nil && p.inScope(m)
}

// namesOf gathers the names of the tree's files in all records that will be
// there after the plan.
func (p *planning) namesOf(t *treeState) (fileNames, error) {
	names := fileNames{}
	f := t.tree.Policy.Field
	if f == nil {
		return names, nil
	}
	m := p.byLabel[strings.ToLower(f.Model.Text)]
	if m == nil || len(m.key) == 0 {
		return names, nil
	}
	n, ok := p.name(m, policyName{Text: f.Field, Range: f.Range})
	if !ok {
		return names, nil
	}
	settled := map[schema.Key]bool{}
	for i := range m.entries.len() {
		e := m.entries.at(i)
		if e.inLive() && (e.status == destroyed || e.status == changed) {
			settled[e.row] = true
		}
		if !e.inPackage() && e.status != changed || !e.stays() || e.status == skipped || e.status == broken {
			continue
		}
		_, after, err := p.beforeAfter(m, e)
		if e.status == unchanged {
			after, err = m.spool.get(e.pkg, len(m.fields))
		}
		if err != nil {
			return nil, err
		}
		p.nameFile(t, m, n, *p.place(m, after.number, e.key), after.cells[n], e.inPackage(), names)
	}
	if !p.in.Reinit || !t.tree.Policy.Clear {
		return names, nil
	}
	for r, err := range p.liveRows(m, append([]int{n}, slices.Concat(m.rowKey, m.key)...)) {
		if err != nil {
			return nil, err
		}
		if !settled[m.rowID(r)] {
			p.nameFile(t, m, n, diag.Record{Model: m.label}, r.cells[n], false, names)
		}
	}
	return names, nil
}

// nameFile notes the file that a value names, if it is one of the tree's.
func (p *planning) nameFile(t *treeState, m *model, n int, rec diag.Record, c cell, checked bool, names fileNames) {
	if !c.value.Valid || c.value.Text == "" || p.treeOf(t.tree.Policy, c.value.Text) != t.tree.Policy {
		return
	}
	name, _ := t.tree.Policy.Rest(c.value.Text)
	if old, known := names[name]; !known || (checked && !old.checked) {
		names[name] = fileName{record: rec, field: m.fields[n].name, checked: checked}
	}
}

// treeOf is the tree that has a value of its field: of those that take values
// of one field, the one whose prefix is the longest that fits; t itself where
// none does, so that each of them complains of a value that no tree has.
func (p *planning) treeOf(t *policy.FileTree, value string) *policy.FileTree {
	var best *policy.FileTree
	for i := range p.in.Trees {
		o := p.in.Trees[i].Policy
		if o.Field == nil || !strings.EqualFold(o.Field.Model.Text, t.Field.Model.Text) || o.Field.Field != t.Field.Field {
			continue
		}
		if _, fits := o.Rest(value); fits && (best == nil || len(o.Prefix) > len(best.Prefix)) {
			best = o
		}
	}
	if best == nil {
		return t
	}
	return best
}

// missingFiles checks that the files which records name will be there.
func (p *planning) missingFiles(t *treeState, names fileNames) {
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		x := names[name]
		if !x.checked || t.outside {
			continue
		}
		d := diag.Diagnostic{
			Severity: diag.Error, Range: t.tree.Policy.Field.Range, Record: &x.record,
			Remedy: fmt.Sprintf("Bring the file into the package, or remove reference from files %q to leave it unchecked.", t.tree.Policy.Name),
		}
		switch {
		case strings.HasPrefix(name, "/") || slices.Contains(strings.Split(name, "/"), ".."):
			d.Code, d.Summary = "files.outside", fmt.Sprintf("The path in %s leaves the tree", x.field)
		case t.after[name]:
			continue
		case t.tree.Package == nil:
			// The package has no files at all: that is a fact about the package,
			// not about each record.
			d.Severity, d.Code = diag.Warning, "files.missing"
			d.Summary = fmt.Sprintf("The file that %s names will not be there", x.field)
			d.Detail = "The package holds no files of this tree, and the live tree lacks it."
		default:
			d.Code, d.Summary = "files.missing", fmt.Sprintf("The file that %s names will not be there", x.field)
		}
		p.diags.Add(d)
	}
}
