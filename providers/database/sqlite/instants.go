package sqlite

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

// instantForm stores 2025-12-10 08:19:38.545 as Django does, with no fraction
// or six digits of it. zone is what the canonical text ends with.
func instantForm(zone string) form {
	return form{
		read: func(v driver.Value) (string, bool) {
			s, ok := v.(string)
			if !ok || len(s) < 19 || !isInstant(s[:19]) {
				return "", false
			}
			fraction, ok := trimFraction(s[19:])
			return s[:19] + fraction + zone, ok
		},
		write: func(s string) (driver.Value, bool) {
			s, ok := strings.CutSuffix(s, zone)
			if !ok || len(s) < 19 || !isInstant(s[:19]) {
				return nil, false
			}
			fraction, ok := padFraction(s[19:])
			return s[:19] + fraction, ok
		},
		exact: true,
	}
}

func readTime(v driver.Value) (string, bool) {
	s, ok := v.(string)
	if !ok || len(s) < 8 || !isClock(s[:8]) {
		return "", false
	}
	fraction, ok := trimFraction(s[8:])
	return s[:8] + fraction, ok
}

func writeTime(s string) (driver.Value, bool) {
	if len(s) < 8 || !isClock(s[:8]) {
		return nil, false
	}
	fraction, ok := padFraction(s[8:])
	return s[:8] + fraction, ok
}

// trimFraction turns a stored fraction, "" or ".545000", into the canonical
// "" or ".545".
func trimFraction(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if len(s) != 7 || s[0] != '.' || !only(s[1:], isDigit) {
		return "", false
	}
	return strings.TrimRight(s, "0"), s[1:] != "000000"
}

// padFraction is the inverse of trimFraction.
func padFraction(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if len(s) < 2 || len(s) > 7 || s[0] != '.' || !only(s[1:], isDigit) || s[len(s)-1] == '0' {
		return "", false
	}
	return s + strings.Repeat("0", 7-len(s)), true
}

// isInstant reports whether s is a day and a time of it, 2025-12-10 08:19:38.
func isInstant(s string) bool {
	return schema.UsualMoment(schema.Timestamp, s) || s[10] == ' ' && isDate(s[:10]) && isClock(s[11:])
}

// isDate reports whether s is a day of the years 1 to 9999, 2025-12-10.
func isDate(s string) bool {
	if s[4] != '-' || s[7] != '-' {
		return false
	}
	year, month, day := digits(s[:4]), digits(s[5:7]), digits(s[8:10])
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= lastDay(year, month))
}

func lastDay(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// isClock reports whether s is a time of day, 08:19:38.
func isClock(s string) bool {
	hour, minute, second := digits(s[:2]), digits(s[3:5]), digits(s[6:8])
	return s[2] == ':' && s[5] == ':' && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59
}

// digits is the number that s spells in digits alone, -1 otherwise.
func digits(s string) int {
	if !only(s, isDigit) {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
