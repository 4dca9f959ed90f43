package native

import (
	"context"
	"io"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Verify reads all of the package, and what it uses of its parents: each
// member's digest, each chunk's, each row, each part's and each file's. The
// error of what does not hold wraps backup.ErrRefused; the counts are those up
// to it.
func (p *Package) Verify(ctx context.Context, progress func(model string, bytes int64)) (backup.Checked, error) {
	var v backup.Checked
	if p.closed {
		return v, errClosed
	}
	told := progress
	if told == nil {
		told = func(string, int64) {}
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
			v.Inherited += p.inherited(rowsName(s.model.Label, c.Digest))
			told(s.model.Label, c.Size)
		}
		if err := s.end(ctx); err != nil {
			return v, err
		}
		v.Models++
	}
	return v, p.verifyFiles(ctx, &v, told)
}

// inherited is 1 for a member that an ancestor holds, 0 for one of its own.
func (p *Package) inherited(name string) int {
	if _, own := p.store.size(name); own {
		return 0
	}
	return 1
}

// verifyFiles reads each file, and each part that no file has.
func (p *Package) verifyFiles(ctx context.Context, v *backup.Checked, told func(string, int64)) error {
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
				v.Inherited += p.inherited(partName(d))
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
