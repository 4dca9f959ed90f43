package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answers are what a shell is told for a command line, of which the last word
// is being typed, without descriptions; and the directive.
func answers(t *testing.T, words ...string) ([]string, string) {
	t.Helper()
	r := runCommand(t, append([]string{"__complete"}, words...)...)
	if r.code != exitOK {
		t.Fatalf("exit code %d: %s", r.code, r.err)
	}
	var out []string
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	for _, l := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(l, "\t")
		out = append(out, word)
	}
	return out, lines[len(lines)-1]
}

func TestCompletion(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.hcl")
	text := "variable \"v\" { type = string }\nmodel \"users.user\" { table = var.v }\nmodel \"users.role\" {}\nmodel \"audit.log\" {}\nscope \"staff\" {}\nscope \"stock\" {}\n"
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const noFiles, ofTheseKinds, folders, noSpace = ":4", ":8", ":16", ":2"
	tests := map[string]struct {
		words     []string
		want      []string
		directive string
	}{
		"a command":                                {[]string{"gr"}, []string{"graph"}, noFiles},
		"a flag with one dash":                     {[]string{"plan", "-pol"}, []string{"-policy"}, noFiles},
		"a flag with two dashes":                   {[]string{"plan", "--pol"}, []string{"--policy"}, noFiles},
		"one letter of a flag":                     {[]string{"show", "-c"}, []string{"-compare"}, noFiles},
		"models behind one dash":                   {[]string{"plan", "-policy", policy, "-target", ""}, []string{"audit.*", "audit.log", "users.*", "users.role", "users.user"}, noFiles},
		"models behind two dashes":                 {[]string{"plan", "--policy", policy, "--exclude", "users.u"}, []string{"users.user"}, noFiles},
		"models of a folder":                       {[]string{"plan", "-policy", filepath.Dir(policy), "-target", "audit.l"}, []string{"audit.log"}, noFiles},
		"models behind an equals sign":             {[]string{"plan", "-policy=" + policy, "-target=users.r"}, []string{"users.role"}, noFiles},
		"a second target":                          {[]string{"plan", "-policy", policy, "-target", "users.*", "-target", "au"}, []string{"audit.*", "audit.log"}, noFiles},
		"scopes":                                   {[]string{"plan", "-policy", policy, "-scope", "sta"}, []string{"staff"}, noFiles},
		"scopes of an export":                      {[]string{"export", "--policy", policy, "-scope="}, []string{"staff", "stock"}, noFiles},
		"models without a policy":                  {[]string{"plan", "-target", ""}, nil, noFiles},
		"models of a policy that cannot be read":   {[]string{"plan", "-policy", "missing.hcl", "-target", ""}, nil, noFiles},
		"policies":                                 {[]string{"plan", "-policy", ""}, []string{"hcl"}, ofTheseKinds},
		"packages":                                 {[]string{"plan", "-package", ""}, []string{"edmspkg", "json", "jsonl", "yaml", "yml", "tar", "gz", "tgz"}, ofTheseKinds},
		"files of decisions":                       {[]string{"plan", "-conflicts", ""}, []string{"csv"}, ofTheseKinds},
		"plans to apply":                           {[]string{"apply", ""}, []string{"plan"}, ofTheseKinds},
		"plans to compare with":                    {[]string{"show", "-compare", ""}, []string{"plan"}, ofTheseKinds},
		"folders of packages":                      {[]string{"packages", "list", ""}, nil, folders},
		"formats of the command":                   {[]string{"show", "-format", ""}, []string{"text", "json", "yaml", "markdown", "html"}, noFiles},
		"databases":                                {[]string{"log", "-live", ""}, []string{"postgres://", "sqlite:"}, noSpace},
		"shells":                                   {[]string{"completion", "f"}, []string{"fish"}, noFiles},
		"what a package holds is an answer's file": {[]string{"inspect", ""}, []string{"edmspkg", "json", "jsonl", "yaml", "yml", "tar", "gz", "tgz"}, ofTheseKinds},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, directive := answers(t, tt.words...)
			if diff := cmp.Diff(tt.want, got); diff != "" || directive != tt.directive {
				t.Errorf("directive %s, want %s; -want +got:\n%s", directive, tt.directive, diff)
			}
		})
	}
}

func TestFlagsAreOfferedAsTheyAreTyped(t *testing.T) {
	single, _ := answers(t, "plan", "-")
	double, _ := answers(t, "plan", "--")
	for i, f := range single {
		if strings.HasPrefix(f, "--") || i > 0 && f == single[i-1] {
			t.Errorf("%q is offered after one dash", f)
		}
	}
	for _, f := range double {
		if !strings.HasPrefix(f, "--") {
			t.Errorf("%q is offered after two dashes", f)
		}
	}
	if len(double) < 15 || len(single) < len(double) {
		t.Errorf("%d flags after one dash, %d after two", len(single), len(double))
	}
}

func TestEachShellHasAScript(t *testing.T) {
	for shell, sign := range map[string]string{
		"bash": "__start_edmsplan", "zsh": "#compdef edmsplan", "fish": "complete -c edmsplan", "powershell": "Register-ArgumentCompleter",
	} {
		if r := runCommand(t, "completion", shell); r.code != exitOK || !strings.Contains(r.out, sign) {
			t.Errorf("%s: exit code %d, %d bytes\n%s", shell, r.code, len(r.out), r.err)
		}
	}
	if r := runCommand(t, "completion", "tcsh"); r.code != exitError {
		t.Errorf("exit code %d for a shell that is not known", r.code)
	}
}

// Formats and kinds are written twice: where they are read and where they are
// offered.
func TestWhatIsOfferedIsKnown(t *testing.T) {
	for _, c := range newRoot(streams{noColor: new(bool)}).Commands() {
		if f := c.Flags().Lookup("format"); f != nil {
			complete, _ := c.GetFlagCompletionFunc("format")
			offered, _ := complete(c, nil, "")
			for _, word := range offered {
				if !strings.Contains(f.Usage, word) {
					t.Errorf("%s -format %s is offered, but its usage does not name it", c.Name(), word)
				}
			}
		}
	}
}

func TestDescriptionsAreShownAsTheyAre(t *testing.T) {
	r := runCommand(t, "__complete", "plan", "--")
	if r.code != exitOK || !strings.Contains(r.out, "--live\tlive database URL") || !strings.Contains(r.out, "--memory\t") || strings.Contains(r.out, "`") {
		t.Errorf("exit code %d\n%s", r.code, r.out)
	}
}

// shellSessions complete command lines as shells do when Tab is pressed, and
// print the word that it makes of the last one.
func shellSessions() map[string]string {
	return map[string]string{
		// What the package bash-completion gives to scripts is made up: the machine
		// may lack it.
		"bash": `
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD-1]}; words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
_filedir() { COMPREPLY=("files: $1"); }
compopt() { :; }
source <(edmsplan completion bash)
COMP_TYPE=9
while IFS= read -r COMP_LINE; do
  read -ra COMP_WORDS <<<"$COMP_LINE"
  [[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMPREPLY=()
  __start_edmsplan
  echo "$COMP_LINE => ${COMPREPLY[*]}"
done
`,
		// A zsh within, on a terminal of its own.
		"zsh": `
zmodload zsh/zpty
zpty -b inner zsh -f -i
zpty -w inner 'PROMPT= RPROMPT= ; unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D
  source <(edmsplan completion zsh)
  show() { print -r -- "<<$BUFFER>>"; BUFFER=; }; zle -N show; bindkey "^X" show; print rea""dy'
zpty -r inner out '*ready*'
while IFS= read -r line; do
  zpty -w -n inner "$line"$'\t\x18'
  zpty -r inner out '*<<*>>*'
  out=${${out##*<<}%%>>*}
  print -r -- "$line => ${${out% }##* }"
done
zpty -d inner
`,
		"fish": `
edmsplan completion fish | source
while read line
  echo "$line => "(complete -C "$line" | string replace -r '\t.*' '' | string join ' ')
end
`,
	}
}

func TestCompletionInShells(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable() // which is edmsplan when it is called so
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "edmsplan")); err != nil {
		t.Fatal(err)
	}
	const want = `edmsplan plan -pol => -policy
edmsplan plan --pol => --policy
edmsplan plan -policy examples/edms/policy -target users.ro => users.role
edmsplan plan --policy=examples/edms/policy --exclude users.ro => users.role
edmsplan valid => validate
edmsplan completion fi => fish
edmsplan show -format ma => markdown
`
	var lines []string
	for _, l := range strings.Split(strings.TrimSuffix(want, "\n"), "\n") {
		line, _, _ := strings.Cut(l, " =>")
		lines = append(lines, line+"\n")
	}
	for shell, session := range shellSessions() {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skip("there is no " + shell)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := exec.CommandContext(ctx, path, "-c", session)
			c.Dir = root(t)
			// No file of the user's has a say.
			c.Env = append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "ZDOTDIR="+dir, "TERM=xterm")
			c.Stdin = strings.NewReader(strings.Join(lines, ""))
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(want, strings.NewReplacer("  ", " ", " \n", "\n").Replace(string(out))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
