package main

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newCompletion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes command lines in a shell",
		Long: "Prints a script for the shell named. It completes commands and flags, with one dash or two;\n" +
			"models and scopes after -target, -exclude and -scope where -policy names a policy before; and\n" +
			"files that can be a plan, a package or a policy. No database is asked. The script for bash\n" +
			"needs the package bash-completion.",
		Example: "  source <(edmsplan completion bash)\n" +
			"  edmsplan completion zsh > \"${fpath[1]}/_edmsplan\"\n" +
			"  edmsplan completion fish > ~/.config/fish/completions/edmsplan.fish\n" +
			"  edmsplan completion powershell | Out-String | Invoke-Expression",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.out, true)
			case "zsh":
				return root.GenZshCompletion(s.out)
			case "fish":
				return root.GenFishCompletion(s.out, true)
			}
			return root.GenPowerShellCompletionWithDesc(s.out)
		},
	}
}

// completing reports whether a shell's script asks what may come next.
func completing(args []string) bool {
	return len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeDashes makes the words before the one that is typed as the program
// reads them, and that one too. The second result says that it has one dash:
// then the shell can only use answers that have one as well.
func completeDashes(args []string) ([]string, bool) {
	last := args[len(args)-1]
	out := doubleDashes(args)
	single := strings.HasPrefix(last, "-") && !strings.HasPrefix(last, "--") && !slices.Contains(args[:len(args)-1], "--")
	if single {
		out[len(out)-1] = "-" + last
	}
	return out, single
}

// plainDescriptions takes away the marks by which a help text finds the word for
// a flag's value: shells show descriptions as they are.
func plainDescriptions(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	cmd.Flags().VisitAll(plain)
	cmd.PersistentFlags().VisitAll(plain)
	for _, sub := range cmd.Commands() {
		plainDescriptions(sub)
	}
}

// oneDash takes a dash off the flags among the answers that a shell gets.
type oneDash struct{ w io.Writer }

func (o oneDash) Write(b []byte) (int, error) {
	if cut, is := bytes.CutPrefix(b, []byte("--")); is {
		if _, err := o.w.Write(append([]byte("-"), cut...)); err != nil {
			return 0, err
		}
		return len(b), nil
	}
	return o.w.Write(b)
}
