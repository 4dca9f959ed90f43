// Package diag holds what edmsplan says when something is wrong: a diagnostic
// with its place, what was found there and what to write or do about it.
//
// It is the vocabulary of messages only. How they look on a terminal or in a
// pull request belongs to plans/render.
package diag

import (
	"fmt"
	"strings"
)

// Severity tells whether a diagnostic refuses what was asked or only warns.
type Severity uint8

// The two severities. An Error makes a plan unappliable.
const (
	Error Severity = iota + 1
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Pos is a place in a policy file. Line and Column count from 1, Column in
// characters; Byte counts from 0.
type Pos struct {
	Line   int
	Column int
	Byte   int
}

// Range is a stretch of a policy file, End exclusive. The zero Range means
// that the diagnostic is not about the policy.
type Range struct {
	File  string
	Start Pos
	End   Pos
}

// IsZero reports whether the range names no place.
func (r Range) IsZero() bool { return r.File == "" && r.Start.Line == 0 }

// String is "policy.hcl:12,3-18", or "policy.hcl:12,3-14,2" over several lines.
func (r Range) String() string {
	if r.Start.Line == r.End.Line {
		return fmt.Sprintf("%s:%d,%d-%d", r.File, r.Start.Line, r.Start.Column, r.End.Column)
	}
	return fmt.Sprintf("%s:%d,%d-%d,%d", r.File, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
}

// Record is the place of a record: where it came from and what identifies it.
type Record struct {
	// Member is the file the record was read from, such as
	// "database/database_backup.json"; empty for a live row.
	Member string
	// Number counts the records of Member from 1; 0 for a live row.
	Number int
	// Model is the label of the record's model.
	Model string
	// Key is the natural key as a JSON array, or empty while it is unknown.
	Key string
}

// String is `database/database_backup.json record 387 (users.userrole ["viewer01","Document Author"])`.
func (r Record) String() string {
	id := r.Model
	if r.Key != "" {
		id += " " + r.Key
	}
	switch {
	case r.Number == 0 && r.Member == "":
		return "live " + id
	case r.Number == 0:
		return fmt.Sprintf("%s (%s)", r.Member, id)
	}
	return fmt.Sprintf("%s record %d (%s)", r.Member, r.Number, id)
}

// Diagnostic is one problem. A field marked sensitive never appears in it with
// its value: whoever makes a Diagnostic leaves the value out.
type Diagnostic struct {
	Severity Severity
	// Code names the kind of problem in words joined by dots, such as
	// "reference.missing". Problems of one code and Subject model are counted
	// together.
	Code string
	// Summary is one line without a full stop.
	Summary string
	// Detail says what was found, in sentences.
	Detail string
	// Remedy says what to write in the policy or what to do, in sentences.
	Remedy string
	// Range is the place in the policy, and Source that line of it.
	Range  Range
	Source string
	// Record is the place in the package or in the live database, nil if the
	// problem is not about one record.
	Record *Record
	// More counts further problems of the same kind that are not shown.
	More int
}

// Error makes a Diagnostic usable as an error: place, summary, detail, remedy.
func (d Diagnostic) Error() string {
	var b strings.Builder
	if !d.Range.IsZero() {
		fmt.Fprintf(&b, "%s: ", d.Range)
	}
	if d.Record != nil {
		fmt.Fprintf(&b, "%s: ", d.Record)
	}
	b.WriteString(d.Summary)
	if d.Detail != "" {
		b.WriteString(": " + d.Detail)
	}
	if d.Remedy != "" {
		if d.Detail == "" {
			b.WriteByte('.')
		}
		b.WriteString(" " + d.Remedy)
	}
	return b.String()
}
