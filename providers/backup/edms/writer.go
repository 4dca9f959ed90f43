package edms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// FixtureWriter begins the Django fixture that holds the package's records.
type FixtureWriter func(w io.Writer, h backup.Header) (backup.Writer, error)

// NewFolderWriter begins a migration package that is a folder. Nothing may be
// at dir yet but an empty folder; the members are gathered in a hidden folder
// beside it, which gets the name when Finish has synced all of them, and is
// removed by Close when it did not.
//
// WriteModel is called as the fixture's writer wants it, and from one
// goroutine. Names of files begin with "storage/". Members can be read by their
// owner alone, but for stored files, which keep their modes.
func NewFolderWriter(dir string, h backup.Header, fixture FixtureWriter) (backup.Writer, error) {
	f, err := newFolder(dir)
	if err != nil {
		return nil, err
	}
	return newWriter(f, h, fixture)
}

// NewArchiveWriter begins a migration package that is a .tar.gz. It writes to w
// as it goes and does not close it; until Finish returns nil the archive is cut
// off, and refused by every reader. A member's size stands before its content,
// so each is spooled to a private temporary folder, the records as a whole and
// files one by one; Close removes it.
//
// For the rest it is as NewFolderWriter.
func NewArchiveWriter(w io.Writer, h backup.Header, fixture FixtureWriter) (backup.Writer, error) {
	a, err := newArchive(w)
	if err != nil {
		return nil, err
	}
	return newWriter(a, h, fixture)
}

// place is where the members of a package go.
type place interface {
	// begin makes a file for the member's content.
	begin(name string) (*os.File, error)
	// take makes the written file a member and closes it.
	take(ctx context.Context, f *os.File, m entry) error
	// finish completes the package.
	finish(ctx context.Context) error
	// discard releases everything and, unless it was finished, removes it. It
	// may be called twice.
	discard() error
}

// entry is a member to be.
type entry struct {
	name string
	mode fs.FileMode
	at   time.Time
}

// writer is the backup.Writer of a migration package.
type writer struct {
	place   place
	header  backup.Header
	fixture backup.Writer
	records *draft
	stored  *draft // storage/manifest.json, written as files come
	counts  map[string]int64
	digests map[string]string // of the members of database/, by name there
	files   int64
	bytes   int64
	last    string // name of the last file
	err     error  // of the last call; nothing works after it
}

var errDone = errors.New("the package is finished or closed")

func newWriter(p place, h backup.Header, fixture FixtureWriter) (_ backup.Writer, err error) {
	w := &writer{place: p, header: h, counts: map[string]int64{}, digests: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.records, err = w.begin(fixtureName); err != nil {
		return nil, err
	}
	if w.stored, err = w.begin(storageName); err != nil {
		return nil, err
	}
	if err := w.stored.print("{\n  \"created_at\": %q,\n  \"files\": {", isoformat(h.Created)); err != nil {
		return nil, err
	}
	w.fixture, err = fixture(w.records, h)
	return w, err
}

// draft is a member being written, digested on the way.
type draft struct {
	entry
	file *os.File
	sum  hash.Hash
	size int64
}

func (m *draft) Write(b []byte) (int, error) {
	n, err := m.file.Write(b)
	m.sum.Write(b[:n])
	m.size += int64(n)
	return n, err
}

func (m *draft) print(format string, args ...any) error {
	_, err := fmt.Fprintf(m, format, args...)
	return err
}

func (m *draft) digest() string { return hex.EncodeToString(m.sum.Sum(nil)) }

func (w *writer) begin(name string) (*draft, error) {
	f, err := w.place.begin(name)
	if err != nil {
		return nil, fmt.Errorf("beginning %s: %w", name, err)
	}
	return &draft{entry: entry{name: name, mode: 0o600, at: w.header.Created}, file: f, sum: sha256.New()}, nil
}

// take completes a member and notes the digests of those that checksum.txt
// lists.
func (w *writer) take(ctx context.Context, m *draft) error {
	if err := w.place.take(ctx, m.file, m.entry); err != nil {
		return fmt.Errorf("writing %s: %w", m.name, err)
	}
	m.file = nil
	if name, ok := strings.CutPrefix(m.name, "database/"); ok {
		w.digests[name] = m.digest()
	}
	return nil
}

// WriteModel implements backup.Writer.
func (w *writer) WriteModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.fixture.WriteModel(ctx, m, records)
	w.counts[strings.ToLower(m.Label)] = n
	w.err = err
	return n, err
}

// WriteFile implements backup.Writer.
func (w *writer) WriteFile(ctx context.Context, f backup.StoredFile, r io.Reader) (backup.FileInfo, error) {
	if w.err != nil {
		return backup.FileInfo{}, w.err
	}
	info, err := w.writeFile(ctx, f, r)
	if err != nil {
		w.err = fmt.Errorf("writing the file %.200q: %w", f.Name, err)
	}
	return info, w.err
}

func (w *writer) writeFile(ctx context.Context, f backup.StoredFile, r io.Reader) (info backup.FileInfo, err error) {
	key, err := storedName(f.Name)
	switch {
	case err != nil:
		return info, err
	case f.Name <= w.last:
		return info, errors.New("it does not come after the file before it in the order of their bytes")
	}
	w.last = f.Name
	m, err := w.begin(f.Name)
	if err != nil {
		return info, err
	}
	defer func() {
		if m.file != nil {
			_ = m.file.Close() // the error before it is the one to tell
		}
	}()
	if m.mode = f.Mode.Perm(); m.mode == 0 {
		m.mode = 0o640
	}
	if !f.ModTime.IsZero() {
		m.at = f.ModTime
	}
	if _, err := io.Copy(m, contextReader{ctx, r}); err != nil {
		return info, err
	}
	if err := w.take(ctx, m); err != nil {
		return info, err
	}
	comma := ","
	if w.files == 0 {
		comma = ""
	}
	w.files++
	w.bytes += m.size
	return backup.FileInfo{Name: f.Name, Size: m.size, Digest: m.digest()},
		w.stored.print("%s\n    %s: {\"size\": %d, \"checksum\": %q}", comma, key, m.size, m.digest())
}

// storedName judges the name of a file and spells it as the manifest does,
// relative to storage.
func storedName(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, "storage/")
	switch {
	case !ok || !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00"):
		return "", errors.New("it is not the name of a file below storage/")
	case name == storageName:
		return "", errors.New("this is the name of the list of the files")
	}
	key, err := jsontext.AppendQuote(nil, rest)
	if err != nil {
		return "", errors.New("its name is not UTF-8")
	}
	return string(key), nil
}

// Finish implements backup.Writer.
func (w *writer) Finish(ctx context.Context) error {
	if w.err != nil {
		return w.err
	}
	if err := w.finish(ctx); err != nil {
		w.err = fmt.Errorf("finishing the package: %w", err)
		return w.err
	}
	w.err = errDone
	return nil
}

func (w *writer) finish(ctx context.Context) error {
	if err := w.fixture.Finish(ctx); err != nil {
		return err
	}
	if err := w.take(ctx, w.records); err != nil {
		return err
	}
	if err := w.stored.print("\n  },\n  \"total_files\": %d,\n  \"total_size\": %d\n}\n", w.files, w.bytes); err != nil {
		return err
	}
	if err := w.take(ctx, w.stored); err != nil {
		return err
	}
	documents, err := w.documents()
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := w.add(ctx, d.name, d.text); err != nil {
			return err
		}
	}
	// Last: without it a reader refuses what is there.
	if err := w.add(ctx, checksumName, w.checksums()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.place.finish(ctx)
}

func (w *writer) add(ctx context.Context, name, text string) error {
	m, err := w.begin(name)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(m, text); err != nil {
		return errors.Join(err, m.file.Close())
	}
	return w.take(ctx, m)
}

// Close implements backup.Writer.
func (w *writer) Close() error {
	if w.err == nil {
		w.err = errDone
	}
	var err error
	if w.fixture != nil {
		err = w.fixture.Close()
	}
	for _, m := range []*draft{w.records, w.stored} {
		if m != nil && m.file != nil {
			err = errors.Join(err, m.file.Close())
			m.file = nil
		}
	}
	return errors.Join(err, w.place.discard())
}
