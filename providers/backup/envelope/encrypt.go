package envelope

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Writer encrypts what is written to it. It is used from one goroutine at a
// time.
type Writer struct {
	encrypted io.WriteCloser
	fileKey   []byte
}

// Encrypt returns a Writer whose output in w is an age file that each of the
// recipients can open. The header is written at once; Close writes the last
// piece, without which the file is cut off, and does not close w. Memory does
// not grow with the size.
//
// Two files of the same content differ in every byte after the header.
func Encrypt(w io.Writer, to *Recipients) (*Writer, error) {
	if to == nil || len(to.list) == 0 {
		return nil, errors.New("there is nobody to encrypt for")
	}
	e := &Writer{}
	list := append([]age.Recipient(nil), to.list...)
	list[0] = noting{list[0], &e.fileKey}
	var err error
	if e.encrypted, err = age.Encrypt(w, list...); err != nil {
		return nil, fmt.Errorf("encrypting: %w", err)
	}
	return e, nil
}

// Write encrypts p.
func (e *Writer) Write(p []byte) (int, error) { return e.encrypted.Write(p) }

// Close completes the file. It is called once, and only when all was written.
func (e *Writer) Close() error { return e.encrypted.Close() }

// ReadBack returns what opens the file that this Writer writes, and no other,
// so that it can be checked before it is published by someone who has none of
// the recipients' secret keys.
func (e *Writer) ReadBack() *Identities {
	return &Identities{list: []age.Identity{age.NewInjectedFileKeyIdentity(e.fileKey)}}
}

// noting notes the key of the file that the recipient is given.
type noting struct {
	age.Recipient
	fileKey *[]byte
}

// WrapWithLabels does as the recipient does: labels are what keeps a passphrase
// alone.
func (n noting) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	*n.fileKey = append([]byte(nil), fileKey...)
	if r, ok := n.Recipient.(age.RecipientWithLabels); ok {
		return r.WrapWithLabels(fileKey)
	}
	stanzas, err := n.Wrap(fileKey)
	return stanzas, nil, err
}
