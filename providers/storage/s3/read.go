package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Open implements storage.Store. The reader is also an io.ReaderAt, which may
// be used from several goroutines and makes a request for each call, and an
// io.Seeker. Reading fails when the object was replaced or removed after it was
// opened, unless the server had begun to send it, and with an error that wraps
// storage.ErrDigest when the last byte of an object that was read from its
// beginning on shows that it is not what was stored.
func (s *Store) Open(ctx context.Context, name string) (io.ReadCloser, storage.Info, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, storage.Info{}, s.failed(ctx, "open", key, err)
	}
	// The contents are asked for at once, so that a reader that only reads needs
	// one request and is never too late.
	body, found, _, err := s.client.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, storage.Info{}, s.failed(ctx, "open", key, err)
	}
	info := describe(name, found)
	r := &reader{ctx: ctx, store: s, key: key, etag: found.ETag, info: info, body: body, digest: sha256.New()}
	if r.etag == "" {
		_ = body.Close() // nothing was read
		return nil, storage.Info{}, s.failed(ctx, "open", key, errors.New("the server did not say which version of the object it sends (no ETag)"))
	}
	return r, info, nil
}

// reader reads one version of an object.
type reader struct {
	ctx   context.Context
	store *Store
	key   string
	etag  string
	info  storage.Info

	mu   sync.Mutex    // of what follows
	body io.ReadCloser // what the server sends, from at on; may be nil
	at   int64
	off  int64 // where the next Read begins
	// digest is of all bytes before off; nil when some were skipped.
	digest hash.Hash
	closed bool
}

func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, err := r.read(p)
	if err != nil && err != io.EOF {
		err = r.store.failed(r.ctx, "read", r.key, err)
	}
	return n, err
}

func (r *reader) read(p []byte) (int, error) {
	if r.closed {
		return 0, os.ErrClosed
	}
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if r.off >= r.info.Size {
		return 0, r.check()
	}
	if r.body == nil || r.at != r.off {
		r.drop()
		body, err := r.get(r.off, r.info.Size-r.off)
		if err != nil {
			return 0, err
		}
		r.body, r.at = body, r.off
	}
	if left := r.info.Size - r.off; int64(len(p)) > left {
		p = p[:left]
	}
	n, err := r.body.Read(p)
	r.at, r.off = r.at+int64(n), r.off+int64(n)
	if r.digest != nil {
		r.digest.Write(p[:n])
	}
	switch {
	case err == io.EOF && r.off < r.info.Size:
		return n, io.ErrUnexpectedEOF
	case err == io.EOF || err == nil && r.off == r.info.Size:
		if err := r.check(); err != io.EOF {
			return 0, err // the last bytes are withheld
		}
		return n, nil
	}
	return n, err
}

// check returns io.EOF, or that what was read is not what was stored.
func (r *reader) check() error {
	if r.digest == nil || r.info.Digest == "" || r.off != r.info.Size {
		return io.EOF
	}
	if read := hex.EncodeToString(r.digest.Sum(nil)); read != r.info.Digest {
		return fmt.Errorf("%w: %s was read, and %s was stored", storage.ErrDigest, read, r.info.Digest)
	}
	return io.EOF
}

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.readAt(p, off)
	if err != nil && err != io.EOF {
		err = r.store.failed(r.ctx, "read", r.key, err)
	}
	return n, err
}

func (r *reader) readAt(p []byte, off int64) (n int, err error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, errors.New("a negative offset")
	}
	if off >= r.info.Size {
		return 0, io.EOF
	}
	if err := r.leave(); err != nil {
		return 0, err
	}
	short := int64(len(p)) > r.info.Size-off
	if short {
		p = p[:r.info.Size-off]
	}
	if len(p) == 0 {
		return 0, nil
	}
	body, err := r.get(off, int64(len(p)))
	if err != nil {
		return 0, err
	}
	defer func() { _ = body.Close() }() // all was read
	if n, err = io.ReadFull(body, p); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// leave ends what the server sends if nothing was read of it: who begins with
// ReadAt does not want it.
func (r *reader) leave() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return os.ErrClosed
	}
	if r.off == 0 {
		r.drop()
	}
	return nil
}

// get asks for a range, which is not empty, of the version that was opened.
func (r *reader) get(off, size int64) (io.ReadCloser, error) {
	var o minio.GetObjectOptions
	if err := o.SetMatchETag(r.etag); err != nil {
		return nil, err
	}
	whole := size == r.info.Size
	if !whole {
		if err := o.SetRange(off, off+size-1); err != nil {
			return nil, err
		}
	}
	body, _, header, err := r.store.client.GetObject(r.ctx, r.store.bucket, r.key, o)
	if err != nil {
		if code(err) == minio.PreconditionFailed {
			// Not as the answer of the server: that would be storage.ErrExists.
			return nil, errors.New("it was replaced since it was opened")
		}
		return nil, err
	}
	if !whole && !isRange(header, off, size) {
		_ = body.Close() // the error says more
		return nil, errors.New("the server did not send the range that it was asked for")
	}
	return body, nil
}

func isRange(h http.Header, off, size int64) bool {
	return strings.HasPrefix(h.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/", off, off+size-1))
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.off
	case io.SeekEnd:
		offset += r.info.Size
	default:
		return 0, fmt.Errorf("seek in %q: there is no whence %d", r.key, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek in %q: to before the beginning", r.key)
	}
	switch {
	case offset == 0:
		r.digest = sha256.New()
	case offset != r.off:
		r.digest = nil
	}
	r.off = offset
	return offset, nil
}

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.drop()
	return nil
}

// drop ends what the server sends. That it could not be sent to its end is no
// error.
func (r *reader) drop() {
	if r.body != nil {
		_ = r.body.Close()
		r.body = nil
	}
}
