package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// shape is what a block may hold. The shapes below are the whole grammar of
// the language; what the attributes mean is in the functions that read them.
type shape struct {
	// label says what the block's label is, empty when it has none.
	label string
	// keyed asks for further labels, a natural key; unlabelled allows none.
	keyed, unlabelled bool
	// once allows one such block, or one of each label.
	once     bool
	required []string
	optional []string
	// open allows attributes of any name.
	open   bool
	blocks map[string]*shape
	// noun is what a file of this shape is called.
	noun string
}

func (s *shape) attributes() []string { return slices.Concat(s.required, s.optional) }

func (s *shape) blockNames() []string {
	var names []string
	for n := range s.blocks {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// topLevel is a policy file.
var topLevel = &shape{noun: "policy", blocks: map[string]*shape{
	"policy":   {once: true, required: []string{"name"}, optional: []string{"unlisted", "discard", "require_signature"}},
	"variable": {label: "name", once: true, optional: []string{"type", "default", "sensitive", "description"}},
	"locals":   {open: true},
	"live":     {once: true, required: []string{"url"}},
	"model":    modelShape,
	"seed":     {label: "app.name", required: []string{"on", "records"}, optional: []string{"match", "ignore", "for_each"}},
	"scope": {label: "name", once: true, required: []string{"models"}, blocks: map[string]*shape{
		"where": {label: "app.name", once: true, required: []string{"rows"}},
	}},
	"files": {label: "name", once: true, required: []string{"path"}, optional: []string{"package", "reference", "prefix"}, blocks: map[string]*shape{
		"reinit": {once: true, required: []string{"clear"}},
	}},
	"retention": {once: true, optional: []string{
		"keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within",
	}},
	"guard": {label: "name", once: true, required: []string{"condition", "error_message"}, optional: []string{"level"}},
	"check": {label: "name", once: true, optional: []string{"query", "condition", "model", "rows", "error_message"}},
}}

var modelShape = &shape{
	label: "app.name", once: true,
	required: []string{"table", "natural_key"},
	optional: []string{
		"surrogate", "package_key", "match", "absent", "sensitive", "ignore", "discard", "primary_key",
		"on_duplicate", "on_collision", "prevent_destroy", "max_destroy",
	},
	blocks: map[string]*shape{
		"surrogate": {label: "field", once: true, optional: []string{"adopt"}},
		"reference": {label: "field", once: true, optional: []string{
			"on_missing", "create", "through", "model", "on_destroy", "repoint",
		}},
		"generic_reference": {label: "name", once: true, required: []string{"type", "id"}, optional: []string{"on_missing"}},
		"json_reference":    {label: "field", once: true, required: []string{"paths"}, optional: []string{"on_missing"}},
		"derive":            {label: "field", once: true, required: []string{"value"}},
		"reinit": {once: true, required: []string{"clear"}, blocks: map[string]*shape{
			"on_keep": {once: true, required: []string{"set"}},
		}},
		"source": {once: true, optional: []string{"table", "columns"}},
		"export": {once: true, optional: []string{"include", "hash", "unset", "keep"}, blocks: map[string]*shape{
			"replace": {label: "field", once: true, required: []string{"value"}},
		}},
	},
}

// checkShape checks that the blocks are ones that the parent may hold, with
// their labels and attributes, and returns those that can be read further.
func (r *reader) checkShape(parent *shape, parentName string, blocks []*hclsyntax.Block) []*hclsyntax.Block {
	var sound []*hclsyntax.Block
	first := map[[2]string]*hclsyntax.Block{}
	for _, b := range blocks {
		s := parent.blocks[b.Type]
		switch {
		case s == nil:
			r.unknownBlock(parent, parentName, b)
		case r.checkLabels(s, b):
			r.checkAttributes(s, b)
			b.Body.Blocks = r.checkShape(s, b.Type, b.Body.Blocks)
			id := [2]string{b.Type, strings.Join(b.Labels, "\x00")}
			if before := first[id]; before != nil && s.once {
				r.duplicate(before, b)
				continue
			}
			first[id] = b
			sound = append(sound, b)
		}
	}
	return sound
}

// articled is a word with its article.
func articled(word string) string {
	if strings.ContainsAny(word[:1], "aeio") { // "u" may sound like "you"
		return "an " + word
	}
	return "a " + word
}

func sentenceStart(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// label is the block's label, empty when it has none.
func label(b *hclsyntax.Block) string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0]
}

// header is the block as a message names it: model "users.user".
func header(b *hclsyntax.Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	text := b.Type
	for _, l := range b.Labels {
		text += fmt.Sprintf(" %q", l)
	}
	return text
}

func (r *reader) unknownBlock(parent *shape, parentName string, b *hclsyntax.Block) {
	d := diag.Diagnostic{
		Code:    "policy.block.unknown",
		Summary: fmt.Sprintf("There is no block %q", b.Type),
		Detail:  fmt.Sprintf("A %s has the blocks %s.", parent.noun, allOf(parent.blockNames())),
	}
	if parentName != "" {
		d.Summary = fmt.Sprintf("There is no block %q in %s block", b.Type, articled(parentName))
		d.Detail = fmt.Sprintf("It takes the blocks %s.", allOf(parent.blockNames()))
		if len(parent.blocks) == 0 {
			d.Detail = fmt.Sprintf("%s block takes no blocks.", sentenceStart(articled(parentName)))
		}
	}
	d.Remedy = didYouMean(b.Type, parent.blockNames(), "Remove it.")
	if slices.Contains(parent.attributes(), b.Type) {
		d.Remedy = fmt.Sprintf("Write it as an attribute: %s = ….", b.Type)
	} else if nearest(b.Type, parent.blockNames()) == "" && nearest(b.Type, modelShape.blockNames()) == b.Type {
		d.Remedy = "Put it into the model block that it belongs to."
	}
	r.fail(b.TypeRange, d)
}

func (r *reader) checkLabels(s *shape, b *hclsyntax.Block) bool {
	want := 0
	if s.label != "" {
		want = 1
	}
	switch {
	case s.unlabelled && len(b.Labels) == 0:
		return true
	case s.keyed && len(b.Labels) > 1 && b.Labels[0] != "":
		return true // a part of a key may be empty
	case s.keyed && len(b.Labels) < 2:
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.label", Summary: fmt.Sprintf("%s block has a model and a natural key as labels", sentenceStart(articled(b.Type))),
			Detail: fmt.Sprintf("It has %d labels.", len(b.Labels)),
			Remedy: fmt.Sprintf("Write them as the plan does: %s %q \"KEY\" { … }.", b.Type, s.label),
		})
	case len(b.Labels) > want && want == 0:
		r.fail(b.LabelRanges[0], diag.Diagnostic{
			Code: "policy.label", Summary: fmt.Sprintf("%s block has no label", sentenceStart(articled(b.Type))),
			Detail: "It stands alone.", Remedy: fmt.Sprintf("Write %s { … }.", b.Type),
		})
	case len(b.Labels) != want:
		rng := b.TypeRange
		if len(b.Labels) > want {
			rng = b.LabelRanges[want]
		}
		r.fail(rng, diag.Diagnostic{
			Code: "policy.label", Summary: fmt.Sprintf("%s block has one label", sentenceStart(articled(b.Type))),
			Detail: fmt.Sprintf("It has %d.", len(b.Labels)),
			Remedy: fmt.Sprintf("Write %s %q { … }.", b.Type, s.label),
		})
	case want == 1 && b.Labels[0] == "":
		r.fail(b.LabelRanges[0], diag.Diagnostic{
			Code: "policy.label", Summary: fmt.Sprintf("The label of this %s block is empty", b.Type),
			Detail: "It says what the block is about.", Remedy: fmt.Sprintf("Write %s %q { … }.", b.Type, s.label),
		})
	default:
		return true
	}
	return false
}

func (r *reader) checkAttributes(s *shape, b *hclsyntax.Block) {
	for _, name := range s.required {
		if b.Body.Attributes[name] == nil {
			r.fail(b.DefRange(), diag.Diagnostic{
				Code:    "policy.attribute.missing",
				Summary: fmt.Sprintf("The %s block lacks %s", b.Type, name),
				Detail:  fmt.Sprintf("%s needs the attribute %s.", header(b), name),
				Remedy:  example(name),
			})
		}
	}
	if s.open {
		return
	}
	for _, a := range sortedAttributes(b.Body.Attributes) {
		if !slices.Contains(s.attributes(), a.Name) {
			r.unknownAttribute(s, b, a)
		}
	}
}

// example says what to write for a required attribute.
func example(name string) string {
	switch name {
	case "natural_key":
		return "Name the fields that identify a record in every environment: natural_key = [FIELD, …]."
	case "table":
		return `Name the table that holds the records: table = "NAME".`
	case "models":
		return `List the models' labels: models = ["users.*"].`
	case "paths":
		return "Say which model each id belongs to: paths = { author = users.user }."
	case "records":
		return fmt.Sprintf("List the records: %s = [{ FIELD = VALUE }, …].", name)
	case "schema":
		return `Name the SQL file that makes the tables: schema = "schema.sql".`
	case "holds":
		return "Write holds = true, or holds = false."
	case "on":
		return "Write on = reinit, or on = always."
	}
	return fmt.Sprintf("Write %s = ….", name)
}

func (r *reader) unknownAttribute(s *shape, b *hclsyntax.Block, a *hclsyntax.Attribute) {
	d := diag.Diagnostic{
		Code:    "policy.attribute.unknown",
		Summary: fmt.Sprintf("%s block has no attribute %q", sentenceStart(articled(b.Type)), a.Name),
		Detail:  "It takes no attributes.",
		Remedy:  didYouMean(a.Name, s.attributes(), "Remove it."),
	}
	if names := s.attributes(); len(names) > 0 {
		d.Detail = "It takes " + allOf(names) + "."
	}
	if s.blocks[a.Name] != nil {
		d.Remedy = fmt.Sprintf("Write it as a block, without the equals sign: %s { … }.", a.Name)
		if s.blocks[a.Name].label != "" {
			d.Remedy = fmt.Sprintf("Write it as a block, without the equals sign: %s %q { … }.", a.Name, s.blocks[a.Name].label)
		}
	}
	r.fail(a.NameRange, d)
}

// duplicate reports a block that stands twice, at the second place with the
// first.
func (r *reader) duplicate(first, second *hclsyntax.Block) {
	r.fail(second.DefRange(), diag.Diagnostic{
		Code:    "policy.duplicate",
		Summary: header(second) + " stands twice",
		Detail:  fmt.Sprintf("The first is at %s.", place(first.DefRange())),
		Remedy:  "Remove one of them, or join them into one block.",
	})
}
