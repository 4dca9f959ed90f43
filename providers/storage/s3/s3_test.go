package s3_test

import (
	"os"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/s3"
	"github.com/edmsplan/edmsplan/providers/storage/s3/s3test"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

var server = s3test.New()

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store {
		b := server.Bucket(t)
		return open(t, b, b.URL)
	})
}

func open(t *testing.T, b s3test.Bucket, url string) *s3.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), url, b.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.(*s3.Store)
}
