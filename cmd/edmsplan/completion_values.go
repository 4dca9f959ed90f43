package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/schema/policy"
)

// completeValues says of each flag and argument of the commands what may stand
// there. Flags that are not named here take any file, as shells do by
// themselves.
func completeValues(cmd *cobra.Command) error {
	for _, sub := range cmd.Commands() {
		if err := completeValues(sub); err != nil {
			return err
		}
	}
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if complete := flagValues(cmd.Name(), f.Name); complete != nil && err == nil {
			err = cmd.RegisterFlagCompletionFunc(f.Name, complete)
		}
	})
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = argumentValues(cmd.Name())
	}
	return err
}

// flagValues is what a flag of a command takes, nil for any file.
func flagValues(command, flag string) cobra.CompletionFunc {
	switch flag {
	case "target", "exclude":
		return modelPatterns
	case "scope":
		return scopeNames
	case "policy":
		return files("hcl")
	case "package", "parent", "from":
		return packageFiles()
	case "compare":
		return planFiles()
	case "conflicts", "conflicts-out", "id-map":
		return files("csv")
	case "live", "restore-into":
		return cobra.FixedCompletions([]string{"postgres://", "sqlite:"}, cobra.ShellCompDirectiveNoSpace)
	case "kind":
		return words("full", "database", "files", "export")
	case "format":
		return words(formatsOf(command)...)
	case "var", "memory", "reason", "override", "lock-timeout", "level", "recipient", "older-than":
		return cobra.NoFileCompletions
	case "out":
		if command == "plan" || command == "undo" {
			return planFiles()
		}
	}
	if strings.HasPrefix(flag, "keep-") {
		return cobra.NoFileCompletions
	}
	return nil
}

func formatsOf(command string) []string {
	switch command {
	case "show":
		return []string{"text", "json", "yaml", "markdown", "html"}
	case "graph":
		return []string{"dot", "svg", "mermaid"}
	}
	return []string{"edmspkg", "edmspkg-folder", "django", "edms"}
}

// argumentValues is what the arguments of a command are.
func argumentValues(command string) cobra.CompletionFunc {
	switch command {
	case "show", "apply":
		return planFiles()
	case "inspect", "verify":
		return packageFiles()
	case "list", "prune":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	}
	return cobra.NoFileCompletions
}

func words(w ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(w, cobra.ShellCompDirectiveNoFileComp)
}

// files are those with one of the extensions, and folders.
func files(extensions ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
}

func planFiles() cobra.CompletionFunc { return files("plan") }

func packageFiles() cobra.CompletionFunc {
	return files("edmspkg", "json", "jsonl", "yaml", "yml", "tar", "gz", "tgz")
}

// modelPatterns are the labels of the policy's models, and the patterns that
// stand for all models of an application.
func modelPatterns(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	app := ""
	for _, label := range outline(cmd).Models {
		if name, _, ok := strings.Cut(label, "."); ok && name != app {
			app = name
			out = append(out, app+".*")
		}
		out = append(out, label)
	}
	return begun(out, typed), cobra.ShellCompDirectiveNoFileComp
}

func scopeNames(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return begun(outline(cmd).Scopes, typed), cobra.ShellCompDirectiveNoFileComp
}

// outline is that of the policy that the command line names so far.
func outline(cmd *cobra.Command) policy.Outline {
	f := cmd.Flags().Lookup("policy")
	if f == nil || f.Value.String() == "" {
		return policy.Outline{}
	}
	return policy.ReadOutline(f.Value.String())
}

func begun(names []string, typed string) []string {
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, typed) {
			out = append(out, n)
		}
	}
	return out
}
