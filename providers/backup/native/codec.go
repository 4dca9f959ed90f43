package native

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/klauspost/compress/zstd"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// The one way in which members are compressed: the same bytes become the same
// bytes on every machine. A chunk is seldom larger than the window for chunks,
// and an encoder keeps twice its window in memory.
const (
	chunkWindow = maxChunkSize
	partWindow  = maxWindow / 2
)

func newEncoder(window int) (*zstd.Encoder, error) {
	// Each member has its SHA-256: a checksum of the frame's would be one more.
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(window))
}

// compress compresses a member into buf. What would look like a bomb to a
// reader with the default limits is stored as it is.
func compress(enc *zstd.Encoder, plain, buf []byte) []byte {
	buf = enc.EncodeAll(plain, buf[:0])
	if plausible(int64(len(plain)), int64(len(buf)), backup.DefaultLimits()) {
		return buf
	}
	return rawFrame(plain, buf[:0])
}

// rawFrame appends a Zstandard frame of raw blocks: RFC 8878, section 3.1.1.
func rawFrame(plain, buf []byte) []byte {
	const block = 128 << 10
	buf = append(buf, 0x28, 0xb5, 0x2f, 0xfd)
	buf = append(buf, 2<<6, 13<<3) // 4 bytes of size follow; a window of maxWindow
	buf = binary.LittleEndian.AppendUint32(buf, uint32(len(plain)))
	for {
		n := min(len(plain), block)
		header := uint32(n) << 3
		if n == len(plain) {
			header |= 1 // the last one
		}
		buf = append(buf, byte(header), byte(header>>8), byte(header>>16))
		buf = append(buf, plain[:n]...)
		if plain = plain[n:]; len(plain) == 0 {
			return buf
		}
	}
}

// maxWindow is the greatest window of a member's frame; the encoder's is half.
const maxWindow = 8 << 20

var (
	errStored = errors.New("its stored bytes are not those that the manifest lists")
	errPlain  = errors.New("its content is not what its name and the manifest say")
)

// decompress puts the content of that digest into the buffer, whose length is
// that of the content.
func decompress(dec *zstd.Decoder, stored, buf []byte, want digest) error {
	out, err := dec.DecodeAll(stored, buf[:0:len(buf)])
	if err != nil || len(out) != len(buf) || sha256.Sum256(out) != want {
		return errPlain
	}
	return nil
}

// atLeast is the buffer or one that is large enough, and for most chunks to
// come as well.
func atLeast(buf []byte, size int64) []byte {
	if int64(cap(buf)) < size {
		usual := int64(maxChunkSize / 4)
		for usual < size && usual < maxKept {
			usual *= 2
		}
		buf = make([]byte, max(size, usual))
	}
	return buf
}
