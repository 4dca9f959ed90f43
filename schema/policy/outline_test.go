package policy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutline(t *testing.T) {
	tests := map[string]struct {
		text string
		want Outline
	}{
		"names come in the order of the alphabet, each once": {
			"model \"b.b\" {}\nscope \"s\" {}\nmodel \"a.a\" {}\nmodel \"b.b\" {}\n",
			Outline{Models: []string{"a.a", "b.b"}, Scopes: []string{"s"}},
		},
		"a variable without a value does not matter": {"variable \"v\" { type = string }\nmodel \"a.a\" { table = var.v }\n", Outline{Models: []string{"a.a"}}},
		"a block without a label has no name":        {"model {}\n", Outline{}},
		"text that is not HCL has no outline":        {"model \"a.a\" {", Outline{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "policy.hcl")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, p := range []string{path, filepath.Dir(path)} {
				if diff := cmp.Diff(tt.want, ReadOutline(p)); diff != "" {
					t.Errorf("%s: -want +got:\n%s", p, diff)
				}
			}
		})
	}
	if diff := cmp.Diff(Outline{}, ReadOutline("missing")); diff != "" {
		t.Errorf("a policy that is missing: -want +got:\n%s", diff)
	}
}
