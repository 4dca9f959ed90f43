package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

// YAML is read by another reader and compared with the document in JSON,
// numbers as they are spelt.
func TestYAMLIsTheDocumentOfJSON(t *testing.T) {
	document, _ := schemas(t)
	check := func(t interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}, p *plans.Plan,
	) {
		text := rendering(t, p, YAML)
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil {
			t.Fatalf("no YAML: %v\n%s", err, text)
		}
		want, err := jsonschema.UnmarshalJSON(strings.NewReader(rendering(t, p, JSON)))
		if err != nil {
			t.Fatal(err)
		}
		got := plain(node.Content[0])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("YAML is not the document of JSON (-json +yaml):\n%s\n%s", diff, text)
		}
		if err := document.Validate(got); err != nil {
			t.Fatal(err)
		}
	}
	check(t, fewer())
	check(t, planstest.Reinit())
	check(t, &plans.Plan{})
	rapid.Check(t, func(rt *rapid.T) { check(rt, planstest.Random(6).Draw(rt, "plan")) })
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			list = append(list, plain(c))
		}
		return list
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	}
	return n.Value
}
