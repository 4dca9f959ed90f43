package native

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"sort"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// HasFiles implements backup.Files.
func (p *Package) HasFiles(folder string) bool { return len(p.below(folder)) > 0 }

// below are the files of a folder, "" being the whole package.
func (p *Package) below(folder string) []fileMember {
	files := p.manifest.Files
	if folder == "" {
		return files
	}
	prefix := folder + "/"
	from := sort.Search(len(files), func(i int) bool { return files[i].Name >= prefix })
	to := from
	for to < len(files) && strings.HasPrefix(files[to].Name, prefix) {
		to++
	}
	return files[from:to]
}

// Files implements backup.Files.
func (p *Package) Files(ctx context.Context, folder string) iter.Seq2[backup.FileInfo, error] {
	return func(yield func(backup.FileInfo, error) bool) {
		for _, f := range p.below(folder) {
			info := backup.FileInfo{Name: f.Name, Size: f.Size, Digest: f.Digest.String()}
			if folder != "" {
				info.Name = f.Name[len(folder)+1:]
			}
			if err := ctx.Err(); err != nil {
				yield(backup.FileInfo{}, err)
				return
			}
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Stored returns what the package knows of a file besides its FileInfo, false
// if it has none of the name.
func (p *Package) Stored(name string) (backup.StoredFile, bool) {
	f := p.file(name)
	if f == nil {
		return backup.StoredFile{}, false
	}
	return backup.StoredFile{Name: f.Name, Mode: fs.FileMode(f.Mode), ModTime: f.Modified.Time}, true
}

func (p *Package) file(name string) *fileMember {
	files := p.manifest.Files
	i := sort.Search(len(files), func(i int) bool { return files[i].Name >= name })
	if i == len(files) || files[i].Name != name {
		return nil
	}
	return &files[i]
}

// OpenFile implements backup.Files. Each part is checked before any of it is
// read, and the whole content at its end; what fails wraps backup.ErrRefused.
func (p *Package) OpenFile(ctx context.Context, name string) (io.ReadCloser, error) {
	if p.closed {
		return nil, errClosed
	}
	f := p.file(name)
	if f == nil {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return &fileReader{ctx: ctx, p: p, f: f, sum: sha256.New()}, nil
}

type fileReader struct {
	ctx  context.Context
	p    *Package
	f    *fileMember
	part int
	rest []byte
	sum  hash.Hash
	done error
}

// Close does nothing: the package has what is open.
func (r *fileReader) Close() error {
	r.done = fs.ErrClosed
	return nil
}

func (r *fileReader) Read(b []byte) (int, error) {
	if r.done == nil {
		r.done = r.ctx.Err()
	}
	if r.done != nil {
		return 0, r.done
	}
	if len(b) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 {
		if r.done = r.fill(); r.done != nil {
			return 0, r.done
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill reads the next part; io.EOF says that there is none and that all was as
// it should be.
func (r *fileReader) fill() error {
	if r.part == len(r.f.Parts) {
		if sumOf(r.sum) != r.f.Digest {
			return badDocument(manifestName, fmt.Errorf("wrong about the content of the file %s", quoted(r.f.Name)))
		}
		return io.EOF
	}
	part, _ := r.p.part(r.f.Parts[r.part])
	b, err := r.p.read(partName(part.Digest), part.Size, part.Stored, part.StoredDigest, part.Digest)
	if err != nil {
		return err
	}
	r.part++
	r.sum.Write(b)
	r.rest = append(r.rest[:0], b...) // the package's buffer is used by other reads
	return nil
}
