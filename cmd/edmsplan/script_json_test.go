package main

import (
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validCmd checks a document of show -json ("plan"), or a stream of plan and
// apply ("events"), against the published schema.
func validCmd(s *script, args []string) {
	path := filepath.Join(root(s.tb), "docs", "plan.schema.json")
	documents := []string{s.ReadFile(args[1])}
	switch args[0] {
	case "events":
		path += "#/$defs/event"
		documents = strings.Split(strings.TrimSuffix(documents[0], "\n"), "\n")
		if !strings.Contains(documents[0], `"type":"version"`) {
			s.Fatalf("the stream begins with %s", documents[0])
		}
	case "plan":
	default:
		s.Fatalf("valid knows plan and events")
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(path)
	s.Check(err)
	for _, d := range documents {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(d))
		if err != nil {
			s.Fatalf("no JSON: %v\n%s", err, d)
		}
		if err := schema.Validate(v); err != nil {
			s.Fatalf("not as the schema says: %v\n%s", err, d)
		}
	}
}
