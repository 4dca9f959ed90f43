package engine

import (
	"iter"
	"strconv"

	"github.com/edmsplan/edmsplan/schema"
)

// numbers are the highest values written to columns that a sequence fills and
// that are not the primary key, which the planner knows of: a ticket's number, or
// the last column of a primary key of several. Unless the sequence is left past
// them, the application's next row gets a number that is taken.
type numbers map[numbered]int64

type numbered struct {
	table  *schema.Table
	column string
}

// watch passes the batch's rows on and looks at them.
func (x numbers) watch(b schema.Batch) iter.Seq2[[]schema.Value, error] {
	at := map[int]numbered{}
	for i, name := range b.Columns {
		c := b.Table.Column(name)
		if c == nil || c.Sequence == nil || len(b.Table.PrimaryKey) == 1 && b.Table.PrimaryKey[0] == name {
			continue
		}
		if b.Op == schema.Update {
			i += len(b.Key) // which comes first
		}
		at[i] = numbered{b.Table, name}
	}
	if len(at) == 0 || b.Op == schema.Delete {
		return b.Rows
	}
	return func(yield func([]schema.Value, error) bool) {
		for row, err := range b.Rows {
			for i, n := range at {
				if err == nil && i < len(row) {
					x.note(n, row[i])
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// note takes no value that the sequence cannot have given.
func (x numbers) note(n numbered, v schema.Value) {
	s := n.table.Column(n.column).Sequence
	if id, err := strconv.ParseInt(v.Text, 10, 64); err == nil && v.Valid && id > s.Last && (s.Max <= 0 || id <= s.Max) {
		x[n] = max(x[n], id)
	}
}
