package native

import (
	"crypto/sha256"
	"errors"

	"github.com/klauspost/compress/zstd"
)

// The one way in which members are compressed: the same bytes become the same
// bytes on every machine.
func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(maxWindow/2))
}

// maxWindow is the greatest window of a member's frame; the encoder's is half.
const maxWindow = 8 << 20

// newDecoder decompresses into buffers of the caller's and no further.
func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxWindow(maxWindow))
}

var (
	errStored = errors.New("its stored bytes are not those that the manifest lists")
	errPlain  = errors.New("its content is not what its name and the manifest say")
)

// decompress returns the content of that size and digest, in buf where that is
// large enough.
func decompress(dec *zstd.Decoder, stored, buf []byte, size int64, want digest) ([]byte, error) {
	if int64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	out, err := dec.DecodeAll(stored, buf[:0:size])
	if err != nil || int64(len(out)) != size || sha256.Sum256(out) != want {
		return buf, errPlain
	}
	return out, nil
}
