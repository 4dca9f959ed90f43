package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/envelope"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/providers/storage"
)

// salvage tells what can be read of a damaged package, and writes it.
func salvage(ctx context.Context, s streams, open *opener, o inspectOptions, where string) (err error) {
	if o.json {
		return errors.New("-salvage prints no JSON")
	}
	r, c, err := open.stream(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if o.out == "" {
		found, err := native.Salvage(ctx, r, nil, backup.DefaultLimits())
		if err != nil {
			return err
		}
		return printSalvaged(s.out, where, found)
	}
	at, err := openPlace(ctx, s, o.out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	drafter, ok := at.store.(storage.Drafter)
	if !ok {
		return fmt.Errorf("nothing can be drafted in %s", o.out)
	}
	draft, err := drafter.Draft(ctx, at.name, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, draft.Close()) }()
	found, err := native.Salvage(ctx, r, draft, backup.DefaultLimits())
	if err != nil {
		return err
	}
	if _, err := draft.Publish(ctx); err != nil {
		return err
	}
	if err := printSalvaged(s.out, where, found); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nWritten to %s, which says of itself that records are missing.\n", printable(o.out))
	return nil
}

// stream reads a file from its start, decrypted as far as it is sound.
func (o *opener) stream(ctx context.Context, where string) (io.Reader, io.Closer, error) {
	f, err := o.file(ctx, where)
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, 64)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, nil, errors.Join(err, f.Close())
	}
	if !envelope.IsEncrypted(head[:n]) {
		return f, f, nil
	}
	ids, err := o.keys.Identities()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	content, err := envelope.DecryptStream(f, ids)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return content, f, nil
}

// readFile is a file that was opened for reading.
type readFile interface {
	io.ReadCloser
	io.ReaderAt
}

// file opens a file, or a private copy of one in a bucket.
func (o *opener) file(ctx context.Context, where string) (readFile, error) {
	if !isBucket(where) {
		return os.Open(where)
	}
	f, err := fetch(ctx, o.s, where)
	if err != nil {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}

func printSalvaged(w io.Writer, where string, found *native.Salvaged) error {
	fmt.Fprintf(w, "%s: what can still be read of it\n\n", printable(where))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "records\tmissing\t  model")
	for _, m := range found.Models {
		missing := "unknown"
		if m.Missing >= 0 {
			missing = fmt.Sprint(m.Missing)
		}
		note := ""
		if m.Damaged {
			note = " (a part of it is damaged)"
		}
		if m.Records > 0 || m.Missing != 0 {
			fmt.Fprintf(t, "%d\t%s\t  %s%s\n", m.Records, missing, printable(m.Model), note)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case found.LostFiles < 0 && found.Parts > 0:
		fmt.Fprintf(w, "\nIts files cannot be told: the list of them is missing. %s of them can be read.\n", counted(found.Parts, "part", "parts"))
	case found.Files > 0 || found.LostFiles > 0:
		fmt.Fprintf(w, "\n%s can be read, %d cannot.\n", counted(found.Files, "file", "files"), max(found.LostFiles, 0))
	}
	if found.Parent != "" {
		fmt.Fprintf(w, "\nIt builds on %s: what stands there is not counted.\n", printable(found.Parent))
	}
	if found.Stopped != nil {
		fmt.Fprintf(w, "\nReading ended before the end of the package: %s\n", printable(found.Stopped.Error()))
	}
	return nil
}
