package planfile

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/edmsplan/edmsplan/plans"
)

// File is an opened saved plan that was checked from beginning to end. It
// keeps the file open, so that replacing the file by another changes nothing.
type File struct {
	file *os.File
	size int64
	plan plans.Plan
}

// Open reads and checks a saved plan: it is whole, its digest holds, and its
// changes are those that its summary counts and its change-set digest seals.
// The error wraps ErrNotPlan, ErrAltered or ErrVersion when the file is to
// blame. The caller closes the File.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	opened, err := open(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return opened, nil
}

func open(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is not a regular file", ErrNotPlan)
	}
	opened := &File{file: f, size: info.Size()}
	plan, err := read(opened.section(), nil)
	if err != nil {
		return nil, err
	}
	opened.plan = *plan
	opened.plan.Changes = opened.changes
	return opened, nil
}

// Plan is the saved plan. Its Changes read the file anew each time, from any
// goroutine, until the File is closed; should the file have been altered in
// between, they end with an error that wraps ErrAltered.
func (f *File) Plan() *plans.Plan {
	p := f.plan
	return &p
}

// Close closes the file. The plan's Changes cannot be read afterwards.
func (f *File) Close() error { return f.file.Close() }

// section reads the file from its start without moving a shared offset.
func (f *File) section() io.Reader { return io.NewSectionReader(f.file, 0, f.size) }
