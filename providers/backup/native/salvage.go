package native

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// Salvaged is what was left of a damaged package.
type Salvaged struct {
	Header backup.Header
	// Parent is the package that an incremental one builds on, empty for
	// others. Only what the package holds itself was read.
	Parent string
	Models []SalvagedModel
	// Files are the files whose parts were all found. Without a manifest none
	// has a name: then there are only Parts.
	Files, Parts int
	// LostFiles is how many files are known to be missing or incomplete, -1 when
	// the manifest was not found.
	LostFiles int
	// Stopped says why reading ended before the end of the package, nil when it
	// did not. Damage to a member does not end it.
	Stopped error
}

// SalvagedModel is what was left of one model.
type SalvagedModel struct {
	Model   string
	Records int64
	Chunks  int
	// Damaged says that a chunk was found to be damaged: none after it was
	// taken, so that the records are the first of the model's.
	Damaged bool
	// Missing is how many records are known to be missing, -1 when the manifest
	// was not found.
	Missing int64
}

// Salvage reads what is left of a package from its start: the header, the
// catalogue and each chunk whose digest is that of its name and whose rows are
// whole, up to the place where the package is cut off or the archive is
// damaged. What it takes it writes to w as a package that says of itself that
// it was salvaged; w may be nil.
//
// The records of each model are the first ones of the damaged package's, in
// their order, as far as members were cut off or altered: it does not see that
// some were taken out or exchanged unless the manifest is there to tell.
//
// The error is that of a package whose header or catalogue is damaged, and
// then it wraps backup.ErrRefused; or of w or ctx.
func Salvage(ctx context.Context, r io.Reader, w io.Writer, l backup.Limits) (*Salvaged, error) {
	if w == nil {
		w = io.Discard
	}
	dec, err := newDecoder()
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	s := &salvager{ctx: ctx, r: bufio.NewReaderSize(r, 64<<10), limits: l, dec: dec}
	if err := s.begin(w); err != nil {
		return nil, err
	}
	defer s.w.Close()
	for s.out.Stopped == nil {
		name, content, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			s.out.Stopped = err
			break
		}
		if err := s.take(name, content); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.out, s.finish()
}

type salvager struct {
	ctx      context.Context
	r        *bufio.Reader
	limits   backup.Limits
	dec      *zstd.Decoder
	w        *writer
	out      *Salvaged
	models   map[string]*salvagedRows // by the folder of the model
	members  int
	manifest []byte
	sealed   *manifestDocument
	plain    bytes.Buffer
}

var (
	errCut    = errors.New("the package is cut off")
	errBroken = errors.New("the archive is damaged")
)

// next reads a member. io.EOF is the end of the package.
func (s *salvager) next() (name string, content []byte, err error) {
	if err := s.ctx.Err(); err != nil {
		return "", nil, err
	}
	if s.members++; s.limits.Members > 0 && s.members > s.limits.Members {
		return "", nil, tooMany("", s.limits.Members)
	}
	var h [blockSize]byte
	if _, err := io.ReadFull(s.r, h[:]); err != nil {
		return "", nil, cut(err)
	}
	if allZero(h[:]) {
		return "", nil, io.EOF
	}
	name, size, ok := readHeader(h[:])
	c, _, _ := contentOf(name)
	if !ok || c == unknownContent || size > s.most(c) {
		return "", nil, errBroken
	}
	// The size is only what the header says: the buffer grows with what is there.
	var b bytes.Buffer
	if _, err := io.CopyN(&b, s.r, size); err != nil {
		return "", nil, cut(err)
	}
	// A content that ends in the padding is whole.
	if _, err := io.CopyN(io.Discard, s.r, padding(size)); err != nil && err != io.EOF {
		return "", nil, cut(err)
	}
	return name, b.Bytes(), nil
}

// most bounds the members of one kind.
func (s *salvager) most(c content) int64 {
	switch {
	case c == partContent:
		return partSize + partSize>>7 + 1024
	case c == rowsContent && s.limits.Record > 0:
		size := maxChunkSize + s.limits.Record
		return size + size>>7 + 1024
	case c == fixedContent:
		return maxManifest(s.limits)
	}
	return maxMember
}

// cut is an error of reading as a reason to stop.
func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errCut
	}
	return fmt.Errorf("reading the package: %w", err)
}

// begin reads the documents that stand before the rows and begins the package
// that is written.
func (s *salvager) begin(w io.Writer) error {
	read := func(name string, take func(r *io.SectionReader) error) error {
		got, content, err := s.next()
		if e := s.ctx.Err(); e != nil {
			return e
		}
		if err == nil && got != name {
			err = errBroken
		}
		if err == nil {
			err = take(io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content))))
		}
		if err == nil || errors.Is(err, backup.ErrRefused) {
			return err
		}
		return &backup.Refusal{
			Member: name, Code: "package.salvage", Summary: "nothing can be salvaged", Cause: err,
			Detail: "The member cannot be read, and without it no record can.", Remedy: "Take another package.",
		}
	}
	head, _ := s.r.Peek(s.r.Size()) // what there is; reading judges it
	if err := peekVersion(bytes.NewReader(head), int64(len(head))); err != nil {
		return err
	}
	var about headerDocument
	var c catalogueDocument
	var sums [2]digest
	err := read(headerName, func(r *io.SectionReader) (err error) {
		about, sums[0], err = readHeaderDocument(r)
		return err
	})
	if err == nil {
		err = read(catalogueName, func(r *io.SectionReader) (err error) {
			sums[1], err = unmarshal(r, &c)
			return err
		})
	}
	if err == nil {
		err = read(headName, func(r *io.SectionReader) error {
			if b, err := io.ReadAll(r); err != nil || string(b) != headOf(sums[0], sums[1]) {
				return errors.Join(errBroken, err)
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	header := about.header()
	if err := c.fill(&header); err != nil {
		return badDocument(catalogueName, err)
	}
	s.out = &Salvaged{Header: header, LostFiles: -1}
	if about.Parent != nil {
		s.out.Parent = about.Parent.Name
	}
	s.models = map[string]*salvagedRows{}
	for i, m := range header.Models {
		s.models[escapeLabel(m.Label)] = newSalvagedRows(i, &header)
	}
	s.w, err = newWriter(tarSink{w}, header, WriterOptions{salvaged: true})
	return err
}

// take takes a member if it is sound. The error is one of writing.
func (s *salvager) take(name string, content []byte) error {
	c, folder, d := contentOf(name)
	switch c {
	case rowsContent:
		if rows := s.models[folder]; rows != nil {
			return s.chunk(rows, name, d, content)
		}
		s.out.Stopped = errBroken
	case partContent:
		return s.part(name, d, content)
	default:
		s.document(name, content)
	}
	return nil
}

// unpack decompresses a member of unknown size.
func (s *salvager) unpack(stored []byte, d digest, most int64) ([]byte, bool) {
	if err := s.dec.Reset(bytes.NewReader(stored)); err != nil {
		return nil, false
	}
	s.plain.Reset()
	n, err := io.Copy(&s.plain, io.LimitReader(s.dec, most+1))
	b := s.plain.Bytes()
	return b, err == nil && n <= most && plausible(n, int64(len(stored)), s.limits) && sha(b) == d
}

// part takes a part of files.
func (s *salvager) part(name string, d digest, stored []byte) error {
	b, ok := s.unpack(stored, d, partSize)
	if _, twice := s.w.parts[d]; !ok || twice {
		return nil
	}
	s.w.parts[d] = partMember{Digest: d, Size: int64(len(b)), Stored: int64(len(stored)), StoredDigest: sha(stored)}
	s.out.Parts++
	return s.w.put(name, stored)
}

// document takes the manifest if the seal after it is its.
func (s *salvager) document(name string, content []byte) {
	switch name {
	case manifestName:
		s.manifest = content
	case sealName:
		m := new(manifestDocument)
		if string(content) != sealOf(sha(s.manifest)) {
			return
		}
		_, err := unmarshal(io.NewSectionReader(bytes.NewReader(s.manifest), 0, int64(len(s.manifest))), m)
		if err == nil && m.check(&s.out.Header, true, s.limits) == nil {
			s.sealed = m
		}
	}
}
