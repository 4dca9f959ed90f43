package schema

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// interval is a span of time with the three parts that PostgreSQL keeps apart.
type interval struct {
	months int64
	days   int64
	us     int64 // microseconds
}

const (
	secondUS = 1_000_000
	minuteUS = 60 * secondUS
	hourUS   = 60 * minuteUS
	dayUS    = 24 * hourUS
)

var errInterval = errors.New(`expected a duration such as "1 02:03:04.5" or "P1DT2H3M4.5S"`)

func parseIntervalLiteral(l Literal) (string, error) {
	if l.Kind != StringLiteral {
		return "", unexpected("a duration", l)
	}
	i, err := parseInterval(l.Text)
	if err != nil {
		return "", err
	}
	return i.String(), nil
}

// parseInterval reads ISO 8601 and Django's "D HH:MM:SS".
func parseInterval(s string) (interval, error) {
	var i interval
	var err error
	if negative, rest := cutSign(s); strings.HasPrefix(rest, "P") {
		i, err = parseISOInterval(rest[1:], negative)
	} else {
		i, err = parseClockInterval(s)
	}
	if err != nil {
		return interval{}, err
	}
	if i.months != int64(int32(i.months)) || i.days != int64(int32(i.days)) {
		return interval{}, errOutOfRange
	}
	return i, nil
}

// parseClockInterval reads "[-]D HH:MM:SS.ffffff" and "[-]HH:MM:SS.ffffff".
// The sign before the days is theirs alone: "-1 22:00:00" is two hours back.
func parseClockInterval(s string) (i interval, err error) {
	clock := s
	if days, rest, ok := strings.Cut(s, " "); ok {
		if i.days, err = parseAmount(days); err != nil {
			return interval{}, err
		}
		clock = rest
	}
	negative, clock := cutSign(clock)
	parts := strings.Split(clock, ":")
	if len(parts) != 3 || len(parts[1]) != 2 {
		return interval{}, errInterval
	}
	units := [...]int64{hourUS, minuteUS}
	for n, unit := range units {
		amount, err := parseDigits(parts[n])
		if err != nil {
			return interval{}, err
		}
		if n > 0 && amount > 59 {
			return interval{}, errInterval
		}
		if i.us, err = addScaled(i.us, amount, unit); err != nil {
			return interval{}, err
		}
	}
	seconds, us, err := parseSeconds(parts[2])
	if err != nil {
		return interval{}, err
	}
	if seconds > 59 {
		return interval{}, errInterval
	}
	if i.us, err = addScaled(i.us, seconds*secondUS+us, 1); err != nil {
		return interval{}, err
	}
	if negative {
		i.us = -i.us
	}
	return i, nil
}

// parseISOInterval reads what follows the P: amounts with a sign each, in
// falling units, each at most once; only seconds have a fraction.
func parseISOInterval(s string, negative bool) (i interval, err error) {
	units, clock, found := "YMWD", false, false
	for s != "" {
		if s[0] == 'T' && !clock {
			units, clock, found, s = "HMS", true, false, s[1:]
			continue
		}
		end := strings.IndexAny(s, "YMWDHS")
		if end <= 0 {
			return interval{}, errInterval
		}
		at := strings.IndexByte(units, s[end])
		if at < 0 {
			return interval{}, errInterval
		}
		if err = i.add(s[:end], s[end], clock, negative); err != nil {
			return interval{}, err
		}
		units, s, found = units[at+1:], s[end+1:], true
	}
	if !found {
		return interval{}, errInterval
	}
	return i, nil
}

// add adds one part of an ISO 8601 duration.
func (i *interval) add(amount string, unit byte, clock, negative bool) (err error) {
	minus, digits := cutSign(amount)
	sign := int64(1)
	if minus != negative {
		sign = -1
	}
	if unit == 'S' {
		seconds, us, err := parseSeconds(digits)
		if err != nil {
			return err
		}
		if i.us, err = addScaled(i.us, sign*seconds, secondUS); err != nil {
			return err
		}
		i.us, err = addScaled(i.us, sign*us, 1)
		return err
	}
	n, err := parseDigits(digits)
	if err != nil {
		return err
	}
	switch {
	case unit == 'Y':
		i.months, err = addScaled(i.months, sign*n, 12)
	case unit == 'M' && !clock:
		i.months, err = addScaled(i.months, sign*n, 1)
	case unit == 'W':
		i.days, err = addScaled(i.days, sign*n, 7)
	case unit == 'D':
		i.days, err = addScaled(i.days, sign*n, 1)
	case unit == 'H':
		i.us, err = addScaled(i.us, sign*n, hourUS)
	default:
		i.us, err = addScaled(i.us, sign*n, minuteUS)
	}
	return err
}

// addScaled is sum + n*unit, checked. unit is positive.
func addScaled(sum, n, unit int64) (int64, error) {
	if n > math.MaxInt64/unit || n < -math.MaxInt64/unit {
		return 0, errOutOfRange
	}
	n *= unit
	if n > 0 && sum > math.MaxInt64-n || n < 0 && sum < -math.MaxInt64-n {
		return 0, errOutOfRange
	}
	return sum + n, nil
}

func parseAmount(s string) (int64, error) {
	negative, digits := cutSign(s)
	n, err := parseDigits(digits)
	if negative {
		n = -n
	}
	return n, err
}

func parseDigits(s string) (int64, error) {
	if s == "" || !isDigits(s) {
		return 0, errInterval
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errOutOfRange // hides strconv's error, which quotes the value
	}
	return n, nil
}

// parseSeconds reads "04.000005".
func parseSeconds(s string) (seconds, us int64, err error) {
	whole, fraction, dot := strings.Cut(s, ".")
	if seconds, err = parseDigits(whole); err != nil {
		return 0, 0, err
	}
	if dot {
		us, err = parseFraction(fraction)
	}
	return seconds, us, err
}

// String is PostgreSQL's iso_8601 style.
func (i interval) String() string {
	if i == (interval{}) {
		return "PT0S"
	}
	b := []byte("P")
	part := func(n int64, unit byte) {
		if n != 0 {
			b = append(strconv.AppendInt(b, n, 10), unit)
		}
	}
	part(i.months/12, 'Y')
	part(i.months%12, 'M')
	part(i.days, 'D')
	if i.us == 0 {
		return string(b)
	}
	b = append(b, 'T')
	part(i.us/hourUS, 'H')
	part(i.us%hourUS/minuteUS, 'M')
	if us := i.us % minuteUS; us != 0 {
		if us < 0 {
			b, us = append(b, '-'), -us
		}
		b = strconv.AppendInt(b, us/secondUS, 10)
		b = append(appendFraction(b, us%secondUS), 'S')
	}
	return string(b)
}

// normal is the interval with less than a day of time: days of 24 hours.
func (i interval) normal() interval {
	days, us := i.us/dayUS, i.us%dayUS
	if us < 0 {
		days, us = days-1, us+dayUS
	}
	return interval{months: i.months, days: i.days + days, us: us}
}

// microseconds is the interval as Django keeps it in an integer column.
func (i interval) microseconds() (int64, error) {
	if i.months != 0 {
		return 0, errors.New("expected a duration without years and months, whose length differs")
	}
	return addScaled(i.us, i.days, dayUS)
}
