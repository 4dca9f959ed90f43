package sqlite

import (
	"database/sql/driver"
	"strings"
)

// textForm stores every text as it is: one that looks like bytes, too.
func textForm() form {
	return form{
		read: func(v driver.Value) (string, bool) {
			s, ok := v.(string)
			return s, ok
		},
		write: func(s string) (driver.Value, bool) { return s, true },
		exact: true,
	}
}

func readBool(v driver.Value) (string, bool) {
	switch v {
	case int64(0):
		return "f", true
	case int64(1):
		return "t", true
	}
	return "", false
}

func writeBool(s string) (driver.Value, bool) {
	switch s {
	case "f":
		return int64(0), true
	case "t":
		return int64(1), true
	}
	return nil, false
}

func readBytes(v driver.Value) (string, bool) {
	b, ok := v.([]byte)
	return ownText(b), ok
}

func writeBytes(s string) (driver.Value, bool) {
	b, ok := unhex(s)
	return b, ok
}

// readHexUUID reads 32 lower-case hexadecimal digits.
func readHexUUID(v driver.Value) (string, bool) {
	s, ok := v.(string)
	if !ok || len(s) != 32 || !allHex(s) {
		return "", false
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], true
}

func writeHexUUID(s string) (driver.Value, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, false
	}
	digits := strings.ReplaceAll(s, "-", "")
	return digits, len(digits) == 32 && allHex(digits)
}

// allHex does not branch on what a byte is: of random digits and letters no
// processor can guess which comes next.
func allHex(s string) bool {
	bad := int32(0)
	for i := range len(s) {
		digit, letter := int32(s[i])-'0', int32(s[i])-'a'
		bad |= (digit | (9 - digit)) & (letter | (5 - letter)) // negative outside both
	}
	return bad >= 0
}
