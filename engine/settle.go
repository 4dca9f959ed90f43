package engine

import (
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
)

// settle has the database judge what could wait until now, and rebuild what
// was set aside. It looks at all rows that were written, which takes it as long
// as it takes us to encode their images for undo: both are done at once. The
// images come from the planner's spools alone, not from the transaction.
func (a *application) settle(result *planner.Result) (*changelog.Packed, error) {
	a.stage("judge")
	judged := make(chan error, 1)
	go func() { judged <- a.judgeWritten() }()
	images, err := changelog.PackImages(a.TempDir, result.Images())
	if wrong := <-judged; wrong != nil { // which has the transaction no more
		if images != nil {
			err = errors.Join(err, images.Close())
		}
		return nil, errors.Join(wrong, err)
	}
	return images, err
}

// judgeWritten puts back what was set aside, and has the rest judged before the
// log is written rather than at the commit, where the database can.
func (a *application) judgeWritten() error {
	var err error
	if a.rebuilder != nil {
		err = a.rebuilder.PutBack(a.ctx)
	} else if j, ok := a.tx.(database.Judger); ok {
		err = j.Judge(a.ctx)
	}
	if err != nil {
		return fmt.Errorf("the state after all changes: %w", err)
	}
	return nil
}
