package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// COPY's binary format costs the server a third less than its text format, where
// each value is searched for escapes and parsed. Rows are sent in it when all
// their columns are of types whose binary form is simple.

const (
	// A signature, no flags, no extension of the header.
	binaryHeader  = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"
	binaryTrailer = "\xff\xff"
)

// binaryColumn appends a value in the binary format of its column's type, false
// for a text that is none of the type.
type binaryColumn struct {
	table, name string
	append      func(b []byte, text string) ([]byte, bool)
}

// binaryColumns are the columns of the batch's rows, nil where one of them must
// be sent as text.
func binaryColumns(batch schema.Batch) []binaryColumn {
	names := batch.Columns
	switch batch.Op {
	case schema.Update:
		names = slices.Concat(batch.Key, batch.Columns)
	case schema.Delete:
		names = batch.Key
	}
	var out []binaryColumn
	for _, name := range names {
		c := batch.Table.Column(name)
		if c == nil {
			return nil
		}
		f := binaryForm(c.Type)
		if f == nil {
			return nil
		}
		out = append(out, binaryColumn{batch.Table.Name, name, f})
	}
	return out
}

func binaryForm(t schema.Type) func([]byte, string) ([]byte, bool) {
	switch t.Kind {
	case schema.Text, schema.Enum:
		return appendText
	case schema.JSON:
		return documentForm(t.Native)
	case schema.Bool:
		return appendBool
	case schema.Integer:
		return integerForm(t.Bits)
	case schema.Float:
		return floatForm(t.Bits)
	case schema.Numeric:
		return appendNumeric
	case schema.Inet:
		return appendInet
	case schema.UUID:
		return appendUUIDBytes
	case schema.Bytes:
		return appendBytes
	case schema.Date:
		return appendDateBytes
	case schema.Timestamp:
		return momentForm("")
	case schema.TimestampTZ:
		return momentForm("+00")
	}
	return nil
}

// appendTuple appends a row.
func appendTuple(b []byte, columns []binaryColumn, row []schema.Value) ([]byte, error) {
	b = binary.BigEndian.AppendUint16(b, uint16(len(row)))
	for i, v := range row {
		if !v.Valid {
			b = append(b, "\xff\xff\xff\xff"...)
			continue
		}
		from := len(b)
		var ok bool
		if b, ok = columns[i].append(append(b, 0, 0, 0, 0), v.Text); !ok {
			return b, fmt.Errorf("%w: not a value of the column's type, table %q, column %q", database.ErrConstraint, columns[i].table, columns[i].name)
		}
		binary.BigEndian.PutUint32(b[from:], uint32(len(b)-from-4))
	}
	return b, nil
}

func appendText(b []byte, text string) ([]byte, bool) { return append(b, text...), true }

// documentForm knows two types; jsonb has a version before the text.
func documentForm(native string) func([]byte, string) ([]byte, bool) {
	switch native {
	case "json":
		return appendText
	case "jsonb":
		return func(b []byte, text string) ([]byte, bool) { return append(append(b, 1), text...), true }
	}
	return nil
}

func appendBool(b []byte, text string) ([]byte, bool) {
	switch text {
	case "t":
		return append(b, 1), true
	case "f":
		return append(b, 0), true
	}
	return b, false
}

func integerForm(bits int) func([]byte, string) ([]byte, bool) {
	return func(b []byte, text string) ([]byte, bool) {
		n, err := strconv.ParseInt(text, 10, bits)
		switch bits {
		case 16:
			b = binary.BigEndian.AppendUint16(b, uint16(n))
		case 32:
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		default:
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
		return b, err == nil
	}
}

func floatForm(bits int) func([]byte, string) ([]byte, bool) {
	return func(b []byte, text string) ([]byte, bool) {
		f, err := strconv.ParseFloat(text, bits)
		if bits == 32 {
			return binary.BigEndian.AppendUint32(b, math.Float32bits(float32(f))), err == nil
		}
		return binary.BigEndian.AppendUint64(b, math.Float64bits(f)), err == nil
	}
}

// appendNumeric appends a number in groups of four decimal digits: how many,
// the weight of the first, the sign, how many digits there are to the right of
// the point, and the groups; those at the ends are not zero.
func appendNumeric(b []byte, text string) ([]byte, bool) {
	sign := uint16(0)
	switch text {
	case "NaN":
		sign = 0xc000
	case "Infinity":
		sign = 0xd000
	case "-Infinity":
		sign = 0xf000
	}
	if sign != 0 {
		return append(b, 0, 0, 0, 0, byte(sign>>8), byte(sign), 0, 0), true
	}
	digits, negative := strings.CutPrefix(text, "-")
	if negative {
		sign = 0x4000
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > math.MaxInt16 || len(fraction) > math.MaxInt16 {
		return b, false
	}
	const group = 4
	aligned := strings.Repeat("0", (group-len(whole)%group)%group) + whole + fraction + strings.Repeat("0", (group-len(fraction)%group)%group)
	weight := (len(whole)+group-1)/group - 1
	for ; strings.HasPrefix(aligned, "0000"); weight-- {
		aligned = aligned[group:]
	}
	for strings.HasSuffix(aligned, "0000") {
		aligned = aligned[:len(aligned)-group]
	}
	if aligned == "" {
		weight, sign = 0, 0
	}
	for _, n := range [...]uint16{uint16(len(aligned) / group), uint16(weight), sign, uint16(len(fraction))} {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	for ; aligned != ""; aligned = aligned[group:] {
		n, err := strconv.ParseUint(aligned[:group], 10, 16)
		if err != nil {
			return b, false
		}
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b, true
}

// appendInet appends family, bits, that it is no cidr, and the address with its
// length in front.
func appendInet(b []byte, text string) ([]byte, bool) {
	p, err := netip.ParsePrefix(text)
	if a, alone := netip.ParseAddr(text); alone == nil && a.Zone() == "" {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	family := byte(2) // PGSQL_AF_INET
	if p.Addr().Is6() {
		family = 3
	}
	address := p.Addr().AsSlice()
	return append(append(b, family, byte(p.Bits()), 0, byte(len(address))), address...), err == nil
}

func appendUUIDBytes(b []byte, text string) ([]byte, bool) {
	if len(text) != 36 {
		return b, false
	}
	for i, part := range [...]string{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
		var ok bool
		if b, ok = appendHex(b, part); !ok || i > 0 && text[[...]int{0, 8, 13, 18, 23}[i]] != '-' {
			return b, false
		}
	}
	return b, true
}

func appendBytes(b []byte, text string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(text, `\x`)
	if !ok {
		return b, false
	}
	return appendHex(b, digits)
}

func appendHex(b []byte, digits string) ([]byte, bool) {
	from := len(b)
	b = append(b, digits...)
	n, err := hex.Decode(b[from:], b[from:])
	return b[:from+n], err == nil
}

func appendDateBytes(b []byte, text string) ([]byte, bool) {
	switch text {
	case "infinity":
		return binary.BigEndian.AppendUint32(b, math.MaxInt32), true
	case "-infinity":
		return binary.BigEndian.AppendUint32(b, 1<<31), true
	}
	text, bc := strings.CutSuffix(text, " BC")
	days, ok := readDay(text, bc)
	return binary.BigEndian.AppendUint32(b, uint32(days)), ok && days < math.MaxInt32 && days > math.MinInt32
}

// endOfTime is the day from which on the server has no moments; it has none
// that far in the past either.
const endOfTime = 106751983

// momentForm appends microseconds since 2000.
func momentForm(zone string) func([]byte, string) ([]byte, bool) {
	return func(b []byte, text string) ([]byte, bool) {
		switch text {
		case "infinity":
			return binary.BigEndian.AppendUint64(b, math.MaxInt64), true
		case "-infinity":
			return binary.BigEndian.AppendUint64(b, 1<<63), true
		}
		text, bc := strings.CutSuffix(text, " BC")
		text, zoned := strings.CutSuffix(text, zone)
		date, clock, timed := strings.Cut(text, " ")
		days, ok := readDay(date, bc)
		micros, fine := readClock(clock)
		ok = ok && zoned && timed && fine && days < endOfTime && days > -endOfTime
		return binary.BigEndian.AppendUint64(b, uint64(days*microsPerDay+micros)), ok
	}
}

// readDay is appendDay's inverse: see Howard Hinnant, days_from_civil.
func readDay(text string, bc bool) (days int64, ok bool) {
	if len(text) < len("2000-01-01") || text[len(text)-3] != '-' || text[len(text)-6] != '-' {
		return 0, false
	}
	parsed, err := strconv.ParseUint(text[:len(text)-6], 10, 31)
	year := int64(parsed)
	month, fine := readTwo(text[len(text)-5:])
	day, whole := readTwo(text[len(text)-2:])
	if err != nil || !fine || !whole || year < 1 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	if bc {
		year = 1 - year
	}
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	if longest := [...]int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]; day > longest && (month != 2 || !leap || day > 29) {
		return 0, false
	}
	if month < 3 {
		month += 12
		year--
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	year -= era * 400
	return era*daysPerEra + year*365 + year/4 - year/100 + (153*(month-3)+2)/5 + day - 1 - daysBefore2000, true
}

// readClock reads microseconds from 03:04:05.678.
func readClock(text string) (micros int64, ok bool) {
	if len(text) < 8 || text[2] != ':' || text[5] != ':' {
		return 0, false
	}
	hour, a := readTwo(text)
	minute, b := readTwo(text[3:])
	second, c := readTwo(text[6:])
	micros = ((hour*60+minute)*60 + second) * microsPerSecond
	if !a || !b || !c || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	fraction := text[8:]
	if fraction == "" {
		return micros, true
	}
	if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 7 {
		return 0, false
	}
	unit := int64(microsPerSecond)
	for i := 1; i < len(fraction); i++ {
		if fraction[i]-'0' > 9 {
			return 0, false
		}
		unit /= 10
		micros += unit * int64(fraction[i]-'0')
	}
	return micros, true
}

// readTwo reads the two digits that a text begins with.
func readTwo(text string) (int64, bool) {
	a, b := text[0]-'0', text[1]-'0'
	return int64(a)*10 + int64(b), a <= 9 && b <= 9
}
