package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// written is a package that was written and verified.
type written struct {
	done      *engine.BackedUp
	path      string
	size      int64 // 0 for a folder
	digest    string
	format    string
	encrypted bool
	signed    bool
	parent    string
}

// backUp makes the backup with a writer.
type backUp func(create func(backup.Header) (backup.Writer, error)) (*engine.BackedUp, error)

// write writes the package, reads it back, verifies it and publishes it.
func (t *output) write(ctx context.Context, s streams, o backupOptions, pol *policy.Policy, do backUp, p *progress) (_ *written, err error) {
	keys := o.keys(s)
	signing, err := keys.SignKey()
	if err != nil {
		return nil, err
	}
	if signing != nil && t.isFolder() && t.format != formatFolder {
		return nil, fmt.Errorf("a folder of the format %s cannot be signed: name a .tar", t.format)
	}
	to, err := keys.EncryptTo()
	if err != nil {
		return nil, err
	}
	open, err := newOpener(s, keys, nil)
	if err != nil {
		return nil, err
	}
	open.trusted = nil // what is written here is not signed yet
	job := &writing{output: t, s: s, open: open, to: to, signing: signing, progress: p, now: time.Now}
	if err := job.openParent(ctx, o.parent); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, job.close()) }()
	if t.isFolder() {
		return job.folder(ctx, do)
	}
	return job.file(ctx, do)
}

// writing is one package being written.
type writing struct {
	*output
	s        streams
	open     *opener
	to       *envelope.Recipients
	signing  *envelope.SignKey
	parent   *native.Package
	sibling  string // the parent's base name
	progress *progress
	now      func() time.Time
}

func (w *writing) close() error {
	if w.parent == nil {
		return nil
	}
	return w.parent.Close()
}

// openParent opens the package that the new one builds on. It has to be where
// a reader of the new one will look for it.
func (w *writing) openParent(ctx context.Context, where string) error {
	if where == "" {
		return nil
	}
	name := filepath.Base(where)
	if at := (&place{text: w.out, name: filepath.Base(w.out)}).beside(name); !samePlace(at, where) {
		return fmt.Errorf("the parent %s is not beside %s: a package is read together with its parent, so put both into one place", where, w.out)
	}
	p, err := w.open.open(ctx, where)
	if err != nil {
		return err
	}
	n, ok := p.(*native.Package)
	if !ok {
		return errors.Join(fmt.Errorf("%s is no %s: only such a package can be a parent", where, native.Extension), p.Close())
	}
	w.parent, w.sibling = n, name
	return nil
}

// samePlace reports whether two texts name one thing.
func samePlace(a, b string) bool {
	if isBucket(a) || isBucket(b) {
		return a == b
	}
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}

// file writes a package that is one file, as a draft.
func (w *writing) file(ctx context.Context, do backUp) (_ *written, err error) {
	at, err := openPlace(ctx, w.s, w.out)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	drafter, ok := at.store.(storage.Drafter)
	if !ok {
		return nil, fmt.Errorf("nothing can be drafted in %s", w.out)
	}
	draft, err := drafter.Draft(ctx, at.name, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, draft.Close()) }()
	f := &fileSink{draft: draft, buffer: bufio.NewWriterSize(w.progress.counting(draft), 1<<20)}
	done, err := do(func(h backup.Header) (backup.Writer, error) {
		return w.progress.countingFiles(w.begin(f, h))
	})
	if err != nil {
		return nil, err
	}
	out := &written{done: done, path: w.out, format: w.format, encrypted: f.encrypted != nil, signed: w.signing != nil, parent: w.sibling}
	w.say("Reading %s back", w.out)
	if out.digest, err = w.readBack(ctx, f, done); err != nil {
		return nil, err
	}
	if err := w.sign(ctx, at, draft, out); err != nil {
		return nil, err
	}
	info, err := draft.Publish(ctx)
	if err != nil {
		return nil, w.unsign(ctx, at, err)
	}
	out.size = info.Size
	return out, nil
}

// fileSink is the draft with what stands before it.
type fileSink struct {
	draft     storage.Draft
	buffer    *bufio.Writer
	encrypted *envelope.Writer // nil without encryption
}

// begin makes the writer of the format.
func (w *writing) begin(f *fileSink, h backup.Header) (backup.Writer, error) {
	var out io.Writer = f.buffer
	if w.to != nil {
		var err error
		if f.encrypted, err = envelope.Encrypt(f.buffer, w.to); err != nil {
			return nil, err
		}
		out = f.encrypted
	}
	inner, err := w.formatWriter(out, h)
	if err != nil {
		return nil, err
	}
	return &finishing{inner, f}, nil
}

// fixtureWriter is how the records of an EDMS package are written.
func fixtureWriter(out io.Writer, h backup.Header) (backup.Writer, error) {
	return django.NewWriter(out, h, django.Options{})
}

func (w *writing) formatWriter(out io.Writer, h backup.Header) (backup.Writer, error) {
	zipped := strings.HasSuffix(w.out, ".gz")
	switch w.format {
	case formatDjango:
		return django.NewWriter(out, h, django.Options{Gzip: zipped})
	case formatEDMS:
		return edms.NewArchiveWriter(out, h, fixtureWriter)
	}
	return native.NewWriter(out, h, native.WriterOptions{Parent: w.parent, ParentName: w.sibling})
}

// finishing completes what stands before the draft when the package is
// complete.
type finishing struct {
	backup.Writer
	sink *fileSink
}

// Finish implements backup.Writer.
func (f *finishing) Finish(ctx context.Context) error {
	if err := f.Writer.Finish(ctx); err != nil {
		return err
	}
	if f.sink.encrypted != nil {
		if err := f.sink.encrypted.Close(); err != nil {
			return err
		}
	}
	return f.sink.buffer.Flush()
}

// readBack opens the draft as a reader will, verifies it and returns its
// digest.
func (w *writing) readBack(ctx context.Context, f *fileSink, done *engine.BackedUp) (_ string, err error) {
	var content io.ReaderAt = f.draft
	size := f.draft.Size()
	if f.encrypted != nil {
		if content, size, err = envelope.Decrypt(f.draft, size, f.encrypted.ReadBack()); err != nil {
			return "", err
		}
	}
	var pkg backup.Package
	if w.format == formatNative {
		pkg, err = typedNil(native.Open(ctx, content, size, filepath.Base(w.out), native.Options{
			Limits: backup.DefaultLimits(), Path: w.out, Parent: w.open.parent(w.out),
		}))
	} else {
		pkg, err = w.open.openCopy(ctx, io.NewSectionReader(content, 0, size), w.out)
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	return pkg.Info().Digest, w.verify(ctx, pkg, done)
}

// verify demands that the package is sound and holds what was written. What
// the database itself has lost is backed up faithfully; whoever restores it
// should know.
func (w *writing) verify(ctx context.Context, pkg backup.Package, done *engine.BackedUp) error {
	v, err := engine.Verify(ctx, engine.VerifyRequest{Package: pkg, Level: 2, Program: version(), Progress: w.progress.verifying(pkg)})
	if err != nil {
		return err
	}
	last := v.Levels[len(v.Levels)-1]
	if v.Damaged() {
		return fmt.Errorf("the package does not read back, and was not published: %s", strings.Join(last.Problems, " "))
	}
	if n := int64(pkg.Info().Records); n != done.Records() {
		return fmt.Errorf("the package holds %d records, and %d were written to it: it was not published", n, done.Records())
	}
	for _, p := range last.Problems {
		done.Diagnostics = append(done.Diagnostics, warning("backup.reference", p, "The database itself does not keep these references, or it does not mind that they are spelt otherwise."))
	}
	return nil
}
