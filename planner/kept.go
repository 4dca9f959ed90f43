package planner

import (
	"encoding/binary"
	"iter"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// kept is the change set, spooled while it is sealed: making a record again
// costs ten times what reading it does.
type kept struct {
	spool *spool
	count int
	buf   []byte
	// words are actions, model labels and field names, rules the places of rules: few,
	// and spelt as numbers.
	words  []string
	wordAt map[string]int
	rules  []diag.Range
	ruleAt map[diag.Range]int
}

func newKept(dir string, l spoolLimits) *kept {
	return &kept{spool: newSpool(dir, l), wordAt: map[string]int{}, ruleAt: map[diag.Range]int{}}
}

// add appends a record. It keeps nothing of it.
func (k *kept) add(r *plans.Record) error {
	stub := byte(0)
	if r.Stub {
		stub = 1
	}
	b := append(k.buf[:0], stub)
	b = binary.AppendUvarint(b, uint64(k.word(string(r.Action))))
	b = binary.AppendUvarint(b, uint64(k.word(r.Model)))
	for _, text := range [...]string{string(r.Key), string(r.OldKey), string(r.PrimaryKey), r.Content, r.Reason} {
		b = schema.AppendKey(b, text)
	}
	b = binary.AppendUvarint(b, uint64(k.rule(r.Rule)))
	b = binary.AppendUvarint(b, uint64(r.Hidden))
	for i := range r.Fields {
		f := &r.Fields[i]
		mark := uint64(k.word(f.Name)) << 1
		if f.Sensitive {
			mark |= 1
		}
		b = binary.AppendUvarint(b, mark)
		b = schema.AppendKey(b, string(f.Before))
		b = schema.AppendKey(b, string(f.After))
	}
	k.buf = b
	k.count++
	_, err := k.spool.putBytes(b)
	return err
}

func (k *kept) word(s string) int {
	n, known := k.wordAt[s]
	if !known {
		n = len(k.words)
		k.words, k.wordAt[s] = append(k.words, s), n
	}
	return n
}

func (k *kept) rule(r diag.Range) int {
	n, known := k.ruleAt[r]
	if !known {
		n = len(k.rules)
		k.rules, k.ruleAt[r] = append(k.rules, r), n
	}
	return n
}

// records yields the records in their order. The Record is valid until the next
// one is asked for.
func (k *kept) records() iter.Seq2[*plans.Record, error] {
	return func(yield func(*plans.Record, error) bool) {
		rec := &plans.Record{}
		at := int64(0)
		for range k.count {
			body, next, err := k.spool.getNext(at)
			if err != nil {
				yield(nil, err)
				return
			}
			at = next
			if err := k.read(string(body), rec); !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// read decodes a record; its texts are parts of body.
func (k *kept) read(body string, rec *plans.Record) error {
	d := rowReader{s: body}
	*rec = plans.Record{Stub: d.byte() == 1, Action: plans.Action(k.wordNo(int(d.uvarint()))), Model: k.wordNo(int(d.uvarint())), Fields: rec.Fields[:0]}
	rec.Key, rec.OldKey, rec.PrimaryKey = plans.Value(d.text()), plans.Value(d.text()), plans.Value(d.text())
	rec.Content, rec.Reason = d.text(), d.text()
	if n := int(d.uvarint()); n < len(k.rules) {
		rec.Rule = k.rules[n]
	}
	rec.Hidden = int(d.uvarint())
	for d.s != "" && d.err == nil {
		mark := int(d.uvarint())
		rec.Fields = append(rec.Fields, plans.Field{
			Name: k.wordNo(mark >> 1), Sensitive: mark&1 == 1, Before: plans.Value(d.text()), After: plans.Value(d.text()),
		})
	}
	return d.err
}

func (k *kept) wordNo(n int) string {
	if n < len(k.words) {
		return k.words[n]
	}
	return ""
}
