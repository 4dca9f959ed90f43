package edms

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// checkDatabase verifies every file of the database folder against its
// checksum list, and returns the fixture's digest.
func checkDatabase(ctx context.Context, t *tree) (string, error) {
	if _, ok := t.member(checksumName); !ok {
		return "", &backup.Refusal{
			Member: checksumName, Code: "package.checksum", Summary: "the list of checksums is missing",
			Detail: "Whether the package is complete and unaltered cannot be known.",
			Remedy: "Export again, or give the fixture itself as the package: " + fixtureName + ".",
		}
	}
	listed, err := readChecksums(t)
	if err != nil {
		return "", err
	}
	files := t.under("database")
	slices.Sort(files)
	for _, name := range files {
		if name == checksumName {
			continue
		}
		want, ok := listed[name]
		if !ok {
			return "", &backup.Refusal{
				Member: name, Code: "package.checksum", Summary: "checksum.txt does not list it",
				Detail: "The file was added after the package was made.",
				Remedy: "Remove the file if it does not belong there, or export again.",
			}
		}
		if err := verify(ctx, t, name, want, checksumName); err != nil {
			return "", err
		}
	}
	return listed[fixtureName], nil
}

// verify compares a member with its digest in a list.
func verify(ctx context.Context, t *tree, name, want, list string) error {
	got, err := t.digest(ctx, name)
	if err != nil {
		return err
	}
	if got == want {
		return nil
	}
	return &backup.Refusal{
		Member: name, Code: "package.checksum", Summary: "the checksum is wrong",
		Detail: fmt.Sprintf("%s says %s, the file's SHA-256 is %s.", list, want, got),
		Remedy: "The file was altered or damaged after the export: copy or export the package again.",
	}
}

// missing refuses a list that names a file that is not there.
func missing(list, name string) error {
	return &backup.Refusal{
		Member: list, Code: "package.missing", Summary: fmt.Sprintf("the file %.100q that it lists is missing", name),
		Remedy: "The copy is incomplete: copy or export the package again.",
	}
}

// readChecksums reads lines as sha256sum writes them. Names are relative to
// the database folder or to the package; a file may stand in the list twice.
func readChecksums(t *tree) (map[string]string, error) {
	f, err := t.open(checksumName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	listed := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(f, manifestLimit))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		digest, written, _ := strings.Cut(line, " ")
		digest = strings.ToLower(digest)
		written = strings.TrimPrefix(strings.TrimSpace(written), "*")
		if b, err := hex.DecodeString(digest); err != nil || len(b) != 32 || written == "" {
			return nil, badList(n, "is not of the form \"SHA-256  name\"")
		}
		name, err := inDatabase(t, written)
		if err != nil {
			return nil, err
		}
		if name == checksumName {
			continue // its digest from before it was written means nothing
		}
		if before, ok := listed[name]; ok && before != digest {
			return nil, badList(n, fmt.Sprintf("gives %s another checksum than a line before", name))
		}
		listed[name] = digest
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", checksumName, err)
	}
	return listed, nil
}

// inDatabase finds the member that a line of the list means.
func inDatabase(t *tree, written string) (string, error) {
	clean, err := cleanName(written)
	if err != nil {
		return "", backup.InMember(err, checksumName)
	}
	if name := "database/" + clean; clean != "" {
		if _, ok := t.member(name); ok {
			return name, nil
		}
		if _, ok := t.member(clean); ok && strings.HasPrefix(clean, "database/") {
			return clean, nil
		}
	}
	return "", missing(checksumName, written)
}

func badList(line int, what string) error {
	return &backup.Refusal{
		Member: checksumName, Code: "package.checksum", Summary: fmt.Sprintf("line %d %s", line, what),
		Remedy: "Export the package again.",
	}
}
