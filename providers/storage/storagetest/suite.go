// Package storagetest is the suite that every adapter of providers/storage
// passes, and a store in memory for the tests of what stands on stores.
package storagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Run runs the suite. The function given opens a new, empty store; it closes
// and removes it through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	tests := map[string]func(*testing.T, storage.Store){
		"what was created is read back":                     createdIsRead,
		"a file is replaced as a whole":                     replaced,
		"a listing is in byte order and of one folder":      listed,
		"a listing can be broken off and files removed":     listedAndRemoved,
		"a missing file is told from a failure":             missing,
		"removing twice is no error":                        removedTwice,
		"an existing file can be protected":                 protected,
		"of many that create one name one wins":             oneWins,
		"a file that is replaced is never read as a mix":    neverMixed,
		"contents of another digest are refused":            otherDigest,
		"a reader that fails leaves what was there":         failingReader,
		"a cancelled context leaves nothing":                cancelled,
		"a cancelled context stops reading and listing":     cancelledReading,
		"a large file goes through":                         large,
		"names of any script and any allowed length work":   strangeNames,
		"bad names are refused by every method":             badNames,
		"what is staged is hidden":                          hidden,
		"the mode is kept where there are modes":            modes,
		"a file is renamed in one step where it can be":     renamed,
		"a sweep leaves alone what has a name":              swept,
		"a scan finds the digest of every file":             scanned,
		"many files in many folders are each listed once":   manyFiles,
		"files of one content are files of their own":       equalFiles,
		"an empty file is a file":                           emptyFile,
		"a folder is not a file and its name stays free":    folderIsNoFile,
		"a draft is read back before anybody sees it":       drafted,
		"a draft that is not published leaves nothing":      draftDropped,
		"of drafts of one name one wins":                    oneDraftWins,
		"a draft replaces a file as a whole":                draftReplaces,
		"a draft ends with its publication":                 draftEnds,
		"a cancelled context publishes nothing":             draftCancelled,
		"a large draft goes through":                        largeDraft,
		"the suite's own names are what the seam calls bad": namesAreBad,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// create stores a text.
func create(t *testing.T, s storage.Store, name, content string) storage.Info {
	t.Helper()
	info, err := s.Create(t.Context(), name, strings.NewReader(content), storage.CreateOptions{})
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return info
}

// read returns a file's contents.
func read(t *testing.T, s storage.Store, name string) string {
	t.Helper()
	r, _, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %q: %v", name, err)
	}
	if err := r.Close(); err != nil {
		t.Fatalf("close %q: %v", name, err)
	}
	return string(content)
}

// names lists a folder.
func names(t *testing.T, s storage.Store, folder string) []string {
	t.Helper()
	found := []string{}
	for info, err := range s.List(t.Context(), folder) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		found = append(found, info.Name)
	}
	return found
}

// holds fails unless the store holds these files and no others.
func holds(t *testing.T, s storage.Store, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, name := range names(t, s, "") {
		got[name] = read(t, s, name)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the store holds (-want +got):\n%s", d)
	}
	if staged := names(t, s, storage.StageFolder); len(staged) > 0 {
		t.Errorf("and staged files: %q", staged)
	}
}

// lists fails unless the folder has these files in this order.
func lists(t *testing.T, s storage.Store, folder string, want ...string) {
	t.Helper()
	if got := names(t, s, folder); !slices.Equal(got, want) {
		t.Errorf("List(%q) = %q, want %q", folder, got, want)
	}
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func cancelledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
