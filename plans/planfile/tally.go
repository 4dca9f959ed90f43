package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/edmsplan/edmsplan/plans"
)

// tally digests the decisions and the lines of a change set and counts those, to compare them with
// what the plan says of itself.
type tally struct {
	sum                     hash.Hash
	adds, changes, destroys int
}

func newTally(decisions []plans.Decision) *tally {
	t := &tally{sum: sha256.New()}
	for i := range decisions {
		t.sum.Write(append(decisions[i].AppendJSON(nil), '\n'))
	}
	return t
}

// add takes one line with its newline.
func (t *tally) add(a plans.Action, line []byte) {
	t.sum.Write(line)
	switch a {
	case plans.Add:
		t.adds++
	case plans.Change:
		t.changes++
	case plans.Destroy:
		t.destroys++
	}
}

func (t *tally) check(s plans.Summary, changeSet string) error {
	if t.adds != s.Add || t.changes != s.Change || t.destroys != s.Destroy {
		return fmt.Errorf("the changes are %d to add, %d to change, %d to destroy, but the summary says %d, %d, %d",
			t.adds, t.changes, t.destroys, s.Add, s.Change, s.Destroy)
	}
	if sum := hex.EncodeToString(t.sum.Sum(nil)); sum != changeSet {
		return fmt.Errorf("the changes' digest is %s, but the plan says %q", sum, changeSet)
	}
	return nil
}
