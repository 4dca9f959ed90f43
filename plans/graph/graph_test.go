package graph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func graphs() *rapid.Generator[*Graph] {
	return rapid.Custom(func(t *rapid.T) *Graph {
		g := &Graph{}
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"users.user", `a"b`, "</svg><script>", "a\\", "x]]>y", "\x00"}))
		for range rapid.IntRange(0, 30).Draw(t, "nodes") {
			g.Nodes = append(g.Nodes, Node{
				Label: text.Draw(t, "label"), Note: text.Draw(t, "note"), Detail: text.Draw(t, "detail"),
				Kind: rapid.SampledFrom([]Kind{Quiet, Add, Change, Destroy}).Draw(t, "kind"),
			})
		}
		if n := len(g.Nodes); n > 0 {
			at := rapid.IntRange(0, n-1)
			for range rapid.IntRange(0, 60).Draw(t, "edges") {
				g.Edges = append(g.Edges, Edge{at.Draw(t, "from"), at.Draw(t, "to"), text.Draw(t, "field")})
			}
		}
		return g
	})
}

func drawn(t interface{ Fatal(...any) }, write func(io.Writer) error) string {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPictureIsXMLAndTheSameEachTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := graphs().Draw(rt, "graph")
		svg := drawn(rt, g.SVG)
		if again := drawn(rt, g.SVG); again != svg {
			rt.Fatal("two pictures of one graph differ")
		}
		count := map[string]int{}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				rt.Fatalf("no XML: %v\n%s", err, svg)
			}
			if e, ok := token.(xml.StartElement); ok {
				count[e.Name.Local]++
			}
		}
		if count["script"] > 0 || count["g"] != len(g.Nodes) || count["path"] != len(g.links())+1 {
			rt.Fatalf("%d nodes and %d links give %v", len(g.Nodes), len(g.links()), count)
		}
	})
}

func TestWhatIsReferredToStandsLeftAndNothingOverlaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := graphs().Draw(rt, "graph")
		links := g.links()
		p := layOut(g, links)
		for _, l := range links {
			// The other links run against a circle.
			if circle := reaches(links, l.to, l.from); !circle && p.nodes[l.to].column >= p.nodes[l.from].column {
				rt.Fatalf("node %d stands in column %d, node %d that it leads to in %d", l.from, p.nodes[l.from].column, l.to, p.nodes[l.to].column)
			}
		}
		for i, a := range p.nodes {
			if a.y-nodeHeight/2 < 0 || a.y+nodeHeight/2 > p.height || a.x()+nodeWidth > p.width {
				rt.Fatalf("node %d is outside of the picture", i)
			}
			for _, b := range p.nodes[:i] {
				if a.column == b.column && a.y-b.y < nodeHeight && b.y-a.y < nodeHeight {
					rt.Fatalf("nodes overlap: %+v %+v", a, b)
				}
			}
		}
	})
}

func reaches(links []link, from, to int) bool {
	seen := map[int]bool{from: true}
	for next := []int{from}; len(next) > 0; next = next[1:] {
		if next[0] == to {
			return true
		}
		for _, l := range links {
			if l.from == next[0] && !seen[l.to] {
				seen[l.to] = true
				next = append(next, l.to)
			}
		}
	}
	return false
}

func TestWordsForOtherPrograms(t *testing.T) {
	g := &Graph{
		Nodes: []Node{{Label: "users.user"}, {Label: `documents."x"`, Note: "~3"}},
		Edges: []Edge{{1, 0, "author"}, {1, 0, "editor"}, {1, 1, "supersedes"}},
	}
	const dot = `digraph models {
  rankdir=RL;
  node [shape=box, fontname="sans-serif"];
  n1 [label="1. users.user"];
  n2 [label="2. documents.\"x\"\n~3"];
  n2 -> n1 [label="author, editor"];
  n2 -> n2 [label="supersedes"];
}
`
	const mermaid = `flowchart RL
  n1["1. users.user"]
  n2["2. documents.#34;x#34; (#126;3)"]
  n2 -->|"author, editor"| n1
  n2 -->|"supersedes"| n2
`
	if got := drawn(t, g.DOT); got != dot {
		t.Errorf("DOT: %s", got)
	}
	if got := drawn(t, g.Mermaid); got != mermaid {
		t.Errorf("Mermaid: %s", got)
	}
}

func TestAroundKeepsWhatChangesAndWhatThatRefersTo(t *testing.T) {
	g := &Graph{}
	for i := range 10 {
		g.Nodes = append(g.Nodes, Node{Label: fmt.Sprint(i), Kind: Quiet})
		if i > 0 {
			g.Edges = append(g.Edges, Edge{From: i, To: i - 1})
		}
	}
	g.Nodes[5].Kind = Change
	part, of, left := g.Around(func(n Node) bool { return n.Kind != Quiet }, 9)
	if len(part.Nodes) != 2 || of[0] != 4 || of[1] != 5 || left != 8 || len(part.Edges) != 1 || part.Edges[0].From != 1 {
		t.Errorf("got %+v of %v, %d left out", part, of, left)
	}
}
