package s3

import (
	"context"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// Remove implements storage.Store.
func (s *Store) Remove(ctx context.Context, name string) error {
	key, err := s.key(name)
	if err != nil {
		return err
	}
	if err = ctx.Err(); err == nil {
		err = s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	}
	if err != nil && code(err) != minio.NoSuchKey {
		return s.failed(ctx, "remove", key, err)
	}
	return nil
}

// Locked implements storage.Locker with the retention and the legal hold of
// S3's object lock. In a bucket without object lock nothing is locked.
func (s *Store) Locked(ctx context.Context, name string) (until time.Time, held bool, err error) {
	key, err := s.key(name)
	if err != nil {
		return time.Time{}, false, err
	}
	if until, held, err = s.locked(ctx, key); err != nil {
		return time.Time{}, false, s.failed(ctx, "look for a lock of", key, err)
	}
	return until, held, nil
}

func (s *Store) locked(ctx context.Context, key string) (until time.Time, held bool, err error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, false, err
	}
	found, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return time.Time{}, false, err
	}
	if until, err = s.retained(ctx, key, found); err != nil {
		return time.Time{}, false, err
	}
	held, err = s.held(ctx, key, found)
	return until, held, err
}

// retained returns until when the version found is under retention.
func (s *Store) retained(ctx context.Context, key string, found minio.ObjectInfo) (time.Time, error) {
	if text := found.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"); text != "" {
		return time.Parse(time.RFC3339, text)
	}
	// There is none, or we may not know: the header is left out then, and only
	// this question is refused.
	_, until, err := s.client.GetObjectRetention(ctx, s.bucket, key, found.VersionID)
	if err != nil || until == nil {
		return time.Time{}, ignoreLackOfLock(err)
	}
	return *until, nil
}

// held reports whether the version found is under legal hold.
func (s *Store) held(ctx context.Context, key string, found minio.ObjectInfo) (bool, error) {
	if text := found.Metadata.Get("X-Amz-Object-Lock-Legal-Hold"); text != "" {
		return text != string(minio.LegalHoldDisabled), nil
	}
	hold, err := s.client.GetObjectLegalHold(ctx, s.bucket, key, minio.GetObjectLegalHoldOptions{VersionID: found.VersionID})
	if err != nil || hold == nil {
		return false, ignoreLackOfLock(err)
	}
	return *hold == minio.LegalHoldEnabled, nil
}

// ignoreLackOfLock returns nil for the error that says that there is no lock.
func ignoreLackOfLock(err error) error {
	if err != nil && lacksLock(err) {
		return nil
	}
	return err
}

// lacksLock reports whether the error says that the object or its bucket has no
// lock. That it may not be asked for is another error.
func lacksLock(err error) bool {
	switch code(err) {
	case "NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", minio.NotImplemented:
		return true
	case "InvalidRequest":
		// What S3 says of a bucket without object lock: "Bucket is missing Object
		// Lock Configuration".
		return strings.Contains(strings.ReplaceAll(err.Error(), " ", ""), "ObjectLock")
	}
	return false
}
