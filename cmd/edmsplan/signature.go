package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/storage"
)

// verifySignature verifies the signature beside a file where one is demanded.
func (o *opener) verifySignature(ctx context.Context, content io.Reader, where string) error {
	if len(o.trusted) == 0 {
		return nil
	}
	signature, err := o.readSignature(ctx, where)
	if err == nil {
		var by envelope.SignedBy
		if by, err = envelope.Verify(content, signature, o.trusted); err == nil {
			o.sealed.signed = &by
			return nil
		}
	}
	return fmt.Errorf("package %s: %w", where, backup.InMember(err, filepath.Base(where)))
}

// verifyCopy verifies the signature once more, of a copy.
func (o *opener) verifyCopy(ctx context.Context, at, where string) (err error) {
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return o.verifySignature(ctx, f, where)
}

// readSignature reads the signature beside a file.
func (o *opener) readSignature(ctx context.Context, where string) (_ []byte, err error) {
	if !isBucket(where) {
		return envelope.ReadSignature(where)
	}
	p, err := openPlace(ctx, o.s, where)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	r, _, err := p.store.Open(ctx, p.name+envelope.SignatureSuffix)
	if errors.Is(err, storage.ErrNotExist) {
		return nil, envelope.Unsigned(p.name)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(io.LimitReader(r, 1<<20))
}
