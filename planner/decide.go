package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// decided is a plans.Decision and what a run finds out about it.
type decided struct {
	plans.Decision
	// refused says that a diagnostic has been noted: the decision has no effect.
	refused bool
	// offset is where the package's row is spooled, -1 until it is found; number
	// is its number, key its natural key in the package, "" if it has none, and
	// entry its entry, -1 if it has none.
	offset int64
	number int
	key    schema.Key
	entry  int32
	// row and liveKey are those of the live row meant, "" if none is.
	row, liveKey schema.Key
}

// ruling are the decisions about one model. All its methods take nil for none.
type ruling struct {
	all []*decided
	// byKey and byValue find decisions by what they call the package's record,
	// byNumber those that only give a number.
	byKey    map[string][]*decided
	byValue  map[surrogateValue][]*decided
	byNumber map[int][]*decided
	// rows are the live rows that decisions mean, chosen those of them by
	// natural key: no other row with that key is the package's record.
	rows   map[schema.Key]*decided
	chosen map[schema.Key]schema.Key
	// former are natural keys of the package that mapped records no longer have;
	// -1 where another record has it too.
	former map[schema.Key]int32
	// left are the entries that hold nothing but skipped records so far, and
	// leaving finds entries by what the package calls skipped records; -1 where
	// that means several.
	left    map[int32]bool
	leaving map[name]int32
	// ofEntry are the decisions by the entry of their record.
	ofEntry map[int32]*decided
}

// name is what the package's references call a record: a value that the
// target holds, its primary key, or else its package_key.
type name struct {
	target  *target
	primary bool
	text    string
}

// share gives each model the decisions about it.
func (p *planning) share() {
	p.rulings = map[*model]*ruling{}
	for i := range p.in.Decisions {
		d := &decided{Decision: p.in.Decisions[i], offset: -1, entry: -1}
		d.Key, d.LiveKey = "", ""
		m := p.byLabel[strings.ToLower(d.Model)]
		if m == nil {
			p.unfit(d, "model", fmt.Sprintf("The policy has no model %q", plans.Visible(d.Model)), "", "Name a model of the policy.")
			p.strays = append(p.strays, d)
			continue
		}
		d.Model = m.label
		r := p.rulings[m]
		if r == nil {
			r = &ruling{
				byKey: map[string][]*decided{}, byValue: map[surrogateValue][]*decided{}, byNumber: map[int][]*decided{},
				rows: map[schema.Key]*decided{}, chosen: map[schema.Key]schema.Key{}, former: map[schema.Key]int32{},
				left: map[int32]bool{}, leaving: map[name]int32{}, ofEntry: map[int32]*decided{},
			}
			p.rulings[m] = r
		}
		r.all = append(r.all, d)
	}
}

// unfit refuses a decision.
func (p *planning) unfit(d *decided, code, summary, detail, remedy string) {
	d.refused = true
	p.diags.Add(diag.Diagnostic{
		Severity: diag.Error, Code: "decision." + code, Range: d.Place, Summary: summary, Detail: detail, Remedy: remedy,
		Record: &diag.Record{Model: d.Model, Key: keyName(d.Package), Member: p.in.Package.Name(), Number: d.Number},
	})
}

// keyName is the name of a record where it is a natural key. Other names may
// be the value of a sensitive field and are not shown.
func keyName(name string) string {
	if strings.HasPrefix(name, "[") {
		return name
	}
	return ""
}

// decide looks up which live rows the decisions about a model mean.
func (p *planning) decide(m *model) error {
	u := p.rulings[m]
	m.ruling = u
	if u == nil {
		return nil
	}
	rows := map[surrogateValue][]*decided{}
	keys := map[string][]*decided{}
	for _, d := range u.all {
		if p.settles(d); d.refused {
			continue
		}
		m.call(d, d.Package, u.byKey, u.byValue)
		if d.Package == "" {
			u.byNumber[d.Number] = append(u.byNumber[d.Number], d)
		}
		if d.Live != "" {
			m.call(d, d.Live, keys, rows)
		}
	}
	if len(rows)+len(keys) > 0 {
		if err := p.lookUp(m, keys, rows); err != nil {
			return err
		}
	}
	for _, d := range u.all {
		if d.Live != "" && d.row == "" && !d.refused {
			p.unfit(d, "target", "There is no such live record", "Nothing has the target as its primary key, its natural key or another surrogate.", "Name the live row by its primary key.")
		}
	}
	p.claimRows(m)
	return nil
}

// lookUp looks for the live rows that decisions name.
func (p *planning) lookUp(m *model, keys map[string][]*decided, rows map[surrogateValue][]*decided) error {
	for r, err := range p.liveRows(m, nil) {
		if err != nil {
			return err
		}
		key, why, _ := p.keyOf(m, m.key, r, true, false)
		found := m.called(r, rows)
		if why == "" {
			found = append(found, keys[p.callKey(m, key)]...)
		} else {
			key = ""
		}
		slices.SortFunc(found, byPlace)
		for _, d := range slices.Compact(found) {
			p.means(m, d, r, key)
		}
	}
	return nil
}

func byPlace(a, b *decided) int {
	return strings.Compare(a.Place.String(), b.Place.String())
}

// call notes what a decision calls a record: a natural key, or a value that
// its primary key or another surrogate could have. Sensitive fields are not
// looked at: nobody is to learn from a plan whether they have some value.
func (m *model) call(d *decided, name string, keys map[string][]*decided, values map[surrogateValue][]*decided) {
	if name == "" {
		return
	}
	if key, ok := plans.KeyName(name); ok {
		keys[key] = append(keys[key], d)
		return
	}
	for _, n := range m.identifiers() {
		v, err := m.fields[n].column.Type.Parse(schema.Literal{Kind: schema.StringLiteral, Text: name})
		if err == nil && v.Valid {
			at := m.surrogateValue(n, v)
			values[at] = append(values[at], d)
		}
	}
}

// called are the decisions that mean a row by a value of it.
func (m *model) called(r *row, values map[surrogateValue][]*decided) []*decided {
	var out []*decided
	if len(values) == 0 {
		return nil
	}
	for _, n := range m.identifiers() {
		if c := r.cells[n]; (c.kind == plain || c.kind == byID) && c.value.Valid {
			out = append(out, values[m.surrogateValue(n, c.value)]...)
		}
	}
	return out
}

// identifiers are the fields by whose values a decision may name a record.
func (m *model) identifiers() []int {
	var out []int
	if m.pk >= 0 && !m.fields[m.pk].sensitive {
		out = append(out, m.pk)
	}
	for _, s := range m.surrogates {
		if s.field != m.pk && !m.fields[s.field].sensitive {
			out = append(out, s.field)
		}
	}
	return out
}

// callKey is a natural key as decisions spell it.
func (p *planning) callKey(m *model, key schema.Key) string {
	name, _ := plans.KeyName(p.keyText(m, key))
	return name
}

// means notes a live row that a decision means.
func (p *planning) means(m *model, d *decided, r *row, key schema.Key) {
	switch id := m.rowID(r); {
	case d.refused || d.row == id:
	case d.row != "":
		p.unfit(d, "target", "The target means several live records", "", "Name the live row by its primary key.")
	case key == "" && d.Do == plans.ToMap:
		p.unfit(d, "target", "The live row has no natural key, which a mapped record takes over", "", "To give the row the record's natural key, decide rename.")
	default:
		d.row, d.liveKey = id, key
	}
}

// claimRows makes the live rows belong to the records that are mapped to them.
func (p *planning) claimRows(m *model) {
	u := m.ruling
	for _, d := range u.all {
		if d.row == "" || d.refused {
			continue
		}
		if other := u.rows[d.row]; other != nil {
			p.unfit(d, "row", "Two decisions mean one live record", fmt.Sprintf("The other one is %s.", other.Place), "")
			continue
		}
		u.rows[d.row] = d
		if d.Do != plans.ToMap {
			continue
		}
		if row, taken := u.chosen[d.liveKey]; taken {
			p.unfit(d, "row", "Two records are mapped to live rows with the same natural key", fmt.Sprintf("The other one is mapped by %s.", u.rows[row].Place), "Such rows cannot be told apart by those that refer to them. Take more fields into the natural key.")
			continue
		}
		u.chosen[d.liveKey] = d.row
	}
}

// apartFrom reports whether a live row with that natural key is not the record
// of the key, because another row was decided to be.
func (u *ruling) apartFrom(key, row schema.Key) bool {
	if u == nil {
		return false
	}
	chosen, ok := u.chosen[key]
	return ok && chosen != row
}

// formerly finds the entry of a mapped record by the natural key that it has
// in the package.
func (u *ruling) formerly(key schema.Key) (n int32, known bool) {
	if u == nil {
		return 0, false
	}
	n, known = u.former[key]
	return n, known
}

// of is the decision about the record of an entry, nil if there is none.
func (u *ruling) of(n int32) *decided {
	if u == nil {
		return nil
	}
	return u.ofEntry[n]
}

// skips reports whether the entry's record is skipped by a decision.
func (u *ruling) skips(n int32) bool {
	d := u.of(n)
	return d != nil && d.Do == plans.ToSkip
}

// onCollision is the rule for a record: that of the decision about it, else
// the model's.
func (m *model) onCollision(n int32) policy.OnCollision {
	if d := m.ruling.of(n); d != nil {
		switch d.Do {
		case plans.ToRename:
			return policy.OnCollisionRename
		case plans.ToRemint, plans.ToMap: // the live row keeps its own
			return policy.OnCollisionRemint
		}
	}
	return m.policy.OnCollision
}

// decisions are all decisions as the plan has them.
func (p *planning) decisions() []plans.Decision {
	var out []plans.Decision
	for _, m := range p.models {
		u := p.rulings[m]
		if u == nil {
			continue
		}
		slices.SortStableFunc(u.all, func(a, b *decided) int {
			if order := compareKeys(a.key, b.key); order != 0 {
				return order
			}
			if a.Number != b.Number {
				return a.Number - b.Number
			}
			return strings.Compare(a.Package+"\x00"+a.Live+"\x00"+string(a.Do), b.Package+"\x00"+b.Live+"\x00"+string(b.Do))
		})
		for _, d := range u.all {
			d.Key = plansValue(p.keyText(m, d.key))
			if d.liveKey != "" {
				d.LiveKey = plansValue(p.keyText(m, d.liveKey))
			}
			out = append(out, d.shown())
		}
	}
	for _, d := range p.strays {
		out = append(out, d.shown())
	}
	return out
}

// shown is the decision without names that led to nothing: they may be the
// value of a sensitive field.
func (d *decided) shown() plans.Decision {
	out := d.Decision
	if d.offset < 0 && keyName(out.Package) == "" && out.Package != "" {
		out.Package = string(plans.Masked)
	}
	if d.row == "" && keyName(out.Live) == "" && out.Live != "" {
		out.Live = string(plans.Masked)
	}
	return out
}
