package native

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

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
