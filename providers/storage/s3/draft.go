package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Create implements storage.Store. It needs room for the file in the folder for
// temporary files, since an object's digest is sent before its contents. The
// mode is ignored.
func (s *Store) Create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (_ storage.Info, err error) {
	key, err := s.key(name)
	if err != nil {
		return storage.Info{}, err
	}
	d, err := s.draft(ctx, name, key, o.IfAbsent)
	if err != nil {
		return storage.Info{}, s.failed(ctx, "create", key, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := io.Copy(d, cancellable{ctx, r}); err != nil {
		return storage.Info{}, s.failed(ctx, "create", key, err)
	}
	if digest := d.sum(); o.Digest != "" && o.Digest != digest {
		err := fmt.Errorf("%w: %s, not %s", storage.ErrDigest, digest, o.Digest)
		return storage.Info{}, s.failed(ctx, "create", key, err)
	}
	made, err := d.publish(ctx)
	if err != nil {
		return storage.Info{}, s.failed(ctx, "create", key, err)
	}
	return made, nil
}

// Draft implements storage.Drafter. The draft is a temporary file of this
// computer, which has no name where the operating system allows that, so that
// nothing is left of it when the process is killed.
func (s *Store) Draft(ctx context.Context, name string, ifAbsent bool) (storage.Draft, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, err
	}
	d, err := s.draft(ctx, name, key, ifAbsent)
	if err != nil {
		return nil, s.failed(ctx, "draft", key, err)
	}
	return d, nil
}

func (s *Store) draft(ctx context.Context, name, key string, ifAbsent bool) (*draft, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if ifAbsent {
		// What can be refused is refused before anything is written.
		_, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
		if err == nil {
			return nil, storage.ErrExists
		}
		if code(err) != minio.NoSuchKey {
			return nil, err
		}
	}
	f, err := os.CreateTemp("", "edmsplan-s3-*")
	if err != nil {
		return nil, err
	}
	d := &draft{store: s, name: name, key: key, ifAbsent: ifAbsent, f: f, digest: sha256.New()}
	d.unnamed = os.Remove(f.Name()) == nil
	return d, nil
}

// draft is a temporary file. It is uploaded when it is published.
type draft struct {
	store     *Store
	name, key string
	ifAbsent  bool
	f         *os.File
	unnamed   bool // the file has been removed, and lasts as long as it is open
	digest    hash.Hash
	size      int64
	// ended is why nothing can be written or published any more.
	ended  error
	closed bool
}

var (
	errPublished = errors.New("the draft was published")
	errClosed    = fmt.Errorf("the draft was closed: %w", os.ErrClosed)
)

func (d *draft) Write(p []byte) (int, error) {
	if d.ended != nil {
		return 0, fmt.Errorf("write the draft of %q: %w", d.name, d.ended)
	}
	n, err := d.f.Write(p)
	d.digest.Write(p[:n])
	d.size += int64(n)
	if err != nil {
		// What a writer does not know to be there must not be published.
		d.ended = fmt.Errorf("it is incomplete: %w", err)
	}
	return n, err
}

func (d *draft) ReadAt(p []byte, off int64) (int, error) { return d.f.ReadAt(p, off) }

func (d *draft) Size() int64 { return d.size }

func (d *draft) sum() string { return hex.EncodeToString(d.digest.Sum(nil)) }

func (d *draft) Publish(ctx context.Context) (storage.Info, error) {
	info, err := d.publish(ctx)
	if err != nil {
		return storage.Info{}, d.store.failed(ctx, "publish", d.key, err)
	}
	d.ended = errPublished
	return info, nil
}

func (d *draft) publish(ctx context.Context) (storage.Info, error) {
	if d.ended != nil {
		return storage.Info{}, d.ended
	}
	if err := ctx.Err(); err != nil {
		return storage.Info{}, err
	}
	u, err := prepare(d.f, d.size, d.sum())
	if err != nil {
		return storage.Info{}, err
	}
	made, err := d.store.upload(ctx, d.key, u, d.ifAbsent)
	made.Name = d.name
	return made, err
}

func (d *draft) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	if d.ended == nil {
		d.ended = errClosed
	}
	err := d.f.Close()
	if !d.unnamed {
		err = errors.Join(err, os.Remove(d.f.Name()))
	}
	if err != nil {
		return fmt.Errorf("close the draft of %q: %w", d.name, err)
	}
	return nil
}

// cancellable is a reader that fails when the context is cancelled.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
