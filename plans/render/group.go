package render

import (
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// inlineGroup is the longest list of fields that stands on a group's line.
const inlineGroup = 100

// group is the block of several records alike.
func (c *changes) group(g *group) string {
	r := &g.first
	records := counted(g.count, "record")
	becomes := map[plans.Action]string{
		plans.Add: "created" + stubNote(r), plans.Change: "updated in-place",
		plans.Destroy: c.pt.red("destroyed"), plans.Remap: "remapped",
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  # %s: %s will be %s\n", c.pt.bold(visible(r.Model)), records, becomes[r.Action])
	c.because(&b, r.Reason, r.Rule)
	c.block(&b, r)
	fmt.Fprintf(&b, "  # (%s)\n", c.sample(g))
	fmt.Fprintf(&b, "%s %s", c.pt.mark(r.Action), records)
	if r.Action == plans.Add && (r.PrimaryKey != "" || !c.keyInFields[r.Model]) {
		b.WriteString(": " + groupKeys(r))
	}
	if len(r.Fields) == 0 {
		b.WriteString("\n")
		return b.String()
	}
	if line, ok := c.inline(r); ok && r.Action == plans.Change {
		b.WriteString(": " + line + "\n")
		return b.String()
	}
	b.WriteString(" {\n")
	one := *r
	one.Hidden = 0 // it differs from record to record
	c.fieldLines(&b, &one)
	b.WriteString("    }\n")
	return b.String()
}

func groupKeys(r *plans.Record) string {
	if r.PrimaryKey == "" {
		return "id = (known after apply)"
	}
	return "id as in the package"
}

// sample names the first records of a group and counts the others.
func (c *changes) sample(g *group) string {
	keys := make([]string, len(g.keys))
	for i, k := range g.keys {
		keys[i] = cut(k, longText)
	}
	line := strings.Join(keys, ", ")
	if rest := g.count - len(keys); rest > 0 {
		line += " and " + thousands(rest) + " more"
		if c.opts.Hint != "" {
			line += "; " + c.opts.Hint
		}
	}
	return line
}

// inline is "role 3 -> 17, status (sensitive value)", if that is short.
func (c *changes) inline(r *plans.Record) (string, bool) {
	var parts []string
	for _, f := range r.Fields {
		cl := c.cell(f, r.Action)
		if len(cl.more) > 0 {
			return "", false
		}
		text := cl.text
		if cl.mark == plans.Add {
			text = "null -> " + text
		}
		parts = append(parts, visible(f.Name)+" "+text)
	}
	line := strings.Join(parts, ", ")
	return line, len(line) <= inlineGroup
}
