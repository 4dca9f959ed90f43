package retention

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Period is a length of time in units of the calendar: a month is as long as
// the month is. The zero value is no time.
type Period struct {
	Years, Months, Days, Hours int
}

// maxUnits is the greatest number of a unit, which is far more than anybody
// keeps packages.
const maxUnits = 99_999

// ParsePeriod reads a period such as 30d, 2y6m or 1m12h: numbers with the units
// y, m, d and h, each at most once.
func ParsePeriod(text string) (Period, error) {
	var p Period
	if text == "" {
		return p, periodError(text, "it is empty")
	}
	units := map[byte]*int{'y': &p.Years, 'm': &p.Months, 'd': &p.Days, 'h': &p.Hours}
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return Period{}, periodError(text, "a number is missing")
		}
		if digits == len(rest) {
			return Period{}, periodError(text, "the last number has no unit")
		}
		unit := units[rest[digits]]
		if unit == nil {
			return Period{}, periodError(text, "there is a unit other than y, m, d and h, or one twice")
		}
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || n > maxUnits {
			return Period{}, periodError(text, fmt.Sprintf("a number is greater than %d", maxUnits))
		}
		*unit = n
		delete(units, rest[digits])
		rest = rest[digits+1:]
	}
	if p.zero() {
		return Period{}, periodError(text, "it is no time")
	}
	return p, nil
}

func periodError(text, problem string) error {
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	return fmt.Errorf("%q is not a period such as 30d or 2y6m: %s", text, problem)
}

// String is what ParsePeriod reads; "0h" for no time.
func (p Period) String() string {
	var b strings.Builder
	for _, part := range []struct {
		n    int
		unit byte
	}{{p.Years, 'y'}, {p.Months, 'm'}, {p.Days, 'd'}, {p.Hours, 'h'}} {
		if part.n != 0 {
			fmt.Fprintf(&b, "%d%c", part.n, part.unit)
		}
	}
	if b.Len() == 0 {
		return "0h"
	}
	return b.String()
}

func (p Period) zero() bool { return p == Period{} }

func (p Period) check() error {
	for _, n := range []int{p.Years, p.Months, p.Days, p.Hours} {
		if n < 0 || n > maxUnits {
			return errors.New("the period has a number that is negative or too great")
		}
	}
	return nil
}

// before returns the time this long before t, on the calendar of t's location.
// A day that a month lacks is its last: a month before March 31 is the end of
// February, not the beginning of March, as a period is never cut short.
func (p Period) before(t time.Time) time.Time {
	year, month, day := t.Date()
	first := time.Date(year-p.Years, month-time.Month(p.Months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := t.Clock()
	there := time.Date(first.Year(), first.Month(), min(day, last)-p.Days, hour, minute, second, t.Nanosecond(), t.Location())
	return there.Add(-time.Duration(p.Hours) * time.Hour)
}
