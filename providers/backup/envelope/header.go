package envelope

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"
)

// The first bytes of encrypted files: of any version, of the one that is read,
// and in ASCII.
const (
	introAny = "age-encryption.org/"
	intro    = introAny + "v1\n"
	armored  = "-----BEGIN AGE ENCRYPTED FILE-----"
)

// IsEncrypted reports whether the first bytes of a file, 40 or more, are those
// of an age file. It does not judge whether it is sound.
func IsEncrypted(head []byte) bool {
	return bytes.HasPrefix(head, []byte(introAny)) || bytes.HasPrefix(head, []byte(armored))
}

// Header is all that is readable of an encrypted package: the kinds of its
// recipients. Which keys they are it does not tell.
type Header struct {
	// Keys is how many age keys (age1…) open it.
	Keys int
	// Passphrase says that a passphrase opens it, and nothing else, at a cost
	// of two to the power of WorkFactor; 0 is unreadable.
	Passphrase bool
	WorkFactor int
	// Others are the kinds of further recipients that edmsplan cannot be, such
	// as "ssh-ed25519": sorted, each once, eight at most.
	Others []string
}

// String says for whom the package is encrypted.
func (h Header) String() string {
	var to []string
	switch {
	case h.Keys == 1:
		to = append(to, "one age key")
	case h.Keys > 1:
		to = append(to, fmt.Sprintf("%d age keys", h.Keys))
	}
	if len(h.Others) > 0 {
		to = append(to, "recipients of the kind "+strings.Join(h.Others, ", "))
	}
	if h.Passphrase {
		return "encrypted with a passphrase"
	}
	return "encrypted for " + strings.Join(to, " and ")
}

// Describe reads the header of an encrypted file from its start, 2 MiB at most.
// The error is a backup.Refusal when it is not sound. Nothing vouches for a
// header before the file is decrypted.
func Describe(r io.Reader) (Header, error) {
	_, h, err := readHeader(r, new(bytes.Buffer))
	return h, err
}

// readHeader returns the header's bytes and what they say. All that it reads,
// which is more than the header, goes to seen.
func readHeader(r io.Reader, seen *bytes.Buffer) ([]byte, Header, error) {
	raw, err := age.ExtractHeader(io.TeeReader(marked{r}, seen))
	if err != nil {
		return nil, Header{}, badHeader(err, seen.Bytes())
	}
	var h Header
	stanzas := 0
	for line := range bytes.Lines(raw) {
		words := strings.Fields(string(line))
		if len(words) < 2 || words[0] != "->" { // a line of base64, which may be blank
			continue
		}
		stanzas++
		h.count(words[1:])
	}
	if h.Passphrase && stanzas > 1 {
		return nil, Header{}, refuseHeader("a passphrase must be the only recipient", nil)
	}
	return raw, h, nil
}

// count counts the recipient of a stanza's words.
func (h *Header) count(words []string) {
	switch kind := words[0]; kind {
	case "X25519", "mlkem768x25519":
		h.Keys++
	case "scrypt":
		h.Passphrase = true
		if len(words) == 3 {
			h.WorkFactor, _ = strconv.Atoi(words[2])
		}
	default:
		if len(kind) > 40 {
			kind = kind[:40] + "…"
		}
		at, known := slices.BinarySearch(h.Others, kind)
		if !known && len(h.Others) < 8 {
			h.Others = slices.Insert(h.Others, at, kind)
		}
	}
}
