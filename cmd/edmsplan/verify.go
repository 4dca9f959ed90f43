package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/postgres"
	"github.com/edmsplan/edmsplan/providers/database/sqlite"
)

type verifyOptions struct {
	keyFlags
	level       int
	restore     bool
	restoreInto string
	report      string
	json        bool
}

func newVerify(s streams) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify [-level 1|2 | -restore] [-report FILE] PACKAGE",
		Short: "Prove that a package is whole and can be restored",
		Long: "Level 1 reads the package and its chain and compares all digests. Level 2 (the default)\n" +
			"decodes every record as well and follows every reference. Level 3 (-restore) puts the\n" +
			"records into a scratch database and plans again, which must find no changes: an SQLite\n" +
			"file that is removed, or with -restore-into a schema of its own in a PostgreSQL database.\n\n" +
			"-report writes what was found as JSON and as Markdown, each signed when -sign-key is\n" +
			"given. The exit code tells the level that failed: 21, 22 or 23.",
		Example: "  edmsplan verify backup.edmspkg\n" +
			"  edmsplan verify -restore -report evidence backup.edmspkg",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runVerify(cmd.Context(), s, o, args[0]) },
	}
	o.addReading(cmd.Flags())
	o.addSigning(cmd.Flags())
	cmd.Flags().IntVar(&o.level, "level", 2, "how far to go: `1` or 2")
	cmd.Flags().BoolVar(&o.restore, "restore", false, "restore into a scratch database as well: level 3")
	cmd.Flags().StringVar(&o.restoreInto, "restore-into", "", "PostgreSQL database `URL` in which the scratch schema is made; it is removed again")
	cmd.Flags().StringVar(&o.report, "report", "", "write `FILE`.json and FILE.md")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runVerify(ctx context.Context, s streams, o verifyOptions, where string) (err error) {
	if o.restoreInto != "" {
		o.restore = true
	}
	if o.restore {
		o.level = 3
	}
	if o.level < 1 || o.level > 3 {
		return fmt.Errorf("there is no level %d: 1 and 2 are with -level, 3 with -restore", o.level)
	}
	keys := o.keys(s)
	signing, err := keys.SignKey()
	if err != nil {
		return err
	}
	open, err := newOpener(s, keys, nil)
	if err != nil {
		return err
	}
	var p *progress
	if !o.json {
		p = startProgress(s)
		defer p.stop()
		p.say("Verifying %s", where)
	}
	v, err := verifyPackage(ctx, open, o, where, p)
	if err != nil {
		return err
	}
	p.stop()
	doc := verificationOf(v, open.sealed)
	if o.report != "" {
		if err := writeReport(o.report, doc, signing); err != nil {
			return err
		}
	}
	if o.json {
		err = writeJSON(s.out, doc)
	} else {
		err = printVerification(s.out, doc)
	}
	if failed := v.Failed(); err == nil && failed > 0 {
		return codeError(exitUnsound + failed)
	}
	return err
}

// verifyPackage opens and verifies. A package that is refused when it is
// opened has failed level 1.
func verifyPackage(ctx context.Context, open *opener, o verifyOptions, where string, p *progress) (_ *engine.Verification, err error) {
	pkg, err := open.open(p.reading(ctx), where)
	if err != nil {
		return refusedAtOnce(where, err)
	}
	defer func() { err = errors.Join(err, pkg.Close()) }()
	r := engine.VerifyRequest{Package: pkg, Level: o.level, Program: version(), Progress: p.verifying(pkg)}
	if p != nil {
		r.Observer = p
	}
	if o.level == 3 {
		db, drop, err := openScratch(ctx, o.restoreInto)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, db.Close(), drop(context.WithoutCancel(ctx))) }()
		r.Scratch = db
	}
	return engine.Verify(ctx, r)
}

// openScratch makes an empty database, and returns how to remove it.
func openScratch(ctx context.Context, url string) (database.Database, func(context.Context) error, error) {
	if url == "" {
		return sqlite.OpenScratch(ctx, os.TempDir())
	}
	if !strings.HasPrefix(url, "postgres") {
		return nil, nil, errors.New("-restore-into is a PostgreSQL database: postgres://USER@HOST/NAME; an SQLite file is what -restore takes")
	}
	return postgres.OpenScratch(ctx, url)
}
