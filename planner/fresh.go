package planner

import (
	"errors"
	"math/bits"
	"slices"

	"github.com/edmsplan/edmsplan/schema/policy"
)

// A model whose live table is empty, as all are when a backup is restored into
// an empty database, has nothing for the package's records to meet. Those that
// are in order are added with the primary keys that they have: what the plan
// says of one and what is written of it can be told when it is read. They are
// set aside too, as fresh records: settled ones that are added.

// fresh are the fresh records of a model: what the plan says of each, and
// what is written.
type fresh struct {
	sorted *sorter
	shapes []*freshShape
	taken  []hashSet // by claim of the model's freshClaims
	maxKey int64
	// cut is how many have times without their microseconds.
	cut int
}

// freshShape are the records that write the same fields, in the order of the
// package.
type freshShape struct {
	fields []int
	absent string // one byte for each field
	rows   *spool
	count  int64
}

// maxShapes is how many shapes are kept apart; records of others are a part of
// the rest.
const maxShapes = 8

// claims are the fields of which no two records may have the same values,
// beside the natural and the primary key.
func (m *model) freshClaims() []unique {
	var out []unique
	known := func(fields []int) bool {
		return slices.ContainsFunc(out, func(u unique) bool { return sameSet(u.fields, fields) })
	}
	for _, u := range m.uniques {
		if !sameSet(u.fields, m.key) && !sameSet(u.fields, []int{m.pk}) {
			out = append(out, u)
		}
	}
	for _, s := range m.surrogates {
		if fields := []int{s.field}; !slices.Contains(m.key, s.field) && s.field != m.pk && !known(fields) {
			out = append(out, unique{fields: fields})
		}
	}
	return out
}

func newFresh(a *aside) *fresh {
	return &fresh{sorted: newSorter(a.in.TempDir, a.in.limits), taken: make([]hashSet, len(a.m.freshClaims()))}
}

// canBeFresh reports whether records of the model may be fresh where its table
// is empty.
func (p *planning) canBeFresh(m *model) bool {
	if m.policy.PrimaryKey == policy.PrimaryKeyNew || p.inTuples(m) {
		return false
	}
	for _, other := range p.models { // a record that is made could claim what they do
		for n := range other.fields {
			if r := other.fields[n].ref; r != nil && r.model == m && other.onMissing(n) == policy.OnMissingCreate {
				return false
			}
		}
	}
	return true
}

// takeFresh takes the package's records of a model whose live table is empty.
// It returns false when it gives up.
func (a *aside) takeFresh(pkg *stream) (done bool, err error) {
	for batches := 1; ; batches++ {
		if err := pkg.fill(); err != nil {
			return false, err
		}
		if pkg.ended {
			break
		}
		for ; len(pkg.items) > 0; pkg.next() {
			x := &pkg.items[0]
			if x.fresh == nil {
				if err := a.leaveBehind(x); err != nil {
					return false, err
				}
			} else if ok, err := a.welcome(x); err != nil || !ok {
				return false, err
			}
		}
		if n := len(a.leftPkg); n > a.limits.trial && n > 2*a.records.count() {
			return false, nil
		}
		a.observe(a.m, SidePackage, a.records.count(), batches%32 == 0)
	}
	a.records.fresh.taken = nil
	if err := a.records.fresh.sorted.done(); err != nil {
		return false, err
	}
	// What the others claim is known later only.
	return len(a.leftPkg) == 0 || len(a.m.freshClaims()) == 0, nil
}

// welcome takes a fresh record; false says that records claim the same, so
// that the model cannot have fresh ones.
func (a *aside) welcome(x *item) (bool, error) {
	f, all := x.fresh, a.records.fresh
	shape, err := a.shape(f.absent)
	if err != nil {
		return false, err
	}
	if shape == nil {
		return true, a.leaveBehind(x)
	}
	for i, h := range f.claims {
		if h != 0 && !all.taken[i].add(h) {
			return false, nil
		}
	}
	added, err := a.records.add(x.key, x.pk)
	if err != nil || !added {
		return false, err
	}
	a.records.carried = true
	all.maxKey = max(all.maxKey, f.id)
	if f.cut {
		all.cut++
	}
	for _, name := range x.layout.discarded {
		a.discarded[name]++
	}
	shape.count++
	if f.row != nil {
		if _, err := shape.rows.putBytes(f.row); err != nil {
			return false, err
		}
	}
	return true, all.sorted.add(f.text)
}

// shape finds the shape with these absent fields; nil when there are too many.
func (a *aside) shape(absent string) (*freshShape, error) {
	all := a.records.fresh
	for _, s := range all.shapes {
		if s.absent == absent {
			return s, nil
		}
	}
	if len(all.shapes) == maxShapes {
		return nil, nil
	}
	s := &freshShape{absent: absent, rows: newSpool(a.in.TempDir, a.in.limits)}
	for n := range a.m.fields {
		if absent[n] == 0 || n == a.m.pk {
			s.fields = append(s.fields, n)
		}
	}
	all.shapes = append(all.shapes, s)
	return s, nil
}

func (f *fresh) close() error {
	if f == nil {
		return nil
	}
	errs := []error{f.sorted.close()}
	for _, s := range f.shapes {
		errs = append(errs, s.rows.close())
	}
	return errors.Join(errs...)
}

// hashSet is a set of hashes that are not 0, in parts as an index is.
type hashSet struct{ parts []hashes }

// add returns false for one that is there already.
func (s *hashSet) add(h uint64) bool {
	if s.parts == nil {
		s.parts = make([]hashes, 1<<indexBits)
	}
	return s.parts[h>>(64-indexBits)].add(h)
}

// hashes are a part of a hashSet, open-addressed.
type hashes struct {
	all  []uint64
	used int
}

func (s *hashes) add(h uint64) bool {
	if isCrowded(s.used, len(s.all)) {
		old := s.all
		s.all = make([]uint64, grown(len(old)))
		for _, h := range old {
			if h != 0 {
				s.all[s.find(h)] = h
			}
		}
	}
	at := s.find(h)
	if s.all[at] == h {
		return false
	}
	s.all[at] = h
	s.used++
	return true
}

// find is where the hash is or belongs.
func (s *hashes) find(h uint64) int {
	home, _ := bits.Mul64(h<<indexBits, uint64(len(s.all)))
	at := int(home)
	for s.all[at] != 0 && s.all[at] != h {
		if at++; at == len(s.all) {
			at = 0
		}
	}
	return at
}
