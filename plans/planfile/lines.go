package planfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"
)

// lines reads a compressed file line by line and digests what it is told to.
type lines struct {
	zstd *zstd.Decoder
	buf  *bufio.Reader
	sum  hash.Hash
	line []byte
}

// newLines looks at the first bytes before anything is decompressed.
func newLines(r io.Reader) (*lines, error) {
	magic := make([]byte, 4)
	if _, err := io.ReadFull(r, magic); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
		return nil, fmt.Errorf("%w: it is not compressed with zstd", ErrNotPlan)
	}
	z, err := zstd.NewReader(io.MultiReader(bytes.NewReader(magic), r),
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return nil, err
	}
	return &lines{zstd: z, buf: bufio.NewReaderSize(z, 64<<10), sum: sha256.New()}, nil
}

// next returns the next line with its newline, valid until the next call. It
// returns io.EOF at the end, and another error for a last line without a
// newline and for a line longer than limit.
func (l *lines) next(limit int) ([]byte, error) {
	l.line = l.line[:0]
	for {
		part, err := l.buf.ReadSlice('\n')
		if len(l.line)+len(part) > limit {
			return nil, fmt.Errorf("a line is longer than %d bytes", limit)
		}
		l.line = append(l.line, part...)
		switch {
		case err == nil:
			return l.line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}

func (l *lines) hash(b []byte) { l.sum.Write(b) }

func (l *lines) close() { l.zstd.Close() }
