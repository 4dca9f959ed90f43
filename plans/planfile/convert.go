package planfile

import (
	"fmt"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func wireHeader(h plans.Header) headerLine {
	w := headerLine{
		Format: format, Version: version, Program: h.Version,
		ID: h.ID, CreatedAt: h.CreatedAt, Target: h.Target, LiveURL: plans.WithoutPassword(h.LiveURL),
		Package: h.Package, PackageFormat: h.Format, Policy: h.Policy, Options: h.Options,
	}
	for _, f := range h.PolicyFiles {
		w.PolicyFiles = append(w.PolicyFiles, policyFile(f))
	}
	for _, v := range h.Variables {
		if v.Sensitive {
			v.Value = ""
		}
		w.Variables = append(w.Variables, variable(v))
	}
	return w
}

func (w headerLine) plan() plans.Header {
	h := plans.Header{
		ID: w.ID, CreatedAt: w.CreatedAt, Version: w.Program, Target: w.Target, LiveURL: w.LiveURL,
		Package: w.Package, Format: w.PackageFormat, Policy: w.Policy, Options: w.Options,
	}
	for _, f := range w.PolicyFiles {
		h.PolicyFiles = append(h.PolicyFiles, plans.PolicyFile(f))
	}
	for _, v := range w.Variables {
		h.Variables = append(h.Variables, plans.Variable(v))
	}
	return h
}

func wireAccounting(a plans.Accounting) *accounting {
	w := &accounting{
		Model: a.Model, Table: a.Table,
		Package: a.Package, Added: a.Added, Changed: a.Changed, Unchanged: a.Unchanged,
		Skipped: a.Skipped, Remapped: a.Remapped, Stubs: a.Stubs, Refused: a.Refused,
		Live: a.Live, Destroyed: a.Destroyed, Kept: a.Kept, Discarded: a.Discarded,
		SeedsAdded: a.SeedsAdded, SeedsChanged: a.SeedsChanged, Altered: a.Altered, Outside: a.Outside,
		KeyInFields: a.KeyInFields,
	}
	for _, l := range a.Links {
		w.Links = append(w.Links, links(l))
	}
	for _, r := range a.References {
		w.References = append(w.References, reference(r))
	}
	for _, k := range a.KeptBy {
		w.KeptBy = append(w.KeptBy, keptBy{Reason: k.Reason, Rule: placeOf(k.Rule), Count: k.Count})
	}
	return w
}

func (w *accounting) plan() plans.Accounting {
	a := plans.Accounting{
		Model: w.Model, Table: w.Table,
		Package: w.Package, Added: w.Added, Changed: w.Changed, Unchanged: w.Unchanged,
		Skipped: w.Skipped, Remapped: w.Remapped, Stubs: w.Stubs, Refused: w.Refused,
		Live: w.Live, Destroyed: w.Destroyed, Kept: w.Kept, Discarded: w.Discarded,
		SeedsAdded: w.SeedsAdded, SeedsChanged: w.SeedsChanged, Altered: w.Altered, Outside: w.Outside,
		KeyInFields: w.KeyInFields,
	}
	for _, l := range w.Links {
		a.Links = append(a.Links, plans.Links(l))
	}
	for _, r := range w.References {
		a.References = append(a.References, plans.Reference(r))
	}
	for _, k := range w.KeptBy {
		a.KeptBy = append(a.KeptBy, plans.KeptBy{Reason: k.Reason, Rule: k.Rule.diag(), Count: k.Count})
	}
	return a
}

func wireDecision(d plans.Decision) *decision {
	return &decision{
		Model: d.Model, Package: d.Package, Number: d.Number, Codes: d.Codes, Do: string(d.Do), Live: d.Live,
		Place: placeOf(d.Place), Key: raw(d.Key), LiveKey: raw(d.LiveKey),
	}
}

func (w *decision) plan() plans.Decision {
	return plans.Decision{
		Model: w.Model, Package: w.Package, Number: w.Number, Codes: w.Codes, Do: plans.Verdict(w.Do), Live: w.Live,
		Place: w.Place.diag(), Key: plans.Value(w.Key), LiveKey: plans.Value(w.LiveKey),
	}
}

func wireRemap(r plans.Remapping) *remapping {
	return &remapping{
		Model: r.Model, Key: raw(r.Key), Field: r.Field,
		Package: raw(r.Package), Live: raw(r.Live), Rewritten: r.Rewritten,
	}
}

func (w *remapping) plan() plans.Remapping {
	return plans.Remapping{
		Model: w.Model, Key: plans.Value(w.Key), Field: w.Field,
		Package: plans.Value(w.Package), Live: plans.Value(w.Live), Rewritten: w.Rewritten,
	}
}

func wireSkip(s plans.Skip) *skip {
	return &skip{Model: s.Model, Key: raw(s.Key), Number: s.Number, Reason: s.Reason, Rule: placeOf(s.Rule)}
}

func (w *skip) plan() plans.Skip {
	return plans.Skip{Model: w.Model, Key: plans.Value(w.Key), Number: w.Number, Reason: w.Reason, Rule: w.Rule.diag()}
}

func wireDiagnostic(d diag.Diagnostic) *diagnostic {
	return &diagnostic{
		Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail, Remedy: d.Remedy,
		Range: placeOf(d.Range), Source: d.Source, Record: (*record)(d.Record), More: d.More,
	}
}

func (w *diagnostic) plan() (diag.Diagnostic, error) {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: w.Code, Summary: w.Summary, Detail: w.Detail, Remedy: w.Remedy,
		Range: w.Range.diag(), Source: w.Source, Record: (*diag.Record)(w.Record), More: w.More,
	}
	switch w.Severity {
	case diag.Error.String():
	case diag.Warning.String():
		d.Severity = diag.Warning
	default:
		return d, fmt.Errorf("diagnostic of unknown severity %q", w.Severity)
	}
	return d, nil
}
