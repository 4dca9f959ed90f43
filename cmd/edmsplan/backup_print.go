package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/export"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema/diag"
)

func warning(code, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Warning, Code: code, Summary: strings.TrimSuffix(summary, "."), Detail: detail}
}

// printBackup says what the package holds and, as plainly, what it does not.
func printBackup(s streams, w *written) error {
	if err := printModels(s.out, w.done); err != nil {
		return err
	}
	printLeftOut(s.out, w.done)
	printTreated(s.out, w.done.Treated)
	if err := render.Diagnostics(s.err, w.done.Diagnostics, s.look(s.err)); err != nil {
		return err
	}
	done := w.done
	fmt.Fprintf(s.out, "\nBackup complete! %s, read back and verified.\n\n%s", contents(done), printable(w.path))
	if w.size > 0 {
		fmt.Fprintf(s.out, ": %s", bytesText(w.size))
	}
	fmt.Fprintf(s.out, "\n  digest %s\n", w.digest)
	if w.parent != "" {
		fmt.Fprintf(s.out, "  builds on %s: keep both\n", printable(w.parent))
	}
	switch {
	case w.encrypted:
		fmt.Fprintln(s.out, "  encrypted")
	case done.Header.Kind != backup.Export && holdsSecrets(done.Header):
		fmt.Fprintln(s.out, "  not encrypted, and it holds sensitive fields: keep it as you keep the database (-recipient encrypts)")
	}
	return nil
}

// contents are the records and files in words.
func contents(b *engine.BackedUp) string {
	var parts []string
	if b.Header.Kind != backup.FilesOf {
		parts = append(parts, fmt.Sprintf("%s of %s", counted(int(b.Records()), "record", "records"), counted(len(b.Models), "model", "models")))
	}
	if b.Files > 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%s (%s)", counted(b.Files, "file", "files"), bytesText(b.Bytes)))
	}
	return strings.Join(parts, " and ")
}

// holdsSecrets reports whether a sensitive field is in the package as it is.
func holdsSecrets(h backup.Header) bool {
	for _, m := range h.Models {
		for i := range m.Fields {
			if m.Fields[i].Sensitive {
				return true
			}
		}
	}
	return false
}

func printModels(out io.Writer, b *engine.BackedUp) error {
	if len(b.Models) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "rows\twritten\tleft out\t  model")
	for _, m := range b.Models {
		if m.Table == 0 {
			continue
		}
		fmt.Fprintf(t, "%d\t%d\t%d\t  %s\n", m.Table, m.Written, m.Table-m.Written, printable(m.Label))
	}
	return t.Flush()
}

func printLeftOut(out io.Writer, b *engine.BackedUp) {
	var tables []string
	for _, l := range b.Header.LeftOut {
		if l.Rows > 0 {
			tables = append(tables, fmt.Sprintf("%s %d", printable(l.Table), l.Rows))
		}
	}
	if len(tables) > 0 {
		fmt.Fprintf(out, "\nNot in it, as the policy has no model for them: %s.\n", strings.Join(tables, ", "))
	}
	if b.FilesLeftOut > 0 {
		fmt.Fprintf(out, "\nNot in it, as no record in it names them: %s.\n", counted(b.FilesLeftOut, "file", "files"))
	}
	if len(b.FoldersLeftOut) > 0 {
		fmt.Fprintf(out, "\nNot in it: the files %s.\n", strings.Join(b.FoldersLeftOut, ", "))
	}
	for _, d := range b.Dangling {
		fmt.Fprintf(out, "\n%s.%s: %s to %s lead nowhere, and stay as they are.\n", d.Model, d.Field, counted(int(d.References), "reference", "references"), d.Target)
	}
}

func printTreated(out io.Writer, list []export.Treated) {
	byHow := map[export.How][]string{}
	for _, t := range list {
		byHow[t.How] = append(byHow[t.How], t.Model+"."+t.Field)
	}
	for _, how := range []struct {
		how  export.How
		text string
	}{{export.Replace, "Replaced"}, {export.Hash, "Pseudonyms"}, {export.Unset, "Unset"}, {export.Keep, "Sensitive, and kept as the policy says"}} {
		if names := byHow[how.how]; len(names) > 0 {
			fmt.Fprintf(out, "\n%s: %s.\n", how.text, strings.Join(names, ", "))
		}
	}
}

// bytesText is a size for people: 124 kB.
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, u := float64(n), 0
	for f >= 1000 && u < len(units)-1 {
		f, u = f/1000, u+1
	}
	if u == 0 || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, units[u])
	}
	return fmt.Sprintf("%.1f %s", f, units[u])
}

type backedUpDoc struct {
	Package   string        `json:"package"`
	Format    string        `json:"format"`
	Digest    string        `json:"digest"`
	Size      int64         `json:"size,omitempty"`
	Kind      string        `json:"kind"`
	Parent    string        `json:"parent,omitempty"`
	Encrypted bool          `json:"encrypted"`
	Signed    bool          `json:"signed"`
	Records   int64         `json:"records"`
	Files     int           `json:"files"`
	FileBytes int64         `json:"file_bytes"`
	Models    []backedModel `json:"models"`
	LeftOut   []leftOutDoc  `json:"left_out"`
	Warnings  []string      `json:"warnings"`
}

type backedModel struct {
	Model   string `json:"model"`
	Rows    int64  `json:"rows"`
	Written int64  `json:"written"`
}

type leftOutDoc struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

func backedUpOf(w *written) backedUpDoc {
	return backedUpDoc{
		Package: w.path, Format: w.format, Digest: w.digest, Size: w.size, Kind: string(w.done.Header.Kind), Parent: w.parent,
		Encrypted: w.encrypted, Signed: w.signed, Records: w.done.Records(), Files: w.done.Files, FileBytes: w.done.Bytes,
		Models:   each(w.done.Models, func(m engine.BackedUpModel) backedModel { return backedModel{m.Label, m.Table, m.Written} }),
		LeftOut:  each(w.done.Header.LeftOut, func(l backup.LeftOut) leftOutDoc { return leftOutDoc(l) }),
		Warnings: each(w.done.Diagnostics, func(d diag.Diagnostic) string { return d.Error() }),
	}
}
