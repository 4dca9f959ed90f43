// Package s3 is the storage adapter for a bucket of an object store that
// speaks S3's protocol, or for a part of one below a prefix.
//
// A file is written to a private temporary file first and uploaded when it is
// complete, in one request or, when it is large, in parts that the server puts
// together at the end: it appears whole or not at all. Each request carries the
// SHA-256 and the MD5 of what it sends, and the server checks them. The
// SHA-256 of the whole is kept with the object and checked when it is read from
// its beginning to its end.
//
// The server has to know conditional requests (If-Match, If-None-Match), as
// Amazon's, MinIO, Ceph and versitygw do.
//
// Objects that a store cannot hold (their keys are no names) are reported by
// List; the empty objects whose keys end with a slash, which consoles make as
// folders, are not. In a bucket with versions Remove leaves the old versions to
// the bucket's own rules.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Store is a bucket, or the part of it below a prefix. Besides storage.Store it
// is a storage.Drafter, a storage.Sweeper and a storage.Locker. It is no
// storage.Renamer, for S3 cannot rename.
type Store struct {
	client    *minio.Core
	transport *http.Transport
	bucket    string
	prefix    string // empty, or with a slash at its end
}

var (
	_ storage.Store   = (*Store)(nil)
	_ storage.Drafter = (*Store)(nil)
	_ storage.Sweeper = (*Store)(nil)
	_ storage.Locker  = (*Store)(nil)
)

// Open opens the bucket of a URL s3://bucket/prefix, which exists: a wrong name
// must not become an empty store. The prefix may be missing, and nothing has to
// be there. Server and credentials are read from the environment as Amazon's
// own programs do:
//
//	AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL                             https://host:port or http://host:port
//	AWS_REGION, AWS_DEFAULT_REGION
//	AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//	AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE                          where these are not set
//
// No error and no message has any of the credentials in it.
func Open(ctx context.Context, url string, env func(string) (string, bool)) (storage.Store, error) {
	bucket, prefix, err := parseURL(url)
	if err != nil {
		return nil, fmt.Errorf("open the bucket: %w", err)
	}
	s, err := connect(bucket, prefix, env)
	if err != nil {
		return nil, fmt.Errorf("open %s%s: %w", Scheme, bucket, err)
	}
	exists, err := s.client.BucketExists(ctx, bucket)
	if err == nil && !exists {
		err = fmt.Errorf("there is no such bucket at %s", s.client.EndpointURL())
	}
	if err != nil {
		_ = s.Close() // has no error
		return nil, s.failed(ctx, "open", "", err)
	}
	return s, nil
}

func connect(bucket, prefix string, env variables) (*Store, error) {
	endpoint, o, err := options(env)
	if err != nil {
		return nil, err
	}
	// Its own connections, so that they can be closed.
	transport, err := minio.DefaultTransport(o.Secure)
	if err != nil {
		return nil, err
	}
	o.Transport = transport
	client, err := minio.NewCore(endpoint, o)
	if err != nil {
		return nil, err
	}
	if prefix != "" {
		prefix += "/"
	}
	return &Store{client: client, transport: transport, bucket: bucket, prefix: prefix}, nil
}

// Close implements storage.Store.
func (s *Store) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

// key returns the key of a name. Its error wraps storage.ErrName.
func (s *Store) key(name string) (string, error) {
	if err := storage.CheckName(name); err != nil {
		return "", err
	}
	if n := len(s.prefix) + len(name); n > storage.MaxName {
		return "", fmt.Errorf("%w: with the prefix %q it has %d bytes, and %d are allowed", storage.ErrName, s.prefix, n, storage.MaxName)
	}
	if strings.TrimSpace(s.prefix+name) == "" {
		return "", fmt.Errorf("%w: it has nothing but spaces, which this store does not take", storage.ErrName)
	}
	return s.prefix + name, nil
}

// failed says what failed where, and in the seam's terms why. The key is empty
// when it is about the bucket.
func (s *Store) failed(ctx context.Context, did, key string, err error) error {
	place := Scheme + s.bucket
	if key != "" {
		place += "/" + key
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		// The driver may have dressed it up as a failure of the network.
		err = fmt.Errorf("%w: %w", cause, err)
	}
	if kind := kindOf(err); kind != nil {
		err = fmt.Errorf("%w (%w)", kind, err)
	}
	return fmt.Errorf("%s %q: %w", did, place, err)
}

// kindOf returns the seam's error that a server's stands for, or nil.
func kindOf(err error) error {
	switch code(err) {
	case minio.NoSuchKey:
		return storage.ErrNotExist
	case minio.PreconditionFailed, errObjectIsFolder, errParentIsFile:
		return storage.ErrExists
	case minio.XMinioInvalidObjectName, errKeyTooLong:
		return storage.ErrName
	}
	return nil
}

// Codes that the driver has no names for. The folders are those of servers
// that keep objects as files.
const (
	errObjectIsFolder = "ExistingObjectIsDirectory"
	errParentIsFile   = "ObjectParentIsFile"
	errKeyTooLong     = "KeyTooLongError"
	errConflict       = "ConditionalRequestConflict"
)

// code returns the server's code for the error, or "".
func code(err error) string {
	var r minio.ErrorResponse
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}
