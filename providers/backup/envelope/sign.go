package envelope

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"aead.dev/minisign"
)

// SignatureSuffix is what a signature's name has behind that of its file.
const SignatureSuffix = ".minisig"

// SignedFile is the file of a package that a signature is of: the package
// itself, and manifest.json of a folder, which seals the rest by digests.
func SignedFile(path string, isFolder bool) string {
	if isFolder {
		return filepath.Join(path, "manifest.json")
	}
	return path
}

// Sign reads r to its end and returns the signature of what it read as the
// content of a .minisig file, which minisign -V accepts. Memory does not grow
// with the size. The signature is of the bytes as they lie: of an encrypted
// package, the encrypted ones.
func Sign(r io.Reader, key *SignKey, c Comment) ([]byte, error) {
	text := c.String()
	if len(text) > maxComment {
		return nil, fmt.Errorf("the name of the file is too long to be signed: the comment would be %d bytes, and %d is the most", len(text), maxComment)
	}
	message := minisign.NewReader(r)
	if _, err := io.Copy(io.Discard, message); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	signature := message.SignWithComments(key.key, text, "signature by edmsplan with key "+key.Public().ID())
	if !message.Verify(key.Public().key, signature) { // a fault of memory; such signatures can give the key away
		return nil, errors.New("signing: the signature that was made does not verify")
	}
	return signature, nil
}
