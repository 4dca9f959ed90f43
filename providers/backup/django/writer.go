package django

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Options are the options of NewWriter.
type Options struct {
	// Gzip compresses the fixture.
	Gzip bool
}

// errNoFiles is the answer to a file.
var errNoFiles = errors.New("a Django fixture holds records only: files need another format")

// writer is the backup.Writer of a fixture.
type writer struct {
	sink   *bufio.Writer // before compression
	zip    *gzip.Writer  // nil when the fixture is plain
	out    io.Writer
	models []*modelSpelling
	keys   systemKeys
	next   int // index in models
	count  int64
	err    error // of the last call; nothing works after it
	record []byte
	pretty []byte
}

// NewWriter begins a fixture that Django's loaddata accepts in a migrated
// database: one JSON list, laid out as dumpdata --indent 2 does it. It writes to
// w as it goes and does not close it; until Finish returns nil the list is not
// closed, and every reader refuses it.
//
// WriteModel is called in the order of h.Models, from one goroutine. Records
// keep their primary keys and references are primary keys, but for
// contenttypes.contenttype, auth.permission and auth.group: those have natural
// keys and no primary key, as every migrated database has them under keys of
// its own. What cannot be written so that loaddata makes the same row of it is
// an error. Files are an error too.
func NewWriter(w io.Writer, h backup.Header, o Options) (backup.Writer, error) {
	models, err := spellings(h)
	if err != nil {
		return nil, err
	}
	f := &writer{sink: bufio.NewWriterSize(w, 64<<10), models: models, keys: newSystemKeys(models)}
	f.out = f.sink
	if o.Gzip {
		f.zip = gzip.NewWriter(f.sink)
		f.out = f.zip
	}
	return f, nil
}

// WriteModel implements backup.Writer.
func (w *writer) WriteModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.writeModel(ctx, m, records)
	if err != nil {
		w.err = fmt.Errorf("writing %s: %w", m.Label, err)
	}
	return n, w.err
}

func (w *writer) writeModel(ctx context.Context, m *schema.Model, records iter.Seq2[*schema.Record, error]) (int64, error) {
	if w.next >= len(w.models) || w.models[w.next].model.Label != m.Label {
		return 0, errors.New("it is not the next of the models that the fixture was announced to hold")
	}
	spelling := w.models[w.next]
	w.next++
	var n int64
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return n, err
		}
		if w.record, err = spelling.record(w.record[:0], r, w.keys); err != nil {
			return n, fmt.Errorf("record %d: %w", n+1, err)
		}
		if err := w.put(); err != nil {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}

// put writes the record with what separates it from the one before.
func (w *writer) put() error {
	w.pretty = append(w.pretty[:0], ",\n"...)
	if w.count == 0 {
		w.pretty = append(w.pretty[:0], "[\n"...)
	}
	w.pretty = appendIndented(w.pretty, w.record)
	w.count++
	_, err := w.out.Write(w.pretty)
	return err
}

// WriteFile implements backup.Writer: it is always an error.
func (w *writer) WriteFile(context.Context, backup.StoredFile, io.Reader) (backup.FileInfo, error) {
	if w.err == nil {
		w.err = errNoFiles
	}
	return backup.FileInfo{}, w.err
}

// Finish implements backup.Writer.
func (w *writer) Finish(ctx context.Context) error {
	if w.err == nil {
		if err := w.finish(ctx); err != nil {
			w.err = fmt.Errorf("finishing the fixture: %w", err)
			return w.err
		}
		w.err = errFinished
		return nil
	}
	return w.err
}

var errFinished = errors.New("the fixture is finished or closed")

func (w *writer) finish(ctx context.Context) error {
	switch {
	case w.next < len(w.models):
		return fmt.Errorf("the records of %s were not written", w.models[w.next].model.Label)
	case w.count == 0:
		return errors.New("there are no records; loaddata and every other reader refuse an empty list")
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if _, err := io.WriteString(w.out, "\n]\n"); err != nil {
		return err
	}
	if w.zip != nil {
		if err := w.zip.Close(); err != nil {
			return err
		}
	}
	return w.sink.Flush()
}

// Close implements backup.Writer.
func (w *writer) Close() error {
	if w.err == nil {
		w.err = errFinished
	}
	return nil
}
