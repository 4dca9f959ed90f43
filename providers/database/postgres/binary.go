package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/edmsplan/edmsplan/schema"
)

// The server takes long to print moments and uuids, and they are shorter as it
// has them itself: they are read in its binary format, which its sources give
// (timestamptz_send, date_send and uuid_send), and printed here as it does.

// printer appends the text of a value in the binary format.
type printer func(b, v []byte) []byte

// printers of the columns, and the formats to ask for; all of nil where the
// server is to print everything.
func printers(t *schema.Table, columns []string) ([]printer, []int16) {
	out, formats := make([]printer, len(columns)), make([]int16, len(columns))
	for i, name := range columns {
		if c := t.Column(name); c != nil {
			out[i] = printerOf(c.Type.Kind)
		}
		if out[i] != nil {
			formats[i] = pgtype.BinaryFormatCode
		}
	}
	return out, formats
}

func printerOf(k schema.Kind) printer {
	switch k {
	case schema.UUID:
		return appendUUID
	case schema.Date:
		return appendDate
	case schema.Timestamp:
		return appendTimestamp
	case schema.TimestampTZ:
		return appendTimestampTZ
	}
	return nil
}

// check refuses a result whose columns are not of the types that are printed.
func check(columns []printer, fields []pgconn.FieldDescription) error {
	for i, f := range fields {
		size := map[uint32]int16{pgtype.UUIDOID: 16, pgtype.DateOID: 4, pgtype.TimestampOID: 8, pgtype.TimestamptzOID: 8}[f.DataTypeOID]
		if f.Format == pgtype.BinaryFormatCode && (columns[i] == nil || size == 0 || f.DataTypeSize != size) {
			return fmt.Errorf("the column %s is of the unexpected type %d", f.Name, f.DataTypeOID)
		}
	}
	return nil
}

func appendUUID(b, v []byte) []byte {
	for i, part := range [...][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:16]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// daysBefore2000 is the number of 2000-01-01, the day from which the server
// counts, when 0000-03-01 is 0.
const daysBefore2000 = 730425

// daysPerEra are those of 400 years, after which the calendar repeats itself.
const daysPerEra = 146097

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 24 * 60 * 60 * microsPerSecond
)

func appendDate(b, v []byte) []byte {
	switch days := int32(binary.BigEndian.Uint32(v)); days {
	case math.MaxInt32:
		return append(b, "infinity"...)
	case math.MinInt32:
		return append(b, "-infinity"...)
	default:
		b, bc := appendDay(b, int64(days))
		return appendEra(b, bc)
	}
}

func appendTimestamp(b, v []byte) []byte { return appendMoment(b, v, "") }

func appendTimestampTZ(b, v []byte) []byte { return appendMoment(b, v, "+00") }

// appendMoment prints microseconds since 2000.
func appendMoment(b, v []byte, zone string) []byte {
	micros := int64(binary.BigEndian.Uint64(v))
	switch micros {
	case math.MaxInt64:
		return append(b, "infinity"...)
	case math.MinInt64:
		return append(b, "-infinity"...)
	}
	days, clock := micros/microsPerDay, micros%microsPerDay
	if clock < 0 {
		days, clock = days-1, clock+microsPerDay
	}
	b, bc := appendDay(b, days)
	seconds, fraction := clock/microsPerSecond, clock%microsPerSecond
	b = appendTwo(append(b, ' '), seconds/3600)
	b = appendTwo(append(b, ':'), seconds/60%60)
	b = appendTwo(append(b, ':'), seconds%60)
	if fraction > 0 {
		b = append(b, '.')
		for unit := int64(microsPerSecond / 10); fraction > 0; unit /= 10 {
			b = append(b, byte('0'+fraction/unit))
			fraction %= unit
		}
	}
	return appendEra(append(b, zone...), bc)
}

// appendDay prints a day in the Gregorian calendar, counted from 2000-01-01. A
// year before 1 is printed as its number before Christ. The years are taken to
// begin in March, so that a leap day is the last one: see Howard Hinnant,
// chrono-Compatible Low-Level Date Algorithms, civil_from_days.
func appendDay(b []byte, days int64) (out []byte, bc bool) {
	z := days + daysBefore2000
	era := z / daysPerEra
	if z < 0 {
		era = (z - daysPerEra + 1) / daysPerEra
	}
	day := z - era*daysPerEra
	year := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	shifted := (5*day + 2) / 153 // months since March
	month := shifted + 3
	year += 400 * era
	if month > 12 {
		month -= 12
		year++
	}
	if bc = year < 1; bc {
		year = 1 - year
	}
	for least := int64(1000); year < least; least /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, year, 10)
	b = appendTwo(append(b, '-'), month)
	return appendTwo(append(b, '-'), day-(153*shifted+2)/5+1), bc
}

func appendEra(b []byte, bc bool) []byte {
	if bc {
		b = append(b, " BC"...)
	}
	return b
}

func appendTwo(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
