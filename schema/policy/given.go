package policy

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// environmentPrefix is what the environment's names of variables start with.
const environmentPrefix = "EDMSPLAN_VAR_"

// given is a value from outside of the policy: text, or a value when it was
// read from a file.
type given struct {
	origin string
	text   string
	value  cty.Value
}

// givenValues gathers the values from outside, later ones over earlier ones.
// No diagnostic about them quotes them: whether a variable is sensitive is
// not always known, and a misspelt name may be that of one which is.
func (r *reader) givenValues() map[string]given {
	values := map[string]given{}
	if r.opts.Env != nil {
		for _, name := range sortedKeys(r.variables) {
			if text, ok := r.opts.Env(environmentPrefix + name); ok && utf8.ValidString(text) {
				values[name] = given{origin: "the environment variable " + environmentPrefix + name, text: text}
			}
		}
	}
	for _, path := range r.opts.VarFiles {
		r.readVarFile(path, values)
	}
	for i, flag := range r.opts.Vars {
		name, text, ok := strings.Cut(flag, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok || name == "" || !utf8.ValidString(flag):
			r.elsewhere(hcl.Range{}, diag.Diagnostic{
				Code: "policy.variable", Summary: fmt.Sprintf("The -var flag number %d is not NAME=VALUE", i+1),
				Detail: "A name, an equals sign and a value are needed.", Remedy: "Write -var 'NAME=VALUE'.",
			})
		case r.declared(name, "-var", hcl.Range{}):
			values[name] = given{origin: "-var", text: text}
		}
	}
	for _, v := range r.opts.Saved {
		if known := r.variables[v.Name]; known == nil || known.sensitive || v.Sensitive {
			continue
		}
		value, err := parseJSON(v.Value)
		if err != nil {
			r.elsewhere(hcl.Range{}, diag.Diagnostic{
				Code: "policy.variable", Summary: fmt.Sprintf("The saved value of variable %q cannot be read", v.Name),
				Detail: sentence(err.Error()), Remedy: "Make the plan anew.",
			})
			continue
		}
		values[v.Name] = given{origin: "the saved plan", value: value}
	}
	return values
}

// elsewhere reports a problem that is not in the policy's own text. It quotes
// no line.
func (r *reader) elsewhere(rng hcl.Range, d diag.Diagnostic) {
	d.Severity, d.Range = diag.Error, place(rng)
	r.diags = append(r.diags, d)
}

// declared reports whether the policy declares the variable, and a diagnostic
// when it does not.
func (r *reader) declared(name, origin string, rng hcl.Range) bool {
	if r.variables[name] != nil {
		return true
	}
	r.elsewhere(rng, diag.Diagnostic{
		Code: "policy.variable.unknown", Summary: fmt.Sprintf("%s gives a value to %q, which is no variable", origin, name),
		Detail: "The policy does not declare it.",
		Remedy: didYouMean(name, sortedKeys(r.variables), fmt.Sprintf("Leave it out, or declare it: variable %q { … }.", name)),
	})
	return false
}

// readVarFile takes the values of a -var-file: attributes in HCL, or a JSON
// object when its name ends in .json.
func (r *reader) readVarFile(path string, values map[string]given) {
	content, err := readBounded(path)
	if err != nil {
		r.elsewhere(hcl.Range{}, unreadable("-var-file "+path, err))
		return
	}
	var file *hcl.File
	var problems hcl.Diagnostics
	if strings.HasSuffix(path, ".json") {
		if err := checkJSON(string(content)); err != nil {
			r.varFileProblem(hcl.Range{Filename: path, Start: hcl.InitialPos, End: hcl.InitialPos}, sentence(err.Error()))
			return
		}
		file, problems = json.Parse(content, path)
	} else {
		if rng, d := checkBounds(content, path); d != nil {
			r.elsewhere(rng, *d)
			return
		}
		file, problems = hclsyntax.ParseConfig(content, path, hcl.InitialPos)
	}
	if problems.HasErrors() {
		r.varFileProblems(problems, path)
		return
	}
	attrs, problems := file.Body.JustAttributes()
	r.varFileProblems(problems, path)
	for _, name := range sortedKeys(attrs) {
		a := attrs[name]
		if !r.declared(name, "-var-file", a.NameRange) {
			continue
		}
		value, problems := a.Expr.Value(nil)
		if problems.HasErrors() || !value.IsWhollyKnown() {
			r.varFileProblems(problems, path)
			continue
		}
		values[name] = given{origin: "-var-file " + path, value: value}
	}
}

// varFileProblems reports without HCL's details and without the line: both
// may show a secret.
func (r *reader) varFileProblems(problems hcl.Diagnostics, path string) {
	for _, p := range problems {
		detail := p.Summary + "."
		if strings.Contains(detail, `"`) {
			detail = "Something else than values stands here."
		}
		r.varFileProblem(subject(p, path), detail)
	}
}

func (r *reader) varFileProblem(rng hcl.Range, detail string) {
	r.elsewhere(rng, diag.Diagnostic{
		Code: "policy.variable", Summary: "The -var-file cannot be read", Detail: detail,
		Remedy: `Write one NAME = VALUE a line, without expressions, or a JSON object in a file that ends in .json.`,
	})
}

// readBounded reads a file that may not be larger than a policy's.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFileSize {
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxFileSize)
	}
	return content, nil
}

func unreadable(what string, err error) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "policy.file", Summary: what + " cannot be read",
		Detail: sentence(err.Error()), Remedy: "Check the path and the file's permissions.",
	}
}
