package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// maxDecisions is how many decisions are listed without Options.All.
const maxDecisions = 200

// decided lists what people decided of single records.
func decided(w io.Writer, p *plans.Plan, o Options) {
	if len(p.Decisions) == 0 {
		return
	}
	fmt.Fprint(w, "Decisions:\n\n")
	for i := range p.Decisions {
		if i == maxDecisions && !o.All {
			fmt.Fprintf(w, "  # and %s more%s\n", thousands(len(p.Decisions)-i), hint(o))
			break
		}
		d := &p.Decisions[i]
		fmt.Fprintf(w, "  # %s %s\n", decisionSubject(d), decisionText(d))
		if because := because(decisionWhy(d), d.Place); because != "" {
			fmt.Fprintf(w, "  # %s\n", because)
		}
	}
	fmt.Fprintln(w)
}

// decisionSubject names the package's record.
func decisionSubject(d *plans.Decision) string {
	name := visible(d.Model)
	switch {
	case d.Key != "":
		name = address(d.Model, d.Key)
	case d.Package != "" && strings.HasPrefix(d.Package, "["):
		name = address(d.Model, plans.Value(d.Package))
	}
	if d.Number > 0 {
		name += fmt.Sprintf(" (record %d of the package)", d.Number)
	}
	return name
}

// decisionText says what becomes of it.
func decisionText(d *plans.Decision) string {
	live := visible(d.Live)
	if d.LiveKey != "" && d.Live != string(d.LiveKey) {
		live = strings.TrimSpace(live + " " + jsonText(d.LiveKey))
	}
	switch d.Do {
	case plans.ToMap:
		return "is mapped to the live record " + live
	case plans.ToRename:
		if live == "" {
			return "is a live record that was renamed"
		}
		return "is the live record " + live + ", which was renamed"
	case plans.ToRemint:
		return "gets a new uuid"
	case plans.ToSkip:
		return "is skipped"
	}
	return visible(string(d.Do))
}

// decisionWhy names the conflicts that are settled.
func decisionWhy(d *plans.Decision) string {
	if len(d.Codes) == 0 {
		return "the two are known to be one"
	}
	return "it settles " + strings.Join(d.Codes, ", ")
}

// decisionTexts are the decisions as two plans are compared.
func decisionTexts(p *plans.Plan) []string {
	out := make([]string, len(p.Decisions))
	for i := range p.Decisions {
		d := &p.Decisions[i]
		out[i] = decisionSubject(d) + " " + decisionText(d) + " " + because(decisionWhy(d), diag.Range{})
	}
	return out
}

type decisionDoc struct {
	Address  string         `json:"address"`
	Model    string         `json:"model"`
	Key      jsontext.Value `json:"key"`
	Record   int            `json:"record,omitzero"`
	Decision string         `json:"decision"`
	Settles  []string       `json:"settles"`
	Target   string         `json:"target,omitempty"`
	LiveKey  jsontext.Value `json:"live_key,omitzero"`
	Place    string         `json:"place,omitempty"`
}

func decisionOf(d plans.Decision) decisionDoc {
	doc := decisionDoc{
		Address: address(d.Model, d.Key), Model: d.Model, Key: keyOf(d.Key), Record: d.Number,
		Decision: string(d.Do), Settles: d.Codes, Target: d.Live,
	}
	if doc.Settles == nil {
		doc.Settles = []string{}
	}
	if d.LiveKey != "" {
		doc.LiveKey = keyOf(d.LiveKey)
	}
	if !d.Place.IsZero() {
		doc.Place = d.Place.String()
	}
	return doc
}
