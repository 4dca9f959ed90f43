package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// writeCopy writes a table's rows as COPY's text format has them.
func writeCopy(w io.Writer, t *table, changed bool) error {
	var r row
	var b []byte
	for i := range t.rows {
		t.make(i, &r, changed)
		b = strconv.AppendInt(b[:0], int64(i+1), 10)
		for _, c := range r.cells {
			b = appendCopy(append(b, '\t'), c)
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// escape hides what COPY's text format would take for its own.
var escape = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n")

func appendCopy(b []byte, c cell) []byte {
	if c.null {
		return append(b, `\N`...)
	}
	switch c.kind {
	case integer:
		return strconv.AppendInt(b, c.n, 10)
	case link:
		return strconv.AppendInt(b, c.n+1, 10)
	case boolean:
		return append(b, "ft"[c.n])
	case instant:
		return time.UnixMicro(c.n).UTC().AppendFormat(b, "2006-01-02 15:04:05.999999+00")
	case day:
		return time.UnixMicro(c.n).UTC().AppendFormat(b, time.DateOnly)
	}
	return append(b, escape.Replace(c.text)...)
}

// argument is a value as Django has it in SQLite.
func (c cell) argument() any {
	switch {
	case c.null:
		return nil
	case c.kind == integer || c.kind == boolean:
		return c.n
	case c.kind == link:
		return c.n + 1
	case c.kind == instant:
		return time.UnixMicro(c.n).UTC().Format("2006-01-02 15:04:05.000000")
	case c.kind == day:
		return time.UnixMicro(c.n).UTC().Format(time.DateOnly)
	}
	return c.text
}

// writeFixture writes what dumpdata --natural-foreign writes: one list of all
// models' records, primary keys and the references' natural keys included,
// times cut to milliseconds.
func writeFixture(out io.Writer, all []*table, changed bool) error {
	w := bufio.NewWriterSize(out, 1<<20)
	var r row
	var b []byte
	separator := "["
	for _, t := range all {
		if t.model == "" {
			continue
		}
		for i := range t.rows {
			t.make(i, &r, changed)
			b = append(b[:0], separator...)
			b = fmt.Appendf(b, `{"model": %q, "pk": %d, "fields": {`, t.model, i+1)
			for n, c := range r.cells {
				if n > 0 {
					b = append(b, ", "...)
				}
				b = append(strconv.AppendQuote(b, t.columns[n].field()), ": "...)
				b = appendJSON(b, t.columns[n], c)
			}
			for _, m := range t.members {
				b = appendMembers(b, m, i)
			}
			if _, err := w.Write(append(b, "}}"...)); err != nil {
				return err
			}
			separator = ", "
		}
	}
	if _, err := w.WriteString("]\n"); err != nil {
		return err
	}
	return w.Flush()
}

// field is the column as Django names it.
func (c column) field() string {
	if c.kind == link {
		return strings.TrimSuffix(c.name, "_id")
	}
	return c.name
}

func appendMembers(b []byte, m *table, owner int) []byte {
	var r row
	b = fmt.Appendf(b, `, %q: [`, m.field)
	first, count := m.owned(owner)
	for i := first; i < first+count; i++ {
		if i > first {
			b = append(b, ", "...)
		}
		m.make(i, &r, false)
		b = append(b, m.columns[1].target.key(int(r.cells[1].n))...)
	}
	return append(b, ']')
}

func appendJSON(b []byte, col column, c cell) []byte {
	if c.null {
		return append(b, "null"...)
	}
	switch c.kind {
	case integer:
		return strconv.AppendInt(b, c.n, 10)
	case boolean:
		return strconv.AppendBool(b, c.n == 1)
	case link:
		return append(b, col.target.key(int(c.n))...)
	case object:
		return append(b, c.text...)
	case instant:
		return time.UnixMicro(c.n).UTC().AppendFormat(b, `"2006-01-02T15:04:05.000Z"`)
	case day:
		return time.UnixMicro(c.n).UTC().AppendFormat(b, `"2006-01-02"`)
	case guid:
		return fmt.Appendf(b, `"%s-%s-%s-%s-%s"`, c.text[:8], c.text[8:12], c.text[12:16], c.text[16:20], c.text[20:])
	}
	b, _ = jsontext.AppendQuote(b, c.text) // the vocabulary is valid UTF-8
	return b
}
