package policy

import (
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// TestFile is a file of tests that stands beside a policy. It says what is live
// and what a package holds, and what the plan must be then; engine/policytest
// runs it.
type TestFile struct {
	// Name is relative to the folder that was read, as diagnostics have it.
	Name string
	// Content is the file's text, for diagnostics to quote.
	Content []byte
	// Schema are the sources of the tables, in their order: SQL files, or a
	// database's URL or an .edmspkg whose catalogue is taken.
	Schema Paths
	// Variables, Live and Package are part of each of the file's tests.
	Variables []TestVariable
	Live      []*TestRecords
	Package   []*TestRecords
	Files     []*TestFiles
	Tests     []*Test
}

// Paths are files, or a list for each dialect of databases.
type Paths struct {
	Range     diag.Range
	All       []string
	ByDialect map[string][]string
}

// For are the paths for a dialect, and whether there are any.
func (p Paths) For(dialect string) ([]string, bool) {
	if p.ByDialect != nil {
		list, ok := p.ByDialect[dialect]
		return list, ok
	}
	return p.All, len(p.All) > 0
}

// TestVariable is a value for a variable of the policy, as -var takes it.
type TestVariable struct {
	Name Name
	Text string
}

// Test is a test block. Its label, a sentence, is its name.
type Test struct {
	Name  string
	Range diag.Range

	Variables []TestVariable
	Live      []*TestRecords
	Package   []*TestRecords
	Files     []*TestFiles
	// LiveFrom are SQL files that are run, and packages whose records are written,
	// before Live is added. PackageFrom is a package's path; a test has it or
	// records in Package.
	LiveFrom    Paths
	PackageFrom Paths

	Reinit  bool
	Scope   Name
	Target  []Name
	Exclude []Name
	// Apply carries the plan out, lets the policy's checks judge, and plans
	// again.
	Apply bool

	Expect *Expect
}

// TestRecords are records of one model, written in a test.
type TestRecords struct {
	Model   Name
	Records []*TestRecord
}

// TestRecord is one record: its fields in the order written.
type TestRecord struct {
	Range  diag.Range
	Fields []TestField
}

// TestField is a field with its value as a package would spell it.
type TestField struct {
	Name  Name
	Value schema.Literal
	// Range is the value's place.
	Range diag.Range
}

// TestFiles are the files of a files block of the policy on both sides.
type TestFiles struct {
	Name Name
	// Range is that of the block.
	Range diag.Range
	// Live and Package are in the order of their names. A package that is not
	// Packaged says nothing about the files.
	Live, Package []TestContent
	Packaged      bool
}

// TestContent is a file: two are the same whose texts are.
type TestContent struct{ Name, Text string }

// Outcome is what a test expects to become of a record.
type Outcome string

// The outcomes. Unchanged is a live row that stays as it is, Skip a record of
// the package that a rule leaves out.
const (
	OutcomeAdd       Outcome = "add"
	OutcomeChange    Outcome = "change"
	OutcomeDestroy   Outcome = "destroy"
	OutcomeRemap     Outcome = "remap"
	OutcomeUnchanged Outcome = "unchanged"
	OutcomeSkip      Outcome = "skip"
	// OutcomeKeep is only counted: live rows that are not destroyed.
	OutcomeKeep Outcome = "keep"
)

// Expect is what a test expects of a plan. What it does not mention fails the
// test, unless Partial.
type Expect struct {
	Range     diag.Range
	Partial   bool
	NoChanges bool
	// NoChangesRange is the place of no_changes.
	NoChangesRange diag.Range
	Records        []*ExpectRecord
	Counts         []*ExpectCount
	Diagnostics    []*ExpectDiagnostic
	// Guards and Checks are those of the policy, and whether they hold.
	Guards, Checks []*ExpectHolds
}

// ExpectRecord is what becomes of one record.
type ExpectRecord struct {
	Outcome Outcome
	Model   Name
	// Key are the parts of the natural key, those of a reference in its place.
	Key   []string
	Range diag.Range
	// Before and After are values of fields; of a remap Before are the
	// package's and After the live ones.
	Before, After []TestField
	// Changed are fields that differ, whatever their values are.
	Changed []Name
	// Reason is a part of why it is destroyed or skipped.
	Reason Name
}

// ExpectCount is a number of records of a model or, if Model is empty, of the
// whole plan.
type ExpectCount struct {
	Model   Name
	Outcome Outcome
	Number  int
	Range   diag.Range
}

// ExpectDiagnostic is a diagnostic of the plan.
type ExpectDiagnostic struct {
	// Code is the diagnostic's code, or the first words of it.
	Code  Name
	Model Name
	// Text is a part of what it says.
	Text Name
	// Number is how many there are, nil for one or more.
	Number *int
	Range  diag.Range
}

// ExpectHolds says whether a guard or check holds.
type ExpectHolds struct {
	Name  Name
	Holds bool
	Range diag.Range
}
