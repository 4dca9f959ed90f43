package engine

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// writeFiles writes the files of the policy's folders.
func (b *backingUp) writeFiles() error {
	if b.request.Kind == backup.Database {
		return nil
	}
	if b.request.NoFiles || b.OpenTree == nil {
		for _, t := range b.request.Policy.FileTrees {
			b.done.FoldersLeftOut = append(b.done.FoldersLeftOut, t.Name)
		}
		return nil
	}
	b.stage("files")
	for _, t := range sortedTrees(b.request.Policy) {
		if err := b.writeTree(t); err != nil {
			return err
		}
	}
	return nil
}

// sortedTrees are the policy's folders by their path in a package, which is
// the order in which a package has their files.
func sortedTrees(pol *policy.Policy) []*policy.FileTree {
	return slices.SortedFunc(slices.Values(pol.FileTrees), func(a, c *policy.FileTree) int {
		return strings.Compare(a.Package+"/", c.Package+"/") // "a-b/c" stands before "a/b"
	})
}

func (b *backingUp) writeTree(t *policy.FileTree) (err error) {
	if b.chosen != nil && t.Field == nil {
		b.done.FoldersLeftOut = append(b.done.FoldersLeftOut, t.Name)
		return nil
	}
	path, err := treePath(t)
	if err != nil {
		return err
	}
	store, err := b.OpenTree(path)
	if err != nil {
		return fmt.Errorf("open the folder of the files %q, %s: %w", t.Name, path, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for info, err := range store.List(b.ctx, "") {
		switch {
		case errors.Is(err, storage.ErrIrregular) || errors.Is(err, storage.ErrName):
			return fmt.Errorf("the folder of the files %q holds something that cannot be backed up: %w; move it elsewhere, or replace a link by the file that it leads to", t.Name, err)
		case err != nil:
			return fmt.Errorf("list the files %q in %s: %w", t.Name, path, err)
		}
		if _, named := b.named[t][info.Name]; b.chosen != nil && !named {
			b.done.FilesLeftOut++
			continue
		}
		if err := b.writeFile(store, t, info.Name); err != nil {
			return err
		}
	}
	b.missingFiles(t)
	return nil
}

// missingFiles warns of files that records name and that are not there: the
// package is what the system is, and whoever makes it should know.
func (b *backingUp) missingFiles(t *policy.FileTree) {
	var missing []string
	for name, there := range b.named[t] {
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	b.done.Diagnostics = append(b.done.Diagnostics, diag.Diagnostic{
		Severity: diag.Warning, Code: "files.missing", Range: t.Field.Range,
		Source:  sourceLine(b.request.Policy, t.Field.Range),
		Summary: fmt.Sprintf("%d of the files %q that records name are not there", len(missing), t.Name),
		Detail:  fmt.Sprintf("The first is %q. The records are in the package, the files cannot be.", missing[0]),
		Remedy:  "Find the files while there still is somewhere to find them.",
	})
}

// writeFile writes one file. One that went away since it was listed is left
// out, as if it had gone before.
func (b *backingUp) writeFile(store storage.Store, t *policy.FileTree, name string) (err error) {
	r, info, err := store.Open(b.ctx, name)
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the file %q of %q: %w", name, t.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	stored := backup.StoredFile{Name: t.Package + "/" + name, Mode: info.Mode, ModTime: info.ModTime}
	wrote, err := b.writer.WriteFile(b.ctx, stored, r)
	if err != nil {
		return fmt.Errorf("write the file %q of %q: %w", name, t.Name, err)
	}
	b.done.Files++
	b.done.Bytes += wrote.Size
	if _, named := b.named[t][name]; named {
		b.named[t][name] = true
	}
	return nil
}

// noteFiles passes on the records and notes the files that they name.
func (b *backingUp) noteFiles(m *schema.Model, records iter.Seq2[*schema.Record, error]) iter.Seq2[*schema.Record, error] {
	at := map[*policy.FileTree]int{}
	for _, t := range b.request.Policy.FileTrees {
		if t.Field == nil || t.Field.Model.Text != m.Label {
			continue
		}
		for n := range m.Fields {
			if f := &m.Fields[n]; f.Name == t.Field.Field || f.Column == t.Field.Field {
				at[t] = n
			}
		}
	}
	if len(at) == 0 {
		return records
	}
	return func(yield func(*schema.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				for t, n := range at {
					b.nameFile(t, at, r.Fields[n].Value)
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// nameFile notes the file of a value, if it is one of this folder: where
// several folders take values of one field, the longest prefix has it.
func (b *backingUp) nameFile(t *policy.FileTree, all map[*policy.FileTree]int, l schema.Literal) {
	rest, ok := t.Rest(l.Text)
	if !ok || l.Kind == schema.NullLiteral {
		return
	}
	for o := range all {
		if _, also := o.Rest(l.Text); also && len(o.Prefix) > len(t.Prefix) {
			return
		}
	}
	b.named[t][rest] = false
}
