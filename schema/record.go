package schema

import (
	"context"
	"iter"
)

// LiteralKind tells how a source spells a value.
type LiteralKind uint8

// The ways a value is spelt. Canonical is a live row's: text in the canonical
// form of the column's type, see Value. The others are a package's.
const (
	NullLiteral LiteralKind = iota
	CanonicalLiteral
	BoolLiteral   // Text is "true" or "false"
	NumberLiteral // Text is the number as written, in JSON's grammar
	StringLiteral // Text is the string itself
	ListLiteral   // Text is the list as JSON
	ObjectLiteral // Text is the object as JSON
)

// Literal is a value as its source spells it. The zero Literal is null.
type Literal struct {
	Kind LiteralKind
	Text string
}

// Field is one field of a record under the name the source gives it: a column
// of a live row, a field of a package's record.
type Field struct {
	Name  string
	Value Literal
}

// Record is one record as its source spells it.
type Record struct {
	// Number counts the package's records from 1 in the order of the package;
	// 0 for a live row.
	Number int
	// PK is the record's primary key in its own environment where the source
	// keeps it apart from the fields (Django's "pk"); the zero Literal if the
	// source has none or has it among the fields.
	PK     Literal
	Fields []Field
}

// Selection is what a Scan reads.
type Selection struct {
	// Model is the label of the model, which selects a package's records.
	Model string
	// Table and Columns select a database's rows; a package ignores them.
	Table   *Table
	Columns []string
	// OrderBy sorts a database's rows by these columns, Descending or not; a
	// source that is not a database ignores it.
	OrderBy    []string
	Descending bool
	// KeyOrder asks for a database's rows in the order of their primary key if
	// they lie so anyway, and does not insist.
	KeyOrder bool
	// Limit stops after that many rows, 0 reads all.
	Limit int
	// Skip leaves chunks out, by number; a source that is not Chunked ignores
	// it. The numbers of other records stay what they are.
	Skip []bool
}

// Source is state from anywhere: the live database or a package. The planner
// knows no other difference between them.
type Source interface {
	// Name is what messages call it: a package's member that holds the
	// records, or "live".
	Name() string
	// Contents lists the models whose records the source holds, with their
	// numbers, in the source's order. A database returns nil: its tables are
	// in its catalogue.
	Contents() []Content
	// Scan yields the selected records. The Record and what it holds are valid
	// until the next one is asked for. The first error ends the sequence. It
	// may be called often, but from one goroutine at a time and never inside
	// another Scan's loop.
	Scan(ctx context.Context, s Selection) iter.Seq2[*Record, error]
}

// Content counts one model's records in a package.
type Content struct {
	Model   string
	Records int
}
