package backup

import (
	"context"
	"io"
	"iter"
)

// FileInfo is one file of a package: its path with slashes, its size in bytes
// and the SHA-256 of its content in lower-case hexadecimal.
type FileInfo struct {
	Name   string
	Size   int64
	Digest string
}

// Files is a Package that can hold files beside its records. Names are paths
// in the package, relative, with forward slashes.
type Files interface {
	// HasFiles reports whether there are files below the folder. A package
	// without any says nothing about them.
	HasFiles(folder string) bool
	// Files yields the files below the folder in the byte order of their names,
	// which are relative to the folder. An error is the last that is yielded.
	Files(ctx context.Context, folder string) iter.Seq2[FileInfo, error]
	// OpenFile opens a file by its path in the package; the caller closes it
	// before the package. Whoever relies on the content compares its digest.
	OpenFile(ctx context.Context, name string) (io.ReadCloser, error)
}
