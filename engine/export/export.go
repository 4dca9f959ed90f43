// Package export decides which records leave a database, and with which
// values: a scope with everything that its records refer to, narrowed and
// redacted as the export blocks of the policy say. It is pure: it reads records
// through a function and writes nothing.
//
// engine runs it and gives what it yields to a backup.Writer; what a policy
// says about it is read by schema/policy.
package export

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// Scan yields all records of a model as backup.Writer takes them: the model's
// fields in its order, canonical, many-to-many fields as schema.Members. It is
// called several times for a model and yields the same records each time, in
// any order; never inside another Scan's loop. An error is the last.
type Scan func(ctx context.Context, m *schema.Model) iter.Seq2[*schema.Record, error]

// Input is what a selection is made of.
type Input struct {
	Policy *policy.Policy
	// Models are the source's. The closure takes the fewest passes when each
	// comes after those that it refers to.
	Models []*schema.Model
	// Tables hold the tables of the models; others do no harm.
	Tables []*schema.Table
	// Dialect is Catalogue.Dialect of the source.
	Dialect string
	Scan    Scan
	// Scope names the scope whose records are wanted, empty for all.
	Scope string
	// Redact applies the export blocks: include and the treatment of fields.
	// Without it the records leave as they are.
	Redact bool
	// Key makes pseudonyms. It is empty, or has MinKey bytes at least.
	Key []byte
}

// MinKey is the least number of bytes of an export key.
const MinKey = 32

// Selection is what leaves. It belongs to the snapshot that Input.Scan reads.
type Selection struct {
	// Diagnostics are what is wrong. With an error among them nothing leaves.
	Diagnostics diag.List
	// Accounting has an account for each of Input.Models, in their order.
	Accounting []Account
	// Dangling are the references of selected records that lead to no record of
	// the source, in the order of the models and fields that have them.
	Dangling []Dangling
	// Treated are the fields that do not leave as they are, and the sensitive
	// ones that do, in the order of models and fields.
	Treated []Treated

	work *work
}

// Account says what becomes of a model's records. Records is the sum of the
// others.
type Account struct {
	Model   string
	Records int64
	// Roots are selected as the scope and include say, Closure because others
	// refer to them.
	Roots, Closure int64
	// Outside are left out because of the scope, Excluded because of include.
	Outside, Excluded int64
	// Links are the many-to-many fields.
	Links []LinkAccount
}

// Selected is how many records leave.
func (a Account) Selected() int64 { return a.Roots + a.Closure }

// LinkAccount counts the members of a many-to-many field, which are the rows of
// its join table: all, and those that leave.
type LinkAccount struct {
	Field             string
	Members, Selected int64
}

// Dangling counts references of one field to records of Target that do not
// exist. They leave as they are.
type Dangling struct {
	Model, Field, Target string
	References           int64
}

// Treated says how a field leaves.
type Treated struct {
	Model, Field string
	How          How
}

// Select decides what leaves. Problems of the policy and of records are the
// selection's Diagnostics; the error is for reading that failed. It reads each
// model once or more to follow references, and once to try everything out.
//
// It holds in memory the identifiers that references name, and where an
// expression uses a reference, the natural keys of the model referred to.
func Select(ctx context.Context, in Input) (*Selection, error) {
	w, err := newWork(ctx, in)
	if err != nil {
		return nil, err
	}
	s := &Selection{work: w}
	if !w.diags.List().HasErrors() {
		if err := w.run(); err != nil {
			return nil, err
		}
		s.Dangling = w.dangling()
	}
	for _, m := range w.models {
		s.Accounting = append(s.Accounting, m.account)
		s.Treated = append(s.Treated, m.treated()...)
	}
	s.Diagnostics = w.diags.List()
	return s, nil
}

// Check finds what is wrong with the scope and the export blocks before any
// record is read; Input.Scan is not called. What depends on whether there are
// records, such as a sensitive field without a treatment, is Select's.
func Check(in Input) (diag.List, error) {
	w, err := newWork(context.Background(), in)
	if err != nil {
		return nil, err
	}
	return w.diags.List(), nil
}

// ErrRefused is what Records yields when the selection's diagnostics hold an
// error.
var ErrRefused = errors.New("the export is refused")

// Records yields the records of a model that leave, with the values that they
// leave with, in the order of the source. A record is valid until the next one
// is asked for. An error is the last; one is that there are not as many records
// as were counted.
// It may be called from several goroutines at once as far as Input.Scan may.
func (s *Selection) Records(ctx context.Context, label string) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if s.Diagnostics.HasErrors() {
			yield(nil, fmt.Errorf("%w: %w", ErrRefused, s.Diagnostics.Err()))
			return
		}
		m := s.work.model(label)
		if m == nil {
			yield(nil, fmt.Errorf("no model %s in this selection", label))
			return
		}
		var left int64
		for rec, err := range s.work.in.Scan(ctx, m.Model) {
			if err != nil {
				yield(nil, err)
				return
			}
			out, err := s.work.leaves(m, rec)
			if err != nil {
				yield(nil, fmt.Errorf("exporting %s: %w", label, err))
				return
			}
			if out == nil {
				continue
			}
			left++
			if !yield(out, nil) {
				return
			}
		}
		if want := m.account.Selected(); left != want {
			yield(nil, fmt.Errorf("exporting %s: %d records were selected and %d are read now", label, want, left))
		}
	}
}

// leaves is the record as it leaves, nil if it does not.
func (w *work) leaves(m *model, rec *schema.Record) (*schema.Record, error) {
	r, err := m.read(rec)
	if err != nil {
		return nil, err
	}
	verdict, problems := w.judge(m, r)
	if problems != nil {
		return nil, problems.Err()
	}
	if !verdict.selected() {
		return nil, nil
	}
	out, problems := w.redact(m, r)
	if problems != nil {
		return nil, problems.Err()
	}
	return out, nil
}
