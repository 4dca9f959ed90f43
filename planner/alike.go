package planner

import (
	"errors"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/edmsplan/edmsplan/schema/policy"
)

// Most records of most plans are the same on both sides. They are set aside
// before a model is planned: package and live table are read at the same time,
// each in a goroutine of its own, and what meets its like is dropped but for
// its keys. Only the rest is decoded, spooled, matched and judged; whatever
// is odd about a record, such as a value that cannot be read, makes it a part
// of the rest. So setting aside decides nothing but that nothing is to be
// done, and a plan says the same without it.

// mostMakers are as many as the goroutine that reads can keep busy.
const mostMakers = 4

// asideLimits say when records are set aside.
type asideLimits struct {
	// never is true where every record is to have an entry.
	never bool
	// least is how many records of a model are worth it.
	least int
	// lead is how many rows may wait for their like on either side. The package
	// and the table are mostly in the same order, that of the primary key.
	lead int
	// trial is after how many rows it must have paid to go on.
	trial int
	// makers is how many goroutines make fresh records.
	makers int
}

func (l asideLimits) orUsual() asideLimits {
	if l == (asideLimits{}) {
		l = asideLimits{least: 128, lead: 16 << 10, trial: 4 << 10}
	}
	if l.makers == 0 {
		l.makers = min(runtime.GOMAXPROCS(0), mostMakers)
	}
	return l
}

// aside is the run that sets the records of one model aside.
type aside struct {
	*planning
	m       *model
	columns []string // what is read of the live table,
	at      []int    // and which fields those are
	pkAt    int      // which of them is the primary key
	links   []int    // the fields that are references
	same    []bool   // by field: the package has it in the canonical form of its type
	limits  asideLimits
	records *settled
	rest    *rest
	// leftPkg and leftLive are what is going to be the rest.
	leftPkg, leftLive []remnant
	// pkg and live wait for their like, by natural key.
	pkg, live map[string]*item
	maxKey    int64
	discarded map[string]int
	notes     map[genericNote]int
}

// rest are the records of a model that are not the same on both sides.
type rest struct {
	spool     *spool
	pkg, live []int64 // where they are spooled, in the order of their streams
}

// remnant is where one of them is spooled, and the place it had in its stream.
type remnant struct {
	place  int
	offset int64
	key    string
	pk     string // of the package's record, where it has one
}

// setAside sets the records aside that are the same on both sides. Where that
// cannot be done, or does not pay, it leaves the model alone.
func (p *planning) setAside(m *model) error {
	if !p.canSetAside(m) {
		return nil
	}
	a := &aside{
		planning: p, m: m, records: newSettled(p.keySpool(m)), rest: &rest{spool: newSpool(p.in.TempDir, p.in.limits)},
		pkg: map[string]*item{}, live: map[string]*item{}, discarded: map[string]int{}, notes: map[genericNote]int{},
		limits: p.in.aside.orUsual(),
	}
	a.columns, a.at = m.liveColumns(nil)
	a.pkAt = slices.Index(a.at, m.pk)
	for n := range m.fields {
		if m.fields[n].ref != nil {
			a.links = append(a.links, n)
		}
		a.same = append(a.same, m.sameType(n))
	}
	done, err := a.run()
	done = err == nil && done && a.consistent()
	if err == nil {
		err = errors.Join(p.spoiled(), a.records.failure())
	}
	if err == nil && done {
		a.keep()
		return nil
	}
	return errors.Join(err, a.rest.spool.close(), a.records.close())
}

// keyMemory is how many times as much of the keys of a model that is referred to
// stays in memory as of other spools: they are read at random.
const keyMemory = 4

func (p *planning) keySpool(m *model) *spool {
	s := newSpool(p.in.TempDir, p.in.limits)
	if m.isTarget() {
		s.limits.memory *= keyMemory
	}
	return s
}

// canSetAside reports whether the model is one of those whose records mean the
// same wherever they are met.
func (p *planning) canSetAside(m *model) bool {
	_, promised := p.labelsOf(m)
	switch {
	case p.rulings[m] != nil, p.in.aside.never || p.destroying || promised < p.in.aside.orUsual().least,
		m.cyclic || m.ownSpelling || len(m.derives) > 0 || len(m.jsonRefs) > 0 || len(m.key) == 0,
		!p.inScope(m) || p.scope != nil && p.scope.Where[m.label] != nil,
		m.policy.OnCollision == policy.OnCollisionRename,
		len(p.byTable[m.table.Name]) > 1,
		m.pk < 0 || !slices.Equal(m.rowKey, []int{m.pk}) || m.fields[m.pk].ref != nil:
		return false
	}
	for _, t := range m.targets {
		if t.field != m.pk {
			return false
		}
	}
	for n := range m.fields {
		if m.fields[n].many != nil {
			return false
		}
	}
	if slices.ContainsFunc(p.in.Trees, func(t Tree) bool { // its files are looked for in every record
		return t.Policy.Field != nil && strings.EqualFold(t.Policy.Field.Model.Text, m.label)
	}) {
		return false
	}
	return !slices.ContainsFunc(p.policy.Seeds, func(s *policy.Seed) bool { return strings.EqualFold(s.Model.Text, m.label) })
}

// run brings the two streams together. It returns false when it gives up.
func (a *aside) run() (done bool, err error) {
	quit := make(chan struct{})
	r := a.newRecognition()
	table, ordered := newLanes(1, laneRoom), r != nil
	if ordered {
		table = newLanes(1, chunkRoom)
		table.gate = make(chan struct{}, chunkRoom)
	}
	live := &stream{lanes: table}
	var readers sync.WaitGroup
	defer func() {
		close(quit)
		readers.Wait()
	}()
	readers.Go(func() { a.readLive(table, quit, ordered) })
	if err := live.fill(); err != nil {
		return false, err
	}
	if live.ended && a.canBeFresh(a.m) {
		a.records.fresh = newFresh(a)
		read := newLanes(a.limits.makers, laneRoom)
		made := lanes{turns: newLanes(a.limits.makers, laneRoom).turns, idle: read.idle}
		seed := maphash.MakeSeed()
		for i := range made.turns {
			readers.Go(func() { newMaker(a, seed).makeAll(read.turns[i], made.turns[i], quit) })
		}
		readers.Go(func() { a.readPackage(read, quit, nil) })
		return a.takeFresh(&stream{lanes: made})
	}
	var known []bool
	if r != nil {
		if ok, err := r.run(live); !ok || err != nil {
			return false, err
		}
		known = r.known
		live.surplus = chunkRoom - laneRoom
	}
	strange := len(a.live)
	records := newLanes(1, laneRoom)
	pkg := &stream{lanes: records}
	readers.Go(func() { a.readPackage(records, quit, known) })
	for batches := 1; ; batches++ {
		if err := errors.Join(pkg.fill(), live.fill()); err != nil {
			return false, err
		}
		var err error
		switch {
		case pkg.ended && live.ended:
			return true, a.leave()
		case pkg.ended:
			err = a.waitAll(live, a.pkg, a.live)
		case live.ended:
			err = a.waitAll(pkg, a.live, a.pkg)
		default:
			err = a.join(pkg, live)
		}
		if err != nil {
			return false, err
		}
		if n := max(len(a.leftPkg)+len(a.pkg), len(a.leftLive)+len(a.live)); n > a.limits.trial+strange && n > 2*a.records.count() {
			return false, nil
		}
		a.observe(a.m, SidePackage, a.records.count(), batches%32 == 0)
		a.observe(a.m, SideLive, a.records.count(), batches%32 == 0)
	}
}

// join drops what has its like on the other side and lets the others wait,
// until a batch is used up.
func (a *aside) join(pkg, live *stream) error {
	for len(pkg.items) > 0 && len(live.items) > 0 {
		x, y := &pkg.items[0], &live.items[0]
		if x.key == y.key && x.key != "" {
			if err := a.meet(x, y); err != nil {
				return err
			}
			pkg.next()
			live.next()
			continue
		}
		// The side that is ahead stays where it is while the other one catches up
		// with what waits for it: then both are in step again.
		if met, err := a.meetWaiting(x, a.live); err != nil {
			return err
		} else if met {
			pkg.next()
			continue
		}
		met, err := a.meetWaiting(y, a.pkg)
		if err == nil && !met {
			err = errors.Join(a.wait(x, a.pkg), a.wait(y, a.live))
			pkg.next()
		}
		if err != nil {
			return err
		}
		live.next()
	}
	return nil
}

// waitAll lets all of a batch wait whose like does not wait for it.
func (a *aside) waitAll(s *stream, others, own map[string]*item) error {
	for ; len(s.items) > 0; s.next() {
		met, err := a.meetWaiting(&s.items[0], others)
		if err == nil && !met {
			err = a.wait(&s.items[0], own)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// meetWaiting lets an item meet its like if that waits among the others.
func (a *aside) meetWaiting(x *item, others map[string]*item) (bool, error) {
	y, ok := others[x.key]
	if !ok {
		return false, nil
	}
	delete(others, x.key)
	if x.layout == nil {
		x, y = y, x
	}
	return true, a.meet(x, y)
}

// wait lets an item wait among its own side's for one of the other side.
func (a *aside) wait(x *item, own map[string]*item) error {
	if _, twice := own[x.key]; twice || x.key == "" {
		return a.leaveBehind(x)
	}
	x = x.alone()
	own[x.key] = x
	if len(own) > a.limits.lead {
		return a.leave()
	}
	return nil
}

// meet drops two items that are alike.
func (a *aside) meet(mine, live *item) error {
	if carried, same := a.alike(mine, live); same && a.carries(carried) {
		if taken, err := a.take(mine, live, carried); taken || err != nil {
			return err
		}
	}
	if err := a.leaveBehind(mine); err != nil {
		return err
	}
	return a.leaveBehind(live)
}

// carries reports whether the package's records have primary keys or not as
// those before.
func (a *aside) carries(carried bool) bool {
	return a.records.count() == 0 || carried == a.records.carried
}

// take sets two items aside that are alike; false when there is a record with
// their natural key or primary key already.
func (a *aside) take(mine, live *item, carried bool) (bool, error) {
	if added, err := a.records.add(mine.key, live.values[a.pkAt].Text); !added || err != nil {
		return false, err
	}
	a.records.carried = carried
	if live.id > a.maxKey {
		a.maxKey = live.id
	}
	for _, name := range mine.layout.discarded {
		a.discarded[name]++
	}
	for _, n := range mine.notes {
		a.notes[n]++
	}
	return true, nil
}

// leave gives those up that wait: their like is far away or nowhere.
func (a *aside) leave() error {
	for _, waiting := range []map[string]*item{a.pkg, a.live} {
		for _, x := range waiting {
			if err := a.leaveBehind(x); err != nil {
				return err
			}
		}
		clear(waiting)
	}
	return nil
}

// leaveBehind makes an item a part of the rest.
func (a *aside) leaveBehind(x *item) error {
	offset, err := a.rest.spool.putBytes(x.append(nil))
	r := remnant{place: x.place, offset: offset, key: strings.Clone(x.key), pk: strings.Clone(x.pk)} // not the whole batch with them
	if x.layout == nil {
		a.leftLive = append(a.leftLive, r)
	} else {
		a.leftPkg = append(a.leftPkg, r)
	}
	return err
}

// consistent reports whether no record of the rest has anything to do with one
// that was set aside: the same natural key or primary key. Else there are
// duplicates, which only all records together can tell.
func (a *aside) consistent() bool {
	for _, left := range [...][]remnant{a.leftPkg, a.leftLive} {
		for i := range left {
			if _, known := a.records.find(left[i].key); known && left[i].key != "" {
				return false
			}
			if _, known := a.records.findID(left[i].pk); known && left[i].pk != "" {
				return false
			}
		}
	}
	return true
}

// keep makes it so.
func (a *aside) keep() {
	m, n := a.m, a.records.count()
	a.rest.pkg, a.rest.live = inOrder(a.leftPkg), inOrder(a.leftLive)
	a.records.drop()
	m.settled, m.rest = a.records, a.rest
	m.account.Package = n
	if f := a.records.fresh; f != nil {
		m.keys.used = max(m.keys.used, f.maxKey)
		m.cutTimes += f.cut
	} else {
		m.account.Live, m.account.Kept = n, n
		m.keys.max = max(m.keys.max, a.maxKey)
		m.hasLive = m.hasLive || n > 0
	}
	m.pkCarried = m.pkCarried || a.records.carried
	for name, n := range a.discarded {
		m.discarded[name] += n
	}
	for note, n := range a.notes {
		a.genericNotes[note] += n
	}
}

// inOrder is where they are spooled, in the order of their places.
func inOrder(left []remnant) []int64 {
	slices.SortFunc(left, func(x, y remnant) int { return x.place - y.place })
	offsets := make([]int64, len(left))
	for i := range left {
		offsets[i] = left[i].offset
	}
	return offsets
}
