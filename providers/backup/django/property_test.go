package django_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/schema"
)

// Whatever records there are, the three syntaxes, plain and compressed, read
// as the same records, with the index that their order makes.
func TestAllSyntaxesReadAlike(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := genRecords(r)
		dir := t.TempDir()
		list, lines, doc := asJSON(want), asJSONL(want), asYAML(t, want)
		digests := map[string]string{}
		for name, content := range map[string]string{
			"x.json": list, "x.jsonl": lines, "x.yaml": doc,
			"z.json.gz": gzipped(t, list), "z.jsonl.gz": gzipped(t, lines), "z.yaml.gz": gzipped(t, doc),
		} {
			path := filepath.Join(dir, name)
			writeFile(t, path, content)
			p := open(t, path)
			if diff := cmp.Diff(want, backuptest.Read(t, p)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s\n%s", name, diff, content)
			}
			digests[filepath.Ext(trimGz(name))+name[:1]] = p.Info().Digest
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for _, ext := range []string{".json", ".jsonl", ".yaml"} {
			if digests[ext+"x"] != digests[ext+"z"] {
				t.Errorf("%s: the compressed form has another digest", ext)
			}
		}
	})
}

func trimGz(name string) string {
	if filepath.Ext(name) == ".gz" {
		return name[:len(name)-3]
	}
	return name
}

func genRecords(r *rapid.T) []backuptest.Record {
	models := []string{"a.b", "auth.group", "z9.model_x"}
	n := rapid.IntRange(1, 12).Draw(r, "records")
	out := make([]backuptest.Record, n)
	for i := range out {
		out[i].Model = rapid.SampledFrom(models).Draw(r, "model")
		switch rapid.IntRange(0, 2).Draw(r, "key") {
		case 1: // unique, in no order
			out[i].PK = schema.Literal{Kind: schema.NumberLiteral, Text: strconv.Itoa(i * 7919 % 101)}
		case 2:
			out[i].PK = schema.Literal{Kind: schema.StringLiteral, Text: fmt.Sprintf("key %d", i*7919%101)}
		}
		fields := rapid.IntRange(0, 5).Draw(r, "fields")
		out[i].Fields = make([]schema.Field, fields)
		for j := range out[i].Fields {
			out[i].Fields[j] = schema.Field{Name: fmt.Sprintf("f%d", j), Value: genLiteral(r)}
		}
	}
	return out
}

func genLiteral(r *rapid.T) schema.Literal {
	text := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"", " ", "null", "~", "true", "no", "1", "1.5", "1e5", "0x1f", "2020-01-01", "- x", "a: b", "#", "\n- model: x\n", "é\r\n\t\"\\", "<<", "=", "12:30", "*a", "&a", "!x", "%", "@", "`", "{}", "[]", "\u2028\u0085\ufeff", "\x00\x1b",
		}),
	)
	number := rapid.SampledFrom([]string{"0", "-0", "12.30", "1.0e+20", "-1", "123456789012345678901234567890", "0.000001"})
	switch rapid.IntRange(0, 5).Draw(r, "kind") {
	case 0:
		return schema.Literal{}
	case 1:
		return schema.Literal{Kind: schema.BoolLiteral, Text: rapid.SampledFrom([]string{"true", "false"}).Draw(r, "bool")}
	case 2:
		return schema.Literal{Kind: schema.NumberLiteral, Text: number.Draw(r, "number")}
	case 3:
		return schema.Literal{Kind: schema.ListLiteral, Text: "[" + quote(text.Draw(r, "a")) + ",[" + number.Draw(r, "b") + ",null],{}]"}
	case 4:
		return schema.Literal{Kind: schema.ObjectLiteral, Text: "{" + quote(text.Draw(r, "name")) + ":[" + quote(text.Draw(r, "value")) + "]}"}
	}
	return schema.Literal{Kind: schema.StringLiteral, Text: text.Draw(r, "text")}
}

func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// jsonText is the literal as JSON.
func jsonText(l schema.Literal) string {
	switch l.Kind {
	case schema.NullLiteral:
		return "null"
	case schema.StringLiteral:
		return quote(l.Text)
	}
	return l.Text
}

func recordText(r backuptest.Record) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"model": %s, "pk": %s, "fields": {`, quote(r.Model), jsonText(r.PK))
	for i, f := range r.Fields {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %s", quote(f.Name), jsonText(f.Value))
	}
	b.WriteString("}}")
	return b.String()
}

func asJSON(rs []backuptest.Record) string {
	var b bytes.Buffer
	for i, r := range rs {
		b.WriteString([]string{"[\n", ",\n"}[min(i, 1)])
		b.WriteString(recordText(r))
	}
	return b.String() + "\n]\n"
}

func asJSONL(rs []backuptest.Record) string {
	var b bytes.Buffer
	for _, r := range rs {
		b.WriteString(recordText(r) + "\n")
	}
	return b.String()
}

// asYAML writes as dumpdata does: a list of mappings in block style.
func asYAML(t *testing.T, rs []backuptest.Record) string {
	t.Helper()
	var list yaml.Node
	list.Kind = yaml.SequenceNode
	for _, r := range rs {
		list.Content = append(list.Content, yamlNode(t, recordText(r)))
	}
	out, err := yaml.Marshal(&list)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// yamlNode makes a node of JSON text; strings are quoted unless they are
// harmless.
func yamlNode(t *testing.T, text string) *yaml.Node {
	t.Helper()
	dec := jsontext.NewDecoder(bytes.NewBufferString(text))
	var build func() *yaml.Node
	build = func() *yaml.Node {
		tok, err := dec.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		n := &yaml.Node{Kind: yaml.ScalarNode, Value: tok.String()}
		switch tok.Kind() {
		case '{', '[':
			n = &yaml.Node{Kind: yaml.SequenceNode}
			if tok.Kind() == '{' {
				n.Kind = yaml.MappingNode
			}
			for k := dec.PeekKind(); k != '}' && k != ']'; k = dec.PeekKind() {
				n.Content = append(n.Content, build())
			}
			if _, err := dec.ReadToken(); err != nil {
				t.Fatal(err)
			}
		case '"':
			n.Style = yaml.DoubleQuotedStyle
		}
		return n
	}
	return build()
}
