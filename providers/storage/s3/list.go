package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// List implements storage.Store. It keeps one page of a listing, 1000 objects,
// in memory. The digests are empty: a listing does not tell them.
func (s *Store) List(ctx context.Context, folder string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckFolder(folder); err != nil {
			yield(storage.Info{Name: folder}, err)
			return
		}
		if folder != "" {
			folder += "/"
		}
		s.list(ctx, folder, yield)
	}
}

// list yields what is below a folder, which is empty or ends with a slash.
func (s *Store) list(ctx context.Context, folder string, yield func(storage.Info, error) bool) {
	staged := strings.HasPrefix(folder, storage.StageFolder+"/")
	o := minio.ListObjectsOptions{Prefix: s.prefix + folder, Recursive: true}
	last := ""
	for found := range s.client.ListObjectsIter(ctx, s.bucket, o) {
		err := errors.Join(ctx.Err(), found.Err)
		name, inside := strings.CutPrefix(found.Key, s.prefix)
		if err == nil && name == "" {
			continue // the prefix, as a console's folder
		}
		if err == nil && (!inside || name <= last) {
			// A listing that is not in order may have a file twice or not at all.
			err = fmt.Errorf("the server lists %q after %q", found.Key, s.prefix+last)
		}
		if err != nil {
			yield(storage.Info{}, s.failed(ctx, "list", o.Prefix, err))
			return
		}
		last = name
		bad := storage.CheckName(name)
		switch {
		case storage.Hidden(name) && (!staged || bad != nil):
			continue
		case strings.HasSuffix(name, "/") && found.Size == 0:
			continue // a console's folder
		}
		if !yield(describe(name, found), bad) {
			return
		}
	}
	// The driver's listing just ends when it is cancelled.
	if err := ctx.Err(); err != nil {
		yield(storage.Info{}, s.failed(ctx, "list", o.Prefix, err))
	}
}

// Sweep implements storage.Sweeper: it aborts the uploads in parts below the
// prefix that were begun before the time. They may be another program's, if the
// store is a part of a bucket into which others write.
func (s *Store) Sweep(ctx context.Context, before time.Time) (int, error) {
	n, err := s.sweep(ctx, before)
	if err != nil {
		return n, s.failed(ctx, "sweep", s.prefix, err)
	}
	return n, nil
}

func (s *Store) sweep(ctx context.Context, before time.Time) (int, error) {
	aborted, key, id := 0, "", ""
	for {
		if err := ctx.Err(); err != nil {
			return aborted, err
		}
		page, err := s.client.ListMultipartUploads(ctx, s.bucket, s.prefix, key, id, "", 0)
		if err != nil {
			return aborted, err
		}
		for _, u := range page.Uploads {
			if !strings.HasPrefix(u.Key, s.prefix) || !u.Initiated.Before(before) {
				continue
			}
			err := s.client.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID)
			if err != nil && code(err) != minio.NoSuchUpload {
				return aborted, fmt.Errorf("abort the upload of %q: %w", u.Key, err)
			}
			aborted++
		}
		if !page.IsTruncated || page.NextKeyMarker == key && page.NextUploadIDMarker == id {
			return aborted, nil
		}
		key, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
}
