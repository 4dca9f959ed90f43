package export

import (
	"fmt"
	"slices"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// mark says what is known of a record that is referred to.
type mark uint8

const (
	unseen   mark = iota + 1 // not looked for yet
	seeking                  // the scan under way must come upon it
	found                    // selected
	excluded                 // include leaves it out
	missing                  // the source has no such record
)

// wanted are the identifiers in one field that references name. fresh are
// those not looked for yet.
type wanted struct {
	marks map[string]mark
	fresh []string
}

// want notes that a record is referred to.
func (s spot) want(id string) {
	w := s.model.wanted[s.field]
	if w == nil {
		w = &wanted{marks: map[string]mark{}}
		s.model.wanted[s.field] = w
	}
	if w.marks[id] == 0 {
		w.marks[id] = unseen
		w.fresh = append(w.fresh, id)
	}
}

// mark is what is known of an identifier.
func (s spot) mark(id string) mark {
	if w := s.model.wanted[s.field]; w != nil {
		return w.marks[id]
	}
	return 0
}

// verdict says why a record leaves or not.
type verdict uint8

const (
	root verdict = iota + 1
	closure
	outside
	left // out, by include
)

func (v verdict) selected() bool { return v == root || v == closure }

// judge decides whether a row leaves, as far as is known of what refers to it.
func (w *work) judge(m *model, r *row) (verdict, diag.List) {
	in, include := m.inScope, true
	var problems, more diag.List
	if in && m.where != nil {
		in, problems = m.where.True(w.self(m, r))
	}
	if m.include != nil {
		include, more = m.include.True(w.self(m, r))
	}
	problems = append(problems, more...)
	switch {
	case in && include:
		return root, problems
	case include && m.isWanted(r):
		return closure, problems
	case !in:
		return outside, problems
	}
	return left, problems
}

// isWanted reports whether a reference leads to the row.
func (m *model) isWanted(r *row) bool {
	for field, w := range m.wanted {
		if v := r.values[field]; v.Valid && w.marks[spot{m, field}.at(v.Text)] != 0 {
			return true
		}
	}
	return false
}

// run selects: it follows references until nothing new is found, and then tries
// out what leaves.
func (w *work) run() error {
	if err := w.prepare(); err != nil {
		return err
	}
	for first := true; ; first = false {
		again := false
		for _, m := range slices.Backward(w.models) { // those that refer before those referred to
			if first && m.inScope || m.seeks() {
				if err := w.follow(m, first); err != nil {
					return err
				}
			}
		}
		for _, m := range w.models {
			again = again || m.seeks()
		}
		if !again {
			break
		}
	}
	for _, m := range w.models {
		if err := w.rehearse(m); err != nil {
			return err
		}
	}
	return w.complaints.resolve(w)
}

func (m *model) seeks() bool {
	for _, w := range m.wanted {
		if len(w.fresh) > 0 {
			return true
		}
	}
	return false
}

// follow reads a model and wants what its selected rows refer to. With roots it
// follows all that the scope takes, else only those newly referred to.
func (w *work) follow(m *model, roots bool) error {
	sought := map[int][]string{}
	for field, x := range m.wanted {
		sought[field], x.fresh = x.fresh, nil
		for _, id := range sought[field] {
			x.marks[id] = seeking
		}
	}
	for rec, err := range w.in.Scan(w.ctx, m.Model) {
		if err != nil {
			return err
		}
		r, err := m.read(rec)
		if err != nil {
			return fmt.Errorf("selecting %s: %w", m.Label, err)
		}
		news := m.sought(r)
		if !news && !roots {
			continue
		}
		// What the conditions complain of is said once, by rehearse.
		verdict, _ := w.judge(m, r)
		m.settle(r, verdict)
		if verdict == root && roots || verdict.selected() && news {
			w.references(m, r, func(_ int, to spot, id string) { to.want(id) })
		}
	}
	for field, x := range m.wanted {
		for _, id := range sought[field] {
			if x.marks[id] == seeking {
				x.marks[id] = missing
			}
		}
		x.fresh = slices.DeleteFunc(x.fresh, func(id string) bool { return x.marks[id] != unseen })
	}
	return nil
}

// sought reports whether a reference to the row has not been answered.
func (m *model) sought(r *row) bool {
	for field, w := range m.wanted {
		if v := r.values[field]; v.Valid {
			if k := w.marks[spot{m, field}.at(v.Text)]; k == unseen || k == seeking {
				return true
			}
		}
	}
	return false
}

// settle answers the references to a row.
func (m *model) settle(r *row, v verdict) {
	for field, w := range m.wanted {
		value := r.values[field]
		if !value.Valid {
			continue
		}
		id := spot{m, field}.at(value.Text)
		switch {
		case w.marks[id] == 0:
		case v.selected():
			w.marks[id] = found
		default:
			w.marks[id] = excluded
		}
	}
}

// rehearse counts a model's records, and tries out what leaves.
func (w *work) rehearse(m *model) error {
	for rec, err := range w.in.Scan(w.ctx, m.Model) {
		if err != nil {
			return err
		}
		r, err := m.read(rec)
		if err != nil {
			return fmt.Errorf("selecting %s: %w", m.Label, err)
		}
		verdict, problems := w.judge(m, r)
		w.complain(m, r, problems)
		m.count(r, verdict)
		if !verdict.selected() {
			continue
		}
		w.lookBack(m, r)
		if w.refuses(m) {
			continue
		}
		_, problems = w.redact(m, r)
		w.complain(m, r, problems)
	}
	return nil
}

// refuses reports whether no record of the model may leave, and says why at the
// first.
func (w *work) refuses(m *model) bool {
	no := false
	for i := range m.treatments {
		t := &m.treatments[i]
		no = no || t.how == refused
		if t.how == refused && m.account.Selected() == 1 {
			w.diags.Add(*t.refusal)
		}
	}
	return no
}

// lookBack checks that what a selected row refers to leaves as well.
func (w *work) lookBack(m *model, r *row) {
	w.references(m, r, func(field int, to spot, id string) {
		switch to.mark(id) {
		case missing:
			m.dangling[dangle{field, to.model}]++
		case excluded:
			w.needsExcluded(m, r, field, to, id)
		}
	})
}

// count adds a row to the account.
func (m *model) count(r *row, v verdict) {
	a := &m.account
	a.Records++
	switch v {
	case root:
		a.Roots++
	case closure:
		a.Closure++
	case outside:
		a.Outside++
	case left:
		a.Excluded++
	}
	links := 0
	for i := range m.Fields {
		if m.Fields[i].Link == nil {
			continue
		}
		l := &a.Links[links]
		links++
		n := int64(len(r.members[i]))
		l.Members += n
		if v.selected() && m.treatments[i].how != Unset {
			l.Selected += n
		}
	}
}

// dangling lists the references that lead nowhere.
func (w *work) dangling() []Dangling {
	var list []Dangling
	for _, m := range w.models {
		for i := range m.Fields {
			for _, t := range w.models {
				if n := m.dangling[dangle{i, t}]; n > 0 {
					list = append(list, Dangling{Model: m.Label, Field: m.Fields[i].Name, Target: t.Label, References: n})
				}
			}
		}
	}
	return list
}
