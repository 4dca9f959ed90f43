package native

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The members with fixed names.
const (
	headerName    = "edmspkg.json"
	catalogueName = "catalogue.json"
	headName      = "head.sha256" // the digests of the two, for who cannot read the manifest
	manifestName  = "manifest.json"
	sealName      = "manifest.sha256"

	// signatureName is no member: a folder's signature lies beside the manifest
	// that it is of, and seals the rest by its digests.
	signatureName = manifestName + ".minisig"

	rowsFolder  = "rows/"
	filesFolder = "files/"
	compressed  = ".zst"
)

// maxLabel is the greatest length of a model's label in a member's name.
const maxLabel = 150

// digest is a SHA-256. It is spelt in lower-case hexadecimal.
type digest [sha256.Size]byte

var errDigest = errors.New("expected 64 hexadecimal digits in lower case")

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements encoding.TextMarshaler.
func (d digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *digest) UnmarshalText(text []byte) error {
	got, ok := parseDigest(string(text))
	if !ok {
		return errDigest
	}
	*d = got
	return nil
}

func parseDigest(s string) (d digest, ok bool) {
	if len(s) != 2*sha256.Size || s != strings.ToLower(s) {
		return d, false
	}
	n, err := hex.Decode(d[:], []byte(s))
	return d, err == nil && n == len(d)
}

// rowsName is the member of a chunk.
func rowsName(label string, d digest) string {
	return rowsFolder + escapeLabel(label) + "/" + d.String() + compressed
}

// partName is the member of a part of files.
func partName(d digest) string { return filesFolder + d.String() + compressed }

// escapeLabel spells a label as one element of a path: letters, digits, _ and
// -, and points but for the first byte; other bytes are % and two hexadecimal
// digits in upper case.
func escapeLabel(label string) string {
	var b strings.Builder
	for i := range len(label) {
		c := label[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// checkLabel says why a label cannot be a model's.
func checkLabel(label string) error {
	switch {
	case label == "":
		return errors.New("a model has no label")
	case !utf8.ValidString(label):
		return errors.New("a model's label is not valid UTF-8")
	case len(escapeLabel(label)) > maxLabel:
		return fmt.Errorf("the label of model %.40q is too long for a package", label)
	}
	return nil
}

// content is what a member of a package may be.
type content uint8

const (
	unknownContent content = iota
	fixedContent
	rowsContent
	partContent
)

// contentOf tells what the member of a name is, with the folder of its model
// as it is escaped and its digest.
func contentOf(name string) (c content, escaped string, d digest) {
	switch name {
	case headerName, catalogueName, headName, manifestName, sealName:
		return fixedContent, "", d
	}
	rest, ok := strings.CutSuffix(name, compressed)
	if !ok {
		return unknownContent, "", d
	}
	if hexed, ok := strings.CutPrefix(rest, filesFolder); ok {
		if d, ok = parseDigest(hexed); ok {
			return partContent, "", d
		}
	}
	if inner, ok := strings.CutPrefix(rest, rowsFolder); ok {
		folder, hexed, _ := strings.Cut(inner, "/")
		if d, ok = parseDigest(hexed); ok && folder != "" {
			return rowsContent, folder, d
		}
	}
	return unknownContent, "", d
}

func sha(b []byte) digest { return sha256.Sum256(b) }

func sumOf(h hash.Hash) (d digest) {
	h.Sum(d[:0])
	return d
}

// quoted cuts a name that is too long for a message.
func quoted(name string) string {
	const most = 120
	if len(name) > most {
		return fmt.Sprintf("%q...", name[:most])
	}
	return fmt.Sprintf("%q", name)
}

// isFileName reports whether a file of a package may have the name: a relative
// path with slashes that leads nowhere else, of printable UTF-8.
func isFileName(name string) bool {
	return name != "." && fs.ValidPath(name) && len(name) <= 1024 && !strings.ContainsRune(name, '\\') &&
		!strings.ContainsFunc(name, unicode.IsControl)
}

// isBaseName is the same for one element.
func isBaseName(name string) bool { return isFileName(name) && !strings.Contains(name, "/") }
