package planner

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"iter"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
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
	if m.policy.PrimaryKey == policy.PrimaryKeyNew {
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

// freshItem is what is known of a fresh record.
type freshItem struct {
	text   string // of the change set, see sorter
	absent string
	row    []byte // nil where nothing is going to be written
	claims []uint64
	id     int64
	cut    bool
}

// maker makes items fresh that are in order.
type maker struct {
	*aside
	claims []unique
	seed   maphash.Seed
	names  *names
	kinds  map[handle]*model // by content type
	row    row
	json   []string // of the references of the row, by field
	value  []byte
	body   []byte
	buf    []byte
	absent []byte
	// lastAbsent is the text of it that the last record had.
	lastAbsent string
}

func newMaker(a *aside) *maker {
	return &maker{
		aside: a, claims: a.m.freshClaims(), seed: maphash.MakeSeed(), names: &names{of: map[*model][]named{}},
		kinds: map[handle]*model{}, row: row{cells: make([]cell, len(a.m.fields))}, json: make([]string, len(a.m.fields)), absent: make([]byte, len(a.m.fields)),
	}
}

// makeAll does so with a stream of items.
func (k *maker) makeAll(in <-chan batch, out chan<- batch, quit <-chan struct{}) {
	defer close(out)
	for b := range in {
		for i := range b.items {
			b.items[i].fresh = k.make(&b.items[i])
		}
		select {
		case out <- b:
		case <-quit:
			return
		}
	}
}

// make returns nil for an item that is not in order: nothing is decided of it.
func (k *maker) make(x *item) *freshItem {
	if x.key == "" || x.pk == "" || x.layout.odd || !k.fill(x) || !k.fits() {
		return nil
	}
	m := k.m
	f := &freshItem{claims: make([]uint64, len(k.claims))}
	for n := range k.row.cells {
		k.absent[n] = 0
		c := &k.row.cells[n]
		if c.kind == absent {
			k.absent[n] = 1
		}
		if c.kind == plain && c.value.Digits > 0 {
			f.cut = true
		}
	}
	if k.lastAbsent != string(k.absent) { // which they mostly share
		k.lastAbsent = string(k.absent)
	}
	f.absent = k.lastAbsent
	if id, err := strconv.ParseInt(x.pk, 10, 64); err == nil {
		f.id = id
		if s := m.fields[m.pk].column.Sequence; s != nil && s.Max > 0 && id > s.Max {
			return nil
		}
	}
	for i := range k.claims {
		tuple, ok := m.appendTuple(k.buf[:0], &k.claims[i], &k.row)
		if k.buf = tuple; ok {
			f.claims[i] = max(1, maphash.Bytes(k.seed, tuple))
		}
	}
	f.text = k.text(x)
	if !k.in.Sealed {
		b := schema.AppendKey(nil, x.pk)
		f.row = k.row.appendWhole(schema.AppendKey(b, x.key))
	}
	return f
}

// fill makes the item a row whose references are resolved; false where a value
// cannot be read or a reference leads nowhere.
func (k *maker) fill(x *item) bool {
	m := k.m
	clear(k.row.cells)
	k.row.number = x.number
	for n := range m.fields {
		at := x.layout.where[n]
		if at < 0 {
			continue
		}
		c, err := k.decodeCell(m, n, x.fields[at].Value)
		if err != nil {
			return false
		}
		k.row.cells[n] = c
	}
	if k.row.cells[m.pk].kind == absent {
		c, err := k.decodeCell(m, m.pk, x.own)
		if err != nil {
			return false
		}
		k.row.cells[m.pk] = c
	}
	for i, n := range k.links {
		if !k.lead(n, m.fields[n].ref.model, x.links[i]) {
			return false
		}
	}
	for g := range m.generics {
		ref := &m.generics[g]
		if !k.lead(ref.id, k.meant(ref, x), x.links[len(k.links)+g]) {
			return false
		}
	}
	return true
}

// lead makes a field of the row a reference to a record of the model; false
// where it leads nowhere.
func (k *maker) lead(n int, t *model, h handle) bool {
	if h < 0 {
		return h == noRef || h == lacking
	}
	to := k.names.get(t, h)
	k.row.cells[n], k.json[n] = to.cell, to.json
	return true
}

// meant is the model that the record's content type means.
func (k *maker) meant(ref *generic, x *item) *model {
	h := x.links[slices.Index(k.links, ref.typ)]
	t, known := k.kinds[h]
	if !known {
		_, t = k.genericTarget(k.row.cells[ref.typ])
		k.kinds[h] = t
	}
	return t
}

// fits reports whether the database takes the row as it is.
func (k *maker) fits() bool {
	m := k.m
	for n := range m.fields {
		f := &m.fields[n]
		c := &k.row.cells[n]
		switch {
		case c.kind == absent || c.isNull():
			if f.column.NotNull && (c.kind != absent || !f.column.HasDefault) {
				return false
			}
		case c.kind == resolved:
		case c.kind != plain || f.column.Type.Check(c.value, k.catalogue.Dialect) != nil:
			return false
		}
	}
	return k.row.cells[m.pk].kind == plain && !k.row.cells[m.pk].isNull()
}

// text encodes what the plan says of the record: its key, the key and the
// primary key as people read them, the digest of its fields, its secrets and,
// unless the plan is sealed, the fields.
func (k *maker) text(x *item) string {
	m := k.m
	key := schema.Key(x.key)
	b := schema.AppendKey(k.buf[:0], x.key)
	b = schema.AppendKey(b, k.keyText(m, key))
	primary := ""
	if !m.fields[m.pk].sensitive && !slices.Contains(m.key, m.pk) {
		primary = m.fields[m.pk].column.Type.JSON(schema.NewValue(x.pk))
	}
	b = schema.AppendKey(b, primary)
	var secrets, fields []byte
	k.body = k.body[:0]
	for n := range m.fields {
		f := &m.fields[n]
		if n == m.pk && !slices.Contains(m.key, n) {
			continue
		}
		c := &k.row.cells[n]
		switch {
		case c.kind == absent:
			continue
		case f.sensitive:
			k.value = append(k.value[:0], plans.Masked...)
		case c.kind == resolved:
			k.value = append(k.value[:0], k.json[n]...)
		default:
			k.value = f.column.Type.AppendJSON(k.value[:0], c.value)
		}
		if f.sensitive {
			secrets = appendSecret(secrets, m, key, n, *c)
		} else {
			k.body = appendContent(k.body, f.name, k.value)
		}
		if !k.in.Sealed {
			fields = binary.AppendUvarint(fields, uint64(n))
			fields = append(binary.AppendUvarint(fields, uint64(len(k.value))), k.value...)
		}
	}
	sum := sha256.Sum256(k.body)
	b = append(b, sum[:]...)
	b = schema.AppendKey(b, string(secrets))
	k.buf = append(b, fields...)
	return string(k.buf)
}

// named is a record that references lead to.
type named struct {
	handle handle
	known  bool
	cell   cell
	json   string
}

// names tell the natural keys of records. References mostly lead to few
// records at a time, so the last are kept.
type names struct{ of map[*model][]named }

// nameSlots is a power of two.
const nameSlots = 1 << 10

func (x *names) get(t *model, h handle) *named {
	slots := x.of[t]
	if slots == nil {
		slots = make([]named, nameSlots)
		x.of[t] = slots
	}
	s := &slots[uint64(h)%nameSlots]
	if s.known && s.handle == h {
		return s
	}
	key := schema.Key(h.key(t))
	*s = named{handle: h, known: true, cell: cell{kind: resolved, key: key}, json: keyJSON(key, t.keyTypes(t.key))}
	if h >= settledMark { // its primary key is known already
		s.cell.value = schema.NewValue(t.settled.pk(uint32(h - settledMark)))
	}
	return s
}

// takeFresh takes the package's records of a model whose live table is empty.
// It returns false when it gives up.
func (a *aside) takeFresh(pkg chan batch) (done bool, err error) {
	for batches := 1; pkg != nil; batches++ {
		b, err := take(&pkg)
		if err != nil {
			return false, err
		}
		for i := range b.items {
			x := &b.items[i]
			if x.fresh == nil {
				if err := a.leaveBehind(x); err != nil {
					return false, err
				}
			} else if ok, err := a.welcome(x); err != nil || !ok {
				return false, err
			}
		}
		if n := len(a.rest.pkg); n > a.limits.trial && n > 2*a.records.count() {
			return false, nil
		}
		a.observe(a.m, SidePackage, a.records.count(), batches%32 == 0)
	}
	a.records.fresh.taken = nil
	if err := a.records.fresh.sorted.done(); err != nil {
		return false, err
	}
	// What the others claim is known later only.
	return len(a.rest.pkg) == 0 || len(a.m.freshClaims()) == 0, nil
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

// freshRecords yields the model's fresh records by key. The Record is valid
// until the next one is asked for.
func (m *model) freshRecords() iter.Seq2[*freshRecord, error] {
	return func(yield func(*freshRecord, error) bool) {
		if m.settled == nil || m.settled.fresh == nil {
			return
		}
		f := &freshRecord{rec: plans.Record{Model: m.label, Action: plans.Add}}
		for text, err := range m.settled.fresh.sorted.all() {
			if err == nil {
				err = f.read(m, text)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// freshRecord is a fresh record of the change set.
type freshRecord struct {
	key     schema.Key
	rec     plans.Record
	secrets string
}

func (f *freshRecord) read(m *model, text string) error {
	d := rowReader{s: text}
	f.key = schema.Key(d.text())
	f.rec.Key, f.rec.PrimaryKey = plans.Value(d.text()), plans.Value(d.text())
	f.rec.Content = hex.EncodeToString([]byte(d.take(sha256.Size)))
	f.secrets = d.text()
	f.rec.Fields = f.rec.Fields[:0]
	for d.s != "" && d.err == nil {
		n := int(d.uvarint())
		if n >= len(m.fields) {
			return errSpool
		}
		f.rec.Fields = append(f.rec.Fields, plans.Field{Name: m.fields[n].name, After: plans.Value(d.text()), Sensitive: m.fields[n].sensitive})
	}
	return d.err
}

// freshRow is a fresh record as it is written.
type freshRow struct {
	pk  string
	key schema.Key
	row *row
}

// all yields the shape's rows.
func (s *freshShape) all(m *model) iter.Seq2[*freshRow, error] {
	return func(yield func(*freshRow, error) bool) {
		f, at := &freshRow{row: &row{cells: make([]cell, len(m.fields))}}, int64(0)
		for range s.count {
			body, next, err := s.rows.getNext(at)
			if err != nil {
				yield(nil, err)
				return
			}
			at = next
			d := &rowReader{s: string(body)}
			f.pk, f.key = d.text(), schema.Key(d.text())
			d.into(f.row)
			if !yield(f, d.err) || d.err != nil {
				return
			}
		}
	}
}

// finalFresh is what the database gets for a field of a fresh record.
func (p *planning) finalFresh(m *model, f *freshRow, n int) schema.Value {
	c := &f.row.cells[n]
	switch {
	case n == m.pk:
		return schema.NewValue(f.pk)
	case c.kind == resolved && c.value.Valid:
		return c.value
	}
	return p.final(m, nil, n, f.row.cells)
}

// freshBatches are the writes of the fresh records.
func (p *planning) freshBatches(m *model) []schema.Batch {
	if m.settled == nil || m.settled.fresh == nil {
		return nil
	}
	var out []schema.Batch
	for _, s := range m.settled.fresh.shapes {
		b := schema.Batch{Op: schema.Insert, Table: m.table, Columns: m.columns(s.fields), Count: s.count}
		b.Rows = func(yield func([]schema.Value, error) bool) {
			var values []schema.Value
			for f, err := range s.all(m) {
				if err != nil {
					yield(nil, err)
					return
				}
				values = values[:0]
				for _, n := range s.fields {
					values = append(values, p.finalFresh(m, f, n))
				}
				if !yield(values, nil) {
					return
				}
			}
		}
		out = append(out, b)
	}
	return out
}

// freshImages are their images.
func (p *planning) freshImages(m *model, yield func(*Image, error) bool) bool {
	if m.settled == nil || m.settled.fresh == nil {
		return true
	}
	masked, primary := m.masked(), m.fields[m.pk].column.Name
	for _, s := range m.settled.fresh.shapes {
		columns := m.columns(s.fields)
		img := &Image{Model: m.label, Table: m.table, Op: schema.Insert, Sensitive: masked, Row: make([]Cell, 1), After: make([]Cell, len(columns))}
		for f, err := range s.all(m) {
			if err != nil {
				return yield(nil, err)
			}
			img.Key = p.keyText(m, f.key)
			img.Row[0] = Cell{primary, schema.NewValue(f.pk)}
			for i, n := range s.fields {
				img.After[i] = Cell{columns[i], p.finalFresh(m, f, n)}
			}
			if !yield(img, nil) {
				return false
			}
		}
	}
	return true
}

// hashSet is a set of hashes that are not 0.
type hashSet struct {
	slots []uint64
	used  int
}

// add returns false for one that is there already.
func (s *hashSet) add(h uint64) bool {
	if 4*(s.used+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(16, 2*len(old)))
		for _, h := range old {
			if h != 0 {
				s.slots[s.find(h)] = h
			}
		}
	}
	at := s.find(h)
	if s.slots[at] == h {
		return false
	}
	s.slots[at] = h
	s.used++
	return true
}

func (s *hashSet) find(h uint64) uint64 {
	mask := uint64(len(s.slots) - 1)
	at := h & mask
	for s.slots[at] != 0 && s.slots[at] != h {
		at = (at + 1) & mask
	}
	return at
}
