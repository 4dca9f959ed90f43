package render

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

// A page of any plan holds nothing that could end the element of its data, and
// is the same each time.
func TestAPageIsDeterministicAndItsDataEndsNothing(t *testing.T) {
	element := regexp.MustCompile(`(?s)<script type="application/json" class="data">(.*?)</script>`)
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
	page := rendering(t, planstest.Large(3_000), func(w io.Writer, p *plans.Plan) error { return writePage(w, p, 1_000) })
	if !strings.Contains(page, "\n2000</script>") {
		t.Error("the data does not end with the number of the records that it lacks")
	}
}
