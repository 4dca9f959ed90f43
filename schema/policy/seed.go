package policy

import (
	"sync"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// SeedOn says which plans a seed takes part in.
type SeedOn uint8

// SeedReinit is only those that re-initialise, SeedAlways all.
const (
	SeedReinit SeedOn = iota
	SeedAlways
)

// Seed is a seed block: records that the policy itself declares.
type Seed struct {
	// Model is the label of the records' model, which the policy has.
	Model Name
	// Range is the block's header, MatchRange the place of match, or the header
	// when the default applies.
	Range      diag.Range
	MatchRange diag.Range
	On         SeedOn
	// Match says what happens to a record that exists: MatchKeep, the default,
	// or MatchUpdate.
	Match Match
	// Ignore are fields that are written only when a record is added; of one
	// that exists they stay as they are.
	Ignore []Name
	// Records are all records: for each element of for_each in its order, those
	// that the block lists. No two seeds of the policy have one with the same
	// natural key in one model.
	Records []*SeedRecord
}

// SeedRecord is one record of a seed.
type SeedRecord struct {
	// Range is the record in the text. The records of one for_each share it.
	Range diag.Range
	// Each is each.key as text; empty without for_each, and where the key is
	// secret.
	Each string
	// Fields are in the order written. Every field of the model's natural key
	// is among them, a reference by its own natural key: a text or a list. The
	// others may be any that the policy does not know.
	Fields []SeedField
}

// SeedField is a field with its value.
type SeedField struct {
	Name Name
	// Range is the value's place.
	Range diag.Range
	// Sensitive is true when the value derives from a sensitive variable or is
	// the hash of a password. The model then lists the field as sensitive.
	Sensitive bool

	value *seedValue
}

// Value is the field's value. The hash of a password is made when it is first
// asked for, which takes a good part of a second; all else is at hand. Several
// goroutines may ask. A diagnostic is possible only of an expression that takes
// a hash apart.
func (f SeedField) Value() (schema.Literal, diag.List) {
	f.value.once.Do(func() {
		if f.value.compute != nil {
			f.value.literal, f.value.diags = f.value.compute()
		}
	})
	return f.value.literal, f.value.diags
}

// seedValue is a value that is computed when compute is not nil, and known
// otherwise.
type seedValue struct {
	once    sync.Once
	compute func() (schema.Literal, diag.List)
	literal schema.Literal
	diags   diag.List
}
