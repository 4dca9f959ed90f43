package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/providers/backup"
)

type inspectOptions struct {
	keyFlags
	json    bool
	salvage bool
	out     string
}

func newInspect(s streams) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect [-json | -salvage [-out FILE]] PACKAGE",
		Short: "Show what a package holds, how it spells it, and what is wrong with it",
		Long: "Counts the records of each model and the ways in which each field is spelt. Values are not shown.\n\n" +
			"-salvage tells what can still be read of an .edmspkg that is cut off or damaged, up to the\n" +
			"last whole part; with -out it writes that as a package which says of itself that records\n" +
			"are missing.",
		Example: "  edmsplan inspect backup.tar.gz\n" +
			"  edmsplan inspect -salvage -out rest.edmspkg damaged.edmspkg",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runInspect(cmd.Context(), s, o, args[0]) },
	}
	o.addReading(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.salvage, "salvage", false, "tell what can still be read of a damaged .edmspkg")
	cmd.Flags().StringVar(&o.out, "out", "", "with -salvage: `FILE` to write it to")
	return cmd
}

func runInspect(ctx context.Context, s streams, o inspectOptions, path string) (err error) {
	var p *progress
	if !o.json {
		p = startProgress(s)
		p.say("Reading the package %s", path)
		defer p.stop()
	}
	open, err := newOpener(s, o.keys(s), nil)
	if err != nil {
		return err
	}
	switch {
	case o.salvage:
		return salvage(ctx, s, open, o, path)
	case o.out != "":
		return errors.New("-out goes with -salvage")
	}
	pkg, err := open.open(p.reading(ctx), path)
	if err != nil {
		return err
	}
	if p != nil {
		p.say("Inspecting the package %s", path)
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	in, err := backup.Inspect(ctx, pkg)
	if err != nil {
		return err
	}
	p.stop()
	if o.json {
		return writeJSON(s.out, inspectionOf(in))
	}
	return printInspection(s.out, in, open.sealed)
}

func printInspection(w io.Writer, in *backup.Inspection, sealed sealing) error {
	fmt.Fprintf(w, "%s: %s, %s\n", printable(in.Info.Path), in.Info.Format, counted(in.Info.Records, "record", "records"))
	for _, f := range in.Info.Facts {
		fmt.Fprintf(w, "  %s: %s\n", printable(f.Name), printable(f.Value))
	}
	if sealed.encrypted {
		fmt.Fprintln(w, "  encrypted: yes")
	}
	if by := sealed.signed; by != nil {
		fmt.Fprintf(w, "  signed by: key %s, %s\n", by.Key.ID(), printable(by.Text))
	}
	fmt.Fprintf(w, "  digest: %s\n\n", in.Info.Digest)
	var cells strings.Builder // tabwriter pads the last column too
	t := tabwriter.NewWriter(&cells, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MODEL\tRECORDS\tPRIMARY KEYS\tREFERENCES AND LISTS")
	for _, m := range in.Models {
		keys := "none"
		switch {
		case m.Keyed == m.Records:
			keys = "all"
		case m.Keyed > 0:
			keys = fmt.Sprint(m.Keyed)
		}
		first := true
		for _, f := range m.Fields {
			if !spellsReference(f) {
				continue
			}
			if first {
				fmt.Fprintf(t, "%s\t%d\t%s\t%s: %s\n", printable(m.Model), m.Records, keys, printable(f.Name), f.Description)
			} else {
				fmt.Fprintf(t, "\t\t\t%s: %s\n", printable(f.Name), f.Description)
			}
			first = false
		}
		if first {
			fmt.Fprintf(t, "%s\t%d\t%s\t\n", printable(m.Model), m.Records, keys)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(cells.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	for _, warning := range in.Warnings {
		fmt.Fprintf(w, "\nWarning: %s\n", printable(warning))
	}
	return nil
}

// spellsReference reports whether a field is spelt as a natural key or a list
// anywhere: how references look is what a policy author wants to know.
func spellsReference(f backup.FieldInspection) bool {
	for _, s := range f.Spellings {
		switch s.Shape {
		case backup.NaturalKey, backup.NaturalKeys, backup.NumberList, backup.MixedList:
			return true
		}
	}
	return false
}
