package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// digest is the SHA-256 of files and variables. Each text stands behind its
// length, so that two policies never run together to the same bytes. The
// values of sensitive variables are not part of it: a digest would let them
// be guessed.
func digest(files []File, variables []Variable) string {
	h := sha256.New()
	writeText(h, "edmsplan policy 1")
	writeNumber(h, len(files))
	for _, f := range files {
		writeText(h, f.Name)
		writeText(h, string(f.Content))
	}
	writeNumber(h, len(variables))
	for _, v := range variables {
		writeText(h, v.Name)
		if v.Sensitive {
			writeNumber(h, 1)
			continue
		}
		writeNumber(h, 0)
		writeText(h, v.Value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeText(h hash.Hash, s string) {
	writeNumber(h, len(s))
	h.Write([]byte(s))
}

func writeNumber(h hash.Hash, n int) {
	h.Write(binary.AppendUvarint(nil, uint64(n)))
}
