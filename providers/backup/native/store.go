package native

import (
	"context"
	"fmt"
	"io"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// store is where a package's members are.
type store interface {
	// names are the members, in order where there is one.
	names() []string
	// ordered reports whether they have an order.
	ordered() bool
	// size is a member's size, false if there is none of the name.
	size(name string) (int64, bool)
	// open opens a member for reading, up to the size that it has.
	open(name string) (io.ReaderAt, io.Closer, error)
	close() error
}

// span is where a member's content stands in the archive.
type span struct{ at, size int64 }

// archive is a package in one file.
type archive struct {
	r     io.ReaderAt
	list  []string
	spans map[string]span
}

// walkArchive reads all headers. It reads no content, but what stands between
// the contents.
func walkArchive(ctx context.Context, r io.ReaderAt, size int64, base string, l backup.Limits) (*archive, error) {
	a := &archive{r: r, spans: map[string]span{}}
	buf := make([]byte, 2*blockSize)
	for at, pad := int64(0), int64(0); ; {
		if len(a.list)%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if l.Members > 0 && len(a.list) > l.Members {
			return nil, tooMany(base, l.Members)
		}
		block := buf[:pad+blockSize]
		if at+int64(len(block)) > size {
			return nil, cutOff(base, len(a.list))
		}
		if n, err := r.ReadAt(block, at); n < len(block) {
			if err == io.EOF {
				return nil, cutOff(base, len(a.list))
			}
			return nil, err
		}
		if !allZero(block[:pad]) {
			return nil, badArchive(base, len(a.list))
		}
		at += int64(len(block))
		block = block[pad:]
		if allZero(block) {
			return a, a.checkEnd(buf[:blockSize], at, size, base)
		}
		name, n, ok := readHeader(block)
		if c, _, _ := contentOf(name); !ok || c == unknownContent {
			return nil, badArchive(base, len(a.list))
		}
		if _, twice := a.spans[name]; twice {
			return nil, badArchive(base, len(a.list))
		}
		if n > size-at {
			return nil, cutOff(base, len(a.list))
		}
		a.list = append(a.list, name)
		a.spans[name] = span{at, n}
		at += n
		pad = padding(n)
	}
}

// checkEnd wants one more block of zeros and then the end.
func (a *archive) checkEnd(block []byte, at, size int64, base string) error {
	if size < at+blockSize {
		return cutOff(base, len(a.list))
	}
	if n, err := a.r.ReadAt(block, at); n < len(block) {
		if err == io.EOF {
			return cutOff(base, len(a.list))
		}
		return err
	}
	if !allZero(block) || size != at+blockSize {
		return &backup.Refusal{
			Member: base, Code: "package.trailing", Summary: "something follows the end of the package",
			Remedy: "Copy the package again; packages must not be joined or appended to.",
		}
	}
	return nil
}

func (a *archive) names() []string { return a.list }
func (a *archive) ordered() bool   { return true }
func (a *archive) close() error    { return nil }

func (a *archive) size(name string) (int64, bool) {
	s, ok := a.spans[name]
	return s.size, ok
}

func (a *archive) open(name string) (io.ReaderAt, io.Closer, error) {
	s, ok := a.spans[name]
	if !ok {
		return nil, nil, missing(name)
	}
	return io.NewSectionReader(a.r, s.at, s.size), io.NopCloser(nil), nil
}

func cutOff(base string, members int) error {
	return &backup.Refusal{
		Member: base, Code: "package.truncated", Summary: "the package is cut off",
		Detail: fmt.Sprintf("The file ends after %d members, before the end of the package.", members), Remedy: remedyDamaged,
	}
}

func badArchive(base string, members int) error {
	return &backup.Refusal{
		Member: base, Code: "package.archive", Summary: "the archive is damaged",
		Detail: fmt.Sprintf("What follows member %d is not what edmsplan writes.", members), Remedy: remedyDamaged,
	}
}

func tooMany(base string, limit int) error {
	return &backup.Refusal{
		Member: base, Code: "package.members", Summary: fmt.Sprintf("it has more than %d members", limit),
		Remedy: "If the package is genuine, split it by scopes.",
	}
}

func missing(name string) error {
	return &backup.Refusal{
		Member: name, Code: "package.missing", Summary: "the member is missing", Remedy: remedyDamaged,
	}
}
