package local

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Create implements storage.Store. With IfAbsent it needs a disk that has hard
// links.
func (s *Store) Create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (storage.Info, error) {
	if err := storage.CheckName(name); err != nil {
		return storage.Info{}, err
	}
	made, err := s.create(ctx, name, r, o)
	if err != nil {
		return storage.Info{}, fmt.Errorf("create %q: %w", name, err)
	}
	return made, nil
}

func (s *Store) create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (_ storage.Info, err error) {
	if err := ctx.Err(); err != nil {
		return storage.Info{}, err
	}
	// What can be refused is refused before anything is written.
	if err := s.free(name, o.IfAbsent); err != nil {
		return storage.Info{}, err
	}
	f, temp, err := s.temp(name)
	if err != nil {
		return storage.Info{}, err
	}
	defer func() {
		if err != nil {
			// If this fails, Sweep finds the file.
			_ = s.root.Remove(temp)
			s.dropEmptied(temp)
		}
	}()
	i, digest, err := fill(ctx, f, r, o)
	if err != nil {
		return storage.Info{}, err
	}
	if err := s.publish(ctx, temp, name, o.IfAbsent); err != nil {
		return storage.Info{}, err
	}
	made := info(name, i)
	made.Digest = digest
	return made, nil
}

// free refuses a name that cannot become the name of a file.
func (s *Store) free(name string, ifAbsent bool) error {
	seen, err := s.look(name)
	switch {
	case errors.Is(err, storage.ErrNotExist):
		return nil
	case err != nil:
		return err
	case ifAbsent && !seen.IsDir():
		return storage.ErrExists
	}
	return nil
}

// temp makes an empty file beside the name. A stage folder may be removed
// between being made and being used, when another apply ends, so it is made
// again.
func (s *Store) temp(name string) (*os.File, string, error) {
	for attempt := 0; ; attempt++ {
		temp := path.Join(path.Dir(name), tempPrefix+rand.Text())
		err := s.makeFolder(path.Dir(name))
		if err == nil {
			var f *os.File
			if f, err = s.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				return f, temp, nil
			}
		}
		if !errors.Is(err, os.ErrNotExist) || attempt == 100 {
			return nil, "", err
		}
	}
}

// fill writes the contents, gives the file its mode, brings it to disk and
// closes it.
func fill(ctx context.Context, f *os.File, r io.Reader, o storage.CreateOptions) (i os.FileInfo, digest string, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, h), cancellable{ctx, r}); err != nil {
		return nil, "", err
	}
	digest = hex.EncodeToString(h.Sum(nil))
	if o.Digest != "" && o.Digest != digest {
		return nil, "", fmt.Errorf("%w: %s, not %s", storage.ErrDigest, digest, o.Digest)
	}
	mode := o.Mode.Perm()
	if o.Mode == 0 {
		mode = storage.DefaultMode
	}
	// Not given when the file was made: the umask would take from it.
	if err := f.Chmod(mode); err != nil {
		return nil, "", err
	}
	if err := f.Sync(); err != nil {
		return nil, "", err
	}
	i, err = f.Stat()
	return i, digest, err
}

// publish moves a file that is on disk to its name.
func (s *Store) publish(ctx context.Context, temp, name string, ifAbsent bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.makeWay(name); err != nil {
		return err
	}
	if !ifAbsent {
		if err := s.root.Rename(temp, name); err != nil {
			return err
		}
		return s.sync(path.Dir(name))
	}
	// A rename replaces; only a link lets one of several win.
	if err := s.root.Link(temp, name); err != nil {
		if errors.Is(err, os.ErrExist) {
			return storage.ErrExists
		}
		return err
	}
	if err := s.root.Remove(temp); err != nil {
		return err
	}
	return s.sync(path.Dir(name))
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
