package changelog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Applies yields the applied plans, oldest first.
func Applies(ctx context.Context, s database.Snapshot) iter.Seq2[*Apply, error] {
	return func(yield func(*Apply, error) bool) {
		for a, err := range applies(ctx, s) {
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// Entries yields the log's entries in order, of one apply or, with an empty
// id, of all.
func Entries(ctx context.Context, s database.Snapshot, applyID string) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for e, err := range entries(ctx, s, schema.Selection{OrderBy: []string{"seq"}}) {
			if err == nil && applyID != "" && e.ApplyID != applyID {
				continue
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// damaged says that a field of the log is not what the log writes there.
type damaged struct{ what string }

func (d *damaged) Error() string {
	return fmt.Sprintf("the change log was altered: %s cannot be read", d.what)
}

// entries yields the selected entries. A damaged one comes with its error,
// what cannot be read being zero, and others follow.
func entries(ctx context.Context, s database.Snapshot, sel schema.Selection) iter.Seq2[*Entry, error] {
	return decoded(ctx, s, entryTable(), sel, decodeEntry)
}

// applies is to Applies as entries is to Entries.
func applies(ctx context.Context, s database.Snapshot) iter.Seq2[*Apply, error] {
	return decoded(ctx, s, applyTable(), schema.Selection{OrderBy: []string{"at", "id"}}, decodeApply)
}

func decoded[T any](
	ctx context.Context, s database.Snapshot, t *schema.Table, sel schema.Selection, decode func(*schema.Record) (*T, error),
) iter.Seq2[*T, error] {
	sel.Table, sel.Columns = t, columns(t)
	return func(yield func(*T, error) bool) {
		for rec, err := range s.Scan(ctx, sel) {
			if err != nil {
				yield(nil, fmt.Errorf("read the change log: %w", err))
				return
			}
			if !yield(decode(rec)) {
				return
			}
		}
	}
}

// reader takes a record's columns in order. what is what it could not read.
type reader struct {
	fields []schema.Field
	what   string
}

func (r *reader) text() string {
	v := r.fields[0].Value.Text
	r.fields = r.fields[1:]
	return v
}

func (r *reader) number() int64 {
	name := r.fields[0].Name
	n, err := strconv.ParseInt(r.text(), 10, 64)
	if err != nil {
		r.what = name
	}
	return n
}

func (r *reader) instant() time.Time {
	name := r.fields[0].Name
	at, err := parseStamp(r.text())
	if err != nil {
		r.what = name
	}
	return at
}

// err names the record and the column that could not be read; the text there
// is whoever's who altered it.
func (r *reader) err(record string) error {
	if r.what == "" {
		return nil
	}
	return &damaged{fmt.Sprintf("%q of %s", r.what, record)}
}

func decodeApply(rec *schema.Record) (*Apply, error) {
	r := &reader{fields: rec.Fields}
	a := &Apply{ID: r.text(), PlanID: r.text(), At: r.instant()}
	a.Actor, a.Program, a.Policy, a.Package, a.ChangeSet, a.Source = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	a.Added, a.Changed, a.Destroyed = int(r.number()), int(r.number()), int(r.number())
	a.First, a.Last = r.number(), r.number()
	a.Head, a.Hash = r.text(), r.text()
	return a, r.err("apply " + a.ID)
}

func decodeEntry(rec *schema.Record) (*Entry, error) {
	r := &reader{fields: rec.Fields}
	e := &Entry{Seq: r.number(), ApplyID: r.text(), At: r.instant()}
	e.Actor, e.Policy, e.Package, e.Model, e.Key, e.Action = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
	e.Before, e.After, e.Previous, e.Hash = r.text(), r.text(), r.text(), r.text()
	return e, r.err(fmt.Sprintf("entry %d", e.Seq))
}

// Exists reports whether the database has a change log: it has one once a plan
// was applied. The snapshot is of no further use when it has none.
func Exists(ctx context.Context, s database.Snapshot) (bool, error) {
	for _, err := range entries(ctx, s, schema.Selection{Limit: 1}) {
		if errors.Is(err, database.ErrNoTable) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}
