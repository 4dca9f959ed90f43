package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Digest reads the file and returns its Info with the size and digest of what
// was read. The error wraps ErrNotExist when there is none.
func Digest(ctx context.Context, s Store, name string) (info Info, err error) {
	r, info, err := s.Open(ctx, name)
	if err != nil {
		return Info{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return Info{}, fmt.Errorf("read %s: %w", quote(name), err)
	}
	info.Size, info.Digest = n, hex.EncodeToString(h.Sum(nil))
	return info, nil
}

// Scan is List with the digest of every file, which it reads, one after the
// other, even if the store says that it knows it. A file that goes away
// between listing and reading is left out, as if it had gone before. Memory
// does not grow with the files' sizes.
func Scan(ctx context.Context, s Store, folder string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for info, err := range s.List(ctx, folder) {
			if err == nil {
				name := info.Name
				if info, err = Digest(ctx, s, name); errors.Is(err, ErrNotExist) {
					continue
				}
				info.Name = name
			}
			if !yield(info, err) {
				return
			}
		}
	}
}
