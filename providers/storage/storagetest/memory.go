package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Memory is a store in memory for tests of what stands on stores. It is like an
// object store: it has no folders, no rename and no modes, and a file may stand
// beside files that would be in a folder of its name. Its zero value is empty.
type Memory struct {
	mu    sync.Mutex
	files map[string]object
}

type object struct {
	content []byte
	info    storage.Info
}

var (
	_ storage.Store   = (*Memory)(nil)
	_ storage.Drafter = (*Memory)(nil)
)

// List implements storage.Store.
func (m *Memory) List(ctx context.Context, folder string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckFolder(folder); err != nil {
			yield(storage.Info{Name: folder}, err)
			return
		}
		m.mu.Lock()
		files := maps.Clone(m.files)
		m.mu.Unlock()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if folder != "" && !strings.HasPrefix(name, folder+"/") || storage.Hidden(name) && !storage.Hidden(folder) {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(storage.Info{}, fmt.Errorf("list: %w", err))
				return
			}
			if !yield(files[name].info, nil) {
				return
			}
		}
	}
}

// Open implements storage.Store.
func (m *Memory) Open(ctx context.Context, name string) (io.ReadCloser, storage.Info, error) {
	if err := storage.CheckName(name); err != nil {
		return nil, storage.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, storage.Info{}, fmt.Errorf("open %q: %w", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.files[name]
	if !ok {
		return nil, storage.Info{}, fmt.Errorf("open %q: %w", name, storage.ErrNotExist)
	}
	return io.NopCloser(reader{ctx, bytes.NewReader(o.content)}), o.info, nil
}

// Create implements storage.Store.
func (m *Memory) Create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (storage.Info, error) {
	if err := storage.CheckName(name); err != nil {
		return storage.Info{}, err
	}
	content, err := io.ReadAll(reader{ctx, r})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return storage.Info{}, fmt.Errorf("create %q: %w", name, err)
	}
	sum := sha256.Sum256(content)
	info := storage.Info{Name: name, Size: int64(len(content)), ModTime: time.Now(), Digest: hex.EncodeToString(sum[:])}
	if o.Digest != "" && o.Digest != info.Digest {
		return storage.Info{}, fmt.Errorf("create %q: %w", name, storage.ErrDigest)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.files[name]; taken && o.IfAbsent {
		return storage.Info{}, fmt.Errorf("create %q: %w", name, storage.ErrExists)
	}
	if m.files == nil {
		m.files = map[string]object{}
	}
	m.files[name] = object{content, info}
	return info, nil
}

// Remove implements storage.Store.
func (m *Memory) Remove(ctx context.Context, name string) error {
	if err := storage.CheckName(name); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("remove %q: %w", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}

// Close implements storage.Store.
func (m *Memory) Close() error { return nil }

// reader fails when the context is cancelled.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
