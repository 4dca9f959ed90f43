package policy

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// formatRounds bounds how often a text is formatted until it stays as it is;
// one round is enough for all that people write.
const formatRounds = 4

// Format gives a policy or test file in HCL's canonical style: indentation,
// spaces and aligned equals signs. Only white space changes; comments and line
// breaks stay where they are. The names in the text are not looked at. The
// content is nil when the text is not HCL or has no style that stays.
func Format(f File) ([]byte, diag.List) {
	r := newReader(topLevel, Options{})
	r.sources.text[f.Name] = string(f.Content)
	if _, ok := r.parse(f); !ok {
		return nil, r.diags
	}
	text := f.Content
	for range formatRounds {
		next := hclwrite.Format(text)
		if bytes.Equal(next, text) {
			return text, nil
		}
		text = next
	}
	return nil, diag.List{{
		Severity: diag.Error, Code: "policy.format", Summary: "The file cannot be formatted", Detail: f.Name + " has no layout that stays as it is.",
		Remedy: "Write each block and each attribute on lines of its own.",
	}}
}

// FindFiles lists the policy and test files of a folder, without its
// subfolders, in the order of their names; a file stands for itself.
func FindFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".hcl") && !strings.HasPrefix(name, ".") && !e.IsDir() {
			found = append(found, filepath.Join(path, name))
		}
	}
	return found, nil
}
