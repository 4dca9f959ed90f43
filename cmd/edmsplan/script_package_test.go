package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// sealCmd makes the checksums of a package right after it was changed: whoever
// tampers with a package can do as much.
func sealCmd(s *script, args []string) {
	dir := s.MkAbs(filepath.Join(args[0], "database"))
	entries, err := os.ReadDir(dir)
	s.Check(err)
	var b strings.Builder
	for _, e := range entries {
		if e.Name() == "checksum.txt" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		s.Check(err)
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), e.Name())
	}
	s.Check(os.WriteFile(filepath.Join(dir, "checksum.txt"), []byte(b.String()), 0o600))
}

// packCmd makes an archive of a folder, with a further member of any name.
func packCmd(s *script, args []string) {
	out, err := os.Create(s.MkAbs(args[0]))
	s.Check(err)
	var w io.WriteCloser = out
	if strings.HasSuffix(args[0], ".gz") {
		w = gzip.NewWriter(out)
	}
	t := tar.NewWriter(w)
	s.Check(t.AddFS(os.DirFS(s.MkAbs(args[1]))))
	if len(args) > 2 {
		content := "owned\n"
		s.Check(t.WriteHeader(&tar.Header{Name: args[2], Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := io.WriteString(t, content)
		s.Check(err)
	}
	s.Check(t.Close())
	s.Check(w.Close())
	if err := out.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		s.Check(err)
	}
}

// damageCmd changes a byte of the first records in a package, whose manifest
// and members' names are left as they are.
func damageCmd(s *script, args []string) {
	f, err := os.OpenFile(s.MkAbs(args[0]), os.O_RDWR, 0)
	s.Check(err)
	defer f.Close()
	t := tar.NewReader(f)
	for {
		h, err := t.Next()
		s.Check(err)
		if !strings.HasPrefix(h.Name, "rows/") {
			continue
		}
		at, err := f.Seek(0, io.SeekCurrent)
		s.Check(err)
		var b [1]byte
		_, err = f.ReadAt(b[:], at+h.Size/2)
		s.Check(err)
		_, err = f.WriteAt([]byte{b[0] ^ 1}, at+h.Size/2)
		s.Check(err)
		return
	}
}

func unzstd(data []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(data, nil)
}
