package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// opener opens packages wherever they are, with the keys of a command.
type opener struct {
	s    streams
	keys envelope.Keys
	// trusted are the keys of which one must have signed a package; nil demands
	// no signature.
	trusted []envelope.PublicKey
	// pol reads a database as a package; nil where that is not asked for.
	pol *policy.Policy
	// sealed is what was found around the package that was opened last.
	sealed sealing
}

// sealing is what is around a package.
type sealing struct {
	encrypted bool
	signed    *envelope.SignedBy // nil when no signature was verified
}

// newOpener is an opener with the keys that the command line and the policy
// trust; pol may be nil.
func newOpener(s streams, keys envelope.Keys, pol *policy.Policy) (*opener, error) {
	o := &opener{s: s, keys: keys, pol: pol}
	var err error
	if o.trusted, err = keys.TrustedKeys(); err != nil {
		return nil, err
	}
	if pol == nil {
		return o, nil
	}
	for _, n := range pol.RequireSignature {
		k, err := envelope.ParsePublicKey(n.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Range, err)
		}
		o.trusted = append(o.trusted, k)
	}
	return o, nil
}

// open opens a package: a file or a folder, s3://BUCKET/NAME, or, for a plan, a
// database.
func (o *opener) open(ctx context.Context, where string) (backup.Package, error) {
	o.sealed = sealing{}
	switch {
	case where == "":
		return nil, errors.New("no package is named: give it with -package")
	case isDatabase(where):
		return o.openDatabase(ctx, where)
	case isBucket(where):
		f, err := fetch(ctx, o.s, where)
		if err != nil {
			return nil, err
		}
		return o.openFile(ctx, f.File, f, where)
	}
	st, err := os.Stat(where)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return o.openFolder(ctx, where)
	}
	f, err := os.Open(where)
	if err != nil {
		return nil, err
	}
	return o.openFile(ctx, f, f, where)
}

// openDatabase makes a package of a database, which closes with it.
func (o *opener) openDatabase(ctx context.Context, url string) (backup.Package, error) {
	if o.pol == nil {
		return nil, errors.New("a database can be planned from, not inspected or verified: back it up first")
	}
	if len(o.trusted) > 0 {
		return nil, errors.New("a signed package is asked for, and a database cannot be signed: back it up with -sign-key, and plan with that")
	}
	db, err := openLive(ctx, url)
	if err != nil {
		return nil, err
	}
	p, err := engine.OpenSource(ctx, db, url, o.pol)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil // an adapter holds nothing beside its snapshots
}

// openFile opens a package in a file that stays open with it. c closes it.
func (o *opener) openFile(ctx context.Context, f *os.File, c io.Closer, where string) (_ backup.Package, err error) {
	owned := false
	defer func() {
		if !owned {
			err = errors.Join(err, c.Close())
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", where)
	}
	if err := o.verifySignature(ctx, io.NewSectionReader(f, 0, st.Size()), where); err != nil {
		return nil, err
	}
	content, size, err := o.decrypt(f, st.Size(), where)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 512)
	n, err := content.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if native.IsNative(head[:n]) {
		owned = true
		return typedNil(native.Open(ctx, content, size, filepath.Base(where), native.Options{
			Limits: backup.DefaultLimits(), Path: where, Close: c, Parent: o.parent(where),
		}))
	}
	if o.sealed.encrypted {
		return nil, fmt.Errorf("%s is encrypted, and what is in it is no .edmspkg: decrypt it with age and give the result", where)
	}
	if o.sealed.signed == nil && !isBucket(where) {
		return backup.Open(ctx, where, formats(), backup.DefaultLimits())
	}
	return o.openCopy(ctx, io.NewSectionReader(f, 0, size), where)
}

// openCopy opens a private copy of a file in a format that is opened by its
// path: what was verified is what is read.
func (o *opener) openCopy(ctx context.Context, r io.Reader, where string) (backup.Package, error) {
	dir, err := os.MkdirTemp("", "edmsplan-package-*")
	if err != nil {
		return nil, err
	}
	remove := func(err error) error { return errors.Join(err, os.RemoveAll(dir)) }
	at := filepath.Join(dir, filepath.Base(where))
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, remove(err)
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, remove(err)
	}
	if o.sealed.signed != nil {
		// Read again what was copied: the file may have changed since.
		if err := o.verifyCopy(ctx, at, where); err != nil {
			return nil, remove(err)
		}
	}
	p, err := backup.Open(ctx, at, formats(), backup.DefaultLimits())
	if err != nil {
		return nil, remove(err)
	}
	c := &copied{p, dir, where}
	if files, ok := p.(backup.Files); ok {
		return &copiedFiles{c, files}, nil
	}
	return c, nil
}

// copied is a package in a private copy.
type copied struct {
	backup.Package
	dir, where string
}

// copiedFiles is one that holds files as well.
type copiedFiles struct {
	*copied
	filesOf
}

// filesOf is another name, as a field called Files would hide the method.
type filesOf = backup.Files

var _ backup.Files = (*copiedFiles)(nil)

// Info implements backup.Package.
func (c *copied) Info() backup.Info {
	i := c.Package.Info()
	i.Path = c.where
	return i
}

// Close removes the copy.
func (c *copied) Close() error { return errors.Join(c.Package.Close(), os.RemoveAll(c.dir)) }

// openFolder opens a package in a folder.
func (o *opener) openFolder(ctx context.Context, where string) (backup.Package, error) {
	first, err := backup.Open(ctx, where, formats(), backup.DefaultLimits())
	if err != nil || len(o.trusted) == 0 {
		return first, err
	}
	if _, ok := first.(*native.Package); !ok {
		return nil, errors.Join(fmt.Errorf("%s is a folder, whose signature seals nothing: pack and sign it as one file", where), first.Close())
	}
	manifest := envelope.SignedFile(where, true)
	text, err := os.ReadFile(manifest)
	if err == nil {
		err = o.verifySignature(ctx, bytes.NewReader(text), manifest)
	}
	if sum := sha256.Sum256(text); err == nil && hex.EncodeToString(sum[:]) != first.Info().Digest {
		err = fmt.Errorf("%s was changed while it was being read", manifest)
	}
	if err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return first, nil
}

// parent opens the packages that an incremental one builds on, beside it. The
// child seals them by their digests: no signature of theirs is asked for.
func (o *opener) parent(of string) native.ParentFunc {
	return func(ctx context.Context, name, _ string) (*native.Package, error) {
		if filepath.Base(name) != name {
			return nil, fmt.Errorf("the parent %q is not the name of a file", name)
		}
		at := (&place{text: of, name: filepath.Base(of)}).beside(name)
		unsigned := &opener{s: o.s, keys: o.keys}
		p, err := unsigned.open(ctx, at)
		if err != nil {
			return nil, err
		}
		n, ok := p.(*native.Package)
		if !ok {
			return nil, errors.Join(fmt.Errorf("%s is no .edmspkg", at), p.Close())
		}
		return n, nil
	}
}

// decrypt is the content of a file that may be encrypted.
func (o *opener) decrypt(f io.ReaderAt, size int64, where string) (io.ReaderAt, int64, error) {
	head := make([]byte, 64)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, 0, err
	}
	if !envelope.IsEncrypted(head[:n]) {
		return f, size, nil
	}
	o.sealed.encrypted = true
	ids, err := o.keys.Identities()
	if err != nil {
		return nil, 0, err
	}
	content, n64, err := envelope.Decrypt(f, size, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("package %s: %w", where, backup.InMember(err, filepath.Base(where)))
	}
	return content, n64, nil
}

// typedNil keeps a nil *native.Package from becoming a Package that is not nil.
func typedNil(p *native.Package, err error) (backup.Package, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
