package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// sections are the parts of a Markdown rendering that share what room there
// is. As soon as they take more, the largest is given up but for its
// beginning, so that they never take more memory either.
type sections struct {
	room  int
	used  int
	order []*section
	named map[string]*section
}

type section struct {
	title string
	note  string
	body  bytes.Buffer
	// records counts what the section is about, also when it is hidden; noun is
	// what they are.
	records int
	noun    string
	// ends are where the body's first blocks end, and the records up to there.
	ends   []blockEnd
	hidden bool
}

type blockEnd struct{ at, records int }

// beginning is how much of a hidden section is kept for where there is room.
const beginning = 4_000

// overhead is what a section takes beside title and body: tags and fences.
const overhead = 400

func newSections(room int) *sections {
	return &sections{room: room, named: map[string]*section{}}
}

func (s *sections) of(name string) *section {
	sec := s.named[name]
	if sec == nil {
		sec = &section{title: code(short(name, 80)), noun: "record"}
		s.named[name] = sec
		s.order = append(s.order, sec)
		s.used += sec.cost()
	}
	return sec
}

// cost is what a section that is shown takes.
func (sec *section) cost() int { return overhead + len(sec.title) + len(sec.note) + sec.body.Len() }

// add appends a block that is about so many records to a model's section. The
// block is not even made when the section is hidden.
func (s *sections) add(model string, records int, block func() string) {
	sec := s.of(model)
	if sec.hidden {
		sec.records += records
		return
	}
	if text := block(); text != "" {
		s.append(sec, text+"\n", records)
	}
}

func (s *sections) append(sec *section, text string, records int) {
	sec.records += records
	if sec.hidden {
		return
	}
	sec.body.WriteString(text)
	if sec.body.Len() <= beginning {
		sec.ends = append(sec.ends, blockEnd{sec.body.Len(), sec.records})
	}
	s.used += len(text)
	for s.used > s.room && s.hideLargest() {
		continue
	}
}

// hideLargest gives up the body of the largest section, the later of two.
func (s *sections) hideLargest() bool {
	var largest *section
	for _, sec := range s.order {
		if !sec.hidden && (largest == nil || sec.body.Len() >= largest.body.Len()) {
			largest = sec
		}
	}
	if largest == nil {
		return false
	}
	s.used -= largest.cost()
	largest.hidden = true
	kept := 0
	if n := len(largest.ends); n > 0 {
		kept = largest.ends[n-1].at
	}
	largest.body = *bytes.NewBuffer(bytes.Clone(largest.body.Bytes()[:kept]))
	s.used += len(largest.line())
	return true
}

// describe notes the counts of a model that has a section.
func (s *sections) describe(model string, a plans.Accounting) {
	sec := s.named[model]
	if sec == nil {
		return
	}
	var counts []string
	for _, c := range []struct {
		n  int
		to string
	}{{a.Added, "add"}, {a.Changed, "change"}, {a.Destroyed, "destroy"}} {
		if c.n > 0 {
			counts = append(counts, thousands(c.n)+" to "+c.to)
		}
	}
	s.note(sec, strings.Join(counts, ", "))
}

// note sets what stands behind the title.
func (s *sections) note(sec *section, text string) {
	if text == "" {
		return
	}
	sec.note = ": " + text
	s.used += len(sec.note)
}

// addText adds a section with a title of our own; an empty one is left out.
func (s *sections) addText(title, note string, write func(io.Writer)) {
	var b bytes.Buffer
	write(&b)
	if b.Len() == 0 {
		return
	}
	sec := &section{title: title, noun: "line"}
	s.order = append(s.order, sec)
	s.used += sec.cost()
	s.note(sec, note)
	for line := range strings.Lines(b.String()) {
		s.append(sec, line, 1)
	}
}

// line stands for a hidden section.
func (sec *section) line() string {
	return fmt.Sprintf("- %s%s; hidden here (%s), `edmsplan show` has it\n", sec.title, sec.note, counted(sec.records, sec.noun))
}

// begin is a hidden section with as many of its first blocks as fit, empty if
// not even one does.
func (sec *section) begin(room int) string {
	for i := len(sec.ends) - 1; i >= 0; i-- {
		end := sec.ends[i]
		text := details(sec.title+sec.note+"; only the beginning is shown here",
			string(sec.body.Bytes()[:end.at])+fmt.Sprintf("\n(and %s, hidden here; edmsplan show has them)\n", counted(sec.records-end.records, "more "+sec.noun)), false)
		if len(text) <= room {
			return text
		}
	}
	return ""
}

// print writes the sections, then one line for each that is hidden, or their
// number where even that takes too much.
func (s *sections) print(w io.Writer) {
	for s.used > s.room && s.hideLargest() {
		continue
	}
	var lines []string
	var hidden []*section
	left := s.room
	for _, sec := range s.order {
		if sec.hidden {
			hidden = append(hidden, sec)
			continue
		}
		text := details(sec.title+sec.note, sec.body.String(), false)
		// A fence can be longer than the overhead that was allowed for.
		if len(text) > left {
			lines = append(lines, sec.line())
			continue
		}
		left -= len(text)
		fmt.Fprint(w, text)
	}
	// The beginnings share the room that the lines would not need.
	for i, sec := range hidden {
		share := (left - overhead) / (len(hidden) - i)
		if text := sec.begin(share - overhead); text != "" {
			left -= len(text)
			fmt.Fprint(w, text)
			continue
		}
		lines = append(lines, sec.line())
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprint(w, "Largest sections, summarised to fit:\n\n")
	for i, line := range lines {
		if left -= len(line); left < overhead {
			fmt.Fprintf(w, "- and %s\n", counted(len(lines)-i, "more hidden section"))
			break
		}
		fmt.Fprint(w, line)
	}
	fmt.Fprintln(w)
}
