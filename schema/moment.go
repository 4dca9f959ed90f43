package schema

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var (
	errDate      = errors.New(`expected a date such as "2025-12-10"`)
	errTime      = errors.New(`expected a time such as "02:00:00.5"`)
	errTimestamp = errors.New(`expected a timestamp such as "2025-12-10T08:19:38.545Z"`)
	errNoOffset  = errors.New("expected a timestamp with its offset from UTC, found one without")
	errOffset    = errors.New("expected a value without an offset from UTC, found one with")
)

// moment is a date, a time of the day or both.
type moment struct {
	// year is astronomical: 0 is 1 BC.
	year, month, day     int
	hour, minute, second int
	us                   int64 // fraction of the second in microseconds
	digits               int   // how many digits the fraction was written with
	hasOffset            bool
	offset               int // seconds east of UTC
}

// parseMoment parses the kinds Date, Time, Timestamp and TimestampTZ.
func parseMoment(kind Kind, l Literal) (Value, error) {
	if l.Kind == StringLiteral {
		if v, ok := usualMoment(kind, l.Text); ok {
			return v, nil
		}
	}
	want := errTimestamp
	switch kind {
	case Date:
		want = errDate
	case Time:
		want = errTime
	}
	if l.Kind != StringLiteral {
		return Value{}, fmt.Errorf("%w, found %s", want, l.Kind.noun())
	}
	if kind != Time && (l.Text == "infinity" || l.Text == "-infinity") {
		return NewValue(l.Text), nil
	}
	m, err := readMoment(kind, l.Text, want)
	if err != nil {
		return Value{}, err
	}
	v := NewValue(m.text(kind))
	if m.digits == 3 {
		v.Digits = 3
	}
	return v, nil
}

// readMoment parses and brings what has an offset to UTC. want is the error
// for a text that is none.
func readMoment(kind Kind, s string, want error) (m moment, err error) {
	if kind == Time {
		if err := m.parseClock(s, want); err != nil {
			return m, err
		}
		if m.hasOffset && m.offset != 0 {
			return m, errOffset
		}
		return m, nil
	}
	s, bc := strings.CutSuffix(s, " BC")
	date, clock := s, ""
	if kind != Date {
		i := strings.IndexAny(s, "T ")
		if i < 0 {
			return m, want
		}
		date, clock = s[:i], s[i+1:]
	}
	if err := m.parseDate(date, bc, want); err != nil {
		return m, err
	}
	if kind != Date {
		if err := m.parseClock(clock, want); err != nil {
			return m, err
		}
		if m.hour == 24 {
			return m, want
		}
	}
	return m, m.settle(kind)
}

// settle applies the offset and checks the range of the kind.
func (m *moment) settle(kind Kind) error {
	switch {
	case kind == TimestampTZ && !m.hasOffset:
		return errNoOffset
	case kind == Timestamp && m.offset != 0:
		return errOffset
	}
	if m.offset != 0 {
		t := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second-m.offset, 0, time.UTC)
		m.year, m.month, m.day = t.Year(), int(t.Month()), t.Day()
		m.hour, m.minute, m.second = t.Clock()
	}
	// PostgreSQL's calendar starts on 24 November 4714 BC.
	last := 294276
	if kind == Date {
		last = 5874897
	}
	if m.year > last || m.year < -4713 || m.year == -4713 && (m.month < 11 || m.month == 11 && m.day < 24) {
		return errOutOfRange
	}
	return nil
}

// parseDate reads "2025-12-10"; years may have more than four digits.
func (m *moment) parseDate(s string, bc bool, want error) error {
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) < 4 || len(parts[0]) > 7 || len(parts[1]) != 2 || len(parts[2]) != 2 {
		return want
	}
	for i, field := range []*int{&m.year, &m.month, &m.day} {
		n, err := parseDigits(parts[i])
		if err != nil {
			return want
		}
		*field = int(n)
	}
	if m.year == 0 {
		return want
	}
	if bc {
		m.year = 1 - m.year
	}
	t := time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
	if int(t.Month()) != m.month || t.Day() != m.day {
		return want
	}
	return nil
}

// parseClock reads "08:19:38.545+02:00", the offset being optional.
func (m *moment) parseClock(s string, want error) error {
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		if err := m.parseOffset(s[i:], want); err != nil {
			return err
		}
		s = s[:i]
	}
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return want
	}
	for i, field := range []*int{&m.hour, &m.minute, &m.second} {
		n, err := parseDigits(s[3*i : 3*i+2])
		if err != nil {
			return want
		}
		*field = int(n)
	}
	if len(s) > 8 {
		if s[8] != '.' || len(s) == 9 || !isDigits(s[9:]) || len(s) > 18 {
			return want
		}
		us, err := parseFraction(s[9:])
		if err != nil {
			return err
		}
		m.us, m.digits = us, len(s)-9
	}
	midnight := m.hour == 24 && m.minute == 0 && m.second == 0 && m.us == 0
	if m.hour > 23 && !midnight || m.minute > 59 || m.second > 59 {
		return want
	}
	return nil
}

// parseOffset reads "Z", "+02", "+0230", "+02:30" and "+02:30:15".
func (m *moment) parseOffset(s string, want error) error {
	m.hasOffset = true
	if s == "Z" {
		return nil
	}
	digits := s[1:]
	if len(digits) > 2 && digits[2] == ':' {
		if len(digits) != 5 && (len(digits) != 8 || digits[5] != ':') {
			return want
		}
		digits = strings.ReplaceAll(digits, ":", "")
	}
	if s[0] == 'Z' || len(digits) == 0 || len(digits) > 6 || len(digits)%2 != 0 || !isDigits(digits) {
		return want
	}
	for i, unit := 0, 3600; i < len(digits); i, unit = i+2, unit/60 {
		n := int(digits[i]-'0')*10 + int(digits[i+1]-'0')
		if unit == 3600 && n > 15 || unit < 3600 && n > 59 {
			return want
		}
		m.offset += n * unit
	}
	if s[0] == '-' {
		m.offset = -m.offset
	}
	return nil
}

// parseFraction is the digits after a second's point in microseconds.
func parseFraction(s string) (int64, error) {
	if s == "" || !isDigits(s) {
		return 0, errors.New("expected digits after the point of the seconds")
	}
	if len(s) > 6 {
		if strings.Trim(s[6:], "0") != "" {
			return 0, errors.New("the fraction is finer than a microsecond")
		}
		s = s[:6]
	}
	return strconv.ParseInt((s + "000000")[:6], 10, 64)
}

// appendFraction appends ".545" for 545000 microseconds, nothing for none.
func appendFraction(b []byte, us int64) []byte {
	if us == 0 {
		return b
	}
	return append(b, strings.TrimRight(fmt.Sprintf(".%06d", us), "0")...)
}

// text is the canonical form; a TimestampTZ is at UTC by now.
func (m moment) text(kind Kind) string {
	var b []byte
	year := m.year
	if kind != Time {
		if year <= 0 {
			year = 1 - year
		}
		b = fmt.Appendf(b, "%04d-%02d-%02d", year, m.month, m.day)
	}
	if kind == Timestamp || kind == TimestampTZ {
		b = append(b, ' ')
	}
	if kind != Date {
		b = fmt.Appendf(b, "%02d:%02d:%02d", m.hour, m.minute, m.second)
		b = appendFraction(b, m.us)
	}
	if kind == TimestampTZ {
		b = append(b, "+00"...)
	}
	if kind != Time && m.year <= 0 {
		b = append(b, " BC"...)
	}
	return string(b)
}

// cutFraction shortens the fraction of a canonical time or timestamp to so
// many digits, as Django does, without rounding.
func cutFraction(s string, digits uint8) string {
	dot := strings.IndexByte(s, '.')
	if dot < 0 || digits == 0 {
		return s
	}
	end := dot + 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	keep := strings.TrimRight(s[dot:min(end, dot+1+int(digits))], "0")
	if keep == "." {
		keep = ""
	}
	return s[:dot] + keep + s[end:]
}

// packageMoment spells a canonical time or timestamp as Django does, and so
// that Parse finds the same number of digits.
func packageMoment(kind Kind, v Value) string {
	m, err := readMoment(kind, v.Text, errTimestamp)
	if err != nil {
		return v.Text
	}
	text, bc := strings.CutSuffix(m.text(kind), " BC")
	text = strings.TrimSuffix(text, "+00")
	if kind != Time {
		text = strings.Replace(text, " ", "T", 1)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	switch {
	case v.Digits == 3 && len(fraction) <= 3:
		text = whole + "." + (fraction + "000")[:3]
	case len(fraction) == 3:
		text += "000"
	}
	if kind == TimestampTZ {
		text += "Z"
	}
	if bc {
		text += " BC"
	}
	return text
}
