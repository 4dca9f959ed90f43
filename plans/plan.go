// Package plans is the plan as data: the sealed, reviewable change set with
// its accounting and diagnostics. A plan alone decides what apply does.
//
// plans/planfile saves it, plans/render shows it, planner makes it.
package plans

import (
	"iter"
	"time"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// Action is what becomes of one record; its value is the mark it prints.
type Action string

// The actions. A Remap changes no row: the record exists on both sides under
// different surrogates.
const (
	Add     Action = "+"
	Change  Action = "~"
	Destroy Action = "-"
	Remap   Action = "<>"
)

// Name is the action's name in JSON: "add", "change", "destroy" or "remap".
func (a Action) Name() string {
	switch a {
	case Add:
		return "add"
	case Change:
		return "change"
	case Destroy:
		return "destroy"
	case Remap:
		return "remap"
	}
	return "unknown"
}

// Value is a value as JSON text: null, true, 12.30, "Draft", ["admin"]. A
// reference is the list of its natural key's parts, a many-to-many field the
// list of those. Text that a reader must not see is Masked.
type Value string

// Masked stands for a sensitive value; Null for SQL's.
const (
	Masked Value = `"(sensitive value)"`
	Null   Value = "null"
)

// Record is one record's change. The order of records in a plan is part of it.
type Record struct {
	Model string
	// Key is the natural key as a JSON list.
	Key    Value
	Action Action
	// PrimaryKey is the key an added record keeps from the package; empty when
	// it is known only after apply, or not beside the fields (KeyInFields).
	PrimaryKey Value
	// Fields are, of a Change, the fields that differ. Of an Add and a Destroy
	// the planner gives all fields, for the change log; a saved plan leaves them
	// out, and holds Content instead.
	Fields []Field
	// Hidden counts a Change's fields that stay as they are.
	Hidden int
	// Content is the SHA-256, in hexadecimal, of an added record's fields, the
	// sensitive ones left out.
	Content string
	// Stub says that the package does not hold the record: a reference with
	// on_missing = create made it.
	Stub bool
	// Renamed says that the live row had another natural key, OldKey.
	OldKey Value
	// Reason says why, where the matching alone does not: why a row is
	// destroyed, why a stub is made. Rule is the place of the rule.
	Reason string
	Rule   diag.Range
}

// Field is one field of a change. Before is empty for an Add, After for a
// Destroy.
type Field struct {
	Name      string
	Before    Value
	After     Value
	Sensitive bool
}

// Remapping is one surrogate of a record that differs between the sides.
type Remapping struct {
	Model string
	Key   Value
	// Field is the surrogate's name, Package and Live its values.
	Field         string
	Package, Live Value
	// Rewritten counts the package's references that are spelt with the
	// package's surrogate and written with the live one.
	Rewritten int
}

// Skip is a record of the package that a named rule leaves out.
type Skip struct {
	Model string
	Key   Value
	// Number is the record's number in the package.
	Number int
	Reason string
	Rule   diag.Range
}

// Accounting says what became of each record of one model. Of the package's
// records each is in exactly one of Added, Changed, Unchanged and Skipped; of
// the live rows each is in Destroyed or Kept. Remapped records are among the
// changed and unchanged, Stubs are not in Package but in Added.
type Accounting struct {
	Model string
	Table string

	Package   int
	Added     int
	Changed   int
	Unchanged int
	Skipped   int
	Remapped  int
	Stubs     int
	// Refused are the package's records that a diagnostic refuses; a plan with
	// any cannot be applied.
	Refused int

	// SeedsAdded and SeedsChanged are records that the policy itself declares,
	// Altered are live rows that the package lacks and that are changed as a
	// consequence; they are in Added and Changed, not in Package.
	SeedsAdded, SeedsChanged, Altered int
	// Outside are records that the plan's scope leaves out; they are in Skipped.
	Outside int

	Live      int
	Destroyed int
	Kept      int
	// KeptBy are the rules that keep live rows of a cleared model.
	KeptBy []KeptBy

	// Discarded counts values of fields that the policy discards, by field.
	Discarded map[string]int
	// Links are the model's many-to-many fields.
	Links []Links
	// KeyInFields says that an added record has no primary key beside its fields:
	// it has several columns, is part of the natural key, or is not to be shown.
	KeyInFields bool
	// References are where the model's fields lead, in the order of the fields;
	// a plan saved by edmsplan 0.1.0, and an undo, have none.
	References []Reference
}

// Reference is a field of one model that leads to records of another, or of
// the same: a foreign key, a many-to-many field or a path inside JSON.
type Reference struct {
	Field string
	Model string
}

// KeptBy counts the live rows that one rule keeps.
type KeptBy struct {
	Reason string
	Rule   diag.Range
	Count  int
}

// Balanced reports whether the counts add up.
func (a Accounting) Balanced() bool {
	return a.Package == a.Added-a.Stubs-a.SeedsAdded+a.Changed-a.SeedsChanged-a.Altered+a.Unchanged+a.Skipped+a.Refused && a.Live == a.Destroyed+a.Kept
}

// Links counts the members of one many-to-many field, a row of Table each.
type Links struct {
	Field   string
	Table   string
	Package int
	Live    int
	Added   int
	Removed int
}

// Summary adds up a plan.
type Summary struct {
	Add, Change, Destroy, Remap int
	Unchanged, Skip             int
	// Keep counts the live rows of the listed models that are not destroyed.
	Keep int
}

// Any reports whether the plan would write anything.
func (s Summary) Any() bool { return s.Add+s.Change+s.Destroy > 0 }

// Digests seal a plan; SHA-256 in lower-case hexadecimal.
type Digests struct {
	Policy    string
	Package   string
	Live      string // of the live database's identity, not of its rows
	ChangeSet string
	// Secrets tells whether the sensitive values that the plan writes, and
	// those that it replaces, are still the same. It is a slow, salted hash of
	// all of them together (PBKDF2-HMAC-SHA256, the plan's ID as salt), so that
	// nobody learns them from a plan; empty when there are none.
	Secrets string
}

// Header is what a saved plan says before its changes.
type Header struct {
	// ID is unique to this plan; a plan is applied once. CreatedAt is when it
	// was made. Neither is part of the change set.
	ID        string
	CreatedAt time.Time
	// Version is the program's.
	Version string
	// Target names the live database for people; LiveURL is its URL without a
	// password.
	Target  string
	LiveURL string
	// Package is the path it was read from, Format its format.
	Package string
	Format  string
	// Policy is the policy's name, PolicyFiles its text.
	Policy      string
	PolicyFiles []PolicyFile
	Variables   []Variable
	// Options are the flags that the plan depends on, to plan again alike.
	Options map[string]string
}

// PolicyFile is one file of the policy.
type PolicyFile struct {
	Name    string
	Content string
}

// Variable is an input of the policy; a sensitive one has no value.
type Variable struct {
	Name      string
	Sensitive bool
	Value     string
}

// Plan is a whole plan. Changes may be read more than once.
type Plan struct {
	Header      Header
	Summary     Summary
	Accounting  []Accounting
	Decisions   []Decision
	Remaps      []Remapping
	Skips       []Skip
	Diagnostics diag.List
	// Untouched are live tables without a model block.
	Untouched []string
	Digests   Digests
	// Changes yields the records in the plan's order: destroys, children
	// first; then adds and changes, parents first; within a model by natural
	// key.
	Changes func() iter.Seq2[*Record, error]
}

// CanApply returns nil, or the diagnostics that refuse the plan as an error.
func (p *Plan) CanApply() error { return p.Diagnostics.Err() }
