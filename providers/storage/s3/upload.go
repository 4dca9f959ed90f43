package s3

import (
	"context"
	"crypto/md5" // what S3 checks a request's body with
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/edmsplan/edmsplan/providers/storage"
)

const (
	// partSize is the size of the parts of a large object; what is smaller goes
	// in one request.
	partSize = 16 << 20
	// maxParts is less than the 10,000 parts that S3 allows.
	maxParts = 9000
	// parallel is how many parts are sent at once.
	parallel = 3
	// maxConflicts is how often an upload is repeated because somebody removed
	// what had the name at the same time.
	maxConflicts = 4
)

// The metadata of an object.
const (
	// digestKey has the SHA-256 of the contents in lower-case hexadecimal.
	digestKey = "Edmsplan-Sha256"
	// uploadKey has a random text by which an upload knows its own object.
	uploadKey = "Edmsplan-Upload"
)

// content is what is uploaded, in parts whose digests are known.
type content struct {
	from   io.ReaderAt
	size   int64
	digest string
	parts  []part // at least one
}

type part struct {
	off, size int64
	sha256    string // hexadecimal
	md5       string // base 64
}

// prepare reads the contents once more, for the digests of the parts, and
// checks that together they have the digest given.
func prepare(from io.ReaderAt, size int64, digest string) (*content, error) {
	c := &content{from: from, size: size, digest: digest}
	step := max(partSize, (size+maxParts-1)/maxParts)
	whole := sha256.New()
	for off := int64(0); off == 0 || off < size; off += step {
		p := part{off: off, size: min(step, size-off)}
		sha, md := sha256.New(), md5.New()
		n, err := io.Copy(io.MultiWriter(whole, sha, md), io.NewSectionReader(from, p.off, p.size))
		if err == nil && n != p.size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, fmt.Errorf("read the temporary file: %w", err)
		}
		p.sha256, p.md5 = hex.EncodeToString(sha.Sum(nil)), base64.StdEncoding.EncodeToString(md.Sum(nil))
		c.parts = append(c.parts, p)
	}
	if read := hex.EncodeToString(whole.Sum(nil)); read != digest {
		return nil, fmt.Errorf("%w: the temporary file reads back as %s, and %s was written", storage.ErrDigest, read, digest)
	}
	return c, nil
}

// reader returns a new reader of a part, which the driver may rewind.
func (c *content) reader(p part) io.ReadSeeker { return io.NewSectionReader(c.from, p.off, p.size) }

// upload stores the contents under the key and returns what is there, without
// its name.
func (s *Store) upload(ctx context.Context, key string, c *content, ifAbsent bool) (storage.Info, error) {
	for conflicts := 0; ; conflicts++ {
		token := rand.Text()
		err := s.send(ctx, key, c, token, ifAbsent)
		if err != nil && !uncertain(err) {
			return storage.Info{}, err
		}
		// Also when it succeeded, to know the time and that it is what was sent.
		found, statErr := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
		switch {
		case statErr == nil && meta(found, uploadKey) == token:
			return arrived(found, c)
		case err == nil && statErr == nil:
			// Somebody has replaced it since.
			return storage.Info{Size: c.size, ModTime: time.Now(), Digest: c.digest}, nil
		case err == nil:
			return storage.Info{}, fmt.Errorf("it was uploaded and is not found: %w", statErr)
		case code(err) == errConflict && ifAbsent && statErr == nil:
			return storage.Info{}, fmt.Errorf("%w: %w", storage.ErrExists, err)
		case code(err) != errConflict || conflicts == maxConflicts:
			return storage.Info{}, err
		}
	}
}

// uncertain reports whether the error may come from the repetition of a request
// that had succeeded, or passes.
func uncertain(err error) bool {
	switch code(err) {
	case minio.PreconditionFailed, minio.NoSuchUpload, errConflict:
		return true
	}
	return false
}

// arrived compares the object with what was uploaded.
func arrived(found minio.ObjectInfo, c *content) (storage.Info, error) {
	info := describe("", found)
	if info.Size != c.size || info.Digest != c.digest {
		return storage.Info{}, fmt.Errorf("%w: uploaded were %d bytes with the digest %s, and the server has %d bytes and says %s",
			storage.ErrDigest, c.size, c.digest, info.Size, info.Digest)
	}
	return info, nil
}

// send sends the contents once, in one request or in parts.
func (s *Store) send(ctx context.Context, key string, c *content, token string, ifAbsent bool) error {
	o := minio.PutObjectOptions{
		UserMetadata:         map[string]string{digestKey: c.digest, uploadKey: token},
		DisableContentSha256: true, // not computed by the driver, as it is known
	}
	if len(c.parts) > 1 {
		return s.sendParts(ctx, key, c, o, ifAbsent)
	}
	if ifAbsent {
		o.SetMatchETagExcept("*")
	}
	p := c.parts[0]
	_, err := s.client.PutObject(ctx, s.bucket, key, c.reader(p), p.size, p.md5, p.sha256, o)
	return err
}

// sendParts uploads the contents in parts. The driver's own function would
// forget the condition when it puts them together.
func (s *Store) sendParts(ctx context.Context, key string, c *content, o minio.PutObjectOptions, ifAbsent bool) error {
	id, err := s.client.NewMultipartUpload(ctx, s.bucket, key, o)
	if err != nil {
		return err
	}
	done, err := s.sendEach(ctx, key, id, c)
	if err == nil {
		var last minio.PutObjectOptions
		if ifAbsent {
			last.SetMatchETagExcept("*")
		}
		_, err = s.client.CompleteMultipartUpload(ctx, s.bucket, key, id, done, last)
	}
	if err == nil {
		return nil
	}
	// Also when the context is cancelled: parts cost, and nobody sees them. What
	// cannot be removed now, Sweep removes.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	_ = s.client.AbortMultipartUpload(ctx, s.bucket, key, id)
	return err
}

// sendEach uploads the parts, some at a time. The first error ends it.
func (s *Store) sendEach(ctx context.Context, key, id string, c *content) ([]minio.CompletePart, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make([]minio.CompletePart, len(c.parts))
	slots := make(chan struct{}, parallel)
	var sent sync.WaitGroup
	for i, p := range c.parts {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		sent.Go(func() {
			defer func() { <-slots }()
			o := minio.PutObjectPartOptions{Md5Base64: p.md5, Sha256Hex: p.sha256, DisableContentSha256: true}
			made, err := s.client.PutObjectPart(ctx, s.bucket, key, id, i+1, c.reader(p), p.size, o)
			if err != nil {
				cancel(fmt.Errorf("part %d of %d: %w", i+1, len(c.parts), err))
				return
			}
			done[i] = minio.CompletePart{PartNumber: i + 1, ETag: made.ETag}
		})
	}
	sent.Wait()
	return done, context.Cause(ctx)
}

// meta returns a value of an object's metadata, whose keys servers write in
// small or large letters.
func meta(o minio.ObjectInfo, key string) string {
	for k, v := range o.UserMetadata {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// describe returns what is known of an object. Its digest is what was kept with
// it, if that is one.
func describe(name string, o minio.ObjectInfo) storage.Info {
	info := storage.Info{Name: name, Size: o.Size, ModTime: o.LastModified}
	digest := meta(o, digestKey)
	if raw, err := hex.DecodeString(digest); err == nil && len(raw) == sha256.Size && digest == strings.ToLower(digest) {
		info.Digest = digest
	}
	return info
}
