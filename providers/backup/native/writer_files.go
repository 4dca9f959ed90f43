package native

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// partSize is the size of all parts of a file but the last.
const partSize = 4 << 20

// WriteFile implements backup.Writer.
func (w *writer) WriteFile(ctx context.Context, f backup.StoredFile, r io.Reader) (backup.FileInfo, error) {
	info, err := w.writeFile(ctx, f, r)
	if err != nil {
		return backup.FileInfo{}, w.fail(fmt.Errorf("writing the file %s: %w", quoted(f.Name), err))
	}
	return info, nil
}

func (w *writer) writeFile(ctx context.Context, f backup.StoredFile, r io.Reader) (info backup.FileInfo, err error) {
	files := w.manifest.Files
	switch {
	case w.finished:
		return info, errFinished
	case !isFileName(f.Name):
		return info, errors.New("a package cannot hold a file of this name")
	case len(files) > 0 && files[len(files)-1].Name >= f.Name:
		return info, errors.New("files are not written in the order of their names")
	}
	out := fileMember{Name: f.Name, Mode: uint32(f.Mode & fs.ModePerm), Modified: instant{f.ModTime.UTC()}, Parts: []digest{}}
	if w.files == nil {
		if w.files, err = newEncoder(partWindow); err != nil {
			return info, err
		}
	}
	whole := sha256.New()
	if w.buf == nil {
		w.buf = make([]byte, partSize)
	}
	buf, stored := w.buf, w.stored
	defer func() { w.stored = stored }()
	for last := false; !last; {
		if err := ctx.Err(); err != nil {
			return info, err
		}
		n, err := io.ReadFull(r, buf)
		if last = err == io.EOF || err == io.ErrUnexpectedEOF; err != nil && !last {
			return info, err
		}
		if n == 0 {
			break
		}
		whole.Write(buf[:n])
		d := sha(buf[:n])
		out.Parts = append(out.Parts, d)
		out.Size += int64(n)
		if _, ok := w.parts[d]; ok {
			continue
		}
		part := partMember{Digest: d, Size: int64(n)}
		if old, ok := w.parent.part(d); ok {
			part = old
		} else {
			stored = compress(w.files, buf[:n], stored)
			part.Stored, part.StoredDigest = int64(len(stored)), sha(stored)
			if err := w.put(partName(d), stored); err != nil {
				return info, err
			}
		}
		w.parts[d] = part
	}
	out.Digest = sumOf(whole)
	w.manifest.Files = append(w.manifest.Files, out)
	return backup.FileInfo{Name: f.Name, Size: out.Size, Digest: out.Digest.String()}, nil
}

// Finish implements backup.Writer.
func (w *writer) Finish(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return w.fail(err)
	}
	for i, m := range w.header.Models {
		if !w.done[i] && w.err == nil {
			return w.fail(fmt.Errorf("the model %s was not written", quoted(m.Label)))
		}
	}
	if w.finished {
		return errFinished
	}
	w.finished = true
	w.manifest.Parts = make([]partMember, 0, len(w.parts))
	for _, p := range w.parts {
		w.manifest.Parts = append(w.manifest.Parts, p)
	}
	slices.SortFunc(w.manifest.Parts, func(a, b partMember) int { return strings.Compare(string(a.Digest[:]), string(b.Digest[:])) })
	w.manifest.Totals = w.manifest.total()
	if err := w.manifest.check(&w.header, w.salvaged, backup.Limits{}); err != nil {
		return w.fail(fmt.Errorf("writing %s: %w", manifestName, err))
	}
	d, err := w.document(manifestName, &w.manifest)
	if err != nil {
		return err
	}
	if err := w.put(sealName, []byte(sealOf(d))); err != nil {
		return err
	}
	if err := w.sink.finish(); err != nil {
		return w.fail(err)
	}
	return nil
}

// Close implements backup.Writer.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && !w.finished {
		w.err = errors.New("the package's writer is closed")
	}
	for _, e := range w.idle {
		_ = e.Close()
	}
	w.idle = nil
	return w.sink.close()
}
