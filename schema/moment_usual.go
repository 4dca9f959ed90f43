package schema

// UsualMoment reports whether a text is the canonical one of a Date, a Timestamp
// or a TimestampTZ, and is recognised as such at a glance. Of a text that it
// does not recognise it says nothing: see Type.Parse.
func UsualMoment(kind Kind, text string) bool {
	v, ok := usualMoment(kind, text)
	return ok && v.Text == text
}

// usualMoment parses, at a tenth of what it costs otherwise, a day of the years
// 1 to 9999 and a time of it at UTC, as databases and Django write them.
func usualMoment(kind Kind, s string) (Value, bool) {
	if len(s) < 10 || !usualDay(s) {
		return Value{}, false
	}
	if kind == Date {
		return NewValue(s), len(s) == 10
	}
	if len(s) < 19 || s[10] != ' ' && s[10] != 'T' || !usualClock(s[11:19]) {
		return Value{}, false
	}
	end, zone := len(s), ""
	if kind == TimestampTZ {
		zone = "+00"
		switch {
		case s[end-1] == 'Z':
			end--
		case s[end-3:] == zone:
			end -= 3
		case len(s) >= 25 && s[end-6:] == "+00:00":
			end -= 6
		default:
			return Value{}, false
		}
	}
	if end < 19 || kind != Timestamp && kind != TimestampTZ {
		return Value{}, false
	}
	fraction := s[19:end]
	if fraction != "" && (fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 7 || !isDigits(fraction[1:])) {
		return Value{}, false
	}
	digits := len(fraction) - 1
	for fraction != "" && (fraction[len(fraction)-1] == '0' || fraction == ".") {
		fraction = fraction[:len(fraction)-1]
	}
	v := NewValue(s)
	if digits == 3 {
		v.Digits = 3
	}
	if s[10] != ' ' || s[19+len(fraction):] != zone {
		v.Text = s[:10] + " " + s[11:19] + fraction + zone
	}
	return v, true
}

// usualDay recognises 2025-12-10, but for the 29th of February.
func usualDay(s string) bool {
	if !isDigits(s[:4]) || s[:4] == "0000" || s[4] != '-' || s[7] != '-' || !isPair(s[5:7], 1, 12) {
		return false
	}
	last := byte(31)
	switch s[5:7] {
	case "02":
		last = 28
	case "04", "06", "09", "11":
		last = 30
	}
	return isPair(s[8:10], 1, last)
}

// usualClock recognises 08:19:38.
func usualClock(s string) bool {
	return s[2] == ':' && s[5] == ':' && isPair(s[:2], 0, 23) && isPair(s[3:5], 0, 59) && isPair(s[6:8], 0, 59)
}

// isPair reports whether s is two digits of a number from least to most.
func isPair(s string, least, most byte) bool {
	tens, ones := s[0]-'0', s[1]-'0'
	n := 10*tens + ones
	return tens <= 9 && ones <= 9 && n >= least && n <= most
}
