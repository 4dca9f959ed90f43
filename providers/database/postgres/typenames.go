package postgres

import (
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/schema"
)

// The limits of character varying and numeric. What is declared beyond them, in
// another database, is made without a limit.
const (
	longestText   = 10_485_760
	mostPrecision = 1000
)

// typeSQL spells the canonical type.
func typeSQL(t schema.Type) (string, error) {
	switch t.Kind {
	case schema.Integer:
		return integerSQL(t.Bits), nil
	case schema.Float:
		if t.Bits == 32 {
			return "real", nil
		}
		return "double precision", nil
	case schema.Numeric:
		// Before PostgreSQL 15 the scale is within the precision.
		if t.Precision > 0 && t.Precision <= mostPrecision && t.Scale >= 0 && t.Scale <= t.Precision {
			return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale), nil
		}
		return "numeric", nil
	case schema.Text:
		if t.Length > 0 && t.Length <= longestText {
			return fmt.Sprintf("character varying(%d)", t.Length), nil
		}
		return "text", nil
	case schema.JSON:
		// What is kept as it was written there is kept so here.
		if t.Native == "json" || t.Native == "json text" {
			return "json", nil
		}
		return "jsonb", nil
	case schema.Array:
		return arraySQL(t)
	}
	return simpleSQL(t.Kind), nil
}

// arraySQL has one pair of brackets however deep the type is: the server does
// not tell int[] from int[][].
func arraySQL(t schema.Type) (string, error) {
	for t.Kind == schema.Array {
		if t.Elem == nil {
			return "", errors.New("an array of nothing")
		}
		t = *t.Elem
	}
	elem, err := typeSQL(t)
	return elem + "[]", err
}

func integerSQL(bits int) string {
	switch bits {
	case 16:
		return "smallint"
	case 32:
		return "integer"
	}
	return "bigint"
}

// simpleSQL spells the kinds that have one type, text for those without.
func simpleSQL(k schema.Kind) string {
	switch k {
	case schema.Bool:
		return "boolean"
	case schema.Bytes:
		return "bytea"
	case schema.UUID:
		return "uuid"
	case schema.Date:
		return "date"
	case schema.Time:
		return "time"
	case schema.Timestamp:
		return "timestamp"
	case schema.TimestampTZ:
		return "timestamptz"
	case schema.Interval:
		return "interval"
	case schema.JSON:
		return "jsonb"
	case schema.Inet:
		return "inet"
	}
	return "text"
}
