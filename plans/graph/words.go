package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph for Graphviz. An arrow leads from the model that refers
// to the one that is referred to; the number is the model's place in the order
// of the apply.
func (g *Graph) DOT(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "digraph models {\n  rankdir=RL;\n  node [shape=box, fontname=\"sans-serif\"];\n")
	for n := range g.Nodes {
		fmt.Fprintf(out, "  n%d [label=%s];\n", n+1, dotText(fmt.Sprintf("%d. %s", n+1, g.Nodes[n].Label), g.Nodes[n].Note))
	}
	for _, l := range g.links() {
		fmt.Fprintf(out, "  n%d -> n%d [label=%s];\n", l.from+1, l.to+1, dotText(strings.Join(l.fields, ", ")))
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// dotText is a quoted string of Graphviz, each text on a line of its own.
func dotText(lines ...string) string {
	var kept []string
	for _, s := range lines {
		if s != "" {
			kept = append(kept, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s))
		}
	}
	return `"` + strings.Join(kept, `\n`) + `"`
}

// Mermaid writes the graph as Markdown on GitHub and GitLab draws it, in a
// block of the language mermaid.
func (g *Graph) Mermaid(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "flowchart RL\n")
	for n := range g.Nodes {
		label := fmt.Sprintf("%d. %s", n+1, g.Nodes[n].Label)
		if note := g.Nodes[n].Note; note != "" {
			label += " (" + note + ")"
		}
		fmt.Fprintf(out, "  n%d[\"%s\"]\n", n+1, mermaidText(label))
	}
	for _, l := range g.links() {
		fmt.Fprintf(out, "  n%d -->|\"%s\"| n%d\n", l.from+1, mermaidText(strings.Join(l.fields, ", ")), l.to+1)
	}
	return out.Flush()
}

// mermaidText makes everything but letters, digits and a few harmless signs an
// entity: Mermaid's own syntax and HTML both act inside its strings.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" ._-,()", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
