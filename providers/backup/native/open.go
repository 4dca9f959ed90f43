package native

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// maxHeader and maxCatalogue bound the documents that are read at once.
const (
	maxHeader    = 1 << 20
	maxCatalogue = 64 << 20
)

// maxManifest grows with the members that there may be.
func maxManifest(l backup.Limits) int64 {
	if l.Members > 0 {
		return maxCatalogue + 1024*int64(l.Members)
	}
	return 1 << 30
}

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
	f, err := os.OpenInRoot(path, headerName)
	if err != nil {
		return nil // walking says what is there
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxHeader {
		return nil
	}
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

// readDocuments reads the header, the seal, the manifest and the catalogue.
func (p *Package) readDocuments() error {
	var sum digest
	err := p.document(headerName, maxHeader, func(r *io.SectionReader) (err error) {
		p.about, sum, err = readHeaderDocument(r)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.document(sealName, maxHeader, p.readSeal); err != nil {
		return err
	}
	err = p.document(manifestName, maxManifest(p.limits), func(r *io.SectionReader) error {
		got, err := unmarshal(r, &p.manifest)
		if err == nil && got != p.digest {
			err = errors.New("not the one that " + sealName + " seals")
		}
		return err
	})
	if err != nil {
		return err
	}
	if sum != p.manifest.Header {
		return badDocument(headerName, errors.New("not the one that the manifest lists"))
	}
	var c catalogueDocument
	err = p.document(catalogueName, maxCatalogue, func(r *io.SectionReader) error {
		got, err := unmarshal(r, &c)
		if err == nil && got != p.manifest.Catalogue {
			err = errors.New("not the one that the manifest lists")
		}
		return err
	})
	if err != nil {
		return err
	}
	err = p.document(headName, maxHeader, func(r *io.SectionReader) error {
		b, err := io.ReadAll(r)
		if err == nil && string(b) != headOf(p.manifest.Header, p.manifest.Catalogue) {
			err = errors.New("not the digests that the manifest lists")
		}
		return err
	})
	if err != nil {
		return err
	}
	p.header = p.about.header()
	if err := c.fill(&p.header); err != nil {
		return badDocument(catalogueName, err)
	}
	if err := p.manifest.check(&p.header, p.about.Salvaged, p.limits); err != nil {
		return badDocument(manifestName, err)
	}
	return nil
}

// document reads one of the documents.
func (p *Package) document(name string, most int64, read func(*io.SectionReader) error) error {
	r, c, err := p.store.open(name)
	if err != nil {
		return err
	}
	defer c.Close()
	size, _ := p.store.size(name)
	if size > most {
		return badDocument(name, fmt.Errorf("larger than %d bytes", most))
	}
	if err := read(io.NewSectionReader(failing{r}, 0, size)); err != nil {
		return badDocument(name, err)
	}
	return nil
}

// readSeal reads the manifest's digest as sha256sum -c would.
func (p *Package) readSeal(r *io.SectionReader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d, ok := parseDigest(string(b[:min(len(b), 2*sha256.Size)]))
	if !ok || string(b) != sealOf(d) {
		return errors.New("not the digest of the manifest")
	}
	p.digest = d
	return nil
}

// checkMembers wants every member that the manifest lists, here or in a parent,
// and no other, in the order of writing.
func (p *Package) checkMembers() error {
	names := p.store.names()
	if n := len(names); p.store.ordered() && (n < 5 || names[0] != headerName || names[1] != catalogueName || names[2] != headName ||
		names[n-2] != manifestName || names[n-1] != sealName) {
		return disorder(p.name)
	}
	own := map[string]bool{}
	order := map[string][]string{} // by folder, what is still to come
	expect := func(folder, name string, stored int64, inherited bool) error {
		size, here := p.store.size(name)
		switch {
		case !here && !inherited:
			return missing(name)
		case here && size != stored:
			return badMember(name, errStored)
		case here && !own[name]:
			own[name] = true
			order[folder] = append(order[folder], name)
		}
		return nil
	}
	for i := range p.manifest.Models {
		m := &p.manifest.Models[i]
		for _, c := range m.Chunks {
			inherited, ok := p.parent.chunk(m.Model, c.Digest)
			if err := expect(escapeLabel(m.Model), rowsName(m.Model, c.Digest), c.Stored, ok && inherited == c); err != nil {
				return err
			}
		}
	}
	for _, part := range p.partsInOrder() {
		inherited, ok := p.parent.part(part.Digest)
		if err := expect("", partName(part.Digest), part.Stored, ok && inherited == part); err != nil {
			return err
		}
	}
	return p.checkOrder(names, own, order)
}

// checkOrder wants only members that were listed, those of each folder in the
// order of writing. Of a salvaged package's parts it is not known.
func (p *Package) checkOrder(names []string, own map[string]bool, order map[string][]string) error {
	for _, name := range names {
		c, label, _ := contentOf(name)
		if c == fixedContent {
			continue
		}
		if !own[name] {
			return foreign(name)
		}
		lax := !p.store.ordered() || c == partContent && p.about.Salvaged
		if !lax && order[label][0] != name {
			return disorder(p.name)
		}
		order[label] = order[label][1:]
	}
	return nil
}

// partsInOrder are the parts in the order in which they were written: those of
// the files in the order of their names, each once, and then any others.
func (p *Package) partsInOrder() []partMember {
	at := make(map[digest]int, len(p.manifest.Parts))
	for i, part := range p.manifest.Parts {
		at[part.Digest] = i
	}
	out := make([]partMember, 0, len(p.manifest.Parts))
	take := func(d digest) {
		if i, ok := at[d]; ok {
			out = append(out, p.manifest.Parts[i])
			delete(at, d)
		}
	}
	for _, f := range p.manifest.Files {
		for _, d := range f.Parts {
			take(d)
		}
	}
	for _, part := range p.manifest.Parts {
		take(part.Digest)
	}
	return out
}

func disorder(base string) error {
	return &backup.Refusal{
		Member: base, Code: "package.order", Summary: "its members are not in the order of a package", Remedy: remedyDamaged,
	}
}

func badMember(name string, cause error) error {
	return &backup.Refusal{
		Member: name, Code: "package.checksum", Summary: "the member is damaged", Cause: cause,
		Detail: "What was found: " + cause.Error() + ".", Remedy: remedyDamaged,
	}
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
