package local_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
	"github.com/edmsplan/edmsplan/providers/storage/storagetest"
)

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return openLocal(t, t.TempDir()) })
}

func openLocal(t *testing.T, folder string) *local.Store {
	t.Helper()
	s, err := local.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
