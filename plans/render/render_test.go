package render

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

var update = flag.Bool("update", false, "write the expected renderings of testdata anew")

func text(o Options) func(io.Writer, *plans.Plan) error {
	return func(w io.Writer, p *plans.Plan) error { return Text(w, p, o) }
}

func stream(w io.Writer, p *plans.Plan) error {
	s, err := NewStream(w, p.Header.Version)
	if err != nil {
		return err
	}
	for _, step := range []error{
		s.Plan(p),
		s.ApplyStart("users.user", plans.Add, 2),
		s.ApplyProgress("users.user", plans.Add, 1),
		s.ApplyComplete("users.user", plans.Add, 2),
		s.Applied(p.Summary),
	} {
		if step != nil {
			return step
		}
	}
	return nil
}

func rendering(t interface {
	Helper()
	Fatal(...any)
}, p *plans.Plan, render func(io.Writer, *plans.Plan) error,
) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fewer is Example with the large groups cut down, for the renderings that
// list every change.
func fewer() *plans.Plan {
	p := planstest.Example()
	var kept []*plans.Record
	for r, err := range p.Changes() {
		if err != nil {
			panic(err)
		}
		if r.Model != "audit.audittrail" && (r.Model != "users.userrole" || r.Action == plans.Destroy) {
			kept = append(kept, r)
		}
	}
	q := planstest.New(p.Header, p.Accounting, p.Remaps, kept)
	planstest.Decide(q, p.Decisions)
	q.Skips, q.Diagnostics, q.Untouched = p.Skips, p.Diagnostics, p.Untouched
	return q
}

func TestGolden(t *testing.T) {
	none := planstest.New(planstest.Header(), []plans.Accounting{{
		Model: "documents.document", Table: "documents", Package: 7, Unchanged: 7, Remapped: 2, Live: 7, Kept: 7,
	}}, planstest.Example().Remaps, nil)
	tests := map[string]struct {
		plan   *plans.Plan
		render func(io.Writer, *plans.Plan) error
	}{
		"example.txt":       {planstest.Example(), text(Options{Hint: "-all lists them"})},
		"example-all.txt":   {fewer(), text(Options{All: true, Width: 72})},
		"example-color.txt": {fewer(), text(Options{Color: true})},
		"example.md":        {planstest.Example(), Markdown},
		"example.json":      {fewer(), JSON},
		"example.jsonl":     {fewer(), stream},
		"example.yaml":      {fewer(), YAML},
		"reinit.txt":        {planstest.Reinit(), text(Options{})},
		"reinit.md":         {planstest.Reinit(), Markdown},
		"reinit.json":       {planstest.Reinit(), JSON},
		"no-changes.txt":    {none, text(Options{})},
		"no-changes.md":     {none, Markdown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, path := rendering(t, tt.plan, tt.render), filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("rendering differs, run with -update if that is right (-want +got):\n%s", diff)
			}
		})
	}
}

func schemas(t *testing.T) (document, event *jsonschema.Schema) {
	t.Helper()
	const path = "../../docs/plan.schema.json"
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	document, err := c.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	if event, err = c.Compile(path + "#/$defs/event"); err != nil {
		t.Fatal(err)
	}
	return document, event
}

func validate(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *jsonschema.Schema, doc string,
) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatalf("no JSON: %v\n%s", err, doc)
	}
	if err := s.Validate(v); err != nil {
		t.Fatalf("not as docs/plan.schema.json says: %v\n%s", err, doc)
	}
}

func TestJSONIsAsTheSchemaSays(t *testing.T) {
	document, event := schemas(t)
	check := func(t interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}, p *plans.Plan,
	) {
		validate(t, document, rendering(t, p, JSON))
		lines := strings.Split(strings.TrimSuffix(rendering(t, p, stream), "\n"), "\n")
		if !strings.Contains(lines[0], `"type":"version"`) {
			t.Fatalf("the first line is not of type version: %s", lines[0])
		}
		for _, l := range lines {
			validate(t, event, l)
		}
	}
	check(t, fewer())
	check(t, planstest.Reinit())
	check(t, &plans.Plan{})
	rapid.Check(t, func(rt *rapid.T) { check(rt, planstest.Random(6).Draw(rt, "plan")) })
}

func TestNoRenderingShowsASecretOrActsOnATerminal(t *testing.T) {
	all := map[string]func(io.Writer, *plans.Plan) error{
		"text": text(Options{}), "text of all": text(Options{All: true, Width: 60}), "markdown": Markdown, "json": JSON, "stream": stream, "html": HTML, "yaml": YAML,
	}
	check := func(t interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
	}, p *plans.Plan,
	) {
		for name, render := range all {
			got := rendering(t, p, render)
			if strings.Contains(got, planstest.Secret) {
				t.Fatalf("%s shows a sensitive value:\n%s", name, got)
			}
			if name == "html" { // its script names what it escapes
				got = strings.Replace(got, pageScript, "", 1)
			}
			for _, r := range got {
				if r != '\n' && acts(r) {
					t.Fatalf("%s holds %U:\n%s", name, r, got)
				}
			}
			if !utf8.ValidString(got) {
				t.Fatalf("%s is no UTF-8", name)
			}
		}
	}
	check(t, fewer())
	check(t, planstest.Reinit())
	rapid.Check(t, func(rt *rapid.T) { check(rt, planstest.Random(6).Draw(rt, "plan")) })
}

func TestMarkdownStaysUnderItsLimit(t *testing.T) {
	digest := regexp.MustCompile(`Change set: <code>[0-9a-f]{64}</code>\n$`)
	rapid.Check(t, func(rt *rapid.T) {
		p := planstest.Random(60).Draw(rt, "plan")
		got := rendering(rt, p, Markdown)
		if n := len(got); n >= markdownLimit {
			rt.Fatalf("%d bytes", n)
		}
		if !digest.MatchString(got) {
			rt.Fatalf("does not end with the digest: %q", got[max(0, len(got)-200):])
		}
		if strings.Count(got, "<details") != strings.Count(got, "</details>\n\n") && !strings.Contains(got, "`") {
			rt.Fatal("a section is not closed")
		}
	})
}
