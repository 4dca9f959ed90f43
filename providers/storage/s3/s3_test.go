package s3_test

import (
	"os"
	"strings"
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

func TestAWrongPlaceIsSaidWithoutSecrets(t *testing.T) {
	b := server.Bucket(t)
	for name, tt := range map[string]struct {
		url string
		env map[string]string
	}{
		"no such bucket":   {"s3://there-is-none/prefix", nil},
		"a wrong secret":   {b.URL, map[string]string{"AWS_SECRET_ACCESS_KEY": "wrong-" + s3test.SecretKey}},
		"an unknown user":  {b.URL, map[string]string{"AWS_ACCESS_KEY_ID": "nobody"}},
		"nobody listening": {b.URL, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s3.Open(t.Context(), tt.url, func(name string) (string, bool) {
				if value, ok := tt.env[name]; ok {
					return value, true
				}
				return b.Env(name)
			})
			if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(tt.url, "/prefix")) || strings.Contains(err.Error(), s3test.SecretKey) {
				t.Errorf("Open = %v, want an error that names the bucket and no secret", err)
			}
		})
	}
}
