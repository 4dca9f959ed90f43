package django

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// yaml converts the fixture into a sequence of JSON objects in the temporary
// file, record by record: dumpdata writes one list whose items begin with "- "
// at the start of a line, and nothing else can stand there.
func (c *check) yaml(ctx context.Context, src *bufio.Reader) error {
	var item []byte
	lines := lineReader{r: src, limit: c.p.limits.Record}
	start, ended := 0, false
	var at int64
	emit := func() error {
		if len(item) == 0 {
			return nil
		}
		c.number++
		n, err := c.item(item, start, at)
		at += int64(n)
		item = item[:0]
		return err
	}
	for {
		line, err := lines.next()
		if err != nil && err != io.EOF {
			if errors.Is(err, errTooLarge) {
				c.number++
				return c.refuse("package.record_too_large", fmt.Sprintf("it has a line of more than %d bytes", c.p.limits.Record),
					lineText(lines.line), dumped)
			}
			return err
		}
		kind := classify(line)
		switch {
		case len(line) == 0 && err == io.EOF:
		case ended && kind != blankLine:
			return c.notYAML(lines.line, "something follows the end of the list")
		case kind == itemLine:
			if err := emit(); err != nil {
				return err
			}
			start, item = lines.line, append(item, line...)
		case kind == endLine || kind == documentLine && c.number+len(item) > 0:
			ended = true
			if kind == documentLine {
				return c.notYAML(lines.line, "a second document follows the list")
			}
		case len(item) > 0:
			item = append(item, line...)
		case kind == blankLine || kind == documentLine:
		default:
			return c.notList(line, lines.line)
		}
		if l := c.p.limits.Record; l > 0 && int64(len(item)) > l {
			c.number++
			return c.refuse("package.record_too_large", fmt.Sprintf("it is larger than %d bytes", l), lineText(start), dumped)
		}
		if err == io.EOF {
			if err := emit(); err != nil {
				return err
			}
			return ctx.Err()
		}
	}
}

// item converts, checks and stores one record; it returns the bytes written.
func (c *check) item(item []byte, line int, at int64) (int, error) {
	text, problem := convert(item, line, c.p.limits.Depth)
	if problem != nil {
		problem.Member, problem.Number = c.p.name, c.number
		return 0, problem
	}
	if err := c.add(text, at); err != nil {
		var r *backup.Refusal
		if errors.As(err, &r) && r.Detail == "" {
			r.Detail = lineText(line)
		}
		return 0, err
	}
	text = append(text, '\n')
	if _, err := c.spool.Write(text); err != nil {
		return 0, fmt.Errorf("writing a temporary file: %w", err)
	}
	return len(text), nil
}

// notList refuses what stands before the first item.
func (c *check) notList(line []byte, number int) error {
	switch text := bytes.TrimSpace(line); {
	case bytes.Equal(text, []byte("[]")):
		return nil // an empty list, refused as such at the end
	case bytes.IndexByte(text, ':') > 0 && number <= 2:
		return &backup.Refusal{
			Member: c.p.name, Code: "package.metadata_only", Summary: "the package holds no list of records",
			Detail: fmt.Sprintf("A mapping, or console output, stands on line %d.", number),
			Remedy: "Export again with manage.py dumpdata --format yaml --output FILE.",
		}
	}
	return &backup.Refusal{
		Member: c.p.name, Code: "package.noise", Summary: "there is text before the list of records",
		Detail: fmt.Sprintf("Line %d is not part of the list; it looks like console output.", number),
		Remedy: "Export again with dumpdata --output, or remove the lines before the first \"- \".",
	}
}

func (c *check) notYAML(line int, summary string) error {
	return &backup.Refusal{
		Member: c.p.name, Code: "package.trailing", Summary: summary, Detail: lineText(line),
		Remedy: "Remove what follows the list, or export again with dumpdata --output.",
	}
}

func lineText(n int) string { return fmt.Sprintf("It is on line %d.", n) }

type lineKind uint8

const (
	otherLine lineKind = iota
	itemLine
	blankLine // or a comment at the start of a line
	documentLine
	endLine
)

func classify(line []byte) lineKind {
	text := bytes.TrimRight(line, " \t\r\n")
	switch {
	case bytes.HasPrefix(line, []byte("- ")) || string(text) == "-":
		return itemLine
	case len(text) == 0 || line[0] == '#':
		return blankLine
	case string(text) == "---" || bytes.HasPrefix(text, []byte("--- ")):
		return documentLine
	case string(text) == "...":
		return endLine
	}
	return otherLine
}

// lineReader reads lines with their ends, none of them longer than limit.
type lineReader struct {
	r     *bufio.Reader
	limit int64
	line  int
	buf   []byte
}

// next returns a line, valid until the next one; at the end err is io.EOF and
// the line may be empty.
func (l *lineReader) next() ([]byte, error) {
	l.line++
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		if l.limit > 0 && int64(len(l.buf)) > l.limit {
			return nil, errTooLarge
		}
		if err != bufio.ErrBufferFull {
			return l.buf, err
		}
	}
}
