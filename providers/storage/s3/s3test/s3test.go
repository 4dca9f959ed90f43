// Package s3test starts a throw-away object store for tests: versitygw, a
// server that speaks S3's protocol and keeps objects as files. A test binary
// has one Server, which starts when the first test asks for a bucket:
//
//	var server = s3test.New()
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		server.Stop()
//		os.Exit(code)
//	}
//
//	func TestSomething(t *testing.T) {
//		b := server.Bucket(t)
//		store, err := s3.Open(t.Context(), b.URL, b.Env)
//	}
//
// With -short such tests are skipped, and also where the server cannot be
// installed. That it is installed and does not work is a failure.
package s3test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// startWait is how long the server may take to answer.
	startWait = 30 * time.Second
	accessKey = "edmsplan-test-access"
	// SecretKey is the server's secret, for tests that search for it where it
	// must not be.
	SecretKey = "edmsplan-test-secret-0123456789"
	region    = "us-east-1"
)

// Server is a versitygw that listens on loopback and forgets everything at
// Stop.
type Server struct {
	once     sync.Once
	notThere error // the server cannot be installed
	err      error
	dir      string
	address  string
	process  *exec.Cmd
	client   *minio.Client

	mu    sync.Mutex
	count int // buckets made
}

// Bucket is an empty bucket of its own.
type Bucket struct {
	// Name is the bucket's and URL is s3://Name.
	Name, URL string
	// Client may do anything with it.
	Client *minio.Client

	address string
}

// Env is the environment of a program that is to use the bucket.
func (b Bucket) Env(name string) (string, bool) {
	value, ok := map[string]string{
		"AWS_ENDPOINT_URL":      "http://" + b.address,
		"AWS_REGION":            region,
		"AWS_ACCESS_KEY_ID":     accessKey,
		"AWS_SECRET_ACCESS_KEY": SecretKey,
	}[name]
	return value, ok
}

// New returns a server that is not started yet.
func New() *Server { return &Server{} }

// Stop ends the server and removes its files. The server must not be used
// after it. Nothing happens when it was never started.
func (s *Server) Stop() {
	if s.process != nil {
		stop(s.process)
		s.process = nil
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// Bucket makes a bucket.
func (s *Server) Bucket(t testing.TB) Bucket {
	t.Helper()
	return s.bucket(t, minio.MakeBucketOptions{Region: region})
}

// LockedBucket makes a bucket with object lock: it keeps objects under
// retention or legal hold.
func (s *Server) LockedBucket(t testing.TB) Bucket {
	t.Helper()
	return s.bucket(t, minio.MakeBucketOptions{Region: region, ObjectLocking: true})
}

func (s *Server) bucket(t testing.TB, o minio.MakeBucketOptions) Bucket {
	t.Helper()
	s.need(t)
	s.mu.Lock()
	s.count++
	name := fmt.Sprintf("test-%d", s.count)
	s.mu.Unlock()
	if err := s.client.MakeBucket(context.Background(), name, o); err != nil {
		t.Fatalf("cannot make a bucket: %v", err)
	}
	return Bucket{Name: name, URL: "s3://" + name, Client: s.client, address: s.address}
}

// need starts the server on the first call.
func (s *Server) need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an S3 server: skipped with -short")
	}
	s.once.Do(func() {
		var program string
		if program, s.notThere = install(); s.notThere == nil {
			s.err = s.start(program)
		}
	})
	if s.notThere != nil {
		t.Skipf("NOT TESTED: no S3 server could be installed: %v", s.notThere)
	}
	if s.err != nil {
		t.Fatalf("no S3 server for tests: %v", s.err)
	}
}

func (s *Server) start(program string) (err error) {
	if s.dir, err = os.MkdirTemp("", "edmsplan-s3test-*"); err != nil {
		return err
	}
	for _, folder := range []string{"objects", "metadata"} {
		if err := os.Mkdir(filepath.Join(s.dir, folder), 0o700); err != nil {
			return err
		}
	}
	// Somebody may take the port before the server does.
	for range 3 {
		if err = s.listen(program); err == nil {
			return nil
		}
	}
	return err
}

// listen starts the server on a free port and waits until it answers.
func (s *Server) listen(program string) error {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = free.Addr().String()
	if err := free.Close(); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	// Metadata beside the objects, for not all disks have attributes.
	s.process = exec.Command(program, "--port", s.address, "--region", region, "--quiet", "--keep-alive",
		"posix", "--sidecar", filepath.Join(s.dir, "metadata"), filepath.Join(s.dir, "objects"))
	s.process.Dir = s.dir
	s.process.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+accessKey, "ROOT_SECRET_ACCESS_KEY="+SecretKey)
	s.process.Stdout, s.process.Stderr = log, log
	withTests(s.process)
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	s.client, err = minio.New(s.address, &minio.Options{
		Creds: credentials.NewStaticV4(accessKey, SecretKey, ""), Region: region,
	})
	if err == nil {
		err = s.await()
	}
	if err != nil {
		stop(s.process)
		s.process = nil
		text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

// await waits until the server answers.
func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	for {
		_, err := s.client.ListBuckets(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the server does not answer: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
