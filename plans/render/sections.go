package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// sections are the parts of a Markdown rendering that share what room there
// is. As soon as they take more, the largest is given up, so that they never
// take more memory either.
type sections struct {
	room  int
	used  int
	order []*section
	named map[string]*section
}

type section struct {
	title  string
	note   string
	body   bytes.Buffer
	size   int // of the whole body, also when it is hidden
	hidden bool
}

// overhead is what a section takes beside title and body: tags and fences.
const overhead = 400

func newSections(room int) *sections {
	return &sections{room: room, named: map[string]*section{}}
}

func (s *sections) of(name string) *section {
	sec := s.named[name]
	if sec == nil {
		sec = &section{title: code(short(name, 80))}
		s.named[name] = sec
		s.order = append(s.order, sec)
		s.used += sec.cost()
	}
	return sec
}

// cost is what a section that is shown takes.
func (sec *section) cost() int { return overhead + len(sec.title) + len(sec.note) + sec.body.Len() }

// add appends a block to a model's section.
func (s *sections) add(model, block string) { s.append(s.of(model), block+"\n") }

func (s *sections) append(sec *section, text string) {
	sec.size += len(text)
	if sec.hidden {
		return
	}
	sec.body.WriteString(text)
	s.used += len(text)
	for s.used > s.room && s.hideLargest() {
		continue
	}
}

// hideLargest gives up the body of the largest section, the later of two.
func (s *sections) hideLargest() bool {
	var largest *section
	for _, sec := range s.order {
		if !sec.hidden && (largest == nil || sec.size >= largest.size) {
			largest = sec
		}
	}
	if largest == nil {
		return false
	}
	s.used -= largest.cost()
	largest.hidden = true
	largest.body = bytes.Buffer{}
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
	sec := &section{title: title}
	s.order = append(s.order, sec)
	s.used += sec.cost()
	s.note(sec, note)
	s.append(sec, b.String())
}

// line stands for a hidden section.
func (sec *section) line() string {
	return fmt.Sprintf("- %s%s; hidden here (%s), `edmsplan show` has it\n", sec.title, sec.note, counted(sec.size, "character"))
}

// print writes the sections, then one line for each that is hidden, or their
// number where even that takes too much.
func (s *sections) print(w io.Writer) {
	for s.used > s.room && s.hideLargest() {
		continue
	}
	var lines []string
	left := s.room
	for _, sec := range s.order {
		text := details(sec.title+sec.note, sec.body.String(), false)
		// A fence can be longer than the overhead that was allowed for.
		if sec.hidden || len(text) > left {
			lines = append(lines, sec.line())
			continue
		}
		left -= len(text)
		fmt.Fprint(w, text)
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
