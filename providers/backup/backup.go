// Package backup is the seam between edmsplan and backup packages. Readers are
// django, edms and native; each passes the suite in backuptest.
//
// A package is hostile input: see Limits. Where a package is only a source of
// records, use schema.Source.
package backup

import (
	"context"
	"errors"

	"github.com/edmsplan/edmsplan/schema"
)

// ErrRefused is wrapped by every error that says a package is not what it
// should be: empty, cut off, altered, ambiguous or dangerous. Other errors are
// those of reading it at all.
var ErrRefused = errors.New("package refused")

// ErrUnknown is wrapped when a file is of no known format.
var ErrUnknown = errors.New("not a known package format")

// Package is an opened package that was checked: it is complete, its checksums
// hold, each of its records is well-formed and none stands in it twice under
// one primary key. A package may instead check each part of its content when
// that is read, every time, before any of the part is yielded; the error of
// one that does not hold wraps ErrRefused, and only who reads all of it knows
// that all of it holds. It is used from one goroutine at a time.
type Package interface {
	schema.Source
	// Info says what the package is.
	Info() Info
	// Close releases files and removes temporary ones.
	Close() error
}

// Info describes a package.
type Info struct {
	// Format is the format's name, such as "django-json" or "edms-folder".
	Format string
	// Path is where it was opened.
	Path string
	// Digest is the SHA-256 of the records' bytes as stored, uncompressed, in
	// lower-case hexadecimal, so that a package and its .gz are the same; for a
	// package that has a manifest of all digests, that of the manifest.
	Digest string
	// Records is the number of records.
	Records int
	// Facts are what the package says of itself, in the order to print them:
	// when it was made, by what, from where.
	Facts []Fact
	// Warnings are what is odd about the package but loses nothing.
	Warnings []string
	// Partial is why records that its source had may be missing from models
	// that the package holds, as the end of "it holds not all records: ", empty
	// when none are.
	Partial string
}

// Fact is one thing a package says of itself.
type Fact struct{ Name, Value string }

// Format is a way to read packages. Formats are tried in the order in which
// the program lists them.
type Format struct {
	// Name is the format's name.
	Name string
	// Sniff reports whether the file or folder looks like this format, by its
	// layout or its first bytes. It does not judge whether it is sound.
	Sniff func(path string) (bool, error)
	// Open reads and checks the package, as Package has it. The error wraps
	// ErrRefused when the package is to blame.
	Open func(ctx context.Context, path string, l Limits) (Package, error)
}

// Limits bound what a package may ask for. The zero Limits are no limits: use
// DefaultLimits.
type Limits struct {
	// Bytes is the greatest uncompressed size of all members, and Ratio the
	// greatest ratio of uncompressed to compressed size beyond the first
	// 16 MiB.
	Bytes int64
	Ratio int64
	// Members is the greatest number of members of an archive.
	Members int
	// Record is the greatest size of one record in bytes, and Depth the
	// deepest nesting in it.
	Record int64
	Depth  int
}

// DefaultLimits carry a package of tens of millions of records and stop an
// archive bomb.
func DefaultLimits() Limits {
	return Limits{Bytes: 1 << 40, Ratio: 200, Members: 1_000_000, Record: 256 << 20, Depth: 512}
}

// Described is a Package that knows what Header it was written with, and with
// it the tables that its records came from.
type Described interface {
	Package
	schema.Typed
	Header() Header
}

// Verifier is a Package that checks its parts only as they are read.
type Verifier interface {
	// Verify reads all of the package, and what it takes from its ancestors, and
	// compares each part with its digest. progress, unless it is nil, is told
	// after each part how many bytes were read, uncompressed, and of which model;
	// "" is a part of files. each, unless it is nil, is given every record of a
	// model on the way, as Scan yields them; its error ends it. The error wraps
	// ErrRefused when the package is to blame; what was checked before is returned
	// with it.
	Verify(ctx context.Context, progress func(model string, bytes int64), each func(*schema.Model, *schema.Record) error) (Checked, error)
}

// Checked counts what Verify has read and found sound.
type Checked struct {
	Models  int
	Records int64
	// Chunks are parts of models, Parts those of files, Inherited those of them
	// that an ancestor holds.
	Chunks, Parts, Inherited int
	Files                    int
	// Bytes are the records' and FileBytes the files', uncompressed.
	Bytes, FileBytes int64
}
