package engine_test

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// openFiles are the files that this process has open: those of the databases,
// packages and spools. Where the system does not tell, there are none.
func openFiles(t *testing.T) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	var out []string
	for _, e := range entries {
		name, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "/proc/") && !strings.HasPrefix(name, "/dev/") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
