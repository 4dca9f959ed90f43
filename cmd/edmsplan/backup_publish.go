package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/storage"
)

// sign writes the signature beside the package, before that appears: one
// without the other is no package.
func (w *writing) sign(ctx context.Context, at *place, draft storage.Draft, out *written) error {
	if w.signing == nil {
		return nil
	}
	comment := envelope.Comment{Time: w.now(), File: at.name}
	if !out.encrypted {
		comment.Digest = out.digest
	}
	signature, err := envelope.Sign(io.NewSectionReader(draft, 0, draft.Size()), w.signing, comment)
	if err != nil {
		return err
	}
	_, err = at.store.Create(ctx, at.name+envelope.SignatureSuffix, strings.NewReader(string(signature)), storage.CreateOptions{})
	return err
}

// unsign removes the signature of a package that was not published.
func (w *writing) unsign(ctx context.Context, at *place, err error) error {
	if w.signing == nil || errors.Is(err, storage.ErrExists) {
		return err // the signature that is there belongs to what has the name
	}
	return errors.Join(err, at.store.Remove(context.WithoutCancel(ctx), at.name+envelope.SignatureSuffix))
}

// folder writes a package that is a folder: under a hidden name first.
func (w *writing) folder(ctx context.Context, do backUp) (_ *written, err error) {
	out := filepath.Clean(w.out)
	if _, err := os.Lstat(out); err == nil || !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fmt.Errorf("%s exists already: a package is never replaced", out)
		}
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(out), storage.HiddenPrefix+"temp-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	at := filepath.Join(temp, filepath.Base(out))
	done, err := do(func(h backup.Header) (backup.Writer, error) {
		if w.format == formatEDMS {
			return w.progress.countingFiles(edms.NewFolderWriter(at, h, fixtureWriter))
		}
		return w.progress.countingFiles(native.NewFolderWriter(at, h, native.WriterOptions{Parent: w.parent, ParentName: w.sibling}))
	})
	if err != nil {
		return nil, err
	}
	w.say("Reading %s back", out)
	pkg, err := w.openFolder(ctx, at)
	if err != nil {
		return nil, err
	}
	made := &written{done: done, path: w.out, format: w.format, signed: w.signing != nil, parent: w.sibling, digest: pkg.Info().Digest}
	if err := errors.Join(w.verify(ctx, pkg, done), pkg.Close()); err != nil {
		return nil, err
	}
	if err := w.signFolder(at, made.digest); err != nil {
		return nil, err
	}
	return made, os.Rename(at, out)
}

// openFolder opens the folder where it is now; its parent is beside where it
// is going to be.
func (w *writing) openFolder(ctx context.Context, at string) (backup.Package, error) {
	if w.format == formatEDMS {
		return backup.Open(ctx, at, formats(), backup.DefaultLimits())
	}
	return typedNil(native.OpenFolder(ctx, at, native.Options{Limits: backup.DefaultLimits(), Path: w.out, Parent: w.open.parent(w.out)}))
}

func (w *writing) signFolder(at, digest string) (err error) {
	if w.signing == nil {
		return nil
	}
	name := envelope.SignedFile(at, true)
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	signature, err := envelope.Sign(f, w.signing, envelope.Comment{Time: w.now(), File: filepath.Base(name), Digest: digest})
	if err != nil {
		return err
	}
	return os.WriteFile(name+envelope.SignatureSuffix, signature, 0o640)
}

func (w *writing) say(format string, args ...any) {
	if w.progress != nil {
		w.progress.say(format, args...)
	}
}
