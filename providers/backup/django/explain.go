package django

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// explain turns the decoder's error at the record being read into a refusal
// that says what is wrong there.
func (c *check) explain(err error) error {
	if failed := c.reader.in.err; failed != nil {
		err = failed
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooLarge):
		return c.refuse("package.record_too_large",
			fmt.Sprintf("it is larger than %d bytes", c.p.limits.Record), c.place(c.reader.end),
			"If the record is genuine, keep such content in files and not in the database.")
	case !errors.As(err, &syntax):
		return err // reading failed
	}
	if c.p.temp != "" {
		// What follows may tell more: let the temporary file hold it.
		_, _ = io.CopyN(io.Discard, c.reader.in.r, noisy)
	}
	at := c.reader.base + syntax.ByteOffset
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return c.unterminated(err)
	}
	if c.number <= 1 {
		if noise := c.noise(); noise != nil {
			return noise
		}
	}
	r := c.syntaxAt(syntax, at)
	r.Member, r.Number, r.Cause = c.p.name, c.number, err
	r.Model = c.modelAt(c.reader.end)
	return r
}

// syntaxAt names the kind of a syntax error. The decoder's own words are not
// used: they may quote what stands there.
func (c *check) syntaxAt(e *jsontext.SyntacticError, at int64) *backup.Refusal {
	r := &backup.Refusal{Code: "package.syntax", Summary: "it is not sound JSON", Detail: c.place(at), Remedy: dumped}
	field := fieldOf(e.JSONPointer)
	if field != "" {
		field = " of field " + field
	}
	switch here := c.bytesAt(at, 9); {
	case errors.Is(e, jsontext.ErrDuplicateName):
		r.Code = "package.duplicate_member"
		r.Summary = fmt.Sprintf("a member named %.60q stands in it twice", e.JSONPointer.LastToken())
		r.Remedy = "Take one of the two out; which one is meant cannot be known."
	case isNonFinite(here) || isNonFinite(c.bytesAt(at-1, 9)):
		r.Code = "package.not_a_number"
		r.Summary = fmt.Sprintf("the value%s is NaN or Infinity, which JSON cannot spell", field)
		r.Remedy = "Correct the value in the source, or export to YAML or a database instead of JSON."
	case strings.Contains(e.Err.Error(), "surrogate"):
		r.Code = "package.encoding"
		r.Summary = fmt.Sprintf("the text%s holds half of a surrogate pair, which is no character", field)
		r.Remedy = "Correct the text in the source and export again; no database can hold it as it is."
	case strings.Contains(e.Err.Error(), "UTF-8"):
		r.Code = "package.encoding"
		r.Summary = fmt.Sprintf("the text%s is not UTF-8", field)
		r.Remedy = "Export again with PYTHONIOENCODING=utf-8 or with dumpdata --output."
	case strings.Contains(e.Err.Error(), "depth"):
		r.Code, r.Summary = "package.depth", "it is nested too deep"
	case c.number == 1 && e.JSONPointer == "":
		r.Summary = "it is not a list of records"
	}
	return r
}

// unterminated refuses a list that is cut off.
func (c *check) unterminated(cause error) error {
	r := &backup.Refusal{
		Member: c.p.name, Code: "package.unterminated", Summary: "the list of records is not closed", Cause: cause,
		Detail: fmt.Sprintf("The file ends inside or after record %d, %s.", max(c.number-1, 1), "before the closing bracket"),
		Remedy: "The export was interrupted or the copy is incomplete: export or copy it again.",
	}
	if !c.reader.array {
		r.Summary = "the last record is cut off"
		r.Detail = fmt.Sprintf("The file ends inside record %d.", c.number)
	} else if model := c.modelAt(c.reader.end); model != "" {
		r.Detail = fmt.Sprintf("The file ends inside record %d (%s).", c.number, model)
	}
	return r
}

// trailing refuses what follows the list.
func (c *check) trailing(err error) error {
	if failed := c.reader.in.err; failed != nil {
		return failed
	}
	end := c.reader.end
	for b := c.bytesAt(end, 1); len(b) > 0 && bytes.ContainsAny(b, " \t\r\n"); b = c.bytesAt(end, 1) {
		end++
	}
	return &backup.Refusal{
		Member: c.p.name, Code: "package.trailing", Summary: "something follows the list of records", Cause: err,
		Detail: c.place(end) + " It may be console output, or a second export in the same file.",
		Remedy: "Remove what follows the closing bracket, or export again with dumpdata --output.",
	}
}

// bytesAt returns up to n bytes of the data.
func (c *check) bytesAt(at int64, n int) []byte {
	if at < 0 {
		return nil
	}
	b := make([]byte, n)
	got, _ := c.p.data.ReadAt(b, at) // as far as it goes
	return b[:got]
}

func isNonFinite(b []byte) bool {
	for _, s := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(b, []byte(s)) {
			return true
		}
	}
	return false
}

// place says where a byte of the fixture is: "It is on line 12, at byte 345."
// A converted fixture's bytes are not those of the data.
func (c *check) place(at int64) string {
	if c.p.syntax == yamlSyntax {
		return ""
	}
	r := io.NewSectionReader(c.p.data, 0, at)
	line, buf := 1, make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		line += bytes.Count(buf[:n], []byte("\n"))
		if err != nil {
			return fmt.Sprintf("It is on line %d, at byte %d.", line, at)
		}
	}
}

// fieldOf takes the field from the place of an error: /4/fields/size.
func fieldOf(p jsontext.Pointer) string {
	found := false
	for token := range p.Tokens() {
		if found {
			return fmt.Sprintf("%.60q", token)
		}
		found = token == "fields"
	}
	return ""
}

// modelAt reads the model of the damaged record after that byte, as far as it
// can be known.
func (c *check) modelAt(at int64) string {
	for b := c.bytesAt(at, 1); len(b) > 0 && bytes.ContainsAny(b, " \t\r\n,"); b = c.bytesAt(at, 1) {
		at++
	}
	dec := jsontext.NewDecoder(io.NewSectionReader(c.p.data, at, 1<<20))
	name := ""
	for {
		t, err := dec.ReadToken()
		if err != nil {
			return ""
		}
		if dec.StackDepth() != 1 || t.Kind() != '"' {
			name = ""
			continue
		}
		if name == "model" {
			if label := t.String(); isLabel([]byte(label)) {
				return strings.ToLower(label)
			}
			return ""
		}
		name = t.String()
	}
}
