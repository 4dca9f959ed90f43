package django

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// judgeHead refuses what can be known for no fixture by its first bytes. rest
// is what head was peeked from.
func (c *check) judgeHead(head []byte, rest *bufio.Reader) error {
	what := backup.Identify(head)
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n")
	r := &backup.Refusal{Member: c.p.name}
	switch {
	case len(head) == 0 || len(text) == 0 && len(head) < 4096:
		r.Code, r.Summary = "package.empty", "the file is empty"
		r.Remedy = "Export again; dumpdata writes even an empty database as a list."
	case what == "UTF-16 text":
		r.Code, r.Summary = "package.encoding", "the file is UTF-16, not UTF-8"
		r.Detail = "A Windows console that redirects output writes it so."
		r.Remedy = "Export again with dumpdata --output, or convert it: iconv -f UTF-16 -t UTF-8."
	case what != "text" && what != "blank text":
		r.Code, r.Summary = "package.binary", "the file is "+what+", not a fixture"
		r.Remedy = "Give the file that dumpdata wrote, plain or compressed with gzip."
	case c.p.syntax == jsonSyntax && text[0] == '{':
		return c.metadataOnly(rest)
	case c.p.syntax == jsonSyntax && text[0] != '[':
		if noise := noiseIn(c.p.name, bufio.NewReader(io.LimitReader(rest, noisy))); noise != nil {
			return noise
		}
		r.Code, r.Summary = "package.syntax", "the file is text but no list of records"
		r.Remedy = "Give the file that dumpdata wrote."
	default:
		return nil
	}
	return r
}

// metadataOnly refuses an object where the list should be. Of its text only
// the known value of backup_type is printed.
func (c *check) metadataOnly(rest io.Reader) error {
	r := &backup.Refusal{
		Member: c.p.name, Code: "package.metadata_only", Summary: "the package holds metadata only, no records",
		Detail: "An object stands where the list of records should be.",
		Remedy: "Export again with manage.py dumpdata and see that it succeeds.",
	}
	dec := jsontext.NewDecoder(io.LimitReader(rest, noisy))
	name := ""
	for {
		t, err := dec.ReadToken()
		if err != nil {
			return r
		}
		if dec.StackDepth() != 1 || t.Kind() != '"' {
			name = ""
			continue
		}
		s := t.String()
		if name == "backup_type" && (s == "django_metadata_fallback" || s == "edms_metadata_fallback") {
			r.Detail = fmt.Sprintf("It is a %s: what the backup job writes when the export failed. "+
				"It lists tables and holds no rows; its member \"error\" says why.", s)
			return r
		}
		name = s
	}
}

// noisy is how far noise before the list is looked for.
const noisy = 1 << 20

// noise looks for a list that begins further down.
func (c *check) noise() error {
	if c.p.syntax != jsonSyntax {
		return nil
	}
	return noiseIn(c.p.name, bufio.NewReader(io.NewSectionReader(c.p.data, 0, noisy)))
}

// noiseIn refuses text before the list, if there is such a list: a line that
// begins with a bracket and, after it, only a record or nothing.
func noiseIn(name string, r *bufio.Reader) error {
	for line := 1; ; line++ {
		text, err := r.ReadSlice('\n')
		rest, found := bytes.CutPrefix(bytes.TrimSpace(text), []byte("["))
		rest = bytes.TrimSpace(rest)
		if found && line > 1 && (len(rest) == 0 || rest[0] == '{') {
			return &backup.Refusal{
				Member: name, Code: "package.noise", Summary: "there is text before the list of records",
				Detail: fmt.Sprintf("The list begins on line %d; what stands before it looks like console output.", line),
				Remedy: fmt.Sprintf("Export again with dumpdata --output, or remove the lines before: tail -n +%d.", line),
			}
		}
		for err == bufio.ErrBufferFull {
			_, err = r.ReadSlice('\n')
		}
		if err != nil {
			return nil
		}
	}
}
