package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine/draft"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

type initOptions struct {
	keyFlags
	live  string
	pkg   string
	out   string
	name  string
	force bool
}

func newInit(s streams) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [-live URL] [-package PACKAGE] [-out FOLDER|FILE.hcl]",
		Short: "Write a first policy for a live database, and for a package of it",
		Long: "Looks at the tables and rows of a live database and at the records of a package, and writes\n" +
			"a policy with a comment for what it decided and a TODO, with the evidence, for what it\n" +
			"could not tell. Nothing is written to the database. Without -out the policy is printed;\n" +
			"a name that ends in .hcl is one file, any other a folder with a file for each application.",
		Example: "  edmsplan init -live postgres://localhost/edms -package backup.tar.gz -out policy",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), s, o) },
	}
	flags := cmd.Flags()
	o.addReading(flags)
	flags.StringVar(&o.live, "live", "", "live database `URL`: postgres://… or sqlite:PATH (default: EDMSPLAN_LIVE)")
	flags.StringVar(&o.pkg, "package", "", "`PACKAGE` whose records the policy is to fit")
	flags.StringVar(&o.out, "out", "", "`FILE.hcl` or folder to write to")
	flags.StringVar(&o.name, "name", "", "`NAME` of the policy (default: the database's)")
	flags.BoolVar(&o.force, "force", false, "replace files that exist")
	return cmd
}

func runInit(ctx context.Context, s streams, o initOptions) (err error) {
	if o.live == "" {
		o.live, _ = s.env("EDMSPLAN_LIVE")
	}
	if isDatabase(o.pkg) {
		return errors.New("a first policy is made for a package, and a database is none: name it with -live, or back it up with the policy that comes out")
	}
	if err := o.checkPlace(); err != nil {
		return err
	}
	open, err := newOpener(s, o.keys(s), nil)
	if err != nil {
		return err
	}
	p := startProgress(s)
	defer p.stop()
	in := draft.Input{Name: o.name}
	if o.pkg != "" {
		p.say("Reading the package %s", o.pkg)
		pkg, err := open.open(p.reading(ctx), o.pkg)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, pkg.Close()) }()
		in.Package = pkg
	}
	p.say("Reading the live database")
	d, err := makeDraft(ctx, o.live, in)
	if err != nil {
		return err
	}
	p.stop()
	return o.write(s, d)
}

// makeDraft reads the live database as of one instant.
func makeDraft(ctx context.Context, url string, in draft.Input) (_ *draft.Draft, err error) {
	live, err := openLive(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	view, err := live.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	var c *schema.Catalogue
	if c, err = view.Catalogue(ctx); err != nil {
		return nil, err
	}
	if in.Name == "" {
		in.Name = strings.TrimSuffix(c.Name, filepath.Ext(c.Name))
	}
	in.Catalogue, in.Live = c, view
	return draft.Make(ctx, in)
}

func (o *initOptions) oneFile() bool { return strings.HasSuffix(o.out, ".hcl") }

// checkPlace refuses, before anything is read, to write over a policy.
func (o *initOptions) checkPlace() error {
	if o.out == "" || o.force {
		return nil
	}
	if o.oneFile() {
		if _, err := os.Lstat(o.out); err == nil {
			return fmt.Errorf("%s exists already: name another file with -out, or replace it with -force", o.out)
		}
		return nil
	}
	held, err := filepath.Glob(filepath.Join(globText(o.out), "*.hcl"))
	if err == nil && len(held) > 0 {
		return fmt.Errorf("the folder %s holds a policy already (%s): name another with -out, or replace files of the same names with -force", o.out, filepath.Base(held[0]))
	}
	return err
}

// globText is a path as a pattern that matches it alone.
func globText(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func (o *initOptions) write(s streams, d *draft.Draft) error {
	if o.out == "" {
		f, err := d.File("policy.hcl")
		if err == nil {
			_, err = s.out.Write(f.Content)
		}
		return err
	}
	files, err := d.Files()
	dir := o.out
	if o.oneFile() {
		var f policy.File
		f, err = d.File(filepath.Base(o.out))
		files, dir = []policy.File{f}, filepath.Dir(o.out)
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := o.writeFile(filepath.Join(dir, f.Name), f.Content); err != nil {
			return err
		}
	}
	todo := "nothing is left to decide"
	if n := d.TODOs(); n > 0 {
		todo = counted(n, "TODO", "TODOs") + " to decide"
	}
	fmt.Fprintf(s.out, "Wrote %s: %s, %s.\nRead it, then: edmsplan validate -policy %s -live URL\n", o.out, counted(d.Models(), "model", "models"), todo, o.out)
	return nil
}

// writeFile writes a file that does not exist, or with -force one that does.
func (o *initOptions) writeFile(path string, content []byte) (err error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !o.force {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(content)
	return err
}
