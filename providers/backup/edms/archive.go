package edms

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// archiveTree reads the archive once. It digests every member and unpacks
// those that are read into a private folder, under names of our own.
func archiveTree(ctx context.Context, file string, l backup.Limits) (_ *tree, err error) {
	in, err := backup.OpenStream(ctx, file, l)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	t := &tree{members: map[string]member{}, archive: file, limits: l}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	if t.temp, err = os.MkdirTemp("", "edmsplan-package-*"); err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	u := unpacker{t: t, limits: l, in: in, seen: map[string]bool{}}
	if err := u.run(filepath.Base(file)); err != nil {
		return nil, err
	}
	return t, nil
}

type unpacker struct {
	t       *tree
	limits  backup.Limits
	in      *backup.Stream
	seen    map[string]bool // folders too
	entries int
	total   int64
}

func (u *unpacker) run(base string) error {
	r := tar.NewReader(u.in)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return u.rest()
		}
		if err != nil {
			return damaged(err, base, u.entries)
		}
		if u.entries++; u.limits.Members > 0 && u.entries > u.limits.Members {
			return tooMany(u.limits.Members)
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := u.entry(h, r); err != nil {
			return damaged(err, base, u.entries)
		}
	}
}

// entry judges one member and takes it.
func (u *unpacker) entry(h *tar.Header, r io.Reader) error {
	name, err := cleanName(h.Name)
	if err != nil {
		return err
	}
	if kind := kindOf(h); kind != "" {
		return notAFile(h.Name, kind)
	}
	if h.Typeflag == tar.TypeDir {
		return nil
	}
	if name == "" {
		return notAFile(h.Name, "a file in place of the package's folder")
	}
	if u.seen[name] {
		return &backup.Refusal{
			Code: "package.duplicate_name", Summary: fmt.Sprintf("the member %.100q stands in it twice", h.Name),
			Detail: "Programs differ in which of the two they take.", Remedy: "Make the package again.",
		}
	}
	u.seen[name] = true
	if u.total += h.Size; h.Size < 0 || u.limits.Bytes > 0 && u.total > u.limits.Bytes {
		return tooLarge(u.limits.Bytes)
	}
	m, err := u.take(name, h.Size, r)
	if err == nil {
		u.t.members[name] = m
	}
	return err
}

// take digests the member and unpacks it if it is read. As it is not known
// yet whether everything stands in one folder, both places count.
func (u *unpacker) take(name string, size int64, r io.Reader) (m member, err error) {
	m.size = size
	sum := sha256.New()
	var w io.Writer = sum
	_, inner, _ := strings.Cut(name, "/")
	if isRead(name) || isRead(inner) {
		dir := filepath.Join(u.t.temp, strconv.Itoa(u.entries))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return m, err
		}
		m.at = filepath.Join(dir, path.Base(name)) // one of the constants
		f, err := os.OpenFile(m.at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return m, err
		}
		defer func() {
			if e := f.Close(); err == nil {
				err = e
			}
		}()
		w = io.MultiWriter(sum, f)
	}
	if _, err := io.Copy(w, r); err != nil {
		return m, err
	}
	sum.Sum(m.digest[:0])
	return m, nil
}

// rest reads to the end of the file, so that the gzip stream's own checksum is
// judged, and refuses what stands behind the archive.
func (u *unpacker) rest() error {
	buf := make([]byte, 64<<10)
	for {
		n, err := u.in.Read(buf)
		for _, c := range buf[:n] {
			if c != 0 {
				return &backup.Refusal{
					Code: "package.trailing", Summary: "something follows the end of the archive",
					Remedy: "Make the package again; archives must not be joined.",
				}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// kindOf names what is neither a file nor a folder.
func kindOf(h *tar.Header) string {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return "a sparse file"
		}
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeDir:
		return ""
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a named pipe"
	}
	return fmt.Sprintf("of the unknown type %q", h.Typeflag)
}

// damaged turns the archive reader's errors into refusals.
func damaged(err error, base string, entries int) error {
	r := &backup.Refusal{Member: base, Code: "package.archive", Cause: err, Remedy: "Copy or export the package again."}
	switch {
	case errors.Is(err, backup.ErrRefused):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.Code, r.Summary = "package.truncated", "the archive is cut off"
		r.Detail = fmt.Sprintf("It ends inside member %d.", entries)
	case errors.Is(err, tar.ErrHeader) || errors.Is(err, tar.ErrFieldTooLong):
		r.Summary = "not a sound tar archive"
		r.Detail = fmt.Sprintf("The header after member %d is damaged.", entries)
	default:
		return err
	}
	return r
}

func tooLarge(limit int64) error {
	return &backup.Refusal{
		Code: "package.too_large", Summary: fmt.Sprintf("it holds more than %d bytes", limit),
		Remedy: "If the package is genuine, leave out the files that the plan does not need.",
	}
}
