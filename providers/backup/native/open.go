package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// OpenFile opens the package in the file at path.
func OpenFile(ctx context.Context, path string, o Options) (*Package, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Join(err, closeAll(o.Close))
	}
	o.Close = closers{f, o.Close}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, closeAll(o.Close))
	}
	if o.Path == "" {
		o.Path = path
	}
	return Open(ctx, f, st.Size(), filepath.Base(path), o)
}

// Open opens the package that r holds; name is what messages call it. It reads
// what the package says of itself and of its members, and checks these against
// each other. Contents are checked whenever they are read: what fails then
// wraps backup.ErrRefused as well. r is read until the package is closed.
func Open(ctx context.Context, r io.ReaderAt, size int64, name string, o Options) (*Package, error) {
	open := func() (store, error) {
		if err := peekVersion(r, size); err != nil {
			return nil, err
		}
		return typed(walkArchive(ctx, r, size, name, o.Limits))
	}
	return openStore(ctx, open, name, o)
}

// OpenFolder opens the package in the folder at path.
func OpenFolder(ctx context.Context, path string, o Options) (*Package, error) {
	name := filepath.Base(path)
	if o.Path == "" {
		o.Path = path
	}
	if o.Format == "" {
		o.Format = FolderFormatName
	}
	open := func() (store, error) {
		if err := peekFolderVersion(path); err != nil {
			return nil, err
		}
		return typed(walkFolder(ctx, path, name, o.Limits))
	}
	return openStore(ctx, open, name, o)
}

// typed keeps a nil *T from becoming a store that is not nil.
func typed[T store](s T, err error) (store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// peekVersion refuses a package of another version before anything else in it
// is looked at.
func peekVersion(r io.ReaderAt, size int64) error {
	h := make([]byte, blockSize)
	if n, err := r.ReadAt(h, 0); n < blockSize || memberName(h) != headerName {
		if err != nil && err != io.EOF {
			return err
		}
		return nil // walking says what it is
	}
	n, err := strconv.ParseInt(string(h[124:135]), 8, 64)
	if err != nil || n > maxHeader || n > size-blockSize {
		return nil
	}
	return otherVersion(io.NewSectionReader(r, blockSize, n))
}

func peekFolderVersion(path string) error {
	st, err := os.Lstat(filepath.Join(path, headerName))
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxHeader {
		return nil // walking says what is there
	}
	f, err := os.OpenInRoot(path, headerName)
	if err != nil {
		return nil
	}
	defer f.Close()
	return otherVersion(io.NewSectionReader(f, 0, st.Size()))
}

// otherVersion passes on only the refusal of a version.
func otherVersion(r *io.SectionReader) error {
	_, _, err := readHeaderDocument(r)
	var refusal *backup.Refusal
	if errors.As(err, &refusal) && refusal.Code == "package.version" {
		return err
	}
	return nil
}

// openStore opens a package whose members are known.
func openStore(ctx context.Context, open func() (store, error), name string, o Options) (_ *Package, err error) {
	p := &Package{name: name, limits: o.Limits, closer: o.Close}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.dec, err = newDecoder(); err != nil {
		return nil, err
	}
	if p.store, err = open(); err != nil {
		return nil, err
	}
	if err := p.readDocuments(); err != nil {
		return nil, err
	}
	if err := checkWanted(ctx, p); err != nil {
		return nil, err
	}
	if err := p.openParent(ctx, o.Parent); err != nil {
		return nil, err
	}
	if err := p.checkMembers(); err != nil {
		return nil, err
	}
	p.number()
	p.describe(o)
	return p, nil
}

// number counts the records before each model.
func (p *Package) number() {
	n := 0
	p.first = make([]int, len(p.manifest.Models))
	for i, m := range p.manifest.Models {
		p.first[i] = n
		n += int(m.Records)
	}
	p.models = map[string]int{}
	for i, m := range p.header.Models {
		p.models[m.Label] = i
	}
}
