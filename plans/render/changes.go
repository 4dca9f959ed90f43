package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// createdGap stands between "will be created" and the primary key.
const createdGap = "        "

// changes turns records into blocks of text, those alike into one block.
type changes struct {
	seen   *survey
	remaps map[identity][]plans.Remapping
	// blocked are the models whose records must not be destroyed.
	blocked map[string]bool
	// keyInFields are the models whose added records are not told by a primary key.
	keyInFields map[string]bool
	opts        Options
	pt          painter
}

func newChanges(p *plans.Plan, seen *survey, o Options) *changes {
	c := &changes{seen: seen, remaps: map[identity][]plans.Remapping{}, blocked: prevented(p), keyInFields: map[string]bool{}, opts: o, pt: painter{o.Color}}
	for _, a := range p.Accounting {
		c.keyInFields[a.Model] = a.KeyInFields
	}
	for _, r := range p.Remaps {
		id := identity{r.Model, r.Key}
		c.remaps[id] = append(c.remaps[id], r)
	}
	return c
}

// group is records alike.
type group struct {
	first plans.Record
	keys  []plans.Value // of the first few
	count int
}

// block is what is said of one record, or of several alike. Its text is made
// when it is asked for, which must be before the next block; it may be empty.
type block struct {
	model   string
	records int
	text    func() string
}

// each gives the blocks to emit, in the plan's order; the groups of a model
// come after its single records.
func (c *changes) each(p *plans.Plan, emit func(block) error) error {
	if p.Changes == nil {
		return nil
	}
	model := ""
	var order []shape
	groups := map[shape]*group{}
	flush := func() error {
		for _, sh := range order {
			g := groups[sh]
			if err := emit(block{model, g.count, func() string { return c.group(g) }}); err != nil {
				return err
			}
		}
		order = order[:0]
		clear(groups)
		return nil
	}
	var shapes shaper
	for r, err := range p.Changes() {
		if err != nil {
			return err
		}
		if r.Model != model {
			if err := flush(); err != nil {
				return err
			}
			model = r.Model
		}
		if sh := shapes.of(r); c.seen.common[sh] {
			if groups[sh] == nil {
				groups[sh] = newGroup(r)
				order = append(order, sh)
			}
			groups[sh].add(r)
			continue
		}
		s := r.Sealed()
		if err := emit(block{model, 1, func() string { return c.record(&s) }}); err != nil {
			return err
		}
	}
	return flush()
}

// newGroup copies what a record holds, as it is valid for a moment only.
func newGroup(r *plans.Record) *group {
	g := &group{first: r.Sealed()}
	g.first.Fields = slices.Clone(g.first.Fields)
	return g
}

func (g *group) add(r *plans.Record) {
	if g.count++; len(g.keys) < 3 {
		g.keys = append(g.keys, r.Key)
	}
}

// record is the block of one sealed record.
func (c *changes) record(r *plans.Record) string {
	name := address(r.Model, r.Key)
	var b strings.Builder
	switch r.Action {
	case plans.Add:
		fmt.Fprintf(&b, "  # %s will be created%s%s\n", c.pt.bold(name), stubNote(r), c.createdKey(r))
		c.because(&b, r.Reason, r.Rule)
		if len(r.Fields) > 0 {
			c.fields(&b, r)
		}
	case plans.Destroy:
		fmt.Fprintf(&b, "  # %s will be %s\n", c.pt.bold(name), c.pt.red("destroyed"))
		c.because(&b, r.Reason, r.Rule)
		c.block(&b, r)
	case plans.Change:
		fmt.Fprintf(&b, "  # %s will be updated in-place\n", c.pt.bold(name))
		c.notes(&b, r)
		c.fields(&b, r)
	case plans.Remap:
		// The remap table has it, unless the plan does not say what differs.
		if len(c.remaps[identity{r.Model, r.Key}]) > 0 {
			return ""
		}
		fmt.Fprintf(&b, "  # %s will be remapped\n", c.pt.bold(name))
	}
	return b.String()
}

func stubNote(r *plans.Record) string {
	if r.Stub {
		return " as a stub"
	}
	return ""
}

// createdKey is the primary key on the line of an added record.
func (c *changes) createdKey(r *plans.Record) string {
	if r.PrimaryKey == "" && c.keyInFields[r.Model] {
		return ""
	}
	return createdGap + primaryKey(r)
}

func primaryKey(r *plans.Record) string {
	if r.PrimaryKey == "" {
		return "id = (known after apply)"
	}
	return "id = " + cut(r.PrimaryKey, longText)
}

// notes are the lines that say what the fields do not.
func (c *changes) notes(b *strings.Builder, r *plans.Record) {
	for _, m := range c.remaps[identity{r.Model, r.Key}] {
		fmt.Fprintf(b, "  # (remapped: %s %s in the package is %s here)\n", visible(m.Field), plainText(m.Package), plainText(m.Live))
	}
	if r.OldKey != "" {
		fmt.Fprintf(b, "  # (renamed: the live record is %s)\n", jsonText(r.OldKey))
	}
	c.because(b, r.Reason, r.Rule)
}

// block marks a destroy that must not be: the plan is refused for it.
func (c *changes) block(b *strings.Builder, r *plans.Record) {
	if r.Action == plans.Destroy && c.blocked[r.Model] {
		fmt.Fprintf(b, "  # %s\n", c.pt.red("(blocked: prevent_destroy, see the errors below)"))
	}
}

// because names the rule behind an action and its place.
func (c *changes) because(b *strings.Builder, reason string, rule diag.Range) {
	if line := because(reason, rule); line != "" {
		fmt.Fprintf(b, "  # %s\n", line)
	}
}

func because(reason string, rule diag.Range) string {
	reason = visible(strings.TrimPrefix(reason, "because "))
	place := ""
	if !rule.IsZero() {
		place = fmt.Sprintf("%s:%d", visible(rule.File), rule.Start.Line)
	}
	switch {
	case reason == "" && place == "":
		return ""
	case reason == "":
		return "(because of the rule at " + place + ")"
	case place == "":
		return "(because " + reason + ")"
	}
	return "(because " + reason + "; " + place + ")"
}

// fields is the block in braces.
func (c *changes) fields(b *strings.Builder, r *plans.Record) {
	fmt.Fprintf(b, "%s record %s {\n", c.pt.mark(r.Action), labels(r))
	c.fieldLines(b, r)
	b.WriteString("    }\n")
}

func (c *changes) fieldLines(b *strings.Builder, r *plans.Record) {
	cells, wide := make([]cell, len(r.Fields)), 0
	for i, f := range r.Fields {
		cells[i] = c.cell(f, r.Action)
		if !cells[i].braces {
			wide = max(wide, width(visible(f.Name)))
		}
	}
	for i, f := range r.Fields {
		cl, name := cells[i], visible(f.Name)
		mark := strings.TrimPrefix(c.pt.mark(cl.mark), "  ")
		if cl.braces {
			fmt.Fprintf(b, "      %s %s %s\n", mark, name, cl.text)
		} else {
			fmt.Fprintf(b, "      %s %s = %s\n", mark, padded(name, wide), cl.text)
		}
		for _, line := range cl.more {
			fmt.Fprintf(b, "          %s\n", line)
		}
		if cl.braces && len(cl.more) > 0 {
			b.WriteString("        }\n")
		}
	}
	if r.Hidden > 0 {
		fmt.Fprintf(b, "        %s\n", c.pt.dim("# ("+counted(r.Hidden, "unchanged field")+" hidden)"))
	}
}

// labels is the record's model and key as an HCL block's labels.
func labels(r *plans.Record) string {
	quoted := []string{jsonText(quoteText(r.Model))}
	for _, part := range r.Key.Parts() {
		if _, ok := part.Text(); !ok {
			part = quoteText(string(part))
		}
		quoted = append(quoted, jsonText(part))
	}
	return strings.Join(quoted, " ")
}
