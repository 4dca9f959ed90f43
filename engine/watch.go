package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// often is after how many records the Observer is told.
const often = 4096

// watched tells the Observer of what passes on its way to be written: done rows
// were before it, total there are in all. Without an Observer it costs nothing.
func watched[T any](e *Engine, name string, done, total int64, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	if e.Observer == nil {
		return rows
	}
	return func(yield func(T, error) bool) {
		n := done
		for r, err := range rows {
			if n++; n%often == 0 || n == total {
				e.Observer.Writing(name, n, total)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// estimates are the numbers of the tables' rows as far as the database knows
// them without counting, for an Observer that wants to know.
func (e *Engine) estimates(ctx context.Context, live database.Snapshot, tables []*schema.Table) (planner.Estimate, error) {
	estimator, can := live.(database.Estimator)
	if _, wanted := e.Observer.(planner.Expecter); !wanted || !can {
		return nil, nil
	}
	rows, err := estimator.Estimate(ctx, tables)
	if err != nil {
		return nil, fmt.Errorf("estimate the rows of the live tables: %w", err)
	}
	byName := make(map[string]int64, len(tables))
	for i, t := range tables {
		byName[t.Name] = rows[i]
	}
	return func(t *schema.Table) int64 {
		if n, ok := byName[t.Name]; ok {
			return n
		}
		return -1
	}, nil
}

// expect tells the Observer how many records a backup is going to write of each
// model: those chosen, else about as many as there are.
func (b *backingUp) expect() error {
	o, ok := b.Observer.(planner.Expecter)
	if !ok {
		return nil
	}
	models := b.done.Header.Models
	if b.chosen != nil {
		for i, m := range models {
			o.Expect(m.Label, planner.SideLive, b.chosen.Accounting[i].Selected(), true)
		}
		return nil
	}
	list := make([]*schema.Table, len(models))
	for i, m := range models {
		list[i] = b.tables.catalogue.Table(m.Table)
	}
	about, err := b.estimates(b.ctx, b.tables.view, list)
	if err != nil || about == nil {
		return err
	}
	for i, m := range models {
		o.Expect(m.Label, planner.SideLive, about(list[i]), false)
	}
	return nil
}
