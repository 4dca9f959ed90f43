package render

import (
	"io"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/plans/planstest"
)

// On a terminal that is too narrow for them the tables take other forms and
// lose nothing.
func TestTablesFitTheTerminal(t *testing.T) {
	p := planstest.Example()
	for what, c := range map[string]struct {
		part  func(io.Writer, Options)
		width int
		every []string
	}{
		"the accounting": {func(w io.Writer, o Options) { accountingTable(w, p, o) }, 88, columns()},
		"the remaps": {
			func(w io.Writer, o Options) { remapTable(w, p, &survey{}, o) }, 88,
			[]string{plainText(p.Remaps[0].Package), plainText(p.Remaps[0].Live), p.Remaps[0].Model},
		},
	} {
		t.Run(what, func(t *testing.T) {
			render := func(columns int) string {
				var b strings.Builder
				c.part(&b, Options{Width: columns})
				return b.String()
			}
			wide, narrow := render(0), render(c.width)
			if wide == narrow {
				t.Errorf("nothing is narrower at %d columns:\n%s", c.width, wide)
			}
			if render(1000) != wide {
				t.Error("a wide terminal changes the table")
			}
			// A single title stands above the table and is not part of it.
			for _, line := range strings.Split(narrow, "\n")[1:] {
				if width(line) > c.width {
					t.Errorf("%d columns:\n%s", width(line), line)
				}
			}
			for _, word := range c.every {
				if !strings.Contains(narrow, word) {
					t.Errorf("%q is lost:\n%s", word, narrow)
				}
			}
		})
	}
}
