package schema

import "iter"

// Op is what a Batch does to rows.
type Op uint8

// The three ways to write.
const (
	Insert Op = iota + 1
	Update
	Delete
)

// Batch is a bulk write to one table. Each of Rows holds the values of Key
// first (Update and Delete) and then those of Columns (Insert and Update).
// The slice that Rows yields is valid until the next one is asked for.
type Batch struct {
	Op      Op
	Table   *Table
	Key     []string
	Columns []string
	Rows    iter.Seq2[[]Value, error]
	// Count is how many rows the database must say it wrote.
	Count int64
}
