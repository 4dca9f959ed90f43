package backup

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

// Header is what is known of a package before its first record: what it is of
// and what it is going to hold.
type Header struct {
	Kind Kind
	// Created is when the backup began and Snapshot the instant as of which the
	// records are: what was committed by then is in them.
	Created, Snapshot time.Time
	// Program is the version of edmsplan.
	Program string
	Source  Origin
	// Policy and PolicyDigest name the policy; Scope is the scope that the
	// package was narrowed to, empty for all.
	Policy, PolicyDigest, Scope string
	// Models are what the package holds, each after those that it refers to as
	// far as that is possible, and Tables the tables of those models and of
	// their many-to-many fields.
	Models []*schema.Model
	Tables []*schema.Table
	// LeftOut are tables of the source without a model block, with their rows.
	LeftOut []LeftOut
}

// Kind is what a package is meant to hold.
type Kind string

// The kinds: Full is records and files, Export the same for another
// environment, narrowed and redacted as the policy says.
const (
	Full     Kind = "full"
	Database Kind = "database"
	FilesOf  Kind = "files"
	Export   Kind = "export"
)

// Origin is the database that a package was made of, as its schema.Catalogue
// says.
type Origin struct {
	Dialect, Server, Identity, Name string
}

// LeftOut counts the rows of a table that a package does not hold.
type LeftOut struct {
	Table string
	Rows  int64
}

// StoredFile is a file to be written to a package. Name is its path in the
// package, relative, with forward slashes.
type StoredFile struct {
	Name    string
	Mode    fs.FileMode
	ModTime time.Time
}

// Writer writes one package. Nothing that it has written is a package before
// Finish returns nil. After an error it can only be closed.
//
// WriteModel may be called from several goroutines at once, for different
// models, if the writer's constructor says so; the other methods are called
// from one goroutine, when no WriteModel is running.
type Writer interface {
	// WriteModel writes all records of one of Header.Models and returns how many
	// there were; it is called once for each. The fields of the records are
	// those of the model, in its order, as schema.Typed has them: canonical, and
	// many-to-many fields as schema.Members spells them. The records are in the
	// order of the table's primary key, as the database sorts it, so that a
	// package of the same rows is the same; a record is read before the next
	// one is asked for.
	WriteModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error)
	// WriteFile writes a file and returns its size and digest. Names are given
	// in the order of their bytes, each once.
	WriteFile(ctx context.Context, f StoredFile, r io.Reader) (FileInfo, error)
	// Finish completes the package.
	Finish(ctx context.Context) error
	// Close releases what the writer holds. It does not finish the package.
	Close() error
}
