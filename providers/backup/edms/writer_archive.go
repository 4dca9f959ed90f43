package edms

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/gzip"
)

// archive appends members to a compressed tar archive.
type archive struct {
	tar  *tar.Writer
	zip  *gzip.Writer
	temp string // of members being written, empty when it is removed
}

func newArchive(w io.Writer) (*archive, error) {
	temp, err := os.MkdirTemp("", "edmsplan-package-*")
	if err != nil {
		return nil, err
	}
	z := gzip.NewWriter(w)
	return &archive{tar: tar.NewWriter(z), zip: z, temp: temp}, nil
}

func (a *archive) begin(string) (*os.File, error) { return os.CreateTemp(a.temp, "member-*") }

func (a *archive) take(ctx context.Context, file *os.File, e entry) error {
	err := a.append(ctx, file, e)
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

func (a *archive) append(ctx context.Context, file *os.File, e entry) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Size: size, Mode: int64(e.mode), ModTime: e.at.UTC().Truncate(time.Second)}
	if err := a.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(a.tar, contextReader{ctx, file})
	return err
}

func (a *archive) finish(context.Context) error {
	if err := a.tar.Close(); err != nil {
		return err
	}
	return a.zip.Close()
}

func (a *archive) discard() error {
	if a.temp == "" {
		return nil
	}
	temp := a.temp
	a.temp = ""
	return os.RemoveAll(temp)
}
