// Package graph draws models and the references between them: as a layered
// picture (SVG), for Graphviz (DOT) and for Mermaid. The same graph gives the
// same bytes.
//
// It knows nothing of plans: plans/render and cmd make the Graph. Texts in it
// must not hold what acts on a terminal or reorders a line; what SVG, DOT and
// Mermaid could act on is escaped here.
package graph

// Kind is what happens to a model, for its looks. The words of Note say the
// same, so that nothing is told by colour alone.
type Kind string

// The kinds.
const (
	Quiet   Kind = "quiet" // nothing changes
	Add     Kind = "add"
	Change  Kind = "change"
	Destroy Kind = "destroy"
)

// Graph is models, in the order in which they are applied, and their
// references.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Node is a model. Detail is said where there is room: in the picture's tips.
type Node struct {
	Label, Note, Detail string
	Kind                Kind
}

// Edge says that a field of the node From leads to records of the node To;
// both are indexes. From and To may be the same.
type Edge struct {
	From, To int
	Field    string
}

// link is all edges between two nodes in one direction.
type link struct {
	from, to int
	fields   []string
}

// links joins the edges that run alike, in the order in which they come first.
func (g *Graph) links() []link {
	var out []link
	at := map[[2]int]int{}
	for _, e := range g.Edges {
		if e.From < 0 || e.To < 0 || e.From >= len(g.Nodes) || e.To >= len(g.Nodes) {
			continue
		}
		n, known := at[[2]int{e.From, e.To}]
		if !known {
			n = len(out)
			at[[2]int{e.From, e.To}] = n
			out = append(out, link{from: e.From, to: e.To})
		}
		out[n].fields = append(out[n].fields, e.Field)
	}
	return out
}

// Around is the graph of the nodes that keep says and of those that they lead
// to, at most so many, the kept ones first; and how many nodes it leaves out.
// The second result maps its nodes to those of g.
func (g *Graph) Around(keep func(Node) bool, most int) (part *Graph, of []int, left int) {
	chosen := make([]bool, len(g.Nodes))
	n := 0
	choose := func(i int) {
		if !chosen[i] && n < most {
			chosen[i] = true
			n++
		}
	}
	for i := range g.Nodes {
		if keep(g.Nodes[i]) {
			choose(i)
		}
	}
	core := append([]bool(nil), chosen...)
	for _, l := range g.links() {
		if core[l.from] {
			choose(l.to)
		}
	}
	part, to := &Graph{}, map[int]int{}
	for i, c := range chosen {
		if c {
			to[i] = len(part.Nodes)
			part.Nodes = append(part.Nodes, g.Nodes[i])
			of = append(of, i)
		}
	}
	for _, e := range g.Edges {
		from, ok := to[e.From]
		if till, too := to[e.To]; ok && too {
			part.Edges = append(part.Edges, Edge{from, till, e.Field})
		}
	}
	return part, of, len(g.Nodes) - n
}
