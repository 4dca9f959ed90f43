package django

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// Scan yields the model's records in the order of the fixture. A model that
// the fixture does not hold has none.
func (p *fixture) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if err := p.scan(ctx, s, yield); err != nil {
			yield(nil, err)
		}
	}
}

// scan returns nil when the caller has had enough.
func (p *fixture) scan(ctx context.Context, s schema.Selection, yield func(*schema.Record, error) bool) error {
	if err := p.unchanged(); err != nil {
		return err
	}
	m := p.models[s.Model]
	if m == nil {
		return ctx.Err()
	}
	done := 0
	for _, r := range m.runs {
		p.window.seek(p.data, p.size, r.at)
		step := windowSize
		if r.count < fewRecords {
			step = shortRead
		}
		for i := range r.count {
			if done%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			rec, err := p.read(m, int(r.number+i), step)
			if err != nil {
				return err
			}
			done++
			if !yield(rec, nil) || s.Limit > 0 && done >= s.Limit {
				return nil
			}
		}
	}
	return p.unchanged()
}

// read reads the record that the index says is there. Its text was checked
// when the fixture was opened, so it is only taken apart.
func (p *fixture) read(m *model, number, step int) (*schema.Record, error) {
	for {
		rec, used, ok := p.record.build(p.window.rest(), m.label)
		if used > 0 && ok {
			p.window.from += used
			rec.Number = number
			return rec, nil
		}
		if used > 0 {
			return nil, fmt.Errorf("%s record %d: it was changed while it was being read", p.name, number)
		}
		if err := p.window.more(step); err != nil {
			if changed := p.unchanged(); changed != nil {
				return nil, changed
			}
			return nil, fmt.Errorf("%s record %d: %w", p.name, number, err)
		}
	}
}

// builder makes a schema.Record of a record's text. What it returns is valid
// until the next one is made.
type builder struct {
	names map[string]string // field names, so that each is allocated once
	out   schema.Record
	texts []span // of the fields, in text
	text  []byte
	key   []byte
}

// manyNames bounds the names that are remembered.
const manyNames = 10_000

// build makes a record of the text's beginning and tells how much of the text
// it used, 0 when the record goes on beyond it. It returns false when it is no
// record of the model. Whatever else can be wrong with a record was judged when
// the fixture was opened.
func (b *builder) build(raw []byte, label string) (rec *schema.Record, used int, ok bool) {
	b.text, b.texts = b.text[:0], b.texts[:0]
	b.out.PK.Kind = schema.NullLiteral
	var pk span
	var ours, fields bool
	w := walker{b: raw}
	w.space(',') // after the record before it
	w.members(func(name span) bool {
		switch string(w.text(name)) {
		case "model":
			b.key = w.unquote(b.key[:0], w.value())
			ours = string(b.key) == label || strings.ToLower(string(b.key)) == label
		case "pk":
			b.out.PK.Kind, pk = b.literal(&w)
		case "fields":
			fields = w.members(func(name span) bool {
				f := b.field(len(b.texts), w.text(name))
				var text span
				f.Value.Kind, text = b.literal(&w)
				b.texts = append(b.texts, text)
				return true
			})
		default:
			ours = false
			return false
		}
		return true
	})
	switch {
	case !w.closed && w.i >= len(raw):
		return nil, 0, false
	case !w.closed || !ours || !fields:
		return nil, max(w.i, 1), false
	}
	// One string holds the texts of all fields.
	text := string(b.text)
	b.out.PK.Text = text[pk.from:pk.to]
	b.out.Fields = b.out.Fields[:len(b.texts)]
	for i, s := range b.texts {
		b.out.Fields[i].Value.Text = text[s.from:s.to]
	}
	return &b.out, w.i, true
}

// field is the record's field of that index. Mostly its name is that of the
// record before.
func (b *builder) field(i int, name []byte) *schema.Field {
	if i == len(b.out.Fields) {
		b.out.Fields = append(b.out.Fields, schema.Field{})
	}
	f := &b.out.Fields[i]
	if f.Name != string(name) {
		f.Name = b.name(name)
	}
	return f
}

func (b *builder) name(text []byte) string {
	if s, ok := b.names[string(text)]; ok {
		return s
	}
	if b.names == nil {
		b.names = map[string]string{}
	}
	s := string(text)
	if len(b.names) < manyNames {
		b.names[s] = s
	}
	return s
}

// literal passes over a value and appends its text to the builder's, where it
// stands at span.
func (b *builder) literal(w *walker) (schema.LiteralKind, span) {
	from, value := len(b.text), w.value()
	kind := kindOf(value.of(w.b))
	switch kind {
	case schema.StringLiteral:
		b.text = w.unquote(b.text, value)
	case schema.ListLiteral, schema.ObjectLiteral:
		b.text = compact(b.text, value.of(w.b))
	case schema.BoolLiteral, schema.NumberLiteral:
		b.text = append(b.text, value.of(w.b)...)
	}
	return kind, span{from, len(b.text)}
}

// kindOf goes by a value's first byte; no value is null.
func kindOf(value []byte) schema.LiteralKind {
	if len(value) == 0 {
		return schema.NullLiteral
	}
	switch value[0] {
	case 'n':
		return schema.NullLiteral
	case 't', 'f':
		return schema.BoolLiteral
	case '"':
		return schema.StringLiteral
	case '[':
		return schema.ListLiteral
	case '{':
		return schema.ObjectLiteral
	}
	return schema.NumberLiteral
}
