package policytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// fileBlocks are the file's and the test's about the files of a tree.
func (c *testCase) fileBlocks(tree string) []*policy.TestFiles {
	return slices.DeleteFunc(slices.Concat(c.file.Files, c.test.Files), func(b *policy.TestFiles) bool { return b.Name.Text != tree })
}

// trees are the policy's files blocks that the test says something of. They are
// planned and not carried out: no folder is read or written.
func (c *testCase) trees(ctx context.Context, pkg backup.Package) []planner.Tree {
	var out []planner.Tree
	for _, t := range c.policy.FileTrees {
		blocks := c.fileBlocks(t.Name)
		if len(blocks) == 0 {
			continue
		}
		live, packaged, written := map[string]string{}, map[string]string{}, false
		for _, b := range blocks { // the test's, which come last, win
			for _, f := range b.Live {
				live[f.Name] = f.Text
			}
			for _, f := range b.Package {
				packaged[f.Name] = f.Text
			}
			written = written || b.Packaged
		}
		tree := planner.Tree{Policy: t, Live: contents(live)}
		if f, ok := pkg.(backup.Files); ok && f.HasFiles(t.Package) {
			tree.Package = func(yield func(planner.FileInfo, error) bool) {
				for info, err := range f.Files(ctx, t.Package) {
					if !yield(planner.FileInfo(info), err) {
						return
					}
				}
			}
		} else if written {
			tree.Package = contents(packaged)
		}
		c.stays[planner.FileModel(t)] = map[string]bool{}
		for name := range live {
			c.stays[planner.FileModel(t)][name] = true
		}
		out = append(out, tree)
	}
	return out
}

// contents are files in the order of their names.
func contents(files map[string]string) iter.Seq2[planner.FileInfo, error] {
	return func(yield func(planner.FileInfo, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			sum := sha256.Sum256([]byte(files[name]))
			if !yield(planner.FileInfo{Name: name, Size: int64(len(files[name])), Digest: hex.EncodeToString(sum[:])}, nil) {
				return
			}
		}
	}
}

// knownFiles checks an expectation about files, whose label begins with files.,
// and reports whether it is one: without a block nothing would become of them.
func (c *testCase) knownFiles(n policy.Name) (diag.List, bool) {
	tree, is := strings.CutPrefix(n.Text, planner.FileModels)
	if !is || !slices.ContainsFunc(c.policy.FileTrees, func(t *policy.FileTree) bool { return t.Name == tree }) {
		return nil, false
	}
	if len(c.fileBlocks(tree)) > 0 {
		return nil, true
	}
	return diag.List{{
		Severity: diag.Error, Code: "test.unknown", Summary: fmt.Sprintf("The test does not say which files %q has", tree),
		Detail: "The plan is then not about them.", Remedy: fmt.Sprintf(`Write files %q { live = { "NAME" = "CONTENT" } } in the test.`, tree), Range: n.Range,
	}}, true
}
