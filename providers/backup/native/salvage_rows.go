package native

import (
	"context"
	"slices"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// salvagedRows is what is being salvaged of one model.
type salvagedRows struct {
	index   int
	model   *schema.Model
	reader  *rowReader
	judge   *judge
	keys    *keyCheck
	seen    map[digest]bool
	out     rowsMember
	damaged bool
}

func newSalvagedRows(i int, h *backup.Header) *salvagedRows {
	m := h.Models[i]
	return &salvagedRows{
		index: i, model: m, reader: newRowReader(m), judge: newJudge(m, h.Source.Dialect),
		keys: newKeyCheck(m, tableOf(h, m.Table)), seen: map[digest]bool{},
		out: rowsMember{Model: m.Label, Encoding: textEncoding, Chunks: []chunkMember{}},
	}
}

// chunk takes a chunk whole or not at all. After one that is not sound none of
// the model is taken: what would follow is not known.
func (s *salvager) chunk(rows *salvagedRows, name string, d digest, stored []byte) error {
	if rows.damaged {
		return nil
	}
	most := int64(1) << 40
	if s.limits.Record > 0 {
		most = maxChunkSize + s.limits.Record
	}
	b, ok := s.unpack(stored, d, most)
	records := int64(0)
	if ok {
		records, ok = rows.judged(b, s.limits)
	}
	if !ok || rows.seen[d] {
		rows.damaged = true
		return nil
	}
	rows.seen[d] = true
	rows.out.Records += records
	rows.out.Bytes += int64(len(b))
	rows.out.Chunks = append(rows.out.Chunks, chunkMember{
		Digest: d, Records: records, Size: int64(len(b)), Stored: int64(len(stored)), StoredDigest: sha(stored),
	})
	return s.w.put(name, stored)
}

// judged counts the rows of a chunk, false if one of them is not sound.
func (r *salvagedRows) judged(b []byte, l backup.Limits) (n int64, ok bool) {
	before := slices.Clone(r.judge.counts)
	for len(b) > 0 {
		rec, rest, err := r.reader.next(b)
		if err == nil && l.Record > 0 && int64(len(b)-len(rest)) > l.Record {
			err = errRow
		}
		if err == nil {
			err = r.keys.next(rec)
		}
		if err == nil {
			err = r.judge.record(rec)
		}
		if n++; err != nil || n > maxChunkRecords {
			r.judge.counts = before
			return 0, false
		}
		b = rest
	}
	return n, true
}

// finish completes the package and the account.
func (s *salvager) finish() error {
	for _, m := range s.out.Header.Models {
		rows := s.models[escapeLabel(m.Label)]
		rows.out.Digest = modelDigest(rows.out.Chunks)
		rows.out.Irregular = rows.judge.list()
		s.w.complete(rows.index, rows.out)
		one := SalvagedModel{
			Model: m.Label, Records: rows.out.Records, Chunks: len(rows.out.Chunks), Damaged: rows.damaged, Missing: -1,
		}
		if s.sealed != nil && rows.index < len(s.sealed.Models) {
			one.Missing = max(0, s.sealed.Models[rows.index].Records-rows.out.Records)
		}
		s.out.Models = append(s.out.Models, one)
	}
	if s.sealed != nil {
		s.files()
	}
	return s.w.Finish(context.WithoutCancel(s.ctx))
}

// files takes the files of the manifest whose parts are all there.
func (s *salvager) files() {
	s.out.LostFiles = 0
	for _, f := range s.sealed.Files {
		whole := !slices.ContainsFunc(f.Parts, func(d digest) bool {
			_, ok := s.w.parts[d]
			return !ok
		})
		if !whole {
			s.out.LostFiles++
			continue
		}
		s.out.Files++
		s.w.manifest.Files = append(s.w.manifest.Files, f)
	}
}
