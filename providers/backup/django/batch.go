package django

import "iter"

// batch is records that follow each other, and at last why no more do: io.EOF
// at the end of the list or the sequence.
type batch struct {
	text    []byte // of all records
	records []delimited
	err     error
}

// delimited is where a record begins in the data and ends in the batch.
type delimited struct {
	at int64
	to int
}

func (b *batch) add(raw []byte, at int64) {
	b.text = append(b.text, raw...)
	b.records = append(b.records, delimited{at, len(b.text)})
}

// manyRecords is how many go in a batch, however short they are.
const manyRecords = 1 << 10

// batches yields the records in batches of up to so many bytes, to run ahead.
func (r *reader) batches(size int) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		var turns [depth + 2]batch
		raw, at, err := r.next()
		for turn := 0; ; turn = (turn + 1) % len(turns) {
			b := &turns[turn]
			b.text, b.records = b.text[:0], b.records[:0]
			for err == nil && len(b.text)+len(raw) <= size && len(b.records) < manyRecords {
				b.add(raw, at)
				raw, at, err = r.next()
			}
			b.err = err
			if !yield(*b) || err != nil {
				return
			}
			if len(raw) > size {
				if !alone(raw, at, yield) {
					return
				}
				raw, at, err = r.next()
			}
		}
	}
}

// alone yields a record as a batch that is no copy, and empty ones until it is
// done with: memory holds no second record of that length.
func alone(raw []byte, at int64, yield func(batch) bool) bool {
	more := yield(batch{text: raw, records: []delimited{{at, len(raw)}}})
	for i := 0; more && i <= depth; i++ {
		more = yield(batch{})
	}
	return more
}
