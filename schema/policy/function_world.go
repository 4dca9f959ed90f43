package policy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// refusal is an error of a function of our own, which knows what to do.
type refusal struct{ detail, remedy string }

// Error returns the detail.
func (e refusal) Error() string { return e.detail }

// blindRefusal is a refusal that says nothing of the arguments, so that it may
// be shown whatever they are.
type blindRefusal struct{ detail, remedy string }

// Error returns the detail.
func (e blindRefusal) Error() string { return e.detail }

// envFunction looks up an environment variable. A second argument stands in
// for one that is not set.
func envFunction(lookup func(string) (string, bool)) function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) > 2 {
				return cty.NilVal, refusal{"env takes a name and one default", `Write env("NAME", "default").`}
			}
			name := args[0].AsString()
			if lookup != nil {
				if v, ok := lookup(name); ok {
					if !utf8.ValidString(v) {
						return cty.NilVal, refusal{fmt.Sprintf("the environment variable %q is not UTF-8 text", name), "Set it to text."}
					}
					return cty.StringVal(v), nil
				}
			}
			if len(args) == 2 {
				return args[1], nil
			}
			remedy := `Set it, or give a default: env("NAME", "default").`
			if hclsyntax.ValidIdentifier(name) {
				remedy = fmt.Sprintf(`Set it (export %s=…), or give a default: env(%q, "default").`, name, name)
			}
			return cty.NilVal, refusal{fmt.Sprintf("the environment variable %q is not set", name), remedy}
		},
	})
}

// fileFunction reads a text file of the policy's folder. Each file is read
// once, so that one plan sees one content.
func fileFunction(dir string) function.Function {
	var mu sync.Mutex
	seen := map[string]string{}
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			mu.Lock()
			defer mu.Unlock()
			path := args[0].AsString()
			text, ok := seen[path]
			if !ok {
				var err error
				if text, err = readWithin(dir, path); err != nil {
					return cty.NilVal, err
				}
				seen[path] = text
			}
			return cty.StringVal(text), nil
		},
	})
}

// readWithin reads a text file that does not leave the folder, by links
// neither.
func readWithin(dir, path string) (string, error) {
	if dir == "" {
		return "", refusal{"there is no folder to read files from", "Write the text into the policy, or give it as a variable."}
	}
	f, err := os.OpenInRoot(dir, filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", refusal{fmt.Sprintf("the policy's folder has no file %q", path), "Check the path: it starts at the policy's folder."}
	}
	if err != nil {
		return "", refusal{fmt.Sprintf("the file %q cannot be read", path), "It must be a readable file inside the policy's folder."}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", refusal{fmt.Sprintf("%q is not a file", path), "Name a text file inside the policy's folder."}
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	switch {
	case err != nil:
		return "", refusal{fmt.Sprintf("the file %q cannot be read", path), "It must be a readable file inside the policy's folder."}
	case len(content) > maxFileSize:
		return "", refusal{fmt.Sprintf("the file %q is too large", path), fmt.Sprintf("It may have %d bytes.", maxFileSize)}
	case !utf8.Valid(content):
		return "", refusal{fmt.Sprintf("the file %q is not UTF-8 text", path), "Save it as UTF-8."}
	}
	return string(content), nil
}

// uuidFunction makes a version 5 UUID, the same for the same arguments.
func uuidFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "namespace", Type: cty.String}, {Name: "name", Type: cty.String}},
		// The namespace is checked here as well, so that a wrong one is found
		// before there is a name.
		Type: func(args []cty.Value) (cty.Type, error) {
			if s, ok := firstText(args); ok {
				_, err := namespace(s)
				return cty.String, err
			}
			return cty.String, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			space, err := namespace(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(uuid.NewSHA1(space, []byte(args[1].AsString())).String()), nil
		},
	})
}

func namespace(s string) (uuid.UUID, error) {
	switch s {
	case "dns":
		return uuid.NameSpaceDNS, nil
	case "url":
		return uuid.NameSpaceURL, nil
	case "oid":
		return uuid.NameSpaceOID, nil
	case "x500":
		return uuid.NameSpaceX500, nil
	}
	space, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil, refusal{"the namespace of uuidv5 is not one", "It is dns, url, oid, x500 or a UUID."}
	}
	return space, nil
}
