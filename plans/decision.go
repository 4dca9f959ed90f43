package plans

import (
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Verdict is what a person decided of a record that the keys alone do not
// place.
type Verdict string

// The verdicts.
const (
	// ToMap makes the package's record a live row. The row keeps its natural key
	// and its surrogates; every reference to the record leads to it.
	ToMap Verdict = "map"
	// ToRename makes the package's record the live row that has its surrogate,
	// which gets the record's natural key.
	ToRename Verdict = "rename"
	// ToRemint gives the package's record a new uuid in place of one that
	// another record has.
	ToRemint Verdict = "remint"
	// ToSkip leaves the package's record out.
	ToSkip Verdict = "skip"
)

// Verdicts are all of them, as a file of decisions spells them.
func Verdicts() []Verdict { return []Verdict{ToMap, ToRename, ToRemint, ToSkip} }

// Decision says of one record of the package what becomes of it. It settles a
// conflict, or is a pair of records that was known before.
type Decision struct {
	Model string
	// Package names the record: its natural key as a JSON list, else the value
	// of its primary key or of another surrogate. Number, the record's number in
	// the package, tells apart those that this names alike, and names one that
	// has no natural key; 0 is not given.
	Package string
	Number  int
	// Codes are those of the conflicts that are settled; a pair that is known
	// without a conflict has none.
	Codes []string
	Do    Verdict
	// Live names the live row, as Package names the record.
	Live string
	// Place is where the decision was written. It is not part of the digest.
	Place diag.Range
	// Key and LiveKey are the natural keys of the record in the package and of
	// the live row, once the planner has found them.
	Key, LiveKey Value
}

// AppendJSON appends the decision as the digest of a change set covers it: one
// line of JSON, without the newline.
func (d *Decision) AppendJSON(b []byte) []byte {
	b = append(b, `{"decision":`...)
	b = appendString(b, string(d.Do))
	b = append(b, `,"model":`...)
	b = appendString(b, d.Model)
	b = appendText(b, `,"package":`, d.Package)
	if d.Number != 0 {
		b = append(b, `,"number":`...)
		b = strconv.AppendInt(b, int64(d.Number), 10)
	}
	b = appendText(b, `,"code":`, strings.Join(d.Codes, " "))
	b = appendText(b, `,"live":`, d.Live)
	b = appendValue(b, `,"key":`, d.Key)
	b = appendValue(b, `,"live_key":`, d.LiveKey)
	return append(b, '}')
}

// KeyName is a natural key in the one spelling that Package and Live have of
// it; false when the text is no list of values.
func KeyName(list string) (string, bool) {
	parts := Value(list).Parts()
	if len(parts) == 0 {
		return "", false
	}
	b := []byte{'['}
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		if text, ok := p.Text(); ok {
			b = appendString(b, text)
		} else {
			b = p.AppendTo(b)
		}
	}
	return string(append(b, ']')), true
}

// Conflict is a record of the package that cannot be placed until somebody
// decides.
type Conflict struct {
	Model string
	// Key is its natural key, empty if it has none. Number is its number in the
	// package where the key does not name it, else 0.
	Key    Value
	Number int
	// Codes are those of the diagnostics that refuse it, sorted.
	Codes []string
	// Package are the surrogates that it has in the package.
	Package []Field
	// Candidates are what it could be, and More how many are not listed.
	Candidates []Candidate
	More       int
	// Do and Live are what speaks for itself, empty when nothing does.
	Do   Verdict
	Live string
}

// Candidate is a live row that a record could be, or another record of the
// package that has the same key.
type Candidate struct {
	// Number is that of a record of the package, 0 for a live row.
	Number int
	// Live names the row for a decision, empty where nothing does.
	Live string
	Key  Value
	// Fields are those that differ: Before as the candidate has them, After as
	// the record has.
	Fields []Field
}
