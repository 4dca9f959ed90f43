// Package planfile reads and writes saved plans. A saved plan is what was
// reviewed, so it is sealed: Open refuses one that was altered or cut off.
//
// The file is zstd-compressed lines of JSON: a header that names the format and
// its version; the accounting, decisions, remaps, skips, diagnostics and untouched
// tables; the changes, as plans.Record.AppendJSON writes them; and a trailer with
// the summary, the digests and the SHA-256 of everything before that sum itself.
// Changes are streamed both ways and never held in memory.
//
// A plan is shown by plans/render.
package planfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/plans"
)

// Errors that Open's errors wrap, to be tested with errors.Is. Other errors are
// those of reading the file at all.
var (
	// ErrNotPlan says that the file is something else.
	ErrNotPlan = errors.New("not a saved plan")
	// ErrAltered says that the file is not as it was written: changed, damaged
	// or cut off.
	ErrAltered = errors.New("the saved plan was altered or cut off since it was written")
	// ErrVersion says that a newer edmsplan wrote the file.
	ErrVersion = errors.New("the saved plan is of a newer format")
)

const (
	format = "edmsplan-plan"
	// version is raised when an older program would misread the file; members
	// that it may ignore are added without.
	version = 1

	// maxLine bounds one line: two fields of the largest record that a package
	// may hold, and what JSON's escapes add. maxHead bounds all lines that are
	// held in memory.
	maxLine = 1 << 30
	maxHead = 256 << 20
)

// Save writes the plan to a file that only its owner can read. The file
// appears complete or not at all; an existing one is replaced.
func Save(path string, p *plans.Plan) (err error) {
	// CreateTemp makes the file with mode 0600.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("save plan: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("save plan: %w", err), ignoreClosed(f.Close()), ignoreMissing(os.Remove(f.Name())))
		}
	}()
	if err := Write(f, p); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
