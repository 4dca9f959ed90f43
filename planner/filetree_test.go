package planner

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder lists files, each "name=content"; the content stands for its digest.
func folder(text string) iter.Seq2[FileInfo, error] {
	return func(yield func(FileInfo, error) bool) {
		for _, f := range strings.Fields(text) {
			name, content, _ := strings.Cut(f, "=")
			if !yield(FileInfo{Name: name, Size: int64(len(content)), Digest: content}, nil) {
				return
			}
		}
	}
}

const files = `
files "drafts" {
  path      = "/srv/drafts"
  reference = o.paper.number
  prefix    = "d/"
  reinit { clear = true }
}
files "rest" {
  path      = "/srv/rest"
  reference = o.paper.number
}
`

func TestFiles(t *testing.T) {
	type fileCase struct {
		paper, papers, pkg  string // the model's attributes, live rows, records
		live, brought, rest string // files; brought is the package's, "-" for none
		reinit              bool
		in                  func(*Input)
		changes, problems   []string
		account             string
	}
	paper := func(name string) string { return fmt.Sprintf(`papers {"id":%d,"number":%q}`, len(name), name) + "\n" }
	cases := map[string]fileCase{
		"by name and content": {
			live: "a=1 b=1 c=1", brought: "b=1 c=2 d=1",
			changes: []string{`~ files.drafts ["c"] sha256 "1" -> "2"`, `+ files.drafts ["d"] sha256 "1"`},
			account: "3 in the package, 1 added, 1 changed, 1 unchanged, 3 live, 0 destroyed, 3 kept",
		},
		"reinit destroys what is not brought": {
			reinit: true, live: "a=1 b=1 c=1", brought: "b=1",
			changes: []string{`- files.drafts ["a"] sha256 "1"`, `- files.drafts ["c"] sha256 "1"`},
			account: "1 in the package, 0 added, 0 changed, 1 unchanged, 3 live, 2 destroyed, 1 kept",
		},
		"a package without files says nothing about them": {
			live: "a=1", brought: "-", account: "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 0 destroyed, 1 kept",
		},
		"what a row that stays names is kept": {
			reinit: true, live: "a=1 b=1", brought: "-", papers: paper("d/a"),
			changes: []string{`- files.drafts ["b"] sha256 "1"`},
			account: "0 in the package, 0 added, 0 changed, 0 unchanged, 2 live, 1 destroyed, 1 kept by 1 rules",
		},
		"what a row that goes names goes": {
			reinit: true, live: "a=1", brought: "-", paper: clearAll, papers: paper("d/a"),
			changes: []string{`- files.drafts ["a"] sha256 "1"`, `- o.paper ["d/a"] id 3 number "d/a" author null kind null parent null`},
			account: "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 1 destroyed, 0 kept",
		},
		"what a record that comes back names is kept": {
			reinit: true, live: "a=1", brought: "-", paper: clearAll, papers: paper("d/a"), pkg: `o.paper {"number":"d/a"}`,
			account: "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 0 destroyed, 1 kept by 1 rules",
		},
		"a file that is not there": {
			live: "a=1", brought: "b=1", pkg: `o.paper {"number":"d/c"}`,
			changes:  []string{`+ o.paper ["d/c"] number "d/c"`, `+ files.drafts ["b"] sha256 "1"`},
			problems: []string{`error files.missing o.paper ["d/c"]`},
			account:  "1 in the package, 1 added, 0 changed, 0 unchanged, 1 live, 0 destroyed, 1 kept",
		},
		"a file that is not there, and the package has none at all": {
			live: "a=1", brought: "-", pkg: `o.paper {"number":"d/c"}`,
			changes: []string{`+ o.paper ["d/c"] number "d/c"`}, problems: []string{`warning files.missing o.paper ["d/c"]`},
			account: "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 0 destroyed, 1 kept",
		},
		"a path that leaves the tree": {
			brought: "-", pkg: `o.paper {"number":"d/../../etc/passwd"}`,
			changes:  []string{`+ o.paper ["d/../../etc/passwd"] number "d/../../etc/passwd"`},
			problems: []string{`error files.outside o.paper ["d/../../etc/passwd"]`},
			account:  "0 in the package, 0 added, 0 changed, 0 unchanged, 0 live, 0 destroyed, 0 kept",
		},
		"the longest prefix has the value": {
			brought: "-", rest: "x=1", pkg: `o.paper {"number":"x"}`,
			changes: []string{`+ o.paper ["x"] number "x"`},
			account: "0 in the package, 0 added, 0 changed, 0 unchanged, 0 live, 0 destroyed, 0 kept",
		},
		"a plan about other models leaves the files": {
			reinit: true, live: "a=1", brought: "b=1", in: func(in *Input) { in.Target = []string{"o.user"} },
			problems: []string{"warning partial"},
			account:  "1 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 0 destroyed, 1 kept",
		},
		"a plan about the model takes the files with it": {
			reinit: true, live: "a=1", brought: "-", in: func(in *Input) { in.Target = []string{"o.paper"} },
			changes:  []string{`- files.drafts ["a"] sha256 "1"`},
			problems: []string{"warning partial"},
			account:  "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 1 destroyed, 0 kept",
		},
		"the files alone": {
			reinit: true, live: "a=1", brought: "-", in: func(in *Input) { in.Target = []string{"files.*"} },
			changes:  []string{`- files.drafts ["a"] sha256 "1"`},
			problems: []string{"warning partial"},
			account:  "0 in the package, 0 added, 0 changed, 0 unchanged, 1 live, 1 destroyed, 0 kept",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := officeCase{paper: c.paper, live: c.papers, pkg: c.pkg, rest: files, plain: !c.reinit, in: c.in}.input(t)
			in.Trees = []Tree{{Policy: in.Policy.FileTrees[0], Live: folder(c.live)}, {Policy: in.Policy.FileTrees[1], Live: folder(c.rest)}}
			if c.brought != "-" {
				in.Trees[0].Package = folder(c.brought)
			}
			o := plan(t, in)
			balanced(t, o)
			if d := cmp.Diff([][]string{c.changes, c.problems}, [][]string{o.changes, o.problems}); d != "" {
				t.Errorf("changes and problems (-want +got):\n%s\n%s", d, describe(o.result.Diagnostics))
			}
			for _, a := range o.result.Accounting {
				if a.Model != "files.drafts" {
					continue
				}
				got := fmt.Sprintf("%d in the package, %d added, %d changed, %d unchanged, %d live, %d destroyed, %d kept",
					a.Package, a.Added, a.Changed, a.Unchanged, a.Live, a.Destroyed, a.Kept)
				if len(a.KeptBy) > 0 {
					got += fmt.Sprintf(" by %d rules", len(a.KeptBy))
				}
				if got != c.account {
					t.Errorf("%s, want %s", got, c.account)
				}
			}
		})
	}
}

// A record that is the same on both sides names a file all the same.
func TestFilesOfUnchangedRecords(t *testing.T) {
	in := world{
		tables: "scans: id serial, path text ! unique, text text",
		policy: `
model "o.scan" {
 table = scans
 natural_key = [path]
}
files "scans" {
  path      = "/srv/scans"
  reference = o.scan.path
}
`,
		live: `scans {"id":1,"path":"a","text":"x"}` + "\n" + `scans {"id":2,"path":"b","text":"x"}`,
		pkg:  `o.scan {"pk":1,"path":"a","text":"x"}` + "\n" + `o.scan {"pk":2,"path":"b","text":"x"}`,
	}.input(t)
	in.Trees = []Tree{{Policy: in.Policy.FileTrees[0], Live: folder("a=1"), Package: folder("a=1")}}
	in.aside = eager[1]
	o := plan(t, in)
	if d := cmp.Diff([]string{`error files.missing o.scan ["b"]`}, o.problems); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	sameAside(t, in)
}
