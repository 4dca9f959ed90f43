package render

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

func comparisonOf(t interface {
	Helper()
	Fatal(...any)
}, old, now *plans.Plan, render func(io.Writer, *plans.Plan, *plans.Plan) error,
) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, old, now); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func reviewText(o Options) func(io.Writer, *plans.Plan, *plans.Plan) error {
	return func(w io.Writer, old, now *plans.Plan) error { return Compare(w, old, now, o) }
}

func TestGoldenComparisons(t *testing.T) {
	reviewed, later := planstest.Reviewed()
	tests := map[string]struct {
		old, now *plans.Plan
		render   func(io.Writer, *plans.Plan, *plans.Plan) error
	}{
		"compare.txt":         {reviewed, later, reviewText(Options{Hint: "-all lists them"})},
		"compare.md":          {reviewed, later, CompareMarkdown},
		"compare-same.txt":    {later, later, reviewText(Options{})},
		"compare-same.md":     {reviewed, reviewed, CompareMarkdown},
		"compare-example.txt": {reviewed, planstest.Example(), reviewText(Options{Hint: "-all lists them"})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, path := comparisonOf(t, tt.old, tt.now, tt.render), filepath.Join("testdata", name)
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
				t.Errorf("differs, run with -update if that is right (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllListsWhatIsOtherwiseOnlyCounted(t *testing.T) {
	old, now := planstest.New(planstest.Header(), nil, nil, nil), planstest.Large(3000)
	few := comparisonOf(t, old, now, reviewText(Options{Hint: "-all lists them"}))
	all := comparisonOf(t, old, now, reviewText(Options{All: true}))
	if n := strings.Count(few, " will be "); n != reviewed || !strings.Contains(few, "# (and 2,980 more records; -all lists them)") {
		t.Errorf("%d records are listed:\n%s", n, few)
	}
	if n := strings.Count(all, " will be "); n != 3000 {
		t.Errorf("%d records of 3000 are listed", n)
	}
}

func TestAnyComparisonIsWholeAndKeepsSecrets(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		old, now := planstest.Random(20).Draw(rt, "old"), planstest.Random(20).Draw(rt, "now")
		md := comparisonOf(rt, old, now, CompareMarkdown)
		if len(md) >= markdownLimit {
			rt.Fatalf("%d bytes", len(md))
		}
		wholeMarkdown(rt, md, 4)
		for name, got := range map[string]string{
			"markdown": md, "text": comparisonOf(rt, old, now, reviewText(Options{})),
			"all": comparisonOf(rt, old, now, reviewText(Options{All: true})),
		} {
			if strings.Contains(got, planstest.Secret) {
				rt.Fatalf("%s shows a sensitive value:\n%s", name, got)
			}
			for _, r := range got {
				if r != '\n' && acts(r) {
					rt.Fatalf("%s holds %U:\n%s", name, r, got)
				}
			}
		}
		if same := comparisonOf(rt, old, old, reviewText(Options{})); !strings.Contains(same, sameChanges) || strings.Contains(same, " gone\n") {
			rt.Fatalf("a plan is said to differ from itself:\n%s", same)
		}
	})
}

func TestAComparisonOfHundredThousandsFitsAComment(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds: skipped with -short")
	}
	old, now := planstest.Large(100_000), planstest.Large(150_000)
	got := comparisonOf(t, old, now, CompareMarkdown)
	if len(got) >= markdownLimit || !strings.Contains(got, "only the beginning is shown here") {
		t.Errorf("%d bytes:\n%.2000s", len(got), got)
	}
}
