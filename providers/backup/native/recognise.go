package native

import (
	"crypto/sha256"

	"github.com/edmsplan/edmsplan/schema"
)

var _ schema.Chunked = (*Package)(nil)

// Recogniser compares rows of a live table with the chunks of a model. It is
// nil where equal rows could stand in unequal chunks: for a model with
// many-to-many fields, irregular values or without a primary key.
func (p *Package) Recogniser(model string) schema.Recogniser {
	i, ok := p.models[model]
	if !ok || len(p.manifest.Models[i].Irregular) > 0 {
		return nil
	}
	m := p.header.Models[i]
	for f := range m.Fields {
		if m.Fields[f].Link != nil {
			return nil
		}
	}
	r := &recogniser{cutter: newCutter(m, tableOf(&p.header, m.Table)), numbers: map[digest]int{}, chunks: p.manifest.Models[i].Chunks}
	if len(r.at) == 0 {
		return nil
	}
	for n := range r.chunks {
		r.numbers[r.chunks[n].Digest] = n
	}
	return r
}

// recogniser cuts rows into chunks as a chunker does.
type recogniser struct {
	cutter
	chunks  []chunkMember
	numbers map[digest]int
	rows    []byte
	records int64
}

// Next implements schema.Recogniser.
func (r *recogniser) Next(row []schema.Literal) (ended bool) {
	before := len(r.rows)
	for _, v := range row {
		switch v.Kind { // with a value that is spelt otherwise, it is one less than any chunk has
		case schema.CanonicalLiteral:
			r.rows = appendText(r.rows, v.Text)
		case schema.NullLiteral:
			r.rows = append(r.rows, 0)
		}
	}
	r.records++
	return r.ends(len(r.rows), int(r.records), r.rows[before:], func(n int) string { return row[r.at[n]].Text })
}

// Chunk implements schema.Recogniser.
func (r *recogniser) Chunk() (number int, ok bool) {
	number, ok = r.numbers[sha256.Sum256(r.rows)]
	ok = ok && r.chunks[number].Records == r.records && r.chunks[number].Size == int64(len(r.rows))
	r.rows, r.records = r.rows[:0], 0
	return number, ok
}
