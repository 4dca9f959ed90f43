package planner

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// conflict refuses a step.
func (u *undoing) conflict(s *undoStep, detail string) {
	s.refused = true
	u.fail("undo.conflict", s.model, string(s.key),
		fmt.Sprintf("The row cannot be made as it was before %s", u.in.Label), detail,
		"Decide which values are right and set them by hand; undo overwrites nothing that changed since.")
}

// gone is the conflict of a row that the apply left and that is not there.
func (u *undoing) gone(s *undoStep) {
	what := "restored"
	if s.op == schema.Delete {
		what = "destroyed"
	}
	u.conflict(s, fmt.Sprintf("The row is gone from %s, so there is nothing to be %s: it was destroyed since, or its key was changed.", s.table.Name, what))
}

// compare refuses a step whose live row is not as the apply left it, in the
// columns that the apply wrote.
func (u *undoing) compare(s *undoStep, live []schema.Value) error {
	before, after, err := u.imageOf(s)
	if err != nil {
		return err
	}
	var lines []string
	for i, n := range s.columns {
		c := &s.table.Columns[n]
		if c.Type.Equal(after[i], live[n]) {
			continue
		}
		then := "no row"
		if before != nil {
			then = u.print(s, n, before[i])
		}
		lines = append(lines, u.threeWay(s, n, u.print(s, n, after[i]), u.print(s, n, live[n]), then))
	}
	if lines != nil {
		u.conflict(s, "The row was changed since.\n"+strings.Join(lines, "\n"))
	}
	return nil
}

// returned is the conflict of a destroyed row whose key a live row has again.
func (u *undoing) returned(s *undoStep, live []schema.Value) error {
	before, _, err := u.imageOf(s)
	if err != nil {
		return err
	}
	lines := []string{"A row with its key is there again."}
	for i, n := range s.columns {
		if !s.table.Columns[n].Type.Equal(before[i], live[n]) {
			lines = append(lines, u.threeWay(s, n, "no row", u.print(s, n, live[n]), u.print(s, n, before[i])))
		}
	}
	if len(lines) == 1 {
		lines[0] += " It is as undo would make it."
	}
	u.conflict(s, strings.Join(lines, "\n"))
	return nil
}

// threeWay is one field of a conflict.
func (u *undoing) threeWay(s *undoStep, n int, left, now, then string) string {
	if u.sensitive(s.model, s.table.names[n]) {
		return fmt.Sprintf("%s: it differs (sensitive value).", s.table.names[n])
	}
	return fmt.Sprintf("%s: the apply left %s, it is now %s, undo would make it %s.", s.table.names[n], left, now, then)
}

// printed is how many characters of a value a message shows.
const printed = 120

// print is a value for a message, cut where it is long.
func (u *undoing) print(s *undoStep, n int, v schema.Value) string {
	text := string(u.show(s, n, v))
	if utf8.RuneCountInString(text) <= printed {
		return text
	}
	runes := []rune(text)
	return fmt.Sprintf("%s… (%d more characters)", string(runes[:printed]), len(runes)-printed)
}

// show is a value as JSON, masked where it is sensitive.
func (u *undoing) show(s *undoStep, n int, v schema.Value) plans.Value {
	if u.sensitive(s.model, s.table.names[n]) {
		return plans.Masked
	}
	return plans.Value(s.table.Columns[n].Type.JSON(v))
}
