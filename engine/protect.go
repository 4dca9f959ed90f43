package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// protection is a model whose rows are protected from being destroyed. It
// holds for the table, too, whatever a later policy calls its model.
type protection struct {
	model, table, since, applyID string
}

// protectionTable holds a protection a row, in the live database, so that it
// outlives the policy that asked for it.
func protectionTable() *schema.Table {
	text := func(name string) schema.Column {
		return schema.Column{Name: name, NotNull: true, Type: schema.Type{Kind: schema.Text}}
	}
	return &schema.Table{
		Name: "edmsplan_protection", Relation: "edmsplan_protection", PrimaryKey: []string{"model"},
		Columns: []schema.Column{
			text("model"), text("tbl"),
			{Name: "since", NotNull: true, Type: schema.Type{Kind: schema.TimestampTZ}},
			text("apply_id"),
		},
	}
}

// Protected are the labels of the models that the live database protects from
// losing rows, none if it has no table of them; the snapshot may then be of no
// further use.
func Protected(ctx context.Context, s database.Snapshot) ([]string, error) {
	list, err := protections(ctx, s)
	if errors.Is(err, database.ErrNoTable) {
		return nil, nil
	}
	return labels(list), err
}

func labels(list []protection) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.model)
	}
	return out
}

func protections(ctx context.Context, s database.Snapshot) ([]protection, error) {
	var out []protection
	sel := schema.Selection{Table: protectionTable(), Columns: []string{"model", "tbl", "since", "apply_id"}, OrderBy: []string{"model"}}
	for rec, err := range s.Scan(ctx, sel) {
		if err != nil {
			return nil, fmt.Errorf("read which models are protected: %w", err)
		}
		f := rec.Fields
		out = append(out, protection{f[0].Value.Text, f[1].Value.Text, f[2].Value.Text, f[3].Value.Text})
	}
	return out, nil
}

// protectedHere reads, in a snapshot of its own, what the live database
// protects.
func (e *Engine) protectedHere(ctx context.Context) ([]protection, error) {
	view, err := e.Live.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the live database: %w", err)
	}
	list, err := protections(ctx, view)
	if errors.Is(err, database.ErrNoTable) {
		err = nil
	}
	return list, errors.Join(err, view.Close())
}

// protectedModels are the labels under which a policy knows what is protected:
// a model that was renamed is protected by its table.
func protectedModels(list []protection, pol *policy.Policy) []string {
	out := labels(list)
	for _, m := range pol.Models {
		if slices.ContainsFunc(list, func(p protection) bool { return p.table == m.Table.Text }) {
			out = append(out, m.Label)
		}
	}
	return out
}

// openProtection makes the table for the first apply and reads it under the
// locks.
func (a *application) openProtection() (err error) {
	if err := a.tx.Create(a.ctx, protectionTable()); err != nil {
		return fmt.Errorf("make the table of protected models: %w", err)
	}
	a.protected, err = protections(a.ctx, a.tx)
	return err
}

// input is the engine's, with what the live database protects.
func (a *application) input(r Request, c *schema.Catalogue) (planner.Input, error) {
	in, err := a.Engine.input(a.ctx, r, a.tx, c)
	in.Protected = protectedModels(a.protected, r.Policy)
	return in, err
}

// protect records in the live database that models with prevent_destroy are
// protected from now on.
func (a *application) protect(record *changelog.Apply, _ *planner.Result) error {
	if a.pol == nil {
		return nil
	}
	var rows [][]schema.Value
	since := schema.NewValue(record.At.UTC().Format("2006-01-02 15:04:05.999999") + "+00")
	for _, m := range a.pol.Models {
		known := slices.ContainsFunc(a.protected, func(p protection) bool { return strings.EqualFold(p.model, m.Label) })
		if m.PreventDestroy && !known {
			rows = append(rows, []schema.Value{schema.NewValue(m.Label), schema.NewValue(m.Table.Text), since, schema.NewValue(record.ID)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return writeProtection(a.ctx, a.tx, schema.Insert, []string{"model", "tbl", "since", "apply_id"}, rows)
}

func writeProtection(ctx context.Context, tx database.Tx, op schema.Op, columns []string, rows [][]schema.Value) error {
	b := schema.Batch{
		Op: op, Table: protectionTable(), Columns: columns, Count: int64(len(rows)),
		Rows: func(yield func([]schema.Value, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		},
	}
	if op == schema.Delete {
		b.Key, b.Columns = columns, nil
	}
	n, err := tx.Write(ctx, b)
	if err != nil {
		return fmt.Errorf("write which models are protected: %w", err)
	}
	if n != int64(len(rows)) {
		return &CountError{Table: protectionTable().Name, Op: op, Wrote: n, Planned: int64(len(rows))}
	}
	return nil
}
