package engine_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/storage"
	"github.com/edmsplan/edmsplan/providers/storage/local"
)

// Files are compared by content under their names, and an apply puts them in
// place: equal files stay two, and what the package lacks stays.
func TestFilesAreAppliedAsPlanned(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for _, kind := range []string{"folder", "archive"} {
			t.Run(kind, func(t *testing.T) {
				s, dir := fresh(t), folders(t)
				docs := filepath.Join(dir, "documents")
				rs, names := edited(t, "")
				brought := contents{"documents/same": "1", "documents/twin": "1", "documents/changed": "new", "media/deep/er": "m"}
				for _, n := range names {
					brought[n] = "text of " + n
				}
				writeFiles(t, docs, contents{"same": "1", "changed": "old", "here alone": "1"})
				path := filesPackage(t, rs, brought)
				if kind == "archive" {
					path = packed(t, path)
				}
				e, pol, pkg := withTrees(s.engine(t)), atFolders(t, dir), openPackage(t, path)
				p := planned(t, e, pol, pkg)
				want := []string{`~ files.documents ["changed"]`, `+ files.documents ["twin"]`, `+ files.media ["deep/er"]`}
				for _, n := range names {
					want = append(want, `+ files.documents ["`+strings.TrimPrefix(n, "documents/")+`"]`)
				}
				if diff := cmp.Diff(sortedLines(want), sortedLines(fileChanges(t, p))); diff != "" {
					t.Errorf("changes of files (-want +got):\n%s", diff)
				}
				if got := fileProblems(p); len(got) > 0 {
					t.Errorf("problems: %v", got)
				}
				holdsFiles(t, docs, contents{"same": "1", "changed": "old", "here alone": "1"})
				if done := apply(t, e, p, pol, pkg); len(done.Warnings) > 0 {
					t.Errorf("warnings %v", done.Warnings)
				}
				after := contents{"same": "1", "twin": "1", "changed": "new", "here alone": "1"}
				for _, n := range names {
					after[strings.TrimPrefix(n, "documents/")] = "text of " + n
				}
				holdsFiles(t, docs, after)
				holdsFiles(t, filepath.Join(dir, "media"), contents{"deep/er": "m"})
				noChanges(t, e, pol, pkg)
				nothingToRecover(t, e, s, dir)
			})
		}
	})
}

func nothingToRecover(t *testing.T, e *engine.Engine, s *site, dir string) {
	t.Helper()
	r, err := e.Recover(t.Context(), atFolders(t, dir), lockWait)
	must(t, err)
	for _, tree := range r.Trees {
		if len(tree.Finished)+len(tree.Abandoned)+tree.Swept > 0 {
			t.Errorf("recovered %+v, want that there is nothing to do", tree)
		}
	}
}

// What records say of files is compared with what will be there.
func TestFilesThatRecordsName(t *testing.T) {
	cases := map[string]struct {
		path string // of the first document
		drop bool   // one of the files that the others name
		want []string
	}{
		"all there": {"storage/documents/here", false, nil},
		"one is not there": {
			"storage/documents/missing", false, []string{"error files.missing: The file that file_path names will not be there"},
		},
		"one is in neither": {
			"storage/documents/here", true, []string{"error files.missing: The file that file_path names will not be there"},
		},
		"one leads outside": {
			"storage/documents/../../etc/passwd", false, []string{"error files.outside: The path in file_path leaves the tree"},
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				dir := folders(t)
				writeFiles(t, filepath.Join(dir, "documents"), contents{"here": "x"})
				rs, names := edited(t, c.path)
				if c.drop {
					names = names[1:]
				}
				brought := contents{"media/x": "x"}
				for _, n := range names {
					brought[n] = n
				}
				e, pol := withTrees(s.engine(t)), atFolders(t, dir)
				p := planned(t, e, pol, openPackage(t, filesPackage(t, rs, brought)))
				if diff := cmp.Diff(sortedLines(c.want), sortedLines(fileProblems(p))); diff != "" {
					t.Errorf("problems (-want +got):\n%s", diff)
				}
				if err := p.CanApply(); (err == nil) != (c.want == nil) {
					t.Errorf("it can be applied: %v", err)
				}
			})
		}
	})
}

// Trees that cannot be read are said to be so.
func TestTreesThatAreOdd(t *testing.T) {
	cases := map[string]struct {
		make    func(t *testing.T, folder string)
		brought bool
		want    []string
	}{
		"no folder, and the package brings files": {
			func(*testing.T, string) {}, true, []string{`error files.folder: The folder of the files "papers" does not exist`},
		},
		"no folder, and a reinit clears it": {
			func(*testing.T, string) {}, false, []string{`error files.folder: The folder of the files "papers" does not exist`},
		},
		"a file in place of the folder": {
			func(t *testing.T, f string) { must(t, os.WriteFile(f, nil, 0o600)) }, true,
			[]string{`error files.folder: The folder of the files "papers" cannot be opened`},
		},
		"a link in it": {
			func(t *testing.T, f string) {
				must(t, errors.Join(os.Mkdir(f, 0o700), os.Symlink("/etc", filepath.Join(f, "link"))))
			}, true,
			[]string{`error files.irregular: Among the files "papers" is something else`},
		},
	}
	s := sqliteTemplate(t, example("schema.sqlite.sql"), example("live.sqlite.sql"))(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "papers")
			c.make(t, folder)
			rs, files := shopState(t, 0)
			if c.brought {
				files = prefixed("papers/", files)
			} else {
				files = nil
			}
			p := replant(t, withTrees(s.engine(t)), shop(t, folder), openPackage(t, filesPackage(t, rs, files)))
			if diff := cmp.Diff(c.want, fileProblems(p)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if p.CanApply() == nil {
				t.Error("it can be applied")
			}
		})
	}
	t.Run("no folder, and the plan is not about it", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "papers")
		rs, _ := shopState(t, 0)
		p := planned(t, withTrees(s.engine(t)), shop(t, folder), openPackage(t, filesPackage(t, rs, nil)))
		want := []string{`warning files.folder: The folder of the files "papers" does not exist, they are left out of the plan`}
		if diff := cmp.Diff(want, fileProblems(p)); diff != "" {
			t.Errorf("problems (-want +got):\n%s", diff)
		}
		must(t, p.CanApply())
	})
	t.Run("a name in the package that cannot be stored", func(t *testing.T) {
		folder := t.TempDir()
		rs, _ := shopState(t, 0)
		pkg := openPackage(t, filesPackage(t, rs, contents{"papers/.edmsplan-stage/x": "x"}))
		_, err := withTrees(s.engine(t)).Plan(t.Context(), engine.Request{Policy: shop(t, folder), Package: pkg})
		if err == nil || !strings.Contains(err.Error(), "has a name that cannot be stored") {
			t.Errorf("error %v", err)
		}
	})
}

// A file that changes between review and apply voids the plan.
func TestAChangedFileVoidsThePlan(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s, folder := fresh(t), t.TempDir()
		_, files := shopState(t, 0)
		writeFiles(t, folder, files)
		e, pol, pkg := withTrees(s.engine(t)), shop(t, folder), openPackage(t, shopPackage(t, 1))
		p := replant(t, e, pol, pkg)
		writeFiles(t, folder, contents{"twin 1": "written meanwhile"})
		files["twin 1"] = "written meanwhile"
		_, err := e.Apply(t.Context(), p, pol, pkg, lockWait)
		var stale *engine.StaleError
		if !errors.As(err, &stale) || len(stale.Differing) != 1 || stale.Differing[0].Model != "files.papers" {
			t.Errorf("error %v, want that the plan is stale on one file", err)
		}
		holdsFiles(t, folder, files)
		logged(t, s, 0)
	})
}

// crashing is a store that fails as the disk of a process that is being killed
// would: from the given moment on nothing works.
type crashing struct {
	*local.Store
	when    func(step string) bool
	crashed *bool
}

var errCrashed = errors.New("crashed")

func (c crashing) at(step string) error {
	if *c.crashed || c.when(step) {
		*c.crashed = true
		return errCrashed
	}
	return nil
}

func (c crashing) Create(ctx context.Context, name string, r io.Reader, o storage.CreateOptions) (storage.Info, error) {
	if err := c.at("create"); err != nil {
		return storage.Info{}, err
	}
	return c.Store.Create(ctx, name, r, o)
}

func (c crashing) Rename(ctx context.Context, from, to string) error {
	if err := c.at("rename"); err != nil {
		return err
	}
	return c.Store.Rename(ctx, from, to)
}

func (c crashing) Remove(ctx context.Context, name string) error {
	if err := c.at("remove"); err != nil {
		return err
	}
	return c.Store.Remove(ctx, name)
}

// After a crash at each step of an apply, recover leaves the old state or the
// new one; until then, nothing else is applied to the tree.
func TestRecoverAfterACrashAtEachStep(t *testing.T) {
	cases := map[string]struct {
		step   string // the store crashes there, the nth time
		n      int
		stage  string // or with the apply, when this begins
		commit bool
	}{
		"while the first file is staged":      {"create", 1, "", false},
		"while a later file is staged":        {"create", 10, "", false},
		"when the commit begins":              {"", 0, "commit", false},
		"while the first file is destroyed":   {"remove", 1, "", true},
		"while a later file is destroyed":     {"remove", 4, "", true},
		"while the first file is put there":   {"rename", 1, "", true},
		"while a later file is put there":     {"rename", 8, "", true},
		"while the last files are put there":  {"rename", 15, "", true},
		"when the log is written":             {"", 0, "log", false},
		"when all has been put in its place":  {"never", 0, "", true},
		"before anything was done for a file": {"", 0, "compare", false},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				s, folder := fresh(t), t.TempDir()
				e, pol := withTrees(s.engine(t)), shop(t, folder)
				first, second := openPackage(t, shopPackage(t, 0)), openPackage(t, shopPackage(t, 1))
				apply(t, e, replant(t, e, pol, first), pol, first)
				_, before := shopState(t, 0)
				_, after := shopState(t, 1)
				holdsFiles(t, folder, before)
				rows := look(t, s.db)
				p := replant(t, e, pol, second)

				crashed, seen := false, 0
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				e.OpenTree = func(path string) (storage.Store, error) {
					l, err := local.Open(path)
					return crashing{l, func(step string) bool {
						if step == c.step {
							seen++
						}
						return c.n > 0 && seen == c.n
					}, &crashed}, err
				}
				e.Observer = watcher{func(step string) {
					if c.stage != "" && step == "stage "+c.stage {
						crashed = true
						cancel()
					}
				}}
				done, err := e.Apply(ctx, p, pol, second, lockWait)
				if (err == nil) != c.commit {
					t.Errorf("applied %+v, error %v", done, err)
				}
				if c.commit && (len(done.Warnings) > 0) != (c.n > 0) {
					t.Errorf("warnings %v", done.Warnings)
				}
				e.Observer, e.OpenTree = nil, openLocal
				if c.commit && c.n > 0 {
					again := replant(t, e, pol, second)
					if got := fileProblems(again); len(got) == 0 || !strings.Contains(strings.Join(got, ""), "error files.unfinished") || again.CanApply() == nil {
						t.Errorf("problems %v, want that files are unfinished", got)
					}
				}
				_, err = e.Recover(t.Context(), pol, lockWait)
				must(t, err)
				if c.commit {
					holdsFiles(t, folder, after)
					again := replant(t, e, pol, second)
					must(t, again.CanApply())
					if again.Summary.Any() {
						t.Errorf("planned again: %+v", again.Summary)
					}
					logged(t, s, 2)
				} else {
					holdsFiles(t, folder, before)
					identical(t, rows, look(t, s.db))
					logged(t, s, 1)
				}
				r, err := e.Recover(t.Context(), pol, lockWait)
				must(t, err)
				if len(r.Trees) != 1 || len(r.Trees[0].Finished)+len(r.Trees[0].Abandoned)+r.Trees[0].Swept != 0 {
					t.Errorf("recovered again: %+v", r)
				}
			})
		}
	})
}

// A rehearsal stages files and leaves none.
func TestRehearsalLeavesNoFiles(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s, folder := fresh(t), t.TempDir()
		e, pol, pkg := withTrees(s.engine(t)), shop(t, folder), openPackage(t, shopPackage(t, 0))
		p := replant(t, e, pol, pkg)
		created := 0
		e.OpenTree = func(path string) (storage.Store, error) {
			l, err := local.Open(path)
			return crashing{l, func(step string) bool {
				if step == "create" {
					created++
				}
				return false
			}, new(bool)}, err
		}
		done, err := e.Rehearse(t.Context(), p, pol, pkg, lockWait)
		must(t, err)
		if created == 0 || len(done.Warnings) > 0 {
			t.Errorf("%d files were staged, warnings %v", created, done.Warnings)
		}
		holdsFiles(t, folder, contents{})
		apply(t, e, p, pol, pkg)
	})
}

// A folder that is known under two names is not taken for two: what was
// committed under the one is not abandoned under the other.
func TestRecoverKnowsAFolderUnderAnotherName(t *testing.T) {
	s := sqliteTemplate(t, example("schema.sqlite.sql"), example("live.sqlite.sql"))(t)
	dir := t.TempDir()
	folder, link := filepath.Join(dir, "papers"), filepath.Join(dir, "link")
	must(t, errors.Join(os.Mkdir(folder, 0o750), os.Symlink(folder, link)))
	e, pol, pkg := withTrees(s.engine(t)), shop(t, folder), openPackage(t, shopPackage(t, 0))
	crashed, renamed := false, 0
	e.OpenTree = func(path string) (storage.Store, error) {
		l, err := local.Open(path)
		return crashing{l, func(step string) bool {
			if step == "rename" {
				renamed++
			}
			return renamed == 3
		}, &crashed}, err
	}
	done := apply(t, e, replant(t, e, pol, pkg), pol, pkg)
	if len(done.Warnings) != 1 {
		t.Fatalf("warnings %v", done.Warnings)
	}
	// As long as the folder's first name does not work, the other leaves it alone.
	e.OpenTree = func(path string) (storage.Store, error) {
		if path == folder {
			return nil, errCrashed
		}
		return openLocal(path)
	}
	if _, err := e.Recover(t.Context(), shop(t, link), lockWait); err == nil || !strings.Contains(err.Error(), "give the path as it was then") {
		t.Errorf("error %v", err)
	}
	e.OpenTree = openLocal
	_, err := e.Recover(t.Context(), shop(t, link), lockWait)
	must(t, err)
	_, files := shopState(t, 0)
	holdsFiles(t, folder, files)
}
