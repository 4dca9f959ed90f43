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

// OnMissing says what happens to a record whose reference leads to no record.
type OnMissing uint8

// OnMissingFail refuses the plan, OnMissingUnset writes NULL or drops the
// member, OnMissingSkip leaves the record out, OnMissingCreate makes a stub to
// refer to, OnMissingKeep (generic references only) writes the package's id.
const (
	OnMissingFail OnMissing = iota
	OnMissingUnset
	OnMissingSkip
	OnMissingCreate
	OnMissingKeep
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

	Sensitive []Name
	Ignore    []Name
	Discard   []Name

	References        []*Reference
	GenericReferences []*GenericReference
	JSONReferences    []*JSONReference
	Derives           []*Derive

	// Reinit and Export are parsed and validated; they take effect in a later
	// version, and a plan says so.
	Reinit *Reinit
	Export *Export
}

// Surrogate is a column that identifies a record in one environment only.
type Surrogate struct {
	Name Name
	// Adopt takes the package's value where it is free.
	Adopt bool
}

// Reference is a reference block: rules for a foreign key or a many-to-many
// field.
type Reference struct {
	Field Name
	// Range is the block's header, RuleRange that of on_missing.
	Range     diag.Range
	OnMissing OnMissing
	RuleRange diag.Range
	// Create are the fields of a stub; its natural key is the reference's.
	Create map[string]*Expr
	// Through is the many-to-many table where its name does not follow from
	// the model's table and the field; empty otherwise.
	Through Name
	// Model is the label referred to where several models share the table;
	// empty otherwise.
	Model Name
}

// GenericReference is a reference by content type and id.
type GenericReference struct {
	Label string
	Range diag.Range
	Type  Name
	ID    Name
	// OnMissing is OnMissingKeep unless the policy says otherwise.
	OnMissing OnMissing
	RuleRange diag.Range
}

// JSONReference declares ids inside a JSON field.
type JSONReference struct {
	Field Name
	Range diag.Range
	// Paths are dotted paths inside the document ("a.b", "items.*.owner") with
	// the label of the model that the id found there belongs to, sorted by
	// path.
	Paths []JSONPath
	// OnMissing is OnMissingKeep unless the policy says otherwise.
	OnMissing OnMissing
	RuleRange diag.Range
}

// JSONPath is one entry of a JSONReference.
type JSONPath struct {
	Path  []string
	Model Name
}

// Derive gives a field a value when the package's record lacks it.
type Derive struct {
	Field Name
	Range diag.Range
	Value *Expr
}

// Reinit is a reinit block; Clear nil means not given.
type Reinit struct {
	Range diag.Range
	Clear *Expr
}

// Export is an export block.
type Export struct {
	Range   diag.Range
	Include *Expr
	Replace []*Derive
	Hash    []Name
	Unset   []Name
}
