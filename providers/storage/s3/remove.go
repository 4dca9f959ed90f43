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
	// The locks are of one version. Not all servers say of an object that is
	// missing that it is.
	found, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return time.Time{}, false, err
	}
	_, retained, err := s.client.GetObjectRetention(ctx, s.bucket, key, found.VersionID)
	if err != nil && !lacksLock(err) {
		return time.Time{}, false, err
	}
	if err == nil && retained != nil {
		until = *retained
	}
	hold, err := s.client.GetObjectLegalHold(ctx, s.bucket, key, minio.GetObjectLegalHoldOptions{VersionID: found.VersionID})
	if err != nil && !lacksLock(err) {
		return time.Time{}, false, err
	}
	return until, err == nil && hold != nil && *hold == minio.LegalHoldEnabled, nil
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
