package policy

import "github.com/edmsplan/edmsplan/schema/diag"

// Name is a bare name in the policy with its place.
type Name struct {
	Text  string
	Range diag.Range
}

// Match says what happens to a live row that a package's record matches.
type Match uint8

// MatchUpdate changes the live row to the package's record, MatchKeep leaves
// it, MatchFail refuses the plan when they differ.
const (
	MatchUpdate Match = iota
	MatchKeep
	MatchFail
)

// Absent says what happens to a live row that the package lacks.
type Absent uint8

// AbsentKeep leaves it, AbsentDestroy destroys it.
const (
	AbsentKeep Absent = iota
	AbsentDestroy
)

// PrimaryKey says which primary key an added record gets.
type PrimaryKey uint8

// PrimaryKeyKeepIfFree keeps the package's where no live row has it,
// PrimaryKeyNew takes the next of the sequence.
const (
	PrimaryKeyKeepIfFree PrimaryKey = iota
	PrimaryKeyNew
)

// OnDuplicate says what happens to records of one package that are equal in
// every field.
type OnDuplicate uint8

// OnDuplicateFail refuses the plan, OnDuplicateFirst takes the first and skips
// the others.
const (
	OnDuplicateFail OnDuplicate = iota
	OnDuplicateFirst
)

// OnCollision says what happens when a surrogate leads to another row than
// the natural key.
type OnCollision uint8

// OnCollisionFail refuses the plan, OnCollisionRename takes the row that the
// surrogate leads to for the renamed record, OnCollisionRemint gives the
// record a new version 5 UUID.
const (
	OnCollisionFail OnCollision = iota
	OnCollisionRename
	OnCollisionRemint
)

// Model is a model block.
type Model struct {
	Label string
	// Range is the block's header, Rules the place of each attribute that is a
	// rule a plan may name, by attribute name ("match", "absent",
	// "on_duplicate", "on_collision", "prevent_destroy", …).
	Range diag.Range
	Rules map[string]diag.Range

	Table      Name
	NaturalKey []Name
	// PackageKey is how references in a package spell the model; empty means
	// as NaturalKey.
	PackageKey []Name
	Surrogates []Surrogate

	PrimaryKey     PrimaryKey
	Match          Match
	Absent         Absent
	OnDuplicate    OnDuplicate
	OnCollision    OnCollision
	PreventDestroy bool
	// MaxDestroy is the most records that a plan may destroy, nil for any
	// number. Its place is Rules["max_destroy"].
	MaxDestroy *int

	Sensitive []Name
	Ignore    []Name
	Discard   []Name

	References        []*Reference
	GenericReferences []*GenericReference
	JSONReferences    []*JSONReference
	Derives           []*Derive

	// Source says where the records are in a database that is planned from;
	// nil when they are where the table's and the columns' names say.
	Source *ModelSource

	// Reinit and Export are nil when the model has no such block.
	Reinit *Reinit
	Export *Export
}

// Surrogate is a column that identifies a record in one environment only.
type Surrogate struct {
	Name Name
	// Adopt takes the package's value where it is free.
	Adopt bool
}

// Derive gives a field a value when the package's record lacks it.
type Derive struct {
	Field Name
	Range diag.Range
	Value *Expr
}

// Reinit is a reinit block: which rows a re-initialisation clears.
type Reinit struct {
	Range diag.Range
	// Clear is a condition on the live row and ClearRange the place of its
	// attribute: the rule that a plan names for each destroy.
	Clear      *Expr
	ClearRange diag.Range
	// KeepSet are fields that are set in a row which Clear would destroy and
	// which is kept because of a reference (OnDestroyKeep); nil when there is
	// no on_keep block, else KeepRange is its place.
	KeepSet   map[string]*Expr
	KeepRange diag.Range
}

// Export is an export block: what leaves this environment. A field has one
// treatment at most.
type Export struct {
	Range   diag.Range
	Include *Expr
	Replace []*Derive
	Hash    []Name
	Unset   []Name
	// Keep are sensitive fields that leave as they are.
	Keep []Name
}

// ModelSource is a source block: what the table and its columns are called in
// another database that is planned from.
type ModelSource struct {
	Range diag.Range
	// Table is empty when it is called the same.
	Table   Name
	Columns []ColumnMap
}

// ColumnMap is a field of the model, or its column, and the column of the
// source that holds it.
type ColumnMap struct {
	Field, Column Name
}
