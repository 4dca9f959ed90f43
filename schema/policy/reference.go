package policy

import "github.com/edmsplan/edmsplan/schema/diag"

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

// OnDestroy says what happens to a row whose reference leads to a row that is
// destroyed.
type OnDestroy uint8

// OnDestroyFail refuses the plan, OnDestroyDestroy destroys the row as well,
// OnDestroyUnset writes NULL or drops the member, OnDestroyRepoint refers to
// another record, OnDestroyKeep keeps the row that would be destroyed.
const (
	OnDestroyFail OnDestroy = iota
	OnDestroyDestroy
	OnDestroyUnset
	OnDestroyRepoint
	OnDestroyKeep
)

// String is the policy's word.
func (o OnDestroy) String() string {
	if words := onDestroyWords(); int(o) < len(words) {
		return words[o]
	}
	return "unknown"
}

func onDestroyWords() []string { return []string{"fail", "destroy", "unset", "repoint", "keep"} }

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
	// OnDestroy says what becomes of this row when the row it refers to is
	// destroyed, DestroyRange where: the place of on_destroy, or the block's
	// header when the default applies.
	OnDestroy    OnDestroy
	DestroyRange diag.Range
	// Repoint is the natural key of the record to refer to instead, in the
	// order written. It is given with OnDestroyRepoint and only then. Which
	// model it is of, and whether these are its natural key, is for the planner
	// to say.
	Repoint []SeedField
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
