package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestFilesAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want policy.FileTree
	}{
		"everything": {
			"path = \"/srv/${var.site}\"\n package = \"media/p/\"\n reference = a.person.photo\n prefix = \"p/\"\n reinit { clear = true }",
			policy.FileTree{
				Name: "photos", Path: "/srv/main", Package: "media/p", Prefix: "p/", ClearSet: true, Clear: true,
				Field: &policy.FileField{Model: policy.Name{Text: "a.person"}, Field: "photo"},
			},
		},
		"the least": {
			"path = env(\"PHOTOS\")", policy.FileTree{Name: "photos", Path: "of PHOTOS", Package: "storage/photos"},
		},
		"a name in quotes, not cleared": {
			"path = \"p\"\n reference = \"a.person.the photo\"\n reinit { clear = false }",
			policy.FileTree{
				Name: "photos", Path: "p", Package: "storage/photos", ClearSet: true,
				Field: &policy.FileField{Model: policy.Name{Text: "a.person"}, Field: "the photo"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := policy.Options{Vars: hunter.Vars, Env: func(n string) (string, bool) { return "of " + n, n == "PHOTOS" }}
			p := parse(t, people+"files \"photos\" {\n"+c.text+"\n}\n", o)
			if d := cmp.Diff(&c.want, p.FileTrees[0], shapeOnly); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestThePrefixComesOffAPath(t *testing.T) {
	for name, c := range map[string]struct {
		prefix, value, rest string
		ok                  bool
	}{
		"a path with the prefix":     {"storage/documents/", "storage/documents/a.docx", "a.docx", true},
		"a path of another tree":     {"storage/documents/", "storage/media/a.docx", "", false},
		"no prefix":                  {"", "a.docx", "a.docx", true},
		"only the prefix":            {"storage/", "storage/", "", true},
		"what follows is not judged": {"storage/", "storage/../x", "../x", true},
	} {
		t.Run(name, func(t *testing.T) {
			tree := policy.FileTree{Prefix: c.prefix}
			if rest, ok := tree.Rest(c.value); ok != c.ok || ok && rest != c.rest {
				t.Errorf("got %q %v", rest, ok)
			}
		})
	}
}
