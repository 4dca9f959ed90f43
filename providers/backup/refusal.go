package backup

import (
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Refusal is the error that says why a package is refused: what was found,
// where, and what to do. It never quotes a value of a record. It wraps
// ErrRefused and its Cause; find it with errors.As.
type Refusal struct {
	// Member is the file it is about, relative to the package.
	Member string
	// Number and Model are the record it is about; Number 0 means the whole
	// member, Model is empty while it is unknown.
	Number int
	Model  string
	// Code names the kind of problem, such as "package.checksum".
	Code string
	// Summary is one line, Detail and Remedy are sentences; see
	// diag.Diagnostic.
	Summary, Detail, Remedy string
	// Cause is the error underneath, nil if there is none. It is not printed:
	// a parser's error may quote the input.
	Cause error
}

// Error is one line of sentences.
func (r *Refusal) Error() string {
	d := r.Diagnostic()
	text := ErrRefused.Error() + ": "
	if d.Record != nil {
		text += d.Record.String() + ": "
	}
	text += d.Summary + "."
	for _, s := range []string{d.Detail, d.Remedy} {
		if s != "" {
			text += " " + s
		}
	}
	return text
}

// Unwrap makes errors.Is find ErrRefused and the cause.
func (r *Refusal) Unwrap() []error {
	if r.Cause == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, r.Cause}
}

// Diagnostic is the refusal for whoever prints diagnostics.
func (r *Refusal) Diagnostic() diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: r.Code, Summary: r.Summary, Detail: r.Detail, Remedy: r.Remedy,
	}
	switch {
	case r.Model != "":
		d.Record = &diag.Record{Member: r.Member, Number: r.Number, Model: r.Model}
	case r.Number > 0:
		d.Summary = fmt.Sprintf("%s record %d: %s", r.Member, r.Number, r.Summary)
	case r.Member != "":
		d.Summary = r.Member + ": " + r.Summary
	}
	return d
}

// InMember says that the file a refusal is about is the package's member of
// that name: a reader that unpacks a member and lets another open it calls it
// on the other's error. Other errors are returned as they are.
func InMember(err error, member string) error {
	var r *Refusal
	if errors.As(err, &r) {
		moved := *r
		moved.Member = member
		return &moved
	}
	return err
}
