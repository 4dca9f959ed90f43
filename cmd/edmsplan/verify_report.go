package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

// The JSON of verify: a promise to other programs, and evidence for an auditor.

type verificationDoc struct {
	Package   string     `json:"package"`
	Format    string     `json:"format"`
	Digest    string     `json:"digest"`
	Records   int        `json:"records"`
	Encrypted bool       `json:"encrypted"`
	SignedBy  string     `json:"signed_by,omitempty"` // the public key
	Program   string     `json:"program"`
	Started   time.Time  `json:"started"`
	Finished  time.Time  `json:"finished"`
	Sound     bool       `json:"sound"`
	Failed    int        `json:"failed_level"` // 0 when none did
	Facts     []factDoc  `json:"facts"`
	Levels    []levelDoc `json:"levels"`
	Warnings  []string   `json:"warnings"`
}

type levelDoc struct {
	Level    int      `json:"level"`
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Facts    []string `json:"facts"`
	Listed   []string `json:"listed"`
	Problems []string `json:"problems"`
}

func verificationOf(v *engine.Verification, sealed sealing) verificationDoc {
	doc := verificationDoc{
		Package: v.Info.Path, Format: v.Info.Format, Digest: v.Info.Digest, Records: v.Info.Records,
		Encrypted: sealed.encrypted, Program: "edmsplan " + version(), Started: v.Started, Finished: v.Finished,
		Sound: v.Failed() == 0, Failed: v.Failed(), Warnings: v.Info.Warnings,
		Facts: each(v.Info.Facts, func(f backup.Fact) factDoc { return factDoc(f) }),
	}
	if sealed.signed != nil {
		doc.SignedBy = sealed.signed.Key.String()
	}
	doc.Levels = each(v.Levels, func(l engine.VerifiedLevel) levelDoc {
		return levelDoc{l.Level, l.Name, len(l.Problems) == 0, l.Facts, l.Listed, l.Problems}
	})
	return doc
}

// refusedAtOnce is the outcome for a package that cannot even be opened.
func refusedAtOnce(where string, err error) (*engine.Verification, error) {
	var refused *backup.Refusal
	if !errors.As(err, &refused) {
		return nil, err
	}
	now := time.Now().UTC()
	return &engine.Verification{
		Info: backup.Info{Path: where}, Started: now, Finished: now,
		Levels: []engine.VerifiedLevel{{Level: 1, Name: "manifest and digests", Problems: []string{refused.Error()}}},
	}, nil
}

func printVerification(w io.Writer, d verificationDoc) error {
	fmt.Fprintf(w, "%s", printable(d.Package))
	if d.Format != "" {
		fmt.Fprintf(w, ": %s, %s\n  digest: %s", d.Format, counted(d.Records, "record", "records"), d.Digest)
	}
	fmt.Fprintln(w)
	for _, l := range d.Levels {
		verdict := "passed"
		if !l.Passed {
			verdict = "FAILED"
		}
		fmt.Fprintf(w, "\nLevel %d, %s: %s\n", l.Level, l.Name, verdict)
		for _, list := range [][]string{l.Facts, l.Listed, l.Problems} {
			for _, line := range list {
				fmt.Fprintf(w, "  %s\n", printable(line))
			}
		}
	}
	for _, warning := range d.Warnings {
		fmt.Fprintf(w, "\nWarning: %s\n", printable(warning))
	}
	verdict := "The package is sound, as far as it was verified."
	if !d.Sound {
		verdict = fmt.Sprintf("The package failed level %d. Do not rely on it.", d.Failed)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict)
	return err
}

// writeReport writes the report in both forms, with a signature of each where
// there is a key.
func writeReport(base string, d verificationDoc, key *envelope.SignKey) error {
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".json"), ".md")
	var text, prose bytes.Buffer
	if err := writeJSON(&text, d); err != nil {
		return err
	}
	reportMarkdown(&prose, d)
	for name, content := range map[string][]byte{base + ".json": text.Bytes(), base + ".md": prose.Bytes()} {
		if err := os.WriteFile(name, content, 0o640); err != nil {
			return err
		}
		if err := signReport(name, content, d, key); err != nil {
			return err
		}
	}
	return nil
}

// signReport signs a report, and removes a signature of an earlier one.
func signReport(name string, content []byte, d verificationDoc, key *envelope.SignKey) error {
	at := name + envelope.SignatureSuffix
	if key == nil {
		if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	signature, err := envelope.Sign(bytes.NewReader(content), key, envelope.Comment{Time: d.Finished, File: filepath.Base(name)})
	if err != nil {
		return err
	}
	return os.WriteFile(at, signature, 0o640)
}

func reportMarkdown(w io.Writer, d verificationDoc) {
	verdict := "sound"
	if !d.Sound {
		verdict = fmt.Sprintf("**failed at level %d**", d.Failed)
	}
	fmt.Fprintf(w, "# Verification of %s\n\nThe package is %s.\n\n", code(filepath.Base(d.Package)), verdict)
	fmt.Fprintf(w, "| | |\n|---|---|\n| package | %s |\n| format | %s |\n| digest | %s |\n| records | %d |\n", code(d.Package), code(d.Format), code(d.Digest), d.Records)
	fmt.Fprintf(w, "| encrypted | %t |\n| signed by | %s |\n| verified | %s to %s by %s |\n", d.Encrypted, code(d.SignedBy),
		d.Started.Format(time.RFC3339), d.Finished.Format(time.RFC3339), code(d.Program))
	for _, f := range d.Facts {
		fmt.Fprintf(w, "| %s | %s |\n", cellText(f.Name), code(f.Value))
	}
	for _, l := range d.Levels {
		verdict := "passed"
		if !l.Passed {
			verdict = "failed"
		}
		fmt.Fprintf(w, "\n## Level %d, %s: %s\n\n", l.Level, l.Name, verdict)
		for _, list := range [][]string{l.Facts, l.Listed, l.Problems} {
			for _, line := range list {
				fmt.Fprintf(w, "- %s\n", cellText(line))
			}
		}
	}
	if len(d.Warnings) > 0 {
		fmt.Fprint(w, "\n## Warnings\n\n")
		for _, line := range d.Warnings {
			fmt.Fprintf(w, "- %s\n", cellText(line))
		}
	}
}

// cellText is a text that may stand anywhere in Markdown.
func cellText(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "`", "'", "*", `\*`, "_", `\_`).Replace(printable(text))
}

// code is a text in code font, "none" where it is empty.
func code(text string) string {
	if text == "" {
		return "none"
	}
	return "`" + strings.NewReplacer("`", "'", "\n", " ", "|", `\|`).Replace(printable(text)) + "`"
}
