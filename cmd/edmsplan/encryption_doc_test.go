package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDocumentOnEncryptionIsTrue runs what docs/encryption.md shows, against
// the example's database.
func TestTheDocumentOnEncryptionIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew: skipped with -short")
	}
	for _, name := range []string{"age", "age-keygen", "minisign"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed: the commands of docs/encryption.md are not run", name)
		}
	}
	dir := cloneSource(t)
	text, err := os.ReadFile(filepath.Join(dir, "docs", "encryption.md"))
	if err != nil {
		t.Fatal(err)
	}
	shell(t, dir, "make build && go run ./examples/edms/makedb edms.sqlite examples/edms/schema.sqlite.sql examples/edms/live.sqlite.sql")
	blocks := consoleBlock.FindAllSubmatch(text, -1)
	if len(blocks) < 4 {
		t.Fatalf("there are %d console blocks", len(blocks))
	}
	for _, b := range blocks {
		runConsole(t, dir, strings.Split(strings.TrimSuffix(string(b[1]), "\n"), "\n"))
	}
}
