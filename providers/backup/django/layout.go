package django

import (
	"bytes"
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

// layout is where a record's parts stand in its text.
type layout struct {
	model, pk, fields span
	depth             int
	// problem says why the text is no record, code and remedy go with it.
	problem, code, remedy string
}

// dumped is the remedy for what dumpdata does not write.
const dumped = "Export the package again with manage.py dumpdata; do not edit it by hand."

// layoutOf takes a record apart. Members are found in any order.
func layoutOf(raw []byte) layout {
	var l layout
	w := walker{b: raw}
	object := w.members(func(name span) bool {
		value := w.value()
		switch string(name.of(raw)) {
		case `"model"`:
			l.model = value
		case `"pk"`:
			l.pk = value
		case `"fields"`:
			l.fields = value
		default:
			return l.other(raw, name, value)
		}
		return true
	})
	l.depth = w.depth + 1
	if !object {
		l.problem = "it is not an object"
	}
	if l.problem == "" {
		l.judge(raw)
	}
	if l.problem != "" && l.code == "" {
		l.code, l.remedy = "package.record", dumped
	}
	return l
}

// other takes a member whose name is spelt with escapes, or refuses it.
func (l *layout) other(raw []byte, name, value span) bool {
	switch s := string(unquote(nil, name.of(raw))); s {
	case "model":
		l.model = value
	case "pk":
		l.pk = value
	case "fields":
		l.fields = value
	default:
		l.problem = fmt.Sprintf("it has a member %.40q beside model, pk and fields", s)
		l.code = "package.record"
		l.remedy = "Take that member out if it is not needed; nothing would read it."
		return false
	}
	return true
}

func (l *layout) judge(raw []byte) {
	model, fields := l.model.of(raw), l.fields.of(raw)
	switch {
	case len(model) == 0:
		l.problem = `it has no "model"`
	case model[0] != '"':
		l.problem = `its "model" is not a string`
	case !isLabel(bare(model)):
		l.problem = `its "model" is not of the form app.model`
	case len(fields) == 0:
		l.problem = `it has no "fields"`
	case fields[0] != '{':
		l.problem = `its "fields" is not an object`
	}
	if k := kindOf(l.pk.of(raw)); k == schema.BoolLiteral || k == schema.ObjectLiteral {
		l.problem = `its "pk" is neither a number nor a string nor a list`
	}
}

// bare is a quoted string's text; it allocates only where there are escapes.
func bare(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 && len(quoted) >= 2 {
		return quoted[1 : len(quoted)-1]
	}
	return unquote(nil, quoted)
}

// isLabel reports whether b is an app label and a model name with a point
// between them.
func isLabel(b []byte) bool {
	point := bytes.IndexByte(b, '.')
	if point <= 0 || point == len(b)-1 || bytes.IndexByte(b[point+1:], '.') >= 0 {
		return false
	}
	for _, c := range b {
		if c <= ' ' || c == '"' || c == 0x7f {
			return false
		}
	}
	return true
}
