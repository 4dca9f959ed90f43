package render

import (
	"fmt"
	"io"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Stream writes what happens as JSON, one object a line, the first of type
// "version". It is used from one goroutine at a time. Types and members are
// named as in Terraform's machine-readable output; readers ignore those they
// do not know. docs/plan.schema.json describes the lines under $defs/event.
type Stream struct{ w io.Writer }

// event is a line. The members after Type depend on it.
type event struct {
	Level      string         `json:"@level"`
	Message    string         `json:"@message"`
	Type       string         `json:"type"`
	Version    string         `json:"edmsplan,omitempty"`
	Format     string         `json:"format_version,omitempty"`
	Diagnostic *diagnosticDoc `json:"diagnostic,omitempty"`
	Change     *changeDoc     `json:"change,omitempty"`
	Remap      *remapDoc      `json:"remap,omitempty"`
	Decision   *decisionDoc   `json:"decision,omitempty"`
	Changes    *changesDoc    `json:"changes,omitempty"`
	Hook       *hookDoc       `json:"hook,omitempty"`
}

type changesDoc struct {
	summaryDoc `json:",inline"`
	Operation  string      `json:"operation"`
	Applyable  bool        `json:"applyable"`
	Digests    *digestsDoc `json:"digests,omitempty"`
}

type hookDoc struct {
	Model  string `json:"model"`
	Action string `json:"action"`
	// Records is how many there are to write, or were written.
	Records int64 `json:"records"`
}

// NewStream starts a stream with its first line. version is the program's.
func NewStream(w io.Writer, version string) (*Stream, error) {
	if version == "" {
		version = "unknown"
	}
	s := &Stream{w}
	return s, s.write(event{
		Level: "info", Message: "edmsplan " + version, Type: "version", Version: version, Format: FormatVersion,
	})
}

// Plan writes the plan: a planned_change for each change, a planned_remap for
// each remap, a planned_decision for each decision, the diagnostics and a change_summary.
func (s *Stream) Plan(p *plans.Plan) error {
	if p.Changes != nil {
		for r, err := range p.Changes() {
			if err != nil {
				return err
			}
			d := changeOf(r)
			message := fmt.Sprintf("%s: Plan to %s", d.Address, d.Actions[0])
			if err := s.write(event{Level: "info", Message: message, Type: "planned_change", Change: &d}); err != nil {
				return err
			}
		}
	}
	for _, r := range p.Remaps {
		d := remapOf(r)
		if err := s.write(event{Level: "info", Message: d.Address + ": Plan to remap", Type: "planned_remap", Remap: &d}); err != nil {
			return err
		}
	}
	for _, x := range p.Decisions {
		d := decisionOf(x)
		if err := s.write(event{Level: "info", Message: d.Address + ": Decided to " + d.Decision, Type: "planned_decision", Decision: &d}); err != nil {
			return err
		}
	}
	if err := s.Diagnostics(p.Diagnostics); err != nil {
		return err
	}
	digests := digestsDoc(p.Digests)
	return s.write(event{
		Level: "info", Message: summaryLine(p), Type: "change_summary",
		Changes: &changesDoc{summaryDoc(p.Summary), "plan", p.CanApply() == nil, &digests},
	})
}

// Diagnostics writes each diagnostic.
func (s *Stream) Diagnostics(l diag.List) error {
	for _, d := range l {
		doc, level, word := diagnosticOf(d), "error", "Error: "
		if d.Severity == diag.Warning {
			level, word = "warn", "Warning: "
		}
		if err := s.write(event{Level: level, Message: word + d.Summary, Type: "diagnostic", Diagnostic: &doc}); err != nil {
			return err
		}
	}
	return nil
}

// ApplyStart says that the records of a model begin to be written.
func (s *Stream) ApplyStart(model string, a plans.Action, records int64) error {
	return s.hook("apply_start", fmt.Sprintf("%s: %s of %d records begins", model, a.Name(), records), model, a, records)
}

// ApplyProgress says how many of them have been written so far.
func (s *Stream) ApplyProgress(model string, a plans.Action, records int64) error {
	return s.hook("apply_progress", fmt.Sprintf("%s: %s of %d records done", model, a.Name(), records), model, a, records)
}

// ApplyComplete says that they are written, though not committed yet.
func (s *Stream) ApplyComplete(model string, a plans.Action, records int64) error {
	return s.hook("apply_complete", fmt.Sprintf("%s: %s of %d records complete", model, a.Name(), records), model, a, records)
}

func (s *Stream) hook(kind, message, model string, a plans.Action, records int64) error {
	return s.write(event{
		Level: "info", Message: message, Type: kind, Hook: &hookDoc{model, a.Name(), records},
	})
}

// Applied ends an apply that was committed.
func (s *Stream) Applied(sum plans.Summary) error {
	return s.write(event{
		Level: "info", Message: AppliedLine(sum), Type: "change_summary",
		Changes: &changesDoc{summaryDoc(sum), "apply", true, nil},
	})
}

// Rehearsed ends a rehearsal that the database accepted.
func (s *Stream) Rehearsed() error {
	return s.write(event{Level: "info", Message: RehearsedLine(), Type: "rehearsal_complete"})
}

func (s *Stream) write(e event) error {
	b, err := marshal(e)
	if err != nil {
		return err
	}
	_, err = s.w.Write(append(b, '\n'))
	return err
}
