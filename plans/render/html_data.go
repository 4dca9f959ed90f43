package render

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	// maxPageRecords and maxPageBytes bound the records in a page, as browsers
	// have their limits. The page says how many it lacks.
	maxPageRecords = 250_000
	maxPageBytes   = 128 << 20
	// packedFrom is how many records a page packs: a tenth is left of them, and a
	// browser does not parse them while it should answer.
	packedFrom = 5_000
	// maxReasons is how many different reasons a model's destroyed records have
	// in the page's first section.
	maxReasons = 4
	// maxListed is how many records a page lists where its script is turned off.
	maxListed = 200
)

// pageData is the records of a page: a line of JSON for the models, then a line
// for each record, which the script parses when it shows it:
//
//	MODEL,ACTION,SHAPE,KEY,{…}
//
// MODEL is an index of the models, ACTION 0 to 3 for destroy, change, add and
// remap. Of records alike, which share a SHAPE, the first has the fields.
type pageData struct {
	models   []string
	ids      map[string]int
	destroys map[int]*destroyReasons
	count    int
	listed   []listed
	changes  *changes
	most     int // of the records that are written
}

// listed is a record where the page's script is turned off.
type listed struct{ Kind, Mark, Word, Address, Fields string }

func listRecord(r plans.Record) listed {
	look := [...]listed{{"destroy", "−", "destroy", "", ""}, {"change", "~", "change", "", ""}, {"add", "+", "add", "", ""}, {"remap", "⇄", "remap", "", ""}}
	l := look[pageAction(r.Action)]
	l.Address = short(address(r.Model, r.Key), 300)
	if r.Action == plans.Change {
		var names []string
		for _, f := range r.Fields {
			names = append(names, visible(f.Name))
		}
		l.Fields = short(strings.Join(names, ", "), 300)
	}
	return l
}

type destroyReasons struct {
	count   int
	reasons map[string]int
	order   []string
}

func newPageData(p *plans.Plan, seen *survey) *pageData {
	d := &pageData{ids: map[string]int{}, destroys: map[int]*destroyReasons{}, changes: newChanges(p, seen, Options{})}
	for _, a := range p.Accounting {
		d.learn(a.Model)
	}
	return d
}

func (d *pageData) learn(model string) int {
	id, known := d.ids[model]
	if !known {
		id = len(d.models)
		d.ids[model] = id
		d.models = append(d.models, model)
	}
	return id
}

// id is a model's number, -1 if the plan does not know it.
func (d *pageData) id(model string) int {
	if id, known := d.ids[model]; known {
		return id
	}
	return -1
}

// survey counts the records and why they are destroyed.
func (d *pageData) survey(p *plans.Plan) error {
	if p.Changes == nil {
		return nil
	}
	for r, err := range p.Changes() {
		if err != nil {
			return err
		}
		id := d.learn(r.Model)
		d.count++
		if len(d.listed) < maxListed {
			d.listed = append(d.listed, listRecord(r.Sealed()))
		}
		if r.Action != plans.Destroy {
			continue
		}
		x := d.destroys[id]
		if x == nil {
			x = &destroyReasons{reasons: map[string]int{}}
			d.destroys[id] = x
		}
		x.count++
		why := because(r.Reason, r.Rule)
		if x.reasons[why] == 0 {
			if why == "" || len(x.order) == maxReasons {
				continue
			}
			x.order = append(x.order, why)
		}
		x.reasons[why]++
	}
	return nil
}

// pageRecord is what a record's line ends with. Members are left out where
// they say nothing.
type pageRecord struct {
	Fields  []any      `json:"f,omitempty"`
	Hidden  int        `json:"h,omitzero"`
	Primary string     `json:"p,omitempty"`
	NoKey   bool       `json:"k,omitzero"` // none beside the fields
	OldKey  string     `json:"o,omitempty"`
	Reason  string     `json:"y,omitempty"`
	Remaps  [][]string `json:"m,omitempty"`
	Stub    bool       `json:"t,omitzero"`
	Blocked bool       `json:"b,omitzero"`
	Content string     `json:"c,omitempty"`
}

// element writes the element that holds the lines, packed where they are many.
func (d *pageData) element(w io.Writer, p *plans.Plan) error {
	kind := "application/json"
	if d.count >= packedFrom {
		kind = "application/gzip"
	}
	fmt.Fprintf(w, `<script type="%s" id="data">`, kind)
	if d.count < packedFrom {
		lines := bufio.NewWriter(w)
		if err := errors.Join(d.write(lines, p), lines.Flush()); err != nil {
			return err
		}
	} else {
		text := base64.NewEncoder(base64.StdEncoding, w)
		packed := gzip.NewWriter(text)
		lines := bufio.NewWriter(packed)
		if err := errors.Join(d.write(lines, p), lines.Flush(), packed.Close(), text.Close()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "</script>")
	return err
}

// write writes the lines. In a page nothing can end the element that they
// stand in: every < is written \u003c, which JSON reads back.
func (d *pageData) write(w *bufio.Writer, p *plans.Plan) error {
	labels := make([]string, len(d.models))
	for i, m := range d.models {
		labels[i] = visible(m)
	}
	if err := writePageLine(w, labels); err != nil {
		return err
	}
	if p.Changes == nil {
		return nil
	}
	shapes := map[shape]int{}
	written, bytes := 0, 0
	for r, err := range p.Changes() {
		if err != nil {
			return err
		}
		b, err := d.line(r, shapes, shapeOf(r))
		if err != nil {
			return err
		}
		if bytes += len(b); written == d.most || bytes > maxPageBytes {
			break
		}
		written++
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d", d.count-written) // what the page lacks
	return err
}

func (d *pageData) line(r *plans.Record, shapes map[shape]int, sh shape) ([]byte, error) {
	s := r.Sealed()
	rec := pageRecord{Hidden: s.Hidden, Stub: s.Stub, Content: s.Content}
	if s.PrimaryKey != "" {
		rec.Primary = cut(s.PrimaryKey, longText)
	} else {
		rec.NoKey = s.Action == plans.Add && d.changes.keyInFields[s.Model]
	}
	number, first := -1, true
	if d.changes.seen.common[sh] {
		var known bool
		if number, known = shapes[sh]; known {
			first = false
		} else {
			number = len(shapes)
			shapes[sh] = number
		}
	}
	if first {
		rec.Reason = because(s.Reason, s.Rule)
		rec.Blocked = s.Action == plans.Destroy && d.changes.blocked[s.Model]
		if s.OldKey != "" {
			rec.OldKey = cut(s.OldKey, longText)
		}
		for _, f := range s.Fields {
			rec.Fields = append(rec.Fields, pageField(f, s.Action))
		}
	}
	for _, m := range d.changes.remaps[identity{s.Model, s.Key}] {
		rec.Remaps = append(rec.Remaps, []string{visible(m.Field), plainText(m.Package), plainText(m.Live)})
	}
	b := strconv.AppendInt(nil, int64(d.ids[s.Model]), 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(pageAction(s.Action)), 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(number), 10)
	b = append(b, ',')
	key := short(jsonText(s.Key), 400)
	if s.Key == "" {
		key = ""
	}
	return appendPageLine(b, key, rec)
}

func pageAction(a plans.Action) int {
	switch a {
	case plans.Destroy:
		return 0
	case plans.Change:
		return 1
	case plans.Add:
		return 2
	}
	return 3
}

// appendPageLine appends values as JSON that can stand in a page, and ends the
// line.
func appendPageLine(b []byte, values ...any) ([]byte, error) {
	for i, v := range values {
		text, err := json.Marshal(v, jsontext.EscapeForHTML(true), jsontext.EscapeForJS(true), jsontext.AllowInvalidUTF8(true))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, text...)
	}
	return append(b, '\n'), nil
}

func writePageLine(w *bufio.Writer, value any) error {
	b, err := appendPageLine(nil, value)
	if err != nil {
		return err
	}
	_, err = w.Write(bytes.TrimLeft(b, " "))
	return err
}
