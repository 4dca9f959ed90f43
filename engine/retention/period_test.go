package retention_test

import (
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/engine/retention"
)

func TestPeriodsAreRead(t *testing.T) {
	for text, want := range map[string]retention.Period{
		"30d":      {Days: 30},
		"2y6m":     {Years: 2, Months: 6},
		"1m12h":    {Months: 1, Hours: 12},
		"7d1y":     {Years: 1, Days: 7},
		"0y003m":   {Months: 3},
		"1y2m3d4h": {Years: 1, Months: 2, Days: 3, Hours: 4},
	} {
		if got, err := retention.ParsePeriod(text); err != nil || got != want {
			t.Errorf("ParsePeriod(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for what, text := range map[string]string{
		"nothing":               "",
		"no unit":               "30",
		"no unit at the end":    "1y30",
		"no number":             "d",
		"an unknown unit":       "4w",
		"a unit in capitals":    "30D",
		"a unit twice":          "1d2d",
		"a sign":                "-30d",
		"a space":               "30 d",
		"a fraction":            "1.5d",
		"no time":               "0d",
		"too great a number":    "100000d",
		"a number without end":  strings.Repeat("9", 100) + "d",
		"digits of other kinds": "٣d",
		"another language's":    "720h0m0s",
	} {
		if got, err := retention.ParsePeriod(text); err == nil {
			t.Errorf("%s: ParsePeriod(%q) = %+v, want an error", what, text, got)
		} else if len(err.Error()) > 250 {
			t.Errorf("%s: the message has %d bytes", what, len(err.Error()))
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{"30d", "2y6m", "1y2m3d4h", "", "d", "1", "99999y", "0h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := retention.ParsePeriod(text)
		if err != nil {
			return
		}
		if again, err := retention.ParsePeriod(p.String()); err != nil || again != p {
			t.Errorf("%q is written as %q, which is read as %+v, %v", text, p, again, err)
		}
		if err := (retention.Rules{Within: p}).Check(); err != nil {
			t.Errorf("the rules with %q: %v", text, err)
		}
	})
}
