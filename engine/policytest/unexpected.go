package policytest

import (
	"fmt"

	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// unexpected looks for what the test is silent about. Silence about a destroyed
// record is what a plan exists to prevent, so it fails the test.
func (j *judge) unexpected() {
	j.refused()
	if j.expect.Partial {
		return
	}
	counted := map[string]bool{}
	for _, n := range j.expect.Counts {
		counted[n.Model.Text+"\x00"+string(n.Outcome)] = true
	}
	got := j.list(func(a *actual) bool {
		o := a.outcome()
		if a.mentioned || counted[a.model+"\x00"+string(o)] || counted["\x00"+string(o)] {
			return false
		}
		return !j.expect.NoChanges || o == policy.OutcomeRemap || o == policy.OutcomeSkip
	})
	if len(got) > 0 {
		j.fail(Problem{
			Range: j.expect.Range, Summary: "The plan does what the test does not mention", Got: got,
			Note: "Mention it, count it, or write partial = true in the expect block.",
		})
	}
}

// refused looks for errors that the test does not expect, also of a partial one.
func (j *judge) refused() {
	var got []string
	n := 0
	for i, d := range j.diagnostics {
		if d.Severity != diag.Error || j.expected[i] {
			continue
		}
		if n++; n <= shown {
			got = append(got, diagnosticLines(d)...)
		}
	}
	if n > shown {
		got = append(got, fmt.Sprintf("# and %d more", n-shown))
	}
	if n > 0 {
		j.fail(Problem{Range: j.expect.Range, Summary: "The plan is refused, which the test does not expect", Got: got})
	}
}

// shown is how many records are listed.
const shown = 20

// list describes the records that the condition holds for.
func (j *judge) list(which func(*actual) bool) []string {
	var lines []string
	n := 0
	for _, a := range j.order {
		if !which(a) {
			continue
		}
		if n++; n <= shown {
			lines = append(lines, j.describe(a)...)
		}
	}
	if n > shown {
		lines = append(lines, fmt.Sprintf("# and %d more records", n-shown))
	}
	return lines
}
