package render

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans/planstest"
)

// A page of any plan holds nothing that could end the element of its data, and
// is the same each time.
func TestAPageIsDeterministicAndItsDataEndsNothing(t *testing.T) {
	element := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	rapid.Check(t, func(rt *rapid.T) {
		p := planstest.Random(12).Draw(rt, "plan")
		page := rendering(rt, p, HTML)
		if again := rendering(rt, p, HTML); again != page {
			rt.Fatal("two renderings differ")
		}
		if strings.Count(page, "</script>") != 2 {
			rt.Fatal("something ends a script")
		}
		data := element.FindStringSubmatch(page)
		if data == nil || strings.ContainsAny(data[1], "<>&\u2028\u2029") {
			rt.Fatalf("the data holds a sign that HTML could act on: %q", data)
		}
		for _, word := range []string{"http://", "https://", "//cdn", "@import", "url("} {
			rest := strings.NewReplacer("http://www.w3.org/2000/svg", "", "url(#hatch)", "", "url(#graph-tip)", "").Replace(page[:strings.Index(page, `<script type="application/json"`)])
			if strings.Contains(strings.Split(rest, "</style>")[0], word) {
				rt.Fatalf("the page asks for %s", word)
			}
		}
	})
}

func TestAPageSaysWhatItLeavesOut(t *testing.T) {
	p := planstest.Large(maxPageRecords + 2_000)
	var n lineCounter
	if err := HTML(&n, p); err != nil {
		t.Fatal(err)
	}
	if got := string(n.last); !strings.HasPrefix(got, "2000</script>") {
		t.Errorf("the data ends with %q, want the number of the records that it lacks", got)
	}
}

// lineCounter keeps the line that ends the data.
type lineCounter struct{ last, open []byte }

func (c *lineCounter) Write(b []byte) (int, error) {
	for _, x := range b {
		c.open = append(c.open, x)
		if x == '\n' {
			if c.last == nil && strings.HasSuffix(string(c.open), "</script>\n") {
				c.last = append([]byte(nil), c.open...)
			}
			c.open = c.open[:0]
		}
	}
	return len(b), nil
}
