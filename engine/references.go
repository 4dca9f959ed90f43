package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// References are the policy's models as the live database's tables hold them,
// in the order in which a plan adds their records, and where their fields lead;
// nothing in them is counted. With an error among the diagnostics there are
// none.
func (e *Engine) References(ctx context.Context, pol *policy.Policy) ([]plans.Accounting, diag.List, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open the live database: %w", err)
	}
	catalogue, err := view.Catalogue(ctx)
	if err := errors.Join(err, view.Close()); err != nil {
		return nil, nil, fmt.Errorf("read the live catalogue: %w", err)
	}
	models, list := planner.References(pol, catalogue)
	return models, list, nil
}
