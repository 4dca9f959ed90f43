package main

import (
	"context"
	"io"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// counting passes on what a package is written to and counts its bytes. It is
// meant to stand behind a buffer.
func (p *progress) counting(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return countedWriter{w, p}
}

type countedWriter struct {
	io.Writer
	progress *progress
}

// Write implements io.Writer.
func (c countedWriter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.progress.pack(int64(n), 0)
	return n, err
}

// countingFiles counts the files that a package's writer is given.
func (p *progress) countingFiles(w backup.Writer, err error) (backup.Writer, error) {
	if p == nil || err != nil {
		return w, err
	}
	return countedFiles{w, p}, nil
}

type countedFiles struct {
	backup.Writer
	progress *progress
}

// WriteFile implements backup.Writer.
func (c countedFiles) WriteFile(ctx context.Context, f backup.StoredFile, r io.Reader) (backup.FileInfo, error) {
	info, err := c.Writer.WriteFile(ctx, f, r)
	c.progress.pack(0, 1)
	return info, err
}

// pack notes what has been packed.
func (p *progress) pack(bytes, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job == nil {
		return
	}
	p.packed.bytes += bytes
	p.packed.files += n
	if n > 0 && p.job.packed != nil {
		p.job.count(part{}, p.packed.files, "")
	}
}
