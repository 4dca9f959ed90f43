package planner

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// FileInfo is one file of a tree: its path below the tree, with slashes, its
// size in bytes and the SHA-256 of its content in hexadecimal.
type FileInfo struct {
	Name   string
	Size   int64
	Digest string
}

// Tree is a files block of the policy with the files on both sides, each in
// the order of their names. Package is nil when the package holds no files of
// the tree, which says nothing about them: then nothing is added or changed.
type Tree struct {
	Policy  *policy.FileTree
	Live    iter.Seq2[FileInfo, error]
	Package iter.Seq2[FileInfo, error]
}

// FileOp is a file to be written or destroyed. Digest is empty for a destroy,
// Old for an add.
type FileOp struct {
	Tree   *policy.FileTree
	Action plans.Action
	Name   string
	Size   int64
	Digest string
	Old    string
	reason cause
}

// treeState is what becomes of one tree's files.
type treeState struct {
	tree    *Tree
	ops     []FileOp
	account plans.Accounting
	// after are the files that exist after the plan.
	after map[string]bool
	// outside says that the plan is not about the tree.
	outside bool
}

// FileModel is the label under which a tree's files stand in a plan.
func FileModel(t *policy.FileTree) string { return FileModels + t.Name }

// FileModels is what the label of every tree begins with.
const FileModels = "files."

// planFiles compares the trees: by name and content. Equal contents under two
// names are two files.
func (p *planning) planFiles() error {
	for i := range p.in.Trees {
		t := &treeState{tree: &p.in.Trees[i], after: map[string]bool{}}
		t.account = plans.Accounting{Model: FileModel(t.tree.Policy), Table: t.tree.Policy.Path, KeyInFields: true}
		t.outside = !p.treeInScope(t.tree.Policy)
		names, err := p.namesOf(t)
		if err != nil {
			return err
		}
		if err := p.compareTree(t, names); err != nil {
			return err
		}
		slices.SortFunc(t.ops, func(a, b FileOp) int { return strings.Compare(a.Name, b.Name) })
		p.trees = append(p.trees, t)
		p.missingFiles(t, names)
	}
	return nil
}

// compareTree merges the two sorted lists.
func (p *planning) compareTree(t *treeState, names fileNames) error {
	nextLive, stopLive := iter.Pull2(t.tree.Live)
	defer stopLive()
	source := t.tree.Package
	if source == nil {
		source = func(func(FileInfo, error) bool) {}
	}
	nextPackage, stopPackage := iter.Pull2(source)
	defer stopPackage()
	live, err, hasLive := nextLive()
	if err != nil {
		return fmt.Errorf("read the files of %s: %w", t.tree.Policy.Path, err)
	}
	pkg, err, hasPackage := nextPackage()
	for {
		if err != nil {
			return fmt.Errorf("read the files of %s: %w", t.tree.Policy.Path, err)
		}
		switch {
		case !hasLive && !hasPackage:
			return nil
		case hasPackage && (!hasLive || pkg.Name < live.Name):
			t.add(pkg)
			pkg, err, hasPackage = nextPackage()
		case hasLive && (!hasPackage || live.Name < pkg.Name):
			p.lackingFile(t, live, names)
			live, err, hasLive = nextLive()
		default:
			t.both(pkg, live)
			if pkg, err, hasPackage = nextPackage(); err == nil {
				live, err, hasLive = nextLive()
			}
		}
	}
}

func (t *treeState) add(f FileInfo) {
	t.account.Package++
	if t.outside {
		t.account.Skipped++
		t.account.Outside++
		return
	}
	t.account.Added++
	t.after[f.Name] = true
	t.ops = append(t.ops, FileOp{Tree: t.tree.Policy, Action: plans.Add, Name: f.Name, Size: f.Size, Digest: f.Digest})
}

func (t *treeState) both(pkg, live FileInfo) {
	t.account.Package++
	t.account.Live++
	t.account.Kept++
	t.after[pkg.Name] = true
	if t.outside {
		t.account.Skipped++
		t.account.Outside++
		return
	}
	if pkg.Digest == live.Digest {
		t.account.Unchanged++
		return
	}
	t.account.Changed++
	t.ops = append(t.ops, FileOp{Tree: t.tree.Policy, Action: plans.Change, Name: pkg.Name, Size: pkg.Size, Digest: pkg.Digest, Old: live.Digest})
}

// lackingFile is a live file that the package lacks.
func (p *planning) lackingFile(t *treeState, f FileInfo, names fileNames) {
	t.account.Live++
	clears := p.in.Reinit && t.tree.Policy.Clear && !t.outside
	if _, named := names[f.Name]; named && clears {
		t.account.KeptBy = addKept(t.account.KeptBy, cause{
			text: "a record that stays names it", rule: t.tree.Policy.Field.Range,
		})
		clears = false
	}
	if !clears {
		t.account.Kept++
		t.after[f.Name] = true
		return
	}
	t.account.Destroyed++
	t.ops = append(t.ops, FileOp{
		Tree: t.tree.Policy, Action: plans.Destroy, Name: f.Name, Old: f.Digest,
		reason: cause{text: fmt.Sprintf("the policy clears the files %q on reinit", t.tree.Policy.Name), rule: t.tree.Policy.ClearRange},
	})
}

// fileRecords yields the trees' changes as records of the plan.
func (p *planning) fileRecords(destroys bool, yield func(*plans.Record, error) bool) bool {
	for _, t := range p.trees {
		for i := range t.ops {
			op := &t.ops[i]
			if (op.Action == plans.Destroy) == destroys && !yield(op.record(), nil) {
				return false
			}
		}
	}
	return true
}

func (op *FileOp) record() *plans.Record {
	text := func(s string) plans.Value {
		if s == "" {
			return ""
		}
		return plans.Value(schema.Type{Kind: schema.Text}.JSON(schema.NewValue(s)))
	}
	rec := &plans.Record{
		Model: FileModel(op.Tree), Key: "[" + text(op.Name) + "]", Action: op.Action,
		Fields: []plans.Field{{Name: "sha256", Before: text(op.Old), After: text(op.Digest)}},
	}
	if op.Action == plans.Add {
		rec.Content = op.Digest
	}
	if op.reason.text != "" {
		rec.Reason, rec.Rule = "because "+op.reason.text, op.reason.rule
	}
	return rec
}
