package planner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// UndoInput is what an undo is a function of. TempDir and Observer do not
// change it.
type UndoInput struct {
	// Images yields what the apply wrote, see Result.Images. It is called
	// once, and read to its end before Live is.
	Images func() iter.Seq2[*Image, error]
	// Live is the database as it is now, Catalogue its tables.
	Live      schema.Source
	Catalogue *schema.Catalogue
	// TempDir is where images and live rows are spooled beyond a few
	// megabytes; empty means the system's.
	TempDir string
	// Label names the apply in reasons and messages: "apply 01a2…".
	Label string
	// Observer is told how far it is once the images are read; nil is silent.
	Observer Observer
}

// Undo plans the exact reverse of an apply: rows that it added are destroyed,
// changed rows get their old values back, destroyed rows are added again with
// all columns and their primary keys, join rows alike. Rows are found by
// Image.Row, natural keys play no part.
//
// A row that changed since is a conflict, an Error with the code
// undo.conflict that shows it field by field, and is left out of the changes;
// columns of a changed row that the apply did not write are left alone, and
// those of an added row that the database filled in are not compared. What
// the reverse would break is predicted: unique values that are taken
// (undo.conflict too), rows of any table that would refer to destroyed rows
// (predicted.reference.…), re-added references that lead nowhere
// (undo.reference), columns that the table no longer takes (undo.column).
//
// Fields bear the names of their columns and references are raw identifiers:
// the records that they lead to need not have a natural key any more. A join
// row is a record of its own, its model the owner's with the field after a
// dot, its key the owner's with the member's identifier at the end. Columns
// that an image calls sensitive are masked in all records of its model.
//
// The accounting is by table. Its package is the state before the apply: the
// rows to be changed or added again are in Package, and each of them is in
// Added, Changed or Refused, which counts conflicts. Conflicts of rows that
// would be destroyed are Kept. Every table that is written has an Accounting.
//
// The result can be undone by its own Images. The error is for reading that
// failed.
func Undo(ctx context.Context, in UndoInput) (*Result, error) {
	u := &undoing{ctx: ctx, in: in, diags: &diag.Collector{}, spool: newSpool(in.TempDir, spoolLimits{}), tables: map[string]*undoTable{}, masked: map[modelColumn]bool{}}
	r := &Result{work: u}
	for _, step := range []func() error{u.load, u.match, u.survey} {
		if err := step(); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	u.settle()
	u.report(r)
	seal := plans.NewSeal()
	u.secrets = sha256.New()
	u.sealed = newKept(in.TempDir, spoolLimits{})
	expectChanges(in.Observer, r.Summary)
	made := 0
	for rec, err := range u.makeChanges() {
		if err == nil {
			made++
			observeChange(in.Observer, rec.Model, made)
			seal.Add(rec)
			err = u.sealed.add(rec)
		}
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	r.ChangeSet, r.Diagnostics = seal.Sum(), u.diags.List()
	if u.anySecret {
		r.Secrets = hex.EncodeToString(u.secrets.Sum(nil))
	}
	u.secrets = nil
	return r, nil
}

// undoing is the reverse of one apply in the making. It implements work.
type undoing struct {
	ctx    context.Context
	in     UndoInput
	diags  *diag.Collector
	spool  *spool
	tables map[string]*undoTable
	// ordered are the tables, parents first.
	ordered []*undoTable
	// masked are the sensitive columns.
	masked map[modelColumn]bool
	// secrets digests sensitive values while the change set is sealed.
	secrets   hash.Hash
	anySecret bool
	// sealed is the change set once it is made.
	sealed *kept
}

// modelColumn is a column of a model's table.
type modelColumn struct{ model, column string }

// undoTable is a table that the apply wrote.
type undoTable struct {
	*schema.Table
	// names are all columns, at finds them by name.
	names []string
	at    map[string]int
	steps []*undoStep
	// identities are the column sets by which images identify rows.
	identities []*identity
	shapes     map[string][]int
	join       bool
	order      int // place in undoing.ordered
	live       int // rows now
}

// identity is a set of columns by which images identify rows.
type identity struct {
	at []int
	// left are the rows that the apply added or changed, by their key as it
	// left them; gone are those that it destroyed.
	left, gone map[schema.Key]*undoStep
}

// undoStep is the reverse of one image.
type undoStep struct {
	table *undoTable
	// op is what undo does: Delete for a row that the apply inserted.
	op    schema.Op
	model string
	key   plans.Value
	id    *identity
	row   schema.Key
	// columns are those of the image: of a Delete the ones that the apply
	// wrote, of an Update the changed ones, of an Insert all to be written.
	columns []int
	image   int64 // in the spool
	live    int64 // the live row in the spool, all columns; -1 if there is none
	matches int
	// refused says that the step is a conflict: it is not carried out.
	refused bool
}

// settle drops refused steps and sorts the others: by model, natural key, row.
func (u *undoing) settle() {
	for _, t := range u.ordered {
		slices.SortFunc(t.steps, func(a, b *undoStep) int {
			return cmpAll(strings.Compare(a.model, b.model), strings.Compare(string(a.key), string(b.key)),
				strings.Compare(string(a.row), string(b.row)), int(a.op)-int(b.op))
		})
	}
}

func cmpAll(results ...int) int {
	for _, r := range results {
		if r != 0 {
			return r
		}
	}
	return 0
}

// todo yields the table's steps of these operations that are carried out.
func (t *undoTable) todo(ops ...schema.Op) iter.Seq[*undoStep] {
	return func(yield func(*undoStep) bool) {
		for _, s := range t.steps {
			if !s.refused && slices.Contains(ops, s.op) && !yield(s) {
				return
			}
		}
	}
}

// report gathers the counts.
func (u *undoing) report(r *Result) {
	var written []*schema.Table
	for _, t := range u.ordered {
		a := plans.Accounting{Model: t.label(), Table: t.Name, Live: t.live, Kept: t.live, KeyInFields: len(t.PrimaryKey) != 1}
		for _, s := range t.steps {
			switch {
			case s.op == schema.Delete && !s.refused:
				a.Destroyed++
				a.Kept--
			case s.op == schema.Delete:
			case s.refused:
				a.Refused++
			case s.op == schema.Update:
				a.Changed++
			default:
				a.Added++
			}
		}
		a.Package = a.Added + a.Changed + a.Refused
		if writes(a) {
			written = append(written, t.Table)
		}
		r.Accounting = append(r.Accounting, a)
		r.Summary.Add += a.Added
		r.Summary.Change += a.Changed
		r.Summary.Destroy += a.Destroyed
		r.Summary.Keep += a.Kept
	}
	noteTriggers(u.diags, written)
	for _, t := range u.in.Catalogue.Tables {
		if u.tables[t.Name] == nil {
			r.Untouched = append(r.Untouched, t.Name)
		}
	}
	slices.Sort(r.Untouched)
}

// label is the model of all the table's images, or the table's name where
// several models share it.
func (t *undoTable) label() string {
	label := ""
	for _, s := range t.steps {
		if label == "" {
			label = s.model
		}
		if s.model != label {
			return t.Name
		}
	}
	return label
}

func (u *undoing) sensitive(model, column string) bool {
	return u.masked[modelColumn{model, column}]
}

// secret adds sensitive values to the digest that tells whether they are still
// those that were planned; only Undo's own reading of the changes does so.
func (u *undoing) secret(s *undoStep, n int, values ...[]schema.Value) {
	if u.secrets == nil || !u.sensitive(s.model, s.table.names[n]) {
		return
	}
	b := schema.AppendKey(nil, s.model)
	b = schema.AppendKey(b, string(s.row))
	b = schema.AppendKey(b, s.table.names[n])
	for _, row := range values {
		switch {
		case row == nil:
			b = append(b, '-')
		case !row[n].Valid:
			b = append(b, 'n')
		default:
			b = schema.AppendKey(append(b, 'v'), row[n].Text)
		}
	}
	u.secrets.Write(b)
	u.anySecret = true
}

// close implements work.
func (u *undoing) close() error {
	err := u.spool.close()
	if u.sealed != nil {
		err = errors.Join(err, u.sealed.spool.close())
	}
	return err
}

// values reads values from the spool.
func (u *undoing) values(offset int64, n int) ([]schema.Value, error) {
	r, err := u.spool.get(offset, n)
	if err != nil {
		return nil, err
	}
	out := make([]schema.Value, n)
	for i := range r.cells {
		out[i] = r.cells[i].value
	}
	return out, nil
}

func (u *undoing) keep(values []schema.Value) (int64, error) {
	r := &row{cells: make([]cell, len(values))}
	for i, v := range values {
		r.cells[i] = cell{kind: plain, value: v}
	}
	return u.spool.put(r)
}

// imageOf are the image's values before and after the apply, in the order of
// the step's columns; one of them is nil unless the step is an Update.
func (u *undoing) imageOf(s *undoStep) (before, after []schema.Value, err error) {
	n := len(s.columns)
	if s.op != schema.Update {
		values, err := u.values(s.image, n)
		if s.op == schema.Delete {
			return nil, values, err
		}
		return values, nil, err
	}
	values, err := u.values(s.image, 2*n)
	if err != nil {
		return nil, nil, err
	}
	return values[:n], values[n:], nil
}

// rows are all columns of the step's row now and after the undo; nil where
// there is none.
func (u *undoing) rows(s *undoStep) (now, then []schema.Value, err error) {
	if s.live >= 0 {
		if now, err = u.values(s.live, len(s.table.names)); err != nil {
			return nil, nil, err
		}
	}
	if s.op == schema.Delete {
		return now, nil, nil
	}
	then, err = u.overlay(s, now)
	return now, then, err
}

// overlay is a row of an Update or an Insert after the undo: the live row with
// the values of before.
func (u *undoing) overlay(s *undoStep, now []schema.Value) ([]schema.Value, error) {
	before, _, err := u.imageOf(s)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	then := make([]schema.Value, len(s.table.names))
	copy(then, now)
	for i, c := range s.columns {
		then[c] = before[i]
	}
	return then, nil
}
