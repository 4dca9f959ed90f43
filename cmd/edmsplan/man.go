package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan is for who packs the program: it is hidden, as nobody else needs it.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write a manual page of each command into a folder",
		Long:    "Writes edmsplan.1 and a page of each command, such as edmsplan-plan.1, into the folder,\nwhich is made. The same program writes the same pages.",
		Example: "  edmsplan man /usr/local/share/man/man1",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return writeManual(cmd.Root(), args[0]) },
	}
}

// writeManual writes the pages of a command and of those below it.
func writeManual(cmd *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, pageName(cmd)+".1"))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	writePage(out, cmd)
	if err := out.Flush(); err != nil {
		_ = f.Close() // the page is lost already
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, sub := range paged(cmd) {
		if err := writeManual(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// paged are the commands below one that have a page.
func paged(cmd *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			out = append(out, sub)
		}
	}
	return out
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func writePage(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, ".TH %s 1 \"\" \"edmsplan %s\" \"edmsplan\"\n", strings.ToUpper(roff(pageName(cmd))), release)
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	usage := strings.TrimSpace(strings.TrimPrefix(cmd.UseLine(), cmd.CommandPath()))
	usage = strings.TrimSpace(strings.TrimSuffix(usage, "[flags]"))
	if usage == "" && cmd.HasAvailableSubCommands() {
		usage = "COMMAND"
	}
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B %s\n%s\n", roff(cmd.CommandPath()), roff(usage))
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	fmt.Fprint(w, ".SH DESCRIPTION\n")
	for i, paragraph := range strings.Split(long, "\n\n") {
		if i > 0 {
			fmt.Fprint(w, ".PP\n")
		}
		fmt.Fprintln(w, roff(paragraph))
	}
	if subs := paged(cmd); len(subs) > 0 {
		fmt.Fprint(w, ".SH COMMANDS\n")
		for _, sub := range subs {
			fmt.Fprintf(w, ".TP\n.BR %s (1)\n%s\n", roff(pageName(sub)), roff(sub.Short))
		}
	}
	fmt.Fprint(w, ".SH OPTIONS\nFlags take one dash or two.\n")
	cmd.InitDefaultHelpFlag()
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { option(w, f) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { option(w, f) })
	if cmd.Example != "" {
		fmt.Fprintf(w, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, e := range exitWords() {
		fmt.Fprintf(w, ".TP\n.B %d\n%s\n", e.code, roff(e.words))
	}
	if cmd.HasParent() {
		fmt.Fprintf(w, ".SH SEE ALSO\n.BR %s (1)\n", roff(pageName(cmd.Parent())))
	}
}

// option is a flag as it is typed, with one dash.
func option(w io.Writer, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	value, usage := pflag.UnquoteUsage(f)
	if value != "" {
		value = " \\fI" + roff(value) + "\\fR"
	}
	fmt.Fprintf(w, ".TP\n\\fB%s\\fR%s\n%s\n", roff("-"+f.Name), value, roff(usage))
}

// roff escapes a text so that each line of it is one of the page's. What is not
// ASCII is named by its number, as not every reader of pages takes UTF-8.
func roff(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r >= utf8.RuneSelf:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

// exitMeaning is an exit code in words; docs/operations.md says more.
type exitMeaning struct {
	code  int
	words string
}

func exitWords() []exitMeaning {
	return []exitMeaning{
		{exitOK, "Done; with -detailed-exitcode: no difference."},
		{exitError, "An error."},
		{exitDifferences, "With -detailed-exitcode: there are differences."},
		{exitStale, "The saved plan is stale or was applied before; nothing was written."},
		{exitLocked, "The live database is locked by someone else; nothing was written."},
		{exitRefused, "A guard or a check of the policy refused; nothing was written."},
		{exitConflicts, "Conflicts, missing references or predicted violations."},
		{exitUnsound + 1, "verify: the package failed level 1."},
		{exitUnsound + 2, "verify: the package failed level 2."},
		{exitUnsound + 3, "verify: the package failed level 3."},
		{exitInterrupted, "Interrupted; nothing was changed."},
	}
}
