package planner

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// freshItem is what is known of a fresh record.
type freshItem struct {
	text   string // of the change set, see sorter
	absent string
	row    []byte // nil where nothing is going to be written
	claims []uint64
	id     int64
	cut    bool
}

// maker makes items fresh that are in order. Several work at the same time.
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

// newMaker makes one of those that share a seed.
func newMaker(a *aside, seed maphash.Seed) *maker {
	return &maker{
		aside: a, claims: a.m.freshClaims(), seed: seed, names: &names{of: map[*model][]named{}},
		kinds: map[handle]*model{}, row: row{cells: make([]cell, len(a.m.fields))}, json: make([]string, len(a.m.fields)), absent: make([]byte, len(a.m.fields)),
	}
}

// makeAll does so with a stream of items.
func (k *maker) makeAll(in <-chan *batch, out chan<- *batch, quit <-chan struct{}) {
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
		c, err := k.decodeCell(m, n, x.values[at])
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
		s.cell.value = schema.NewValue(t.settled.ids.at(uint32(h - settledMark)))
	}
	return s
}
