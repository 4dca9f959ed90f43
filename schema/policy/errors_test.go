package policy_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

var update = flag.Bool("update", false, "rewrite the expected diagnostics in testdata")

// Each folder in testdata/errors holds a policy and, in want.txt, what is said
// of it. A file vars holds -var flags, one a line.
func TestDiagnosticsSayWhatIsWrongAndWhere(t *testing.T) {
	folders, err := filepath.Glob("testdata/errors/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no folders", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			var o policy.Options
			if vars, err := os.ReadFile(filepath.Join(folder, "vars")); err == nil {
				o.Vars = strings.Split(strings.TrimSpace(string(vars)), "\n")
			}
			_, diags := policy.Load(folder, o)
			got, golden := printed(diags), filepath.Join(folder, "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("a secret is shown")
			}
		})
	}
}

// printed is a list of diagnostics with the stretch of the line that each
// points at.
func printed(diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s: %s %s\n", d.Range, d.Code, d.Summary)
		if d.Source != "" {
			width := d.Range.End.Column - d.Range.Start.Column
			if d.Range.End.Line != d.Range.Start.Line {
				width = len(d.Source) - d.Range.Start.Column + 1
			}
			fmt.Fprintf(&b, "  | %s\n  | %s%s\n", d.Source, strings.Repeat(" ", max(0, d.Range.Start.Column-1)), strings.Repeat("^", max(1, width)))
		}
		fmt.Fprintf(&b, "  %s\n  > %s\n", d.Detail, d.Remedy)
	}
	return b.String()
}
