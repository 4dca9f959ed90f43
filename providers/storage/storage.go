// Package storage is the seam between edmsplan and the places where files are:
// an application's document trees and folders of packages. Adapters are local
// and s3; each passes the suite in storagetest.
//
// A Store changes one file at a time. To change a tree together with a
// database, so that a crash leaves the old state or the new one, use package
// stage on top of it.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"time"
)

// Errors that an adapter's errors wrap, to be tested with errors.Is.
var (
	// ErrNotExist says that there is no file of that name. It wraps
	// fs.ErrNotExist.
	ErrNotExist = fmt.Errorf("not in the store: %w", fs.ErrNotExist)
	// ErrExists says that there is a file of that name already. It wraps
	// fs.ErrExist.
	ErrExists = fmt.Errorf("in the store already: %w", fs.ErrExist)
	// ErrName says that a name is none that a store may hold: see CheckName.
	ErrName = errors.New("not a valid file name")
	// ErrDigest says that contents are not those that were expected.
	ErrDigest = errors.New("contents differ from the expected digest")
	// ErrIrregular says that what has the name, or a folder on the way to it,
	// is a symbolic link, a device, a pipe or a socket. A store touches none of
	// these and follows no link.
	ErrIrregular = errors.New("neither a file nor a folder")
)

// DefaultMode is the mode of a file that is created without one.
const DefaultMode fs.FileMode = 0o640

// Info describes a file.
type Info struct {
	// Name is the file's name: see CheckName.
	Name string
	// Size is in bytes.
	Size int64
	// ModTime is when the contents last changed, as the store tells it.
	ModTime time.Time
	// Mode is the permission bits; zero where the store keeps none.
	Mode fs.FileMode
	// Digest is the SHA-256 of the contents in lower-case hexadecimal. It is
	// empty where finding it would mean reading the file; Digest and Scan read
	// it.
	Digest string
}

// Store holds files under names. It may be used from several goroutines and
// several processes at once; each call sees a file as a whole, before or after
// another call. There are no folders in it: the folder of a name is only the
// beginning of the name, and a store that needs folders makes them.
//
// Every method refuses bad names with an error that wraps ErrName, before it
// does anything else. A cancelled context's error is wrapped. No call is
// repeated by the store beyond what its driver does by itself.
type Store interface {
	// List yields the files whose names begin with the folder and a slash, or
	// all files for "", each once, in the byte order of their names. A folder
	// that does not exist has no files. Files that were created or removed
	// since the listing began may be in it or not; removing a file that was
	// yielded does not disturb it. Hidden files (see Hidden) are yielded only
	// when the folder is StageFolder or below it.
	//
	// An error that wraps ErrIrregular or ErrName is about one entry, whose
	// name as found is in the Info, and the listing goes on if the caller does.
	// Any other error is the last that is yielded.
	List(ctx context.Context, folder string) iter.Seq2[Info, error]

	// Open opens a file for reading; the caller closes it. The error wraps
	// ErrNotExist when there is none. What is read is what the file was when it
	// was opened, or reading fails: a file that is replaced meanwhile is never
	// read as a mixture. The reader may also be an io.ReaderAt and an
	// io.Seeker. When the context is cancelled, reading fails.
	Open(ctx context.Context, name string) (io.ReadCloser, Info, error)

	// Create stores what it reads from r, up to its end, under the name, in
	// place of what was there. It reads r in the calling goroutine and does not
	// close it. The file appears whole or not at all, and is on disk for good
	// when Create returns. The Info has the digest.
	//
	// The error wraps ErrExists when o.IfAbsent is set and the name is taken: of
	// several that create one name so, one wins. A store that needs folders may
	// also return it when a file has the name of a folder that is needed, or
	// the name is a folder with files. It wraps ErrDigest when o.Digest is set
	// and is not the digest of what was read, and r's error when r fails. In
	// these cases the name holds what it held before; after any other error, the
	// old contents or the new ones, whole.
	Create(ctx context.Context, name string, r io.Reader, o CreateOptions) (Info, error)

	// Remove removes a file for good. That there is none is no error.
	Remove(ctx context.Context, name string) error

	// Close releases the store. Files opened from it are closed first.
	Close() error
}

// CreateOptions are the options of Create. The zero value replaces and expects
// nothing.
type CreateOptions struct {
	// IfAbsent refuses to replace a file.
	IfAbsent bool
	// Digest is the SHA-256 that the contents must have, in lower-case
	// hexadecimal; empty when it is not known.
	Digest string
	// Mode is the permission bits of the file; zero is DefaultMode. Bits other
	// than permissions are dropped. A store that keeps no modes ignores it.
	Mode fs.FileMode
}

// Renamer is a Store that can rename a file.
type Renamer interface {
	// Rename gives the file another name in one step, in place of what had that
	// name, for good when it returns. The error wraps ErrNotExist when there is
	// no file from, and errors.ErrUnsupported when these two names cannot be
	// done in one step (they are on different devices): copy, then remove.
	Rename(ctx context.Context, from, to string) error
}

// Sweeper is a Store in which a Create that was killed may leave something
// behind. It is never listed and has no name.
type Sweeper interface {
	// Sweep removes what Creates that were killed left behind, if it was last
	// written before the given time, and returns how many there were. It leaves
	// alone what has a name, staged files too.
	Sweep(ctx context.Context, before time.Time) (int, error)
}

// Locker is a Store that may itself refuse to remove or to replace a file, as
// object stores do under retention.
type Locker interface {
	// Locked returns until when the store keeps the file whatever is asked of it,
	// zero or a time that is over if it does not, and whether it is held without
	// a time (a legal hold). The error wraps ErrNotExist when there is no file.
	// Any other error means that it is not known, and that the file is better
	// left alone.
	Locked(ctx context.Context, name string) (until time.Time, held bool, err error)
}

// Drafter is a Store in which a file can be read back and judged before it
// gets its name.
type Drafter interface {
	// Draft begins a file of that name, which nobody sees before Publish. The
	// error wraps ErrName when the name is none, and ErrExists when ifAbsent is
	// set and the name is taken already.
	Draft(ctx context.Context, name string, ifAbsent bool) (Draft, error)
}

// Draft is a file that has no name yet. It is used from one goroutine, but
// ReadAt may be called from several once nothing is written any more.
type Draft interface {
	io.Writer
	io.ReaderAt
	// Size is how many bytes were written.
	Size() int64
	// Publish gives the file its name: it is there whole and for good when
	// Publish returns, or not at all. The error wraps ErrExists when ifAbsent
	// was set and the name was taken meanwhile.
	Publish(ctx context.Context) (Info, error)
	// Close releases the draft and, unless it was published, removes it. Closing
	// twice is allowed.
	Close() error
}
