package backup

import (
	"fmt"
	"io"
)

// freely is how much may be uncompressed before Limits.Ratio is looked at:
// short texts compress arbitrarily well.
const freely = 16 << 20

// Bound returns a reader of r's uncompressed bytes that is refused when there
// are more of them than l allows. compressed says how many bytes of the
// package have been read to make them.
func (l Limits) Bound(r io.Reader, member string, compressed func() int64) io.Reader {
	return &bound{r: r, l: l, member: member, compressed: compressed}
}

type bound struct {
	r          io.Reader
	l          Limits
	member     string
	compressed func() int64
	out        int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.out += int64(n)
	if b.l.Bytes > 0 && b.out > b.l.Bytes {
		return 0, &Refusal{
			Member: b.member, Code: "package.too_large", Summary: "larger than the limit",
			Detail: fmt.Sprintf("It holds more than %d bytes uncompressed.", b.l.Bytes),
			Remedy: "If the package is genuine, split it by application.",
		}
	}
	if in := b.compressed(); b.l.Ratio > 0 && b.out > freely && b.out/b.l.Ratio > in {
		return 0, &Refusal{
			Member: b.member, Code: "package.bomb", Summary: "it expands without bound",
			Detail: fmt.Sprintf("%d compressed bytes became more than %d, over %d times as many.", in, b.out, b.l.Ratio),
			Remedy: "If the package is genuine, decompress it yourself and give the result.",
		}
	}
	return n, err
}
