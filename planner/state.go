package planner

import (
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// status is what becomes of a record.
type status uint8

const (
	pending status = iota
	unchanged
	changed
	added
	skipped
	destroyed
	broken // a diagnostic refuses the plan
)

// entry is what the planner keeps of a record: its key, where its row is
// spooled, and which live row it is. Models that nothing refers to have
// entries only for the package's records.
type entry struct {
	key         schema.Key
	pkg         int64      // offset of the package's row, -1 if there is none
	live        int64      // offset of the live row where it is needed again, -1
	done        int64      // offset of what beforeAfter gives, once that is settled, -1
	row         schema.Key // the live row's rowKey values as text, "" if there is no live row
	pk          string     // the primary key it has or gets; "" while unknown
	status      status
	stub        bool
	kept        bool         // the primary key is the package's
	remapped    bool         // it has other surrogates on the two sides
	taken       bool         // the package's primary key belongs to another live row
	twice       bool         // several live rows have the key
	ambiguous   bool         // and a diagnostic says so
	perhaps     bool         // may come to be destroyed as a consequence
	consequence bool         // destroyed as a consequence
	counted     bool         // a consequence that the accounting has
	doomed      bool         // a rule of its own destroys the row: nothing in the package may refer to it, even if it is kept after all
	spared      bool         // reinit.clear does not hold for it, and KeptBy has it
	altered     bool         // a live row that the package lacks, changed as a consequence
	refs        int32        // references of the package spelt with its identifier
	seed        *policy.Seed // the seed that declares the record, nil if none does
	patch       map[int]cell // fields set as a consequence
	links       *links
	own         *links // the members that go with the row when it is destroyed
	moved       *moved
}

// moved is what few records have: surrogates that are not left as they are.
type moved struct {
	oldKey schema.Key // the live row's natural key where it was renamed
	adopt  []int      // surrogates whose package value is written
	remint []int      // surrogates that get a new uuid
}

// move is the record's moved, to be filled in.
func (e *entry) move() *moved {
	if e.moved == nil {
		e.moved = &moved{}
	}
	return e.moved
}

func (x *moved) oldName() schema.Key {
	if x == nil {
		return ""
	}
	return x.oldKey
}

func (x *moved) adopts() []int {
	if x == nil {
		return nil
	}
	return x.adopt
}

func (x *moved) remints() []int {
	if x == nil {
		return nil
	}
	return x.remint
}

// inPackage and inLive tell on which sides the record is.
func (e *entry) inPackage() bool { return e.pkg >= 0 }
func (e *entry) inLive() bool    { return e.row != "" }

// stays reports whether the record exists after the plan.
func (e *entry) stays() bool {
	if e.status == destroyed {
		return false
	}
	return e.inLive() || e.status == added || e.status == pending
}

// links are the changes of an entry's many-to-many fields.
type links struct {
	added   map[int][]joining
	removed map[int][]schema.Key
	// gone are the join rows to delete, by field: the member's identifier as
	// the join table holds it.
	gone map[int][]holding
}

// remapping is a plans.Remapping and whose it is.
type remapping struct {
	plans.Remapping
	entry int32
}

// target is a field of a model that references name, and what its values lead
// to: an entry's number.
type target struct {
	field int
	pkg   idMap
	live  idMap
	// liveText are the live rows' values by entry, kept for fields that are not
	// the primary key.
	liveText map[int32]string
}

func newTarget(field int) *target {
	return &target{field: field, liveText: map[int32]string{}}
}

// keySpace is a table's primary keys: models that share a table share it.
type keySpace struct {
	max  int64 // the greatest one in the live table
	next int64 // the last one given out
	used int64 // the greatest one that an added record has
	// given are the keys of added records, kept only where models share the
	// table: what one of them gives out, another must not keep.
	given map[string]bool
}

// state is what is known of a model while and after it is planned.
type state struct {
	spool *spool
	// ruling are the decisions about the model's records, nil if there are none;
	// conflicts are those that nobody has decided, as far as they are asked for.
	ruling    *ruling
	conflicts map[int64]*subject
	// written are rows as they are and will be, in the order of their keys.
	written *spool
	// settled are the records without an entry, nil if all have one; rest are
	// the others, as the two sides have them.
	settled *settled
	rest    *rest
	entries entries
	// bySpelling finds entries by the key that references in a package use,
	// where that is not the natural key.
	bySpelling     map[schema.Key]int32
	liveBySpelling map[schema.Key]int32
	// pkOwner finds the package's record by its primary key.
	pkOwner idMap
	// pkCarried says that the package's records have their primary keys.
	pkCarried bool
	hasLive   bool
	keys      *keySpace
	// renamed are the live rows that renamed records take.
	renamed map[schema.Key]bool
	// held are the members in the join tables, while the model is planned.
	held holdings

	shaped    [2]shaped // with late references only, or without
	skips     []plans.Skip
	remaps    []remapping
	changes   []int32 // entries added or changed, by key, once the model is done
	destroys  []int32 // entries destroyed, by key
	account   plans.Accounting
	linkCount map[int]*plans.Links

	stubs      map[int32]stub
	seedPlaces map[int32]diag.Range
	discarded  map[string]int
	// lostKeys and cutTimes count what the package does not carry of added records.
	lostKeys, cutTimes int
}

func (p *planning) reset(m *model) {
	m.state = state{
		spool: newSpool(p.in.TempDir, p.in.limits), written: newSpool(p.in.TempDir, p.in.limits), keys: p.keySpace(m), renamed: map[schema.Key]bool{}, entries: newEntries(),
		discarded: map[string]int{},
		linkCount: map[int]*plans.Links{}, stubs: map[int32]stub{}, seedPlaces: map[int32]diag.Range{},
	}
	if m.ownSpelling {
		m.bySpelling, m.liveBySpelling = map[schema.Key]int32{}, map[schema.Key]int32{}
	}
	for _, t := range m.targets {
		*t = *newTarget(t.field)
	}
	m.account = plans.Accounting{Model: m.label, Table: m.table.Name}
	for i := range m.fields {
		if m.fields[i].many != nil {
			m.linkCount[i] = &plans.Links{Field: m.fields[i].name, Table: m.fields[i].many.table.Name}
		}
	}
}

// keySpace is that of the model's table.
func (p *planning) keySpace(m *model) *keySpace {
	if p.keys == nil {
		p.keys = map[*schema.Table]*keySpace{}
	}
	k := p.keys[m.table]
	if k == nil {
		k = &keySpace{}
		if len(p.byTable[m.table.Name]) > 1 {
			k.given = map[string]bool{}
		}
		p.keys[m.table] = k
	}
	return k
}

func (m *model) target(field int) *target {
	for _, t := range m.targets {
		if t.field == field {
			return t
		}
	}
	return nil
}
