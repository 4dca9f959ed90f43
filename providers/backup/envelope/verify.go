package envelope

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aead.dev/minisign"

	"github.com/edmsplan/edmsplan/providers/backup"
)

const (
	// maxSignature is the greatest size of a signature file in bytes; minisign's
	// own limits on its four lines add up to less.
	maxSignature = 16 << 10
	// maxComment is the greatest size of a trusted comment; minisign allows 8192.
	maxComment = 4096
)

// SignedBy says who signed a file, after the signature was verified.
type SignedBy struct {
	Key PublicKey
	// Text is the trusted comment as it stands there, and Comment what is
	// understood of it. The signer vouches for it; that the file has the name
	// in it is not checked.
	Text    string
	Comment Comment
}

// ReadSignature reads the signature beside a file, 16 KiB at most. The error is
// a backup.Refusal when there is none.
func ReadSignature(file string) ([]byte, error) {
	f, err := os.Open(file + SignatureSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Unsigned(filepath.Base(file))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSignature+1)) // Verify refuses one that is too long
}

// Unsigned is the refusal of a file that has no signature beside it.
func Unsigned(name string) error {
	return &backup.Refusal{
		Member: name, Code: "package.signature.missing", Summary: "it is not signed",
		Detail: "There is no " + name + SignatureSuffix + " beside it, and a signature is required.",
		Remedy: "Fetch the signature from where the package comes from, or sign the package if you trust it.",
	}
}

// Verify reads r to its end and checks that the signature, the content of a
// .minisig file, is of what it read and by one of the keys. Nothing of what was
// read may be believed before. The error is a backup.Refusal unless r cannot be
// read or no key is given. Whoever opens a file again after it was verified
// opens another file: verify the one that is used.
func Verify(r io.Reader, signature []byte, keys []PublicKey) (SignedBy, error) {
	if len(keys) == 0 {
		return SignedBy{}, errors.New("there is no public key to verify the signature with: give it with -public-key, or in the policy (require_signature)")
	}
	parsed, err := parseSignature(signature)
	if err != nil {
		return SignedBy{}, err
	}
	var candidates []PublicKey
	for _, k := range keys {
		if k.key.ID() == parsed.KeyID {
			candidates = append(candidates, k)
		}
	}
	if len(candidates) == 0 {
		return SignedBy{}, unknownKey(parsed.KeyID, keys)
	}
	message := minisign.NewReader(r)
	if _, err := io.Copy(io.Discard, message); err != nil {
		return SignedBy{}, fmt.Errorf("verifying the signature: %w", err)
	}
	for _, k := range candidates {
		if message.Verify(k.key, signature) {
			return SignedBy{Key: k, Text: parsed.TrustedComment, Comment: parseComment(parsed.TrustedComment)}, nil
		}
	}
	return SignedBy{}, &backup.Refusal{
		Code: "package.signature.mismatch", Summary: "the signature does not match",
		Detail: fmt.Sprintf("It claims to be by key %s, but not of this file: the file or the signature was altered or damaged.", keyID(parsed.KeyID)),
		Remedy: "Do not use the package. Fetch it and its signature again.",
	}
}

func parseSignature(text []byte) (minisign.Signature, error) {
	malformed := func(detail string, cause error) error {
		return &backup.Refusal{
			Code: "package.signature.malformed", Summary: "the signature is no minisign signature", Cause: cause,
			Detail: detail, Remedy: "Fetch the .minisig file again.",
		}
	}
	var s minisign.Signature
	if len(text) > maxSignature {
		return s, malformed(fmt.Sprintf("It is larger than %d bytes.", maxSignature), nil)
	}
	if err := s.UnmarshalText(text); err != nil {
		return s, malformed("It does not have the four lines of one.", err)
	}
	if s.Algorithm != minisign.HashEdDSA {
		return s, &backup.Refusal{
			Code: "package.signature.legacy", Summary: "the signature is in minisign's legacy format",
			Detail: "Such a signature is of the content itself and not of its hash, so that it cannot be verified without the whole file in memory.",
			Remedy: "Sign the package again with minisign 0.10 or later, or with minisign -H.",
		}
	}
	return s, nil
}

func unknownKey(id uint64, keys []PublicKey) error {
	ids := make([]string, 0, len(keys))
	for _, k := range keys[:min(len(keys), 8)] {
		ids = append(ids, k.ID())
	}
	trusted := "key " + ids[0] + " is"
	if len(ids) > 1 {
		trusted = "keys " + strings.Join(ids, ", ") + " are"
	}
	if more := len(keys) - len(ids); more > 0 {
		trusted = fmt.Sprintf("keys %s and %d more are", strings.Join(ids, ", "), more)
	}
	return &backup.Refusal{
		Code: "package.signature.unknown_key", Summary: "it is signed by a key that is not trusted",
		Detail: fmt.Sprintf("The signature claims to be by key %s; %s trusted.", keyID(id), trusted),
		Remedy: "If that key is to be trusted, name it with -public-key or in the policy (require_signature).",
	}
}
