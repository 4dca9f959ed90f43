package engine

import (
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
)

// check judges the policy's checks on the database after the changes.
func (a *application) check(*changelog.Apply, *planner.Result) error { return nil }
