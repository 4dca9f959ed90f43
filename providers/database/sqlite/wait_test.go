package sqlite

import (
	"math"
	"path/filepath"
	"testing"
	"time"
)

func TestWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wait.db")
	c, err := connect(t.Context(), path, "rwc")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	for name, tt := range map[string]struct {
		wait time.Duration
		want int64
	}{
		"not at all":              {0, 0},
		"less than a millisecond": {time.Microsecond, 1},
		"some time":               {1500 * time.Millisecond, 1500},
		"for ever":                {math.MaxInt64, math.MaxInt32},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.wait(t.Context(), tt.wait); err != nil {
				t.Fatal(err)
			}
			row, err := c.one(t.Context(), "PRAGMA busy_timeout")
			if err != nil || number(row[0]) != tt.want {
				t.Errorf("SQLite waits %v ms, want %d; error %v", row, tt.want, err)
			}
		})
	}
}
