package native

import (
	"context"
	"io"
	"io/fs"
	"os"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// folder is a package whose members are files.
type folder struct {
	root  *os.Root
	list  []string
	sizes map[string]int64
}

// walkFolder lists the files below a folder.
func walkFolder(ctx context.Context, path, base string, l backup.Limits) (_ *folder, err error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root, sizes: map[string]int64{}}
	defer func() {
		if err != nil {
			_ = root.Close()
		}
	}()
	entries := 0
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || name == "." {
			return err
		}
		if entries++; l.Members > 0 && entries > 2*l.Members+2 {
			return tooMany(base, l.Members)
		}
		if e.IsDir() {
			return nil
		}
		if name == signatureName {
			return nil // it lies beside what it is of, and is no member
		}
		if c, _, _ := contentOf(name); c == unknownContent || !e.Type().IsRegular() {
			return foreign(name)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f.list = append(f.list, name)
		f.sizes[name] = info.Size()
		return nil
	})
	return f, err
}

func (f *folder) names() []string { return f.list }
func (f *folder) ordered() bool   { return false }
func (f *folder) close() error    { return f.root.Close() }

func (f *folder) size(name string) (int64, bool) {
	n, ok := f.sizes[name]
	return n, ok
}

func (f *folder) open(name string) (io.ReaderAt, io.Closer, error) {
	if _, ok := f.sizes[name]; !ok {
		return nil, nil, missing(name)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	st, err := file.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() != f.sizes[name] {
		_ = file.Close()
		if err == nil {
			err = foreign(name)
		}
		return nil, nil, err
	}
	return file, file, nil
}

func foreign(name string) error {
	return &backup.Refusal{
		Code: "package.foreign", Summary: "the member " + quoted(name) + " is not one of the package",
		Remedy: "A package holds what its manifest lists and nothing else: copy it again.",
	}
}
