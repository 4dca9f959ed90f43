package native

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// blockSize is the unit of a tar archive.
const blockSize = 512

// maxMember is the greatest size that a ustar header can say.
const maxMember = 1<<33 - 1

var errMemberName = errors.New("the name does not fit a tar header")

// tarHeader is the one header that a member of that name and size has: all
// that could differ without meaning anything is fixed.
func tarHeader(name string, size int64) (h [blockSize]byte, err error) {
	prefix, base, ok := splitName(name)
	if !ok || size < 0 || size > maxMember {
		return h, errMemberName
	}
	copy(h[0:], base)
	copy(h[100:], "0000644\x00")
	copy(h[108:], "0000000\x00")
	copy(h[116:], "0000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00", size))
	copy(h[136:], "00000000000\x00")
	copy(h[148:], "        ")
	h[156] = '0'
	copy(h[257:], "ustar\x0000")
	copy(h[329:], "0000000\x00")
	copy(h[337:], "0000000\x00")
	copy(h[345:], prefix)
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h, nil
}

// splitName splits a name for a header: as it is up to 100 bytes, else at its
// last slash.
func splitName(name string) (prefix, base string, ok bool) {
	if len(name) <= 100 {
		return "", name, name != ""
	}
	i := strings.LastIndexByte(name, '/')
	if i <= 0 || i > 155 || len(name)-i-1 > 100 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// memberName is the name in a header, as far as it is one.
func memberName(h []byte) string {
	cut := func(b []byte) string {
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		return string(b)
	}
	base, prefix := cut(h[:100]), cut(h[345:500])
	if prefix != "" {
		return prefix + "/" + base
	}
	return base
}

// readHeader takes a header apart. It is false for every header that tarHeader
// would not have made.
func readHeader(h []byte) (name string, size int64, ok bool) {
	name = memberName(h)
	size, err := strconv.ParseInt(string(h[124:135]), 8, 64)
	if err != nil {
		return "", 0, false
	}
	want, err := tarHeader(name, size)
	return name, size, err == nil && bytes.Equal(want[:], h[:blockSize])
}

// padding is how many zeros follow a content of that size.
func padding(size int64) int64 { return (blockSize - size%blockSize) % blockSize }

// writeMember writes a member with its header and padding.
func writeMember(w io.Writer, name string, content []byte) error {
	h, err := tarHeader(name, int64(len(content)))
	if err != nil {
		return fmt.Errorf("member %q: %w", name, err)
	}
	for _, b := range [][]byte{h[:], content, make([]byte, padding(int64(len(content))))} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// writeEnd writes the end of the archive.
func writeEnd(w io.Writer) error {
	_, err := w.Write(make([]byte, 2*blockSize))
	return err
}

func allZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
