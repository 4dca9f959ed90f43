package engine

import (
	"fmt"
	"iter"
	"time"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// StaleError says that a saved plan is not what would be done now. Differing
// names the records that differ, the first few; More counts the others.
type StaleError struct {
	// Reason is set when it is not the live rows that differ.
	Reason    string
	Differing []Difference
	More      int
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
	return fmt.Sprintf("saved plan is stale: the live database has changed since, %d records differ", len(e.Differing)+e.More)
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
	return fmt.Sprintf("the database says it %s %d rows of %s, the plan has %d: nothing is written", verb, e.Wrote, e.Table, e.Planned)
}

// differencesShown is how many differing records a StaleError names.
const differencesShown = 20

// stale compares two change sets record by record.
func stale(saved, now records) error {
	e := &StaleError{}
	was, err := index(saved())
	if err != nil {
		return err
	}
	note := func(d Difference) {
		if len(e.Differing) < differencesShown {
			e.Differing = append(e.Differing, d)
		} else {
			e.More++
		}
	}
	for r, err := range now() {
		if err != nil {
			return err
		}
		id := identity{r.Model, r.Key, r.Action == plans.Destroy}
		old, both := was[id]
		if !both || old != seal(r) {
			d := Difference{Model: r.Model, Key: r.Key, Now: r.Action}
			if both {
				d.Saved = old.action
			}
			note(d)
		}
		delete(was, id)
	}
	rest, err := remaining(saved(), was)
	if err != nil {
		return err
	}
	for _, d := range rest {
		note(d)
	}
	return e
}

// identity is a record of a change set; sealed what the digest sees of it.
type identity struct {
	model   string
	key     plans.Value
	destroy bool
}

type sealed struct {
	action plans.Action
	digest string
}

func seal(r *plans.Record) sealed {
	s := plans.NewSeal()
	s.Add(r)
	return sealed{r.Action, s.Sum()}
}

func index(changes iter.Seq2[*plans.Record, error]) (map[identity]sealed, error) {
	out := map[identity]sealed{}
	for r, err := range changes {
		if err != nil {
			return nil, err
		}
		out[identity{r.Model, r.Key, r.Action == plans.Destroy}] = seal(r)
	}
	return out, nil
}

// remaining are the saved plan's records that a new plan does not have, in the
// saved order.
func remaining(changes iter.Seq2[*plans.Record, error], left map[identity]sealed) ([]Difference, error) {
	var out []Difference
	for r, err := range changes {
		if err != nil {
			return nil, err
		}
		if _, ok := left[identity{r.Model, r.Key, r.Action == plans.Destroy}]; ok {
			out = append(out, Difference{Model: r.Model, Key: r.Key, Saved: r.Action})
		}
	}
	return out, nil
}
