package render

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
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
	page := rendering(t, planstest.Large(3_000), func(w io.Writer, p *plans.Plan) error { return writePage(w, p, 1_000) })
	if !strings.Contains(page, "\n2000</script>") {
		t.Error("the data does not end with the number of the records that it lacks")
	}
}

// Of many records the page holds what it would hold of few, packed.
func TestManyRecordsArePackedInAPage(t *testing.T) {
	p := planstest.Large(packedFrom)
	page := rendering(t, p, HTML)
	_, rest, found := strings.Cut(page, `<script type="application/gzip" id="data">`)
	packed, _, _ := strings.Cut(rest, "</script>")
	if !found {
		t.Fatal("the data is not packed")
	}
	unpacked, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	lines := bufio.NewWriter(&want)
	seen, err := surveyChanges(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := newPageData(p, seen)
	d.most = maxPageRecords
	if err := errors.Join(d.survey(p), d.write(lines, p), lines.Flush()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) || bytes.Count(got, []byte("\n")) != packedFrom+1 {
		t.Errorf("%d bytes of %d records are unpacked, want %d", len(got), bytes.Count(got, []byte("\n")), want.Len())
	}
}
