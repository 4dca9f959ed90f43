package databasetest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// valuesOf draws a type's canonical values.
func valuesOf(t Type) *rapid.Generator[string] {
	if t.Values != nil {
		return t.Values
	}
	if g := canonical(t.Want); g != nil {
		return g
	}
	return rapid.SampledFrom(t.Examples)
}

// canonical draws what schema.Value allows for the type, nil for Other.
func canonical(t schema.Type) *rapid.Generator[string] {
	switch t.Kind {
	case schema.Bool:
		return rapid.SampledFrom([]string{"t", "f"})
	case schema.Integer:
		return integers(t.Bits)
	case schema.Numeric:
		return numerics(t.Precision, t.Scale)
	case schema.Float:
		return rapid.Map(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64), func(f float64) string { return float(f, t.Bits) })
	case schema.Text:
		return texts(t.Length)
	case schema.Enum:
		return rapid.SampledFrom(t.Labels)
	case schema.Bytes:
		return rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return `\x` + hex.EncodeToString(b) })
	case schema.UUID:
		return rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) string {
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		})
	case schema.Date:
		return instants("2006-01-02")
	case schema.Time:
		return instants("15:04:05.999999")
	case schema.Timestamp:
		return instants("2006-01-02 15:04:05.999999")
	case schema.TimestampTZ:
		return instants("2006-01-02 15:04:05.999999+00")
	case schema.Interval:
		return intervals()
	case schema.JSON:
		return documents()
	case schema.Array:
		return arrays(*t.Elem)
	case schema.Inet:
		return addresses()
	}
	return nil
}

func integers(bits int) *rapid.Generator[string] {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	if bits > 0 && bits < 64 {
		low, high = -1<<(bits-1), 1<<(bits-1)-1
	}
	return rapid.Map(rapid.Int64Range(low, high), func(n int64) string { return strconv.FormatInt(n, 10) })
}

// numerics draws numbers with all of the type's digits, or with up to 30
// before and after the point.
func numerics(precision, scale int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		whole, fraction := precision-scale, scale
		if precision == 0 {
			whole, fraction = 30, rapid.IntRange(0, 30).Draw(t, "scale")
		}
		digits := rapid.StringOfN(rapid.SampledFrom([]rune("0123456789")), whole+fraction, whole+fraction, -1).Draw(t, "digits")
		s := strings.TrimLeft(digits[:whole], "0")
		if s == "" {
			s = "0"
		}
		if fraction > 0 {
			s += "." + digits[whole:]
		}
		if strings.Trim(s, "0.") != "" && rapid.Bool().Draw(t, "negative") {
			s = "-" + s
		}
		return s
	})
}

// float is the shortest text, in scientific notation where PostgreSQL uses it.
func float(f float64, bits int) string {
	most := 15
	if bits == 32 {
		f, most = float64(float32(math.Mod(f, math.MaxFloat32))), 6
	}
	if f == 0 {
		return "0" // and not -0
	}
	s := strconv.FormatFloat(f, 'e', -1, bits)
	exponent, err := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if err == nil && exponent >= -4 && exponent < most {
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	return s
}

// texts draws strings, with those characters often that quoting and escaping
// know. NUL is no character of a text.
func texts(length int) *rapid.Generator[string] {
	if length == 0 {
		length = -1
	}
	special := rapid.SampledFrom([]rune("\\\t\n\r'\"N.,{}%$?:; \u00e9\u2028\U0001F600"))
	runes := rapid.OneOf(rapid.Rune(), special).Filter(func(r rune) bool { return r != 0 })
	return rapid.StringOfN(runes, 0, length, -1)
}

// instants draws from the years 1 to 9999 in microseconds.
func instants(layout string) *rapid.Generator[string] {
	first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()
	return rapid.Custom(func(t *rapid.T) string {
		// Whole seconds and milliseconds are what most rows have.
		unit := rapid.SampledFrom([]int64{1, 1000, 1_000_000}).Draw(t, "unit")
		n := rapid.Int64Range(first, last).Draw(t, "instant") / unit * unit
		return time.UnixMicro(n).UTC().Format(layout)
	})
}

func intervals() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		months := rapid.IntRange(-1200, 1200).Draw(t, "months")
		days := rapid.IntRange(-100_000, 100_000).Draw(t, "days")
		micros := rapid.Int64Range(-1e15, 1e15).Draw(t, "microseconds")
		part := func(n int64, unit string) string {
			if n == 0 {
				return ""
			}
			return strconv.FormatInt(n, 10) + unit
		}
		date := part(int64(months/12), "Y") + part(int64(months%12), "M") + part(int64(days), "D")
		clock := part(micros/3_600_000_000, "H") + part(micros/60_000_000%60, "M")
		if s := micros % 60_000_000; s != 0 {
			sign := ""
			if s < 0 {
				sign, s = "-", -s
			}
			clock += sign + strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%06d", s/1_000_000, s%1_000_000), "0"), ".") + "S"
		}
		switch {
		case date == "" && clock == "":
			return "PT0S"
		case clock == "":
			return "P" + date
		}
		return "P" + date + "T" + clock
	})
}

// documents draws JSON. Numbers are small: how a database keeps others is its
// own affair, see schema.Type.Equal.
func documents() *rapid.Generator[string] {
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.IntRange(-1000, 1000), func(n int) any { return n }), rapid.Map(texts(10), func(s string) any { return s }),
	)
	return rapid.Custom(func(t *rapid.T) string {
		var v any
		switch rapid.IntRange(0, 2).Draw(t, "shape") {
		case 0:
			v = scalar.Draw(t, "scalar")
		case 1:
			v = rapid.SliceOfN(scalar, 0, 3).Draw(t, "list")
		default:
			v = rapid.MapOfN(texts(10), scalar, 0, 3).Draw(t, "object")
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	})
}

func arrays(elem schema.Type) *rapid.Generator[string] {
	item := rapid.OneOf(rapid.Just("NULL"), rapid.Map(canonical(elem), arrayItem))
	return rapid.Map(rapid.SliceOfN(item, 0, 4), func(items []string) string { return "{" + strings.Join(items, ",") + "}" })
}

// arrayItem quotes an array's element where it must be.
func arrayItem(s string) string {
	if s != "" && !strings.ContainsAny(s, "{}\",\\ \t\n\r\v\f") && !strings.EqualFold(s, "NULL") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func addresses() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		raw := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
		raw[0] = 0x20 // no IPv4 address in IPv6 spelling
		addr, bits := netip.AddrFrom16([16]byte(raw)), 128
		if rapid.Bool().Draw(t, "IPv4") {
			addr, bits = netip.AddrFrom4([4]byte(raw[12:])), 32
		}
		if n := rapid.IntRange(0, bits).Draw(t, "prefix"); n < bits {
			return netip.PrefixFrom(addr, n).String()
		}
		return addr.String()
	})
}
