package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Models of entries in the change log that are about edmsplan itself.
const (
	protectionModel = "edmsplan.protection"
	guardModel      = "edmsplan.guard"
)

// unprotectWait is how long Unprotect waits for an apply to end.
const unprotectWait = 10 * time.Second

// Unprotect lifts the protection that the live database has of a model, and
// logs that and the reason as an apply of its own. The next apply of a policy
// with prevent_destroy protects the model again.
func (e *Engine) Unprotect(ctx context.Context, model, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errors.New("lifting a protection needs a reason")
	}
	list, err := e.protectedHere(ctx)
	if err != nil {
		return err
	}
	if _, err := find(list, model); err != nil {
		return err
	}
	tx, err := e.Live.Begin(ctx)
	if err != nil {
		return fmt.Errorf("open the live database: %w", err)
	}
	if err := e.unprotect(ctx, tx, model, reason); err != nil {
		return errors.Join(err, tx.Close())
	}
	_ = tx.Close() // it is committed
	return nil
}

func (e *Engine) unprotect(ctx context.Context, tx database.Tx, model, reason string) error {
	if err := tx.Lock(ctx, []*schema.Table{protectionTable()}, unprotectWait); err != nil {
		return err
	}
	list, err := protections(ctx, tx)
	if err != nil {
		return err
	}
	p, err := find(list, model)
	if err != nil {
		return err
	}
	log, err := changelog.Open(ctx, tx)
	if err != nil {
		return err
	}
	if err := writeProtection(ctx, tx, schema.Delete, []string{"model"}, [][]schema.Value{{schema.NewValue(p.model)}}); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	entry := &plans.Record{Model: protectionModel, Key: key(p.model), Action: plans.Destroy, Fields: []plans.Field{
		{Name: "model", Before: jsonText(p.model)},
		{Name: "table", Before: jsonText(p.table)},
		{Name: "since", Before: jsonText(p.since)},
		{Name: "apply_id", Before: jsonText(p.applyID)},
		{Name: "reason", After: jsonText(reason)},
	}}
	seal := plans.NewSeal()
	seal.Add(entry)
	// Every apply is of a plan; this one has none but itself.
	record := &changelog.Apply{
		ID: id.String(), PlanID: id.String(), At: e.now(), Actor: e.Actor, Program: e.Program,
		ChangeSet: seal.Sum(), Source: "unprotect " + p.model, Destroyed: 1,
	}
	one := func(yield func(*plans.Record, error) bool) { yield(entry, nil) }
	if err := log.Append(ctx, record, one, 1); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// find is the protection of a model. Case does not matter in labels.
func find(list []protection, model string) (protection, error) {
	i := slices.IndexFunc(list, func(p protection) bool { return strings.EqualFold(p.model, model) })
	switch {
	case i >= 0:
		return list[i], nil
	case len(list) == 0:
		return protection{}, fmt.Errorf("%s is not protected: the live database protects no model", model)
	}
	return protection{}, fmt.Errorf("%s is not protected; protected are %s", model, strings.Join(labels(list), ", "))
}

// jsonText is a text as JSON; bytes that are no text of any database become
// replacement characters.
func jsonText(s string) plans.Value {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\ufffd"), "\ufffd")
	return plans.Value(schema.Type{Kind: schema.Text}.JSON(schema.NewValue(s)))
}

// key is the natural key of a record with one part.
func key(part string) plans.Value { return "[" + jsonText(part) + "]" }
