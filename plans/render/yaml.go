package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/edmsplan/edmsplan/plans"
)

// YAML writes the plan as YAML: the document of JSON, member by member, with
// its numbers as they are spelt. The changes are streamed.
func YAML(w io.Writer, p *plans.Plan) error {
	out := bufio.NewWriter(w)
	head, err := marshal(headOf(p))
	if err != nil {
		return err
	}
	if err := writeYAML(out, head, ""); err != nil {
		return err
	}
	for _, write := range []func() error{
		func() error { return writeYAMLList(out, "accounting", all(p.Accounting, accountingOf)) },
		func() error { return writeYAMLList(out, "changes", changeDocs(p)) },
		func() error { return writeYAMLList(out, "remaps", all(p.Remaps, remapOf)) },
		func() error { return writeYAMLList(out, "decisions", all(p.Decisions, decisionOf)) },
		func() error { return writeYAMLList(out, "skips", all(p.Skips, skipOf)) },
		func() error { return writeYAMLList(out, "diagnostics", all(p.Diagnostics, diagnosticOf)) },
		func() error { return writeYAMLList(out, "untouched", all(p.Untouched, strings.Clone)) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return out.Flush()
}

// writeYAMLList writes a member that is a list.
func writeYAMLList[D any](w *bufio.Writer, name string, elements iter.Seq2[D, error]) error {
	empty := true
	for d, err := range elements {
		if err != nil {
			return err
		}
		if empty {
			fmt.Fprintf(w, "%s:\n", name)
			empty = false
		}
		b, err := marshal(d)
		if err != nil {
			return err
		}
		if err := writeYAML(w, append(append([]byte{'['}, b...), ']'), "  "); err != nil {
			return err
		}
	}
	if empty {
		fmt.Fprintf(w, "%s: []\n", name)
	}
	return nil
}

// writeYAML writes JSON as YAML, each line behind the indent.
func writeYAML(w *bufio.Writer, doc []byte, indent string) error {
	d := jsontext.NewDecoder(bytes.NewReader(doc), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	node, err := yamlNode(d)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(node); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		fmt.Fprint(w, indent, escapeYAML(strings.TrimSuffix(line, "\n")), "\n")
	}
	return nil
}

// yamlNode reads one JSON value. Of repeated names the last counts, as
// databases have it and as YAML, which has none, can say it.
func yamlNode(d *jsontext.Decoder) (*yaml.Node, error) {
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{', '[':
		return yamlNodes(d, t.Kind())
	case '"':
		return yamlText(t.String()), nil
	case '0':
		return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: t.String()}, nil // null, true, false
}

func yamlNodes(d *jsontext.Decoder, kind jsontext.Kind) (*yaml.Node, error) {
	n, end := &yaml.Node{Kind: yaml.MappingNode}, jsontext.Kind('}')
	if kind == '[' {
		n.Kind, end = yaml.SequenceNode, ']'
	}
	at := map[string]int{}
	for d.PeekKind() != end {
		v, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		if kind == '[' {
			n.Content = append(n.Content, v)
			continue
		}
		value, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		if i, twice := at[v.Value]; twice {
			n.Content[i] = value
			continue
		}
		n.Content = append(n.Content, v, value)
		at[v.Value] = len(n.Content) - 1
	}
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	_, err := d.ReadToken()
	return n, err
}

// escapeYAML is visible in YAML's own escapes. What acts stands in double
// quotes, see yamlText.
func escapeYAML(s string) string {
	if !strings.ContainsFunc(s, acts) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !acts(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// yamlText is a string, in double quotes where something in it must be escaped.
func yamlText(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, acts) || len(s) > 0 && strings.Trim(s, " ") != s {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
