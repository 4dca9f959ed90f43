package envelope

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"
)

// Decrypt opens an encrypted file of that size and returns its content and the
// content's size. Nothing is decrypted but what is read, and nothing is kept
// but the latest 64 KiB. The end of the file is decrypted at once, so that a
// file that was cut off is refused here.
//
// The reader may be used from several goroutines at once. Each read decrypts
// whole pieces of 64 KiB: put a buffer before it. A piece that was altered is
// refused when it is read, by a backup.Refusal, and never handed out.
//
// The error wraps ErrKey when no identity opens the file, and is a
// backup.Refusal when the file is to blame.
func Decrypt(r io.ReaderAt, size int64, ids *Identities) (io.ReaderAt, int64, error) {
	src := markedAt{r}
	_, fileKey, err := unlock(io.NewSectionReader(src, 0, size), ids)
	if err != nil {
		return nil, 0, err
	}
	content, n, err := age.DecryptReaderAt(src, size, age.NewInjectedFileKeyIdentity(fileKey))
	if err != nil {
		return nil, 0, badContent(err, true)
	}
	return &randomReader{content, n}, n, nil
}

// DecryptStream decrypts as it reads and hands out each piece of 64 KiB after
// it was found sound: what a file that is cut off or damaged still holds up to
// there. Only io.EOF says that nothing is missing. The errors are those of
// Decrypt.
func DecryptStream(r io.Reader, ids *Identities) (io.Reader, error) {
	src := &watched{Reader: marked{r}}
	seen, fileKey, err := unlock(src, ids)
	if err != nil {
		return nil, err
	}
	content, err := age.Decrypt(io.MultiReader(bytes.NewReader(seen), src), age.NewInjectedFileKeyIdentity(fileKey))
	if err != nil {
		return nil, badContent(err, true)
	}
	return &streamReader{content, src}, nil
}

// unlock finds the key of the file with the identities. It returns what it has
// read of r as well, which is more than the header.
func unlock(r io.Reader, ids *Identities) (seen, fileKey []byte, err error) {
	var buf bytes.Buffer
	raw, header, err := readHeader(r, &buf)
	if err != nil {
		return nil, nil, err
	}
	if ids == nil || len(ids.list) == 0 {
		return nil, nil, missingKey(header, &Identities{})
	}
	if header.Passphrase && ids.passphrase && header.WorkFactor > maxWork {
		return nil, nil, tooMuchWork(header.WorkFactor)
	}
	fileKey, err = age.DecryptHeader(raw, ids.list...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, nil, missingKey(header, ids)
	case err != nil:
		return nil, nil, refuseHeader("it was altered or damaged", err)
	}
	return buf.Bytes(), fileKey, nil
}

// randomReader turns errors into refusals.
type randomReader struct {
	content io.ReaderAt
	size    int64
}

func (r *randomReader) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.size && len(p) > 0 {
		return 0, io.EOF
	}
	n, err := r.content.ReadAt(p, off)
	if err != nil && err != io.EOF && off >= 0 {
		err = badContent(err, false)
	}
	return n, err
}

type streamReader struct {
	content io.Reader
	src     *watched
}

func (r *streamReader) Read(p []byte) (int, error) {
	n, err := r.content.Read(p)
	if err != nil && err != io.EOF {
		err = badContent(err, r.src.ended)
	}
	return n, err
}
