package edms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// The members that are read.
const (
	metadataName      = "metadata.json"
	fixtureName       = "database/database_backup.json"
	databaseInfoName  = "database/backup_metadata.json"
	checksumName      = "database/checksum.txt"
	configurationName = "configuration/config_manifest.json"
	storageName       = "storage/manifest.json"
	fullName          = "database.sql.gz" // what a FULL backup has instead
)

// isRead reports whether a member's content is needed, and not its digest
// alone.
func isRead(name string) bool {
	switch name {
	case metadataName, fixtureName, databaseInfoName, checksumName, configurationName, storageName, fullName:
		return true
	}
	return false
}

// tree is a package's files: a folder as it is, or what an archive held, of
// which only the members that are read were unpacked.
type tree struct {
	// root is the one folder that everything stands in, with a slash at its
	// end; empty when the members stand at the top.
	root    string
	members map[string]member // by path from the top, with forward slashes
	folder  string            // the folder, empty for an archive
	temp    string            // where an archive's members are, empty for a folder
	archive string            // the archive, to be read again for its files
	limits  backup.Limits     // what reading it again may ask for
}

// member is one regular file.
type member struct {
	size int64
	// digest is known of an archive's members, at is where one was unpacked.
	digest [sha256.Size]byte
	at     string
}

// findRoot settles whether the members stand at the top or in one folder.
func (t *tree) findRoot() {
	root := ""
	for name := range t.members {
		if isRead(name) || strings.HasPrefix(name, "database/") {
			return
		}
		top, _, ok := strings.Cut(name, "/")
		if !ok || root != "" && root != top {
			return
		}
		root = top
	}
	if root != "" {
		t.root = root + "/"
	}
}

// member finds a member by its path in the package.
func (t *tree) member(name string) (member, bool) {
	m, ok := t.members[t.root+name]
	return m, ok
}

// path is where the member's content can be read.
func (t *tree) path(name string) string {
	if t.folder != "" {
		return filepath.Join(t.folder, filepath.FromSlash(t.root+name))
	}
	return t.members[t.root+name].at
}

// under lists the members of a folder of the package.
func (t *tree) under(folder string) []string {
	var out []string
	for name := range t.members {
		if rest, ok := strings.CutPrefix(name, t.root); ok && strings.HasPrefix(rest, folder+"/") {
			out = append(out, rest)
		}
	}
	return out
}

// digest is the SHA-256 of a member, in hexadecimal.
func (t *tree) digest(ctx context.Context, name string) (string, error) {
	m, ok := t.member(name)
	if !ok {
		return "", fmt.Errorf("%s: %w", name, os.ErrNotExist)
	}
	if t.folder == "" {
		return hex.EncodeToString(m.digest[:]), nil
	}
	f, err := os.OpenInRoot(t.folder, filepath.FromSlash(t.root+name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader{ctx, f}); err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// open opens a member that is read.
func (t *tree) open(name string) (*os.File, error) {
	if t.folder != "" {
		return os.OpenInRoot(t.folder, filepath.FromSlash(t.root+name))
	}
	return os.Open(t.path(name))
}

// close removes what was unpacked.
func (t *tree) close() error {
	if t.temp == "" {
		return nil
	}
	return os.RemoveAll(t.temp)
}

// contextReader stops a long copy when ctx is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// cleanName turns a member's name into its path from the top, or refuses it
// when it would lead outside. The top itself is "".
func cleanName(name string) (string, error) {
	bad := strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00")
	for part := range strings.SplitSeq(name, "/") {
		bad = bad || part == ".."
	}
	if bad || len(name) > 1 && name[1] == ':' {
		return "", &backup.Refusal{
			Code: "package.outside", Summary: fmt.Sprintf("the member %.100q leads outside the package", name),
			Detail: "Unpacking it would write to a place of its choosing. Nothing was unpacked.",
			Remedy: "Do not use this archive; find out who made it.",
		}
	}
	clean := path.Clean(name)
	if clean == "." {
		return "", nil
	}
	return clean, nil
}

// notAFile refuses a link or a device.
func notAFile(name, kind string) error {
	return &backup.Refusal{
		Code: "package.link", Summary: fmt.Sprintf("the member %.100q is %s", name, kind),
		Detail: "A package holds only files and folders.",
		Remedy: "Make the package again; replace links by the files they lead to.",
	}
}

func tooMany(limit int) error {
	return &backup.Refusal{
		Code: "package.members", Summary: fmt.Sprintf("it has more than %d members", limit),
		Remedy: "If the package is genuine, leave out the files that the plan does not need.",
	}
}
