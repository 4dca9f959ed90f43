package native

import (
	"context"
	"io"

	"github.com/edmsplan/edmsplan/schema"
)

// Progress is told how far Verify has come.
type Progress interface {
	// Verified is called after each chunk and each part: the model, empty for a
	// part of files, and the bytes that were read, uncompressed.
	Verified(model string, bytes int64)
}

// Verified counts what Verify has read and found to be as the manifest says.
type Verified struct {
	Models  int
	Records int64
	Chunks  int
	// Inherited counts the chunks and parts that were read in parents.
	Inherited int
	Bytes     int64
	Files     int
	FileBytes int64
	Parts     int
}

// Verify reads all of the package, and what it uses of its parents: each
// member's digest, each chunk's, each row, each part's and each file's. A nil
// Progress is told nothing. The error of what does not hold wraps
// backup.ErrRefused; the counts are those up to it.
func (p *Package) Verify(ctx context.Context, progress Progress) (Verified, error) {
	var v Verified
	if p.closed {
		return v, errClosed
	}
	told := func(model string, bytes int64) {
		if progress != nil {
			progress.Verified(model, bytes)
		}
	}
	for i := range p.manifest.Models {
		s := p.newScan(i)
		for n, c := range s.rows.Chunks {
			if err := s.chunk(ctx, n, func(*schema.Record) bool { return true }); err != nil {
				return v, err
			}
			v.Chunks++
			v.Records += c.Records
			v.Bytes += c.Size
			v.inherit(p, rowsName(s.model.Label, c.Digest))
			told(s.model.Label, c.Size)
		}
		if err := s.end(ctx); err != nil {
			return v, err
		}
		v.Models++
	}
	return v, p.verifyFiles(ctx, &v, told)
}

func (v *Verified) inherit(p *Package, name string) {
	if _, own := p.store.size(name); !own {
		v.Inherited++
	}
}

// verifyFiles reads each file, and each part that no file has.
func (p *Package) verifyFiles(ctx context.Context, v *Verified, told func(string, int64)) error {
	seen := make(map[digest]bool, len(p.manifest.Parts))
	for i := range p.manifest.Files {
		f := &p.manifest.Files[i]
		r, err := p.OpenFile(ctx, f.Name)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		v.Files++
		v.FileBytes += f.Size
		for _, d := range f.Parts {
			if !seen[d] {
				seen[d] = true
				v.Parts++
				v.inherit(p, partName(d))
			}
		}
		told("", f.Size)
	}
	for _, part := range p.manifest.Parts {
		if seen[part.Digest] {
			continue
		}
		if _, err := p.read(partName(part.Digest), part.Size, part.Stored, part.StoredDigest, part.Digest); err != nil {
			return err
		}
		v.Parts++
		told("", part.Size)
	}
	return ctx.Err()
}
