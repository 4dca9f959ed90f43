package django

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// convert turns one item of a YAML list, which begins on that line of the
// fixture, into a JSON object: numbers as they are written, dates and
// timestamps as strings, as they are written too.
func convert(item []byte, line, depth int) (text []byte, problem *backup.Refusal) {
	c := converter{line: line, depth: depth}
	if depth <= 0 {
		c.depth = 10_000
	}
	if bytes.Contains(item, []byte(nextLine)) {
		return nil, &backup.Refusal{
			Code: "package.encoding", Summary: "a text in it holds the character U+0085, which YAML readers turn into a space",
			Detail: lineText(line), Remedy: "Export to JSON instead: dumpdata --format json.",
		}
	}
	doc, err := decode(item)
	switch {
	case err != nil:
		return nil, &backup.Refusal{
			Code: "package.syntax", Summary: "it is not sound YAML", Detail: lineText(line), Remedy: dumped, Cause: err,
		}
	case len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode || len(doc.Content[0].Content) != 1:
		return nil, &backup.Refusal{Code: "package.record", Summary: "it is not one item of a list", Detail: lineText(line), Remedy: dumped}
	}
	c.node(doc.Content[0].Content[0], 1)
	return c.out, c.problem
}

// nextLine is a line break to YAML 1.1, written raw by dumpdata, and does not
// survive being read.
const nextLine = "\u0085"

// decode parses one item. The YAML library is archived upstream and has
// panicked on hostile input before; here such an input is an error like any
// other.
func decode(item []byte) (doc yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser failed: %v", r)
		}
	}()
	err = yaml.Unmarshal(item, &doc)
	return doc, err
}

type converter struct {
	out     []byte
	line    int // of the fixture where the item begins
	depth   int
	problem *backup.Refusal
}

// fail notes the first problem.
func (c *converter) fail(n *yaml.Node, code, summary, remedy string) {
	if c.problem == nil {
		c.problem = &backup.Refusal{Code: code, Summary: summary, Detail: lineText(c.line + n.Line - 1), Remedy: remedy}
	}
}

func (c *converter) node(n *yaml.Node, depth int) {
	if c.problem != nil {
		return
	}
	if depth > c.depth {
		c.fail(n, "package.depth", fmt.Sprintf("it is nested deeper than %d levels", c.depth), dumped)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		c.mapping(n, depth)
	case yaml.SequenceNode:
		if n.ShortTag() != "!!seq" {
			c.tag(n)
			return
		}
		c.out = append(c.out, '[')
		for i, e := range n.Content {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.node(e, depth+1)
		}
		c.out = append(c.out, ']')
	case yaml.ScalarNode:
		c.scalar(n)
	default:
		c.fail(n, "package.alias", "it uses an anchor and an alias, which are not read",
			"Export to JSON instead: dumpdata --format json.")
	}
}

func (c *converter) mapping(n *yaml.Node, depth int) {
	if n.ShortTag() != "!!map" {
		c.tag(n)
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	c.out = append(c.out, '{')
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode || k.ShortTag() == "!!merge":
			c.fail(k, "package.record", "it has a member whose name is not plain text", dumped)
			return
		case seen[k.Value]:
			c.fail(k, "package.duplicate_member", fmt.Sprintf("a member named %.60q stands in it twice", k.Value),
				"Take one of the two out; which one is meant cannot be known.")
			return
		}
		seen[k.Value] = true
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.quote(k)
		c.out = append(c.out, ':')
		c.node(n.Content[i+1], depth+1)
	}
	c.out = append(c.out, '}')
}

func (c *converter) scalar(n *yaml.Node) {
	switch resolve(n) {
	case nullMeaning:
		c.out = append(c.out, "null"...)
	case trueMeaning:
		c.out = append(c.out, "true"...)
	case falseMeaning:
		c.out = append(c.out, "false"...)
	case numberMeaning:
		c.out = append(c.out, n.Value...)
	case textMeaning:
		c.quote(n)
	case badNumber:
		c.fail(n, "package.not_a_number", "a number in it is NaN, Infinity or not written in decimal",
			"Correct the value in the source and export again.")
	case ambiguous:
		c.fail(n, "package.ambiguous", "it has an unquoted yes, no, on or off, which is a bool to some and a text to others",
			"Write true or false, or quote the text.")
	default:
		c.tag(n)
	}
}

func (c *converter) quote(n *yaml.Node) {
	out, err := jsontext.AppendQuote(c.out, n.Value)
	if err != nil {
		c.fail(n, "package.encoding", "a text in it is not UTF-8", dumped)
		return
	}
	c.out = out
}

func (c *converter) tag(n *yaml.Node) {
	c.fail(n, "package.tag", fmt.Sprintf("it has a value of the YAML type %.40q, which dumpdata does not write", n.ShortTag()), dumped)
}
