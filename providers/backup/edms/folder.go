package edms

import (
	"context"
	"io/fs"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// folderTree lists a folder. Links and devices in it are refused: they lead
// outside, or to what never ends.
func folderTree(ctx context.Context, dir string, l backup.Limits) (*tree, error) {
	dir, err := filepath.EvalSymlinks(dir) // the operator may give a link
	if err != nil {
		return nil, err
	}
	t := &tree{folder: dir, members: map[string]member{}}
	var entries int
	var total int64
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if entries++; l.Members > 0 && entries > l.Members {
			return tooMany(l.Members)
		}
		if e.IsDir() {
			return nil
		}
		if e.Type()&fs.ModeSymlink != 0 {
			return notAFile(name, "a symbolic link")
		}
		if !e.Type().IsRegular() {
			return notAFile(name, "neither a file nor a folder")
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if total += info.Size(); l.Bytes > 0 && total > l.Bytes {
			return tooLarge(l.Bytes)
		}
		t.members[name] = member{size: info.Size()}
		return nil
	})
	return t, err
}
