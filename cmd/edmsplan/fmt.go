package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type fmtOptions struct {
	check bool
	diff  bool
}

func newFmt(s streams) *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [-check] [-diff] [FILE|FOLDER…]",
		Short: "Rewrite policies and their tests in the canonical style",
		Long: "Formats the *.hcl files of each folder (this one, if none is named; not of its\n" +
			"subfolders), prints the names of those that were not in order, and rewrites them. Only\n" +
			"white space changes. A file that is not HCL is left alone. With - the text is read from\n" +
			"standard input and printed.",
		Example: "  edmsplan fmt policy/\n" +
			"  edmsplan fmt -check -diff policy/",
		RunE: func(_ *cobra.Command, args []string) error { return runFmt(s, o, args) },
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "rewrite nothing; exit with 2 if a file is not in order")
	cmd.Flags().BoolVar(&o.diff, "diff", false, "print what changes")
	return cmd
}

func runFmt(s streams, o fmtOptions, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	var paths []string
	for _, a := range args {
		if a == "-" {
			paths = append(paths, a)
			continue
		}
		found, err := policy.FindFiles(a)
		if err != nil {
			return err
		}
		paths = append(paths, found...)
	}
	broken, untidy := false, false
	for _, p := range paths {
		before, after, err := formatted(s, p)
		var list diagnostics
		if errors.As(err, &list) {
			broken = true
			if err := render.Diagnostics(s.err, list.Diagnostics(), s.look(s.err)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		untidy = untidy || !bytes.Equal(before, after)
		if err := o.put(s, p, before, after); err != nil {
			return err
		}
	}
	switch {
	case broken:
		return codeError(exitError)
	case o.check && untidy:
		return codeError(exitDifferences)
	}
	return nil
}

// formatted reads a file, "-" is standard input, and formats it.
func formatted(s streams, path string) (before, after []byte, err error) {
	if path == "-" {
		before, err = io.ReadAll(s.in)
	} else {
		before, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, nil, err
	}
	after, list := policy.Format(policy.File{Name: path, Content: before})
	return before, after, list.Err()
}

// put lists a file that was not in order and, unless it is only checked,
// rewrites it.
func (o fmtOptions) put(s streams, path string, before, after []byte) error {
	changed := !bytes.Equal(before, after)
	if path != "-" && changed {
		fmt.Fprintln(s.out, printable(path))
	}
	if o.diff && changed {
		for _, l := range contextDiff(string(before), string(after)) {
			fmt.Fprintln(s.out, paintLine(l, s.look(s.out).Color))
		}
	}
	switch {
	case o.check:
		return nil
	case path == "-" && !o.diff:
		_, err := s.out.Write(after)
		return err
	case path == "-" || !changed:
		return nil
	}
	return replaceFile(path, after)
}

// replaceFile puts the content in a file's place at once, with the file's
// permissions. A link is followed: what it leads to is replaced.
func replaceFile(path string, content []byte) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".edmsplan-fmt-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(st.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// contextDiff are the lines that differ, with a few around them; … stands for
// those between.
func contextDiff(before, after string) []string {
	const around = 2
	lines := diffLines(splitLines(before), splitLines(after))
	near := make([]bool, len(lines))
	for i, l := range lines {
		for k := max(0, i-around); l[2] != ' ' && k <= min(i+around, len(lines)-1); k++ {
			near[k] = true
		}
	}
	var out []string
	for i, l := range lines {
		switch {
		case near[i]:
			out = append(out, l)
		case len(out) == 0 || out[len(out)-1] != "    …":
			out = append(out, "    …")
		}
	}
	return out
}
