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
func (p *Package) Verify(ctx context.Context, progress func(model string, bytes int64), each func(*schema.Model, *schema.Record) error) (backup.Checked, error) {
	var v backup.Checked
	if p.closed {
		return v, errClosed
	}
	told := progress
	if told == nil {
		told = func(string, int64) {}
	}
	scans := make([]*scan, len(p.manifest.Models))
	for i := range scans {
		scans[i] = p.newScan(i)
	}
	a := p.aheadOf(ctx, scans)
	defer a.stop()
	for _, s := range scans {
		for range s.rows.Chunks {
			u := a.take()
			if u == nil {
				return v, ctx.Err()
			}
			if err := s.visit(ctx, u, each); err != nil {
				return v, err
			}
			v.Chunks++
			v.Records += u.chunk.Records
			v.Bytes += u.chunk.Size
			v.Inherited += p.inherited(u.name)
			told(s.model.Label, u.chunk.Size)
		}
		if err := s.end(ctx); err != nil {
			return v, err
		}
		v.Models++
	}
	return v, p.verifyFiles(ctx, &v, told)
}

// aheadOf reads the chunks of models, one model after the other.
func (p *Package) aheadOf(ctx context.Context, scans []*scan) *ahead {
	n := 0
	return &ahead{ctx: ctx, p: p, next: func() (*scan, *chunkMember) {
		for len(scans) > 0 && n == len(scans[0].rows.Chunks) {
			scans, n = scans[1:], 0
		}
		if len(scans) == 0 {
			return nil, nil
		}
		n++
		return scans[0], &scans[0].rows.Chunks[n-1]
	}}
}

// visit goes through the rows of a chunk.
func (s *scan) visit(ctx context.Context, u *unpacking, each func(*schema.Model, *schema.Record) error) error {
	var failed error
	err := s.yield(ctx, u, func(r *schema.Record) bool {
		if each != nil {
			failed = each(s.model, r)
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
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
