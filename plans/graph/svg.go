package graph

import (
	"bufio"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// style is the look of a picture that stands alone, in light and dark.
//
//go:embed graph.css
var style string

// SVG writes the graph as a picture of its own.
func (g *Graph) SVG(w io.Writer) error {
	out := bufio.NewWriter(w)
	g.draw(out, "Models and their references", fmt.Sprintf("<style>%s</style>", style), nil)
	return out.Flush()
}

// Inline writes the graph as part of a page, which gives it its looks by the
// classes node, edge and the kinds. Each node is a button with its number of
// ids as data-model, which the page gives a meaning.
func (g *Graph) Inline(w io.Writer, title string, ids []int) error {
	out := bufio.NewWriter(w)
	g.draw(out, title, "", ids)
	return out.Flush()
}

func (g *Graph) draw(w io.Writer, title, head string, ids []int) {
	links := g.links()
	p := layOut(g, links)
	role := "img"
	if ids != nil {
		role = "group"
	}
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" viewBox="0 0 %s %s" width="%[1]s" height="%[2]s" role="%s" aria-label="%s">%s`,
		number(p.width), number(p.height), role, text(title), head)
	fmt.Fprint(w, "\n"+`<defs><marker id="graph-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>`+"\n")
	for _, l := range links {
		fmt.Fprintf(w, `<path class="edge %s" data-from="%d" data-to="%d" d="%s" marker-end="url(#graph-tip)"><title>%s</title></path>`+"\n",
			stronger(g.Nodes[l.from].Kind, g.Nodes[l.to].Kind), l.from, l.to, p.path(l),
			text(g.Nodes[l.from].Label+" → "+g.Nodes[l.to].Label+": "+strings.Join(l.fields, ", ")))
	}
	for n := range g.Nodes {
		g.node(w, p, n, ids)
	}
	fmt.Fprintln(w, "</svg>")
}

// stronger is how an edge looks: as its ends if both change.
func stronger(a, b Kind) Kind {
	if a == Quiet || b == Quiet {
		return Quiet
	}
	return Change
}

func (g *Graph) node(w io.Writer, p *picture, n int, ids []int) {
	v, s := &g.Nodes[n], p.nodes[n]
	attributes := ""
	if ids != nil {
		attributes = fmt.Sprintf(` tabindex="0" role="button" data-model="%d" aria-label="%s"`, ids[n], text(said(v)))
	}
	fmt.Fprintf(w, `<g class="node %s" data-node="%d"%s><title>%s</title>`, v.Kind, n, attributes, text(said(v)))
	fmt.Fprintf(w, `<rect x="%s" y="%s" width="%d" height="%d" rx="7"/>`, number(s.x()), number(s.y-nodeHeight/2), nodeWidth, nodeHeight)
	// A label that is too long loses its beginning, which says least.
	middle := s.y + 4
	if v.Note != "" {
		middle = s.y - 3
		fmt.Fprintf(w, `<text class="note" x="%s" y="%s">%s</text>`, number(s.x()+10), number(s.y+13), text(begun(v.Note)))
	}
	fmt.Fprintf(w, `<text class="label" x="%s" y="%s">%s</text></g>`+"\n", number(s.x()+10), number(middle), text(fitting(v.Label)))
}

func said(v *Node) string {
	words := []string{v.Label}
	for _, s := range []string{v.Note, v.Detail} {
		if s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, "; ")
}

// fitting is a label's end as far as it fits.
func fitting(label string) string {
	const most = 22
	r := []rune(label)
	if len(r) <= most {
		return label
	}
	return "…" + strings.TrimLeft(string(r[len(r)-most+1:]), ".")
}

// begun is a note's beginning as far as it fits; the tip has all of it.
func begun(note string) string {
	const most = 28
	if r := []rune(note); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return note
}

// path leads from the node that refers, over the bends, to the one referred to.
func (p *picture) path(l link) string {
	from, to := p.nodes[l.from], p.nodes[l.to]
	if l.from == l.to {
		return p.loop(from)
	}
	if to.column >= from.column { // a circle: around the right side of both
		x1, x2 := from.x()+nodeWidth, to.x()+nodeWidth
		out := math.Max(x1, x2) + columnGap/2
		return fmt.Sprintf("M%s %sC%s %s %s %s %s %s", number(x1), number(from.y), number(out), number(from.y), number(out), number(to.y), number(x2+1), number(to.y))
	}
	var b strings.Builder
	x, y := from.x(), from.y
	fmt.Fprintf(&b, "M%s %s", number(x), number(y))
	for c := from.column - 1; c >= to.column; c-- {
		next := to
		if c > to.column {
			next = p.bends[[2]int{l.to, c}]
		}
		right := next.x() + nodeWidth
		half := (x - right) / 2
		fmt.Fprintf(&b, "C%s %s %s %s %s %s", number(x-half), number(y), number(right+half), number(next.y), number(right), number(next.y))
		x, y = right, next.y
		if next != to {
			x = next.x()
			fmt.Fprintf(&b, "H%s", number(x))
		}
	}
	return b.String()
}

// loop is a reference of a model to itself, at the node's right end.
func (p *picture) loop(s *place) string {
	x := s.x() + nodeWidth
	return fmt.Sprintf("M%s %sc20 -16 20 32 1 18", number(x), number(s.y-8))
}

// number is a coordinate, to a tenth, as short as it can be.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// text escapes; what XML cannot hold becomes U+FFFD.
func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
