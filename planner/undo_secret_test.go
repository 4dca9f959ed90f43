package planner

import (
	"strings"
	"testing"
)

// A sensitive value that the undo would destroy, and that the apply did not
// write, shows in no plan: only the digest of secrets tells that it changed.
func TestUndoDigestsSensitiveValues(t *testing.T) {
	const after = `people {"id": 1, "name": "ann"}`
	now := func(password string) *outcome {
		_, o := applied{shop, "", "", after}.undo(t, `people {"id": 1, "name": "ann", "password": "`+password+`"}`)
		if strings.Contains(strings.Join(o.changes, "\n"), password) {
			t.Errorf("the plan shows it: %q", o.changes)
		}
		return o
	}
	one, same, other := now("hunter2 a"), now("hunter2 a"), now("hunter2 b")
	if one.result.ChangeSet != other.result.ChangeSet {
		t.Error("the change set tells the passwords apart")
	}
	if one.result.Secrets == "" || one.result.Secrets != same.result.Secrets || one.result.Secrets == other.result.Secrets {
		t.Errorf("digests of secrets: %q, again %q, of another %q", one.result.Secrets, same.result.Secrets, other.result.Secrets)
	}
	_, o := applied{shop, "", "", `groups {"id": 1, "name": "readers"}`}.undo(t, `groups {"id": 1, "name": "readers"}`)
	if o.result.Secrets != "" {
		t.Error("there is a digest of no secrets")
	}
}
