package engine

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/edmsplan/edmsplan/engine/export"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/storage"
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

// readingImages tells the Observer of the images of an apply that changed so
// many rows; planning goes on after them.
func (e *Engine) readingImages(rows int64, images iter.Seq2[*planner.Image, error]) iter.Seq2[*planner.Image, error] {
	return func(yield func(*planner.Image, error) bool) {
		e.stage("images")
		for img, err := range watched(e, "", 0, rows, images) {
			if !yield(img, err) {
				return
			}
		}
		e.stage("plan")
	}
}

// looked tells the Observer how many records of a scan have been looked at, of
// all models and in all passes.
func (e *Engine) looked(scan export.Scan) export.Scan {
	if e.Observer == nil {
		return scan
	}
	n := int64(0)
	return func(ctx context.Context, m *schema.Model) iter.Seq2[*schema.Record, error] {
		return func(yield func(*schema.Record, error) bool) {
			for r, err := range scan(ctx, m) {
				if n++; n%often == 0 {
					e.Observer.Writing(m.Label, n, -1)
				}
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// muchRead is after how many bytes of files the Observer is told.
const muchRead = 1 << 20

// bytesOf counts what is read of a tree's files for the Observer.
type bytesOf struct {
	*Engine
	tree              string
	done, said, total int64
}

// reader is r, counted. Without an Observer it is r.
func (b *bytesOf) reader(r io.ReadCloser) io.ReadCloser {
	if b.Observer == nil {
		return r
	}
	return countedReader{r, b}
}

type countedReader struct {
	io.ReadCloser
	of *bytesOf
}

func (c countedReader) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	b := c.of
	if b.done += int64(n); b.done-b.said >= muchRead {
		b.said = b.done
		b.Observer.Writing(b.tree, b.done, b.total)
	}
	return n, err
}

// countedStore is a store that counts what is read of it.
type countedStore struct {
	storage.Store
	of *bytesOf
}

func (s countedStore) Open(ctx context.Context, name string) (io.ReadCloser, storage.Info, error) {
	r, info, err := s.Store.Open(ctx, name)
	if err != nil {
		return nil, info, err
	}
	return s.of.reader(r), info, nil
}

// comparing is a tree's store that tells the Observer how far reading its files
// is, of all that are there.
func (e *Engine) comparing(ctx context.Context, t *tree) storage.Store {
	if e.Observer == nil {
		return t.store
	}
	total := int64(0)
	for info, err := range t.store.List(ctx, "") {
		if err == nil { // what is wrong, reading them tells
			total += info.Size
		}
	}
	e.stage("compare-files")
	return countedStore{t.store, &bytesOf{Engine: e, tree: t.policy.Name, total: total}}
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
