package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
)

type backupOptions struct {
	policyFlags
	keyFlags
	kind      string
	scope     string
	format    string
	out       string
	parent    string
	readers   int
	exportKey string
	json      bool
}

func newBackup(s streams) *cobra.Command {
	var o backupOptions
	cmd := &cobra.Command{
		Use:   "backup -policy FILE [-live URL] [-kind full|database|files|export] -out PACKAGE",
		Short: "Write a package of a live database and its files",
		Long: "Writes what the policy's models and folders of files hold at one instant, reads the\n" +
			"package back, verifies it, and only then gives it its name: interrupted or failed, it\n" +
			"leaves nothing there. What exists already is never replaced.\n\n" +
			"full is records and files, database records only, files the folders only, export what\n" +
			"the policy lets leave (edmsplan export is the same). -scope takes a scope of the policy\n" +
			"and all that its records refer to. -parent stores only what has changed since that\n" +
			"package, which is needed beside the new one to read it.",
		Example: "  edmsplan backup -policy policy/ -live postgres://localhost/edms -out edms-2026-11-25.edmspkg\n" +
			"  edmsplan backup -policy policy/ -parent edms-2026-11-25.edmspkg -out edms-2026-11-26.edmspkg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBackup(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	cmd.Flags().StringVar(&o.kind, "kind", string(backup.Full), "what the package holds: `KIND` full, database, files or export")
	cmd.Flags().StringVar(&o.parent, "parent", "", "`PACKAGE` to build on: only what has changed since is stored")
	return cmd
}

func newExport(s streams) *cobra.Command {
	o := backupOptions{kind: string(backup.Export)}
	cmd := &cobra.Command{
		Use:   "export -policy FILE [-live URL] [-scope SCOPE] [-format edmspkg|django|edms] -out PACKAGE",
		Short: "Write a package for another environment, redacted as the policy says",
		Long: "Writes the records that the policy's export blocks include, with everything that they\n" +
			"refer to, and with fields replaced, hashed or unset. Sensitive fields leave only where\n" +
			"the policy keeps them. Of the files, only those leave that an exported record names.\n\n" +
			"hash makes pseudonyms with a secret: EDMSPLAN_EXPORT_KEY, or the first line of the file\n" +
			"that -export-key-file names. -format django is a fixture for loaddata, edms the layout\n" +
			"of the EDMS migration package.",
		Example: "  edmsplan export -policy policy/ -live postgres://localhost/edms -scope critical -format django -out critical.json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runBackup(cmd.Context(), s, o) },
	}
	o.add(cmd.Flags())
	return cmd
}

func (o *backupOptions) add(flags *pflag.FlagSet) {
	o.policyFlags.add(flags)
	o.addReading(flags)
	o.addWriting(flags)
	flags.StringVar(&o.scope, "scope", "", "`SCOPE` of the policy to take, with all that its records refer to")
	flags.StringVar(&o.out, "out", "", "`PACKAGE` to write: a file, a folder for -format edmspkg-folder, or s3://BUCKET/NAME")
	flags.StringVar(&o.format, "format", "", "`FORMAT` edmspkg, edmspkg-folder, django or edms (default: by the name, else edmspkg)")
	flags.IntVar(&o.readers, "readers", min(runtime.NumCPU(), 4), "how many models are read at the same time (PostgreSQL)")
	flags.StringVar(&o.exportKey, "export-key-file", "", "`FILE` with the secret of the pseudonyms in its first line (default: EDMSPLAN_EXPORT_KEY)")
	flags.BoolVar(&o.json, "json", false, "print one JSON object")
}

func runBackup(ctx context.Context, s streams, o backupOptions) (err error) {
	pol, warnings, err := o.load(s)
	if err != nil {
		return err
	}
	out, err := o.output()
	if err != nil {
		return err
	}
	secret, err := exportKey(s, o.exportKey)
	if err != nil {
		return err
	}
	var p *progress
	if !o.json {
		p = startProgress(s)
		defer p.stop()
		p.say("Opening the live database")
	}
	live, err := openLive(ctx, pol.LiveURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	e := newEngine(s, live, pol.LiveURL)
	if p != nil {
		e.Observer = p
	}
	made, err := out.write(ctx, s, o, pol, func(create func(backup.Header) (backup.Writer, error)) (*engine.BackedUp, error) {
		return e.Backup(ctx, engine.BackupRequest{
			Policy: pol, Kind: backup.Kind(o.kind), Scope: o.scope, ExportKey: secret, Readers: out.readers(o.readers),
			NoFiles: !out.holdsFiles(), Create: create,
		})
	}, p)
	if err != nil {
		return err
	}
	p.stop()
	made.done.Diagnostics = append(warnings, made.done.Diagnostics...)
	if o.json {
		return writeJSON(s.out, backedUpOf(made))
	}
	return printBackup(s, made)
}

// exportKey is the secret of an export's pseudonyms, empty when there is none.
func exportKey(s streams, file string) ([]byte, error) {
	if file == "" {
		text, _ := s.env("EDMSPLAN_EXPORT_KEY")
		return []byte(text), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the key of -export-key-file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return []byte(strings.TrimRight(line, "\r")), nil
}

// checkKind refuses what would write less than was asked.
func (o *backupOptions) checkKind(files bool) error {
	switch backup.Kind(o.kind) {
	case backup.Database, backup.Export:
	case backup.Full, backup.FilesOf:
		if !files {
			return fmt.Errorf("a fixture holds no files, and -kind %s asks for them: take -kind database or another -format", o.kind)
		}
	default:
		return fmt.Errorf("there is no kind %q: full, database, files or export", o.kind)
	}
	if backup.Kind(o.kind) == backup.FilesOf && o.scope != "" {
		return errors.New("-scope takes records, and -kind files has none")
	}
	return nil
}
