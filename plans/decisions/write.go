package decisions

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

// cellWidth is how much of a value is shown.
const cellWidth = 60

// Write writes a file of conflicts, the decisions left empty. Values that are
// sensitive are not in it, only whether they differ.
func Write(w io.Writer, all []plans.Conflict) error {
	out := csv.NewWriter(w)
	if err := out.Write(conflictColumns); err != nil {
		return err
	}
	for i := range all {
		cells := cellsOf(&all[i])
		for n := range cells {
			cells[n] = guard(plans.Visible(cells[n]))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func cellsOf(c *plans.Conflict) []string {
	number := ""
	if c.Number > 0 {
		number = strconv.Itoa(c.Number)
	}
	advice := strings.TrimSpace(string(c.Do) + " " + c.Live)
	return []string{c.Model, keyText(c.Key), number, strings.Join(c.Codes, " "), surrogates(c.Package), candidates(c), advice, "", ""}
}

func keyText(key plans.Value) string {
	name, _ := plans.KeyName(string(key))
	return name
}

func surrogates(fields []plans.Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name + " " + shown(f.After, f.Sensitive)
	}
	return strings.Join(out, ", ")
}

func candidates(c *plans.Conflict) string {
	out := make([]string, 0, len(c.Candidates)+1)
	for i := range c.Candidates {
		out = append(out, candidate(&c.Candidates[i]))
	}
	if c.More > 0 {
		out = append(out, fmt.Sprintf("and %d more", c.More))
	}
	return strings.Join(out, "; ")
}

// candidate is `7 ["bob"] (mail "a@x" -> "b@x")`: what stands there, and what
// the package's record says.
func candidate(c *plans.Candidate) string {
	words := make([]string, 0, 3)
	switch {
	case c.Number > 0:
		words = append(words, fmt.Sprintf("record %d of the package", c.Number))
	case c.Live != "":
		words = append(words, c.Live)
	}
	if key := keyText(c.Key); key != "" && key != c.Live {
		words = append(words, key)
	}
	fields := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		if f.Sensitive {
			fields[i] = f.Name + " differs (sensitive value)"
			continue
		}
		fields[i] = fmt.Sprintf("%s %s -> %s", f.Name, shown(f.Before, false), shown(f.After, false))
	}
	if len(fields) == 0 {
		fields = []string{"nothing differs"}
	}
	return strings.Join(append(words, "("+strings.Join(fields, ", ")+")"), " ")
}

// shown is a value on one line, its beginning if it is long.
func shown(v plans.Value, sensitive bool) string {
	if sensitive {
		return "(sensitive value)"
	}
	if v == "" {
		v = plans.Null
	}
	text := []rune(string(v.AppendTo(nil)))
	if len(text) <= cellWidth {
		return string(text)
	}
	return fmt.Sprintf("%s… (%d characters cut)", string(text[:cellWidth]), len(text)-cellWidth)
}
