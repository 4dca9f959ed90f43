// Package stage changes a tree of files together with a database, so that a
// crash at any instant leaves the old state or the new one. It stands on any
// storage.Store, and is one of the three steps of an apply:
//
//  1. Prepare puts new contents under hidden names, which nothing refers to,
//     and returns a Manifest. A crash now is repaired by Abandon.
//  2. The caller stores the manifest in the same transaction as the rows, and
//     commits.
//  3. Finish moves the contents to their places and removes what goes. A crash
//     now is repaired by Finish, as often as it takes.
//
// Recover decides between the two for all that a crash left. The caller keeps
// two applies from working on one tree at once, and remembers in its database
// which manifests are finished: a Finish repeated after a later apply finds
// files that are neither old nor new, and refuses them.
//
// A manifest and the memory it takes grow with the number of files that change,
// never with their sizes.
package stage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/edmsplan/edmsplan/providers/storage"
)

var (
	// ErrChanged is wrapped by errors about a file that is not what it was when
	// the change was planned: someone else has written it. It is left alone.
	ErrChanged = errors.New("changed since it was planned")
	// ErrBlocked is wrapped by errors about a name that cannot be a file's,
	// because another file's name goes on from it or ends before it, or because
	// it is changed twice.
	ErrBlocked = errors.New("in the way of another file")
	// ErrManifest is wrapped by errors about a manifest or an apply id that
	// Prepare cannot have made.
	ErrManifest = errors.New("not a valid manifest")
)

// Action is what happens to a file. Its value is what manifests spell.
type Action string

// The actions. A file that is changed keeps its name.
const (
	Add     Action = "add"
	Change  Action = "change"
	Destroy Action = "destroy"
)

// Operation is one change of a file to be prepared.
type Operation struct {
	Action Action
	// Name is the file's name, which is not hidden.
	Name string
	// Content is what an add or a change puts there. It is read up to its end
	// before the next operation is asked for, and not closed.
	Content io.Reader
	// Digest is the SHA-256 that Content must have, in lower-case hexadecimal;
	// empty when it is not known.
	Digest string
	// Old is the digest that the file must have before a change or a destroy;
	// empty when any will do.
	Old string
	// Mode is the new file's mode. Zero keeps a changed file's mode and gives
	// an added one the store's default. A change to the same contents is no
	// change, whatever its mode.
	Mode fs.FileMode
}

// Manifest is what Finish needs to know. It is made by Prepare, stored with
// the transaction and read as JSON.
type Manifest struct {
	// Apply is the id of the apply.
	Apply string `json:"apply"`
	// Entries are in the order of the operations.
	Entries []Entry `json:"entries"`
}

// Entry is one change of a file.
type Entry struct {
	Action Action `json:"action"`
	Name   string `json:"name"`
	// Staged is the hidden name of the new contents, Size is theirs in bytes and
	// Digest their SHA-256. A destroy has none.
	Staged string `json:"staged,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Digest string `json:"digest,omitempty"`
	// Old is the SHA-256 of the contents before. An add has none.
	Old string `json:"old,omitempty"`
}

// validID is what an apply id looks like: it becomes a folder's name.
var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// validDigest is what a digest in a manifest looks like.
var validDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// folder returns the folder of an apply's staged files.
func folder(id string) (string, error) {
	if !validID.MatchString(id) {
		return "", fmt.Errorf("%w: apply id %.140q", ErrManifest, id)
	}
	return storage.StageFolder + "/" + id, nil
}

// checkName is storage.CheckName for a name that is not edmsplan's own.
func checkName(name string) error {
	if err := storage.CheckName(name); err != nil {
		return err
	}
	if storage.Hidden(name) {
		return fmt.Errorf("%q: %w: it is reserved", name, storage.ErrName)
	}
	return nil
}

// check refuses a manifest that could make Finish touch anything but the files
// it is about: it comes back from a database that others can write.
func (m Manifest) check() error {
	in, err := folder(m.Apply)
	if err != nil {
		return err
	}
	for i, e := range m.Entries {
		if err := e.check(in); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrManifest, i+1, err)
		}
	}
	return nil
}

func (e Entry) check(in string) error {
	if err := checkName(e.Name); err != nil {
		return err
	}
	var digests []string
	switch e.Action {
	case Add:
		digests = []string{e.Digest}
	case Change:
		digests = []string{e.Digest, e.Old}
	case Destroy:
		digests = []string{e.Old}
	default:
		return fmt.Errorf("%q is no action", e.Action)
	}
	for _, d := range digests {
		if !validDigest.MatchString(d) {
			return fmt.Errorf("%q has no digest", e.Name)
		}
	}
	if e.Action == Destroy {
		return nil
	}
	if err := storage.CheckName(e.Staged); err != nil {
		return err
	}
	if !strings.HasPrefix(e.Staged, in+"/") {
		return fmt.Errorf("%q is staged elsewhere", e.Name)
	}
	return nil
}
