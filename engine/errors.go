package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// ErrUnknown is wrapped by the error of an apply whose commit broke off when
// the database could not be asked afterwards what became of it. After every
// other error nothing is written.
var ErrUnknown = errors.New("it is not known whether the plan was applied")

// StaleError says that a saved plan is not what would be done now. Differing
// names the records that differ, the first few; More counts the others.
type StaleError struct {
	// Reason is set when it is not the live rows that differ.
	Reason    string
	Differing []Difference
	More      int
	// Diagnostics are what now refuses such a plan, if anything does.
	Diagnostics diag.List
}

// Difference is a record on which the saved plan and a new one differ. An
// empty action means that the plan does not have the record.
type Difference struct {
	Model      string
	Key        plans.Value
	Saved, Now plans.Action
}

func (e *StaleError) Error() string {
	if e.Reason != "" {
		return "saved plan is stale: " + e.Reason
	}
	text := "saved plan is stale: the live database has changed since, %d records differ"
	if n := len(e.Differing) + e.More; n != 1 {
		text = fmt.Sprintf(text, n)
	} else {
		text = fmt.Sprintf("saved plan is stale: the live database has changed since, %s%s differs", e.Differing[0].Model, e.Differing[0].Key)
	}
	if err := e.Diagnostics.Err(); err != nil {
		text += "; " + err.Error()
	}
	return text
}

// UsedError says that a plan was applied before.
type UsedError struct {
	ApplyID string
	At      time.Time
	Actor   string
}

func (e *UsedError) Error() string {
	return fmt.Sprintf("saved plan was applied before: apply %s by %s at %s", e.ApplyID, e.Actor, e.At.UTC().Format(time.RFC3339))
}

// CountError says that the database wrote another number of rows than the
// plan has. The transaction is rolled back.
type CountError struct {
	Table          string
	Op             schema.Op
	Wrote, Planned int64
}

func (e *CountError) Error() string {
	verb := map[schema.Op]string{schema.Insert: "inserted", schema.Update: "updated", schema.Delete: "deleted"}[e.Op]
	return fmt.Sprintf("the database says it %s %d rows of %s, the plan has %d: a trigger or rule of that table may do something else; nothing is written",
		verb, e.Wrote, e.Table, e.Planned)
}
