package native_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/native"
)

// FuzzOpen reads anything: it is refused or can be read whole, and so can what
// is salvaged of it.
func FuzzOpen(f *testing.F) {
	full := sample().pack(f, native.WriterOptions{})
	f.Add(full)
	f.Add(full[:5000])
	f.Add(make([]byte, 1024))
	f.Add([]byte{})
	limits := backup.Limits{Bytes: 1 << 22, Ratio: 200, Record: 1 << 20, Depth: 64, Members: 100}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := open(b, native.Options{Limits: limits})
		if err == nil {
			_, err = p.Verify(context.Background(), nil, nil)
			_ = p.Close()
		}
		if err != nil && !errors.Is(err, backup.ErrRefused) {
			t.Fatalf("not a refusal: %v", err)
		}
		var out bytes.Buffer
		if _, err := native.Salvage(context.Background(), bytes.NewReader(b), &out, limits); err != nil {
			if !errors.Is(err, backup.ErrRefused) {
				t.Fatalf("salvage: not a refusal: %v", err)
			}
			return
		}
		if _, _, err := readAll(out.Bytes()); err != nil {
			t.Fatalf("what was salvaged: %v", err)
		}
	})
}
