package schema_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// spellings are literals of each kind that a package may hold, few enough that
// equal values in two spellings come up often.
func spellings(t schema.Type) *rapid.Generator[schema.Literal] {
	small := rapid.IntRange(-3, 3)
	switch t.Kind {
	case schema.Bool:
		return rapid.Map(rapid.Bool(), func(b bool) schema.Literal { return truth(fmt.Sprint(b)) })
	case schema.Integer:
		return rapid.Map(rapid.OneOf(small.AsAny(), rapid.Int16().AsAny()), func(n any) schema.Literal { return num(fmt.Sprint(n)) })
	case schema.Numeric, schema.Float:
		return rapid.Custom(func(r *rapid.T) schema.Literal {
			if t.Scale != 0 {
				return num(fmt.Sprintf("%de2", small.Draw(r, "n")))
			}
			special := rapid.SampledFrom([]string{"NaN", "Infinity", "-Infinity"})
			if rapid.IntRange(0, 9).Draw(r, "special") == 0 {
				return str(special.Draw(r, "s"))
			}
			return num(fmt.Sprintf("%d.%se%d", small.Draw(r, "n"), rapid.StringMatching("[0-2]0?").Draw(r, "f"), small.Draw(r, "e")))
		})
	case schema.Bytes:
		return rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 4), func(b []byte) schema.Literal { return str(`\x` + hex.EncodeToString(b)) })
	case schema.UUID:
		return rapid.Map(rapid.StringMatching("[0-9a-fA-F]{8}"), func(s string) schema.Literal {
			return str(s + "-8f34-4c39-9c50-0123456789ab")
		})
	case schema.Date, schema.Time, schema.Timestamp, schema.TimestampTZ:
		return moments(t.Kind)
	case schema.Interval:
		return rapid.Custom(func(r *rapid.T) schema.Literal {
			hours := rapid.SampledFrom([]int{-48, -24, -1, 0, 1, 23, 24, 48}).Draw(r, "hours")
			return str(fmt.Sprintf("P%dM%dDT%dH%d.5S", 6*small.Draw(r, "m"), small.Draw(r, "d"), hours, small.Draw(r, "s")))
		})
	case schema.JSON:
		return rapid.Map(jsonTexts(3), asJSON)
	case schema.Inet:
		return str2(rapid.StringMatching("10\\.[0-9]\\.0\\.[01](/32)?|::[0-9a-f]{1,4}:[0-9a-f]{1,4}"))
	case schema.Array:
		return arrays(t)
	default:
		return str2(rapid.String())
	}
}

func str2(g *rapid.Generator[string]) *rapid.Generator[schema.Literal] { return rapid.Map(g, str) }

func moments(kind schema.Kind) *rapid.Generator[schema.Literal] {
	form := map[schema.Kind]string{
		schema.Date:        `(000[1-9]|20[0-9]{2})-(0[1-9]|1[0-2])-[012][1-8]( BC)?`,
		schema.Time:        `[01][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?`,
		schema.Timestamp:   `(000[1-9]|20[0-9]{2})-(0[1-9]|1[0-2])-[012][1-8][T ][01][0-9]:[0-5][0-9]:[0-5][0-9](\.[05]{1,6})?( BC)?`,
		schema.TimestampTZ: `(000[1-9]|20[0-9]{2})-(0[1-9]|1[0-2])-[012][1-8][T ][01][0-9]:[0-5][0-9]:[0-5][0-9](\.[05]{1,6})?(Z|[+-]0[0-9]:30)( BC)?`,
	}[kind]
	return str2(rapid.StringMatching(form))
}

// jsonTexts are documents without null, which is not told from NULL.
func jsonTexts(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{"true", "1", "1.0", "10e-1", "-0", "1e400", `"a"`, `"\u0061"`, `"é{1.0"`, `""`, "[]", "{}"})
	if depth == 0 {
		return leaf
	}
	inner := rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[string] { return jsonTexts(depth - 1) }), 0, 3)
	return rapid.OneOf(leaf,
		rapid.Map(inner, func(s []string) string { return "[" + strings.Join(s, ", ") + "]" }),
		rapid.Map(rapid.Permutation([]string{`"a"`, `"b"`}), func(names []string) string {
			return "{" + names[0] + ":1, " + names[1] + ": 1.0}"
		}))
}

func asJSON(s string) schema.Literal {
	switch s[0] {
	case '[':
		return list(s)
	case '{':
		return object(s)
	case '"':
		return str(strings.Trim(s, `"`))
	case 't':
		return truth(s)
	}
	return num(s)
}

// arrays are lists of the type's own elements, two rows of them when nested.
func arrays(t schema.Type) *rapid.Generator[schema.Literal] {
	elem := *t.Elem
	return rapid.Custom(func(r *rapid.T) schema.Literal {
		if elem.Kind == schema.Array {
			row := arrays(elem).Draw(r, "row").Text
			return list("[" + row + "," + row + "]")
		}
		items := []string{"null"}
		for _, l := range rapid.SliceOfN(spellings(elem), 0, 3).Draw(r, "items") {
			v, err := elem.Parse(l)
			if err != nil {
				r.Fatal(err)
			}
			items = append(items, elem.JSON(v))
		}
		return list("[" + strings.Join(items, ",") + "]")
	})
}

// value draws a value by parsing a spelling of it.
func value(r *rapid.T, t schema.Type, name string) schema.Value {
	l := spellings(t).Draw(r, name)
	v, err := t.Parse(l)
	if err != nil {
		r.Fatalf("%s %+v: %v", t.Kind, l, err)
	}
	return v
}

func forEveryType(t *testing.T, property func(r *rapid.T, typ schema.Type)) {
	for i, typ := range everyType {
		t.Run(fmt.Sprintf("%s %d", typ.Kind, i), func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) { property(r, typ) })
		})
	}
}

func TestLiteralIsTheReverseOfParse(t *testing.T) {
	forEveryType(t, func(r *rapid.T, typ schema.Type) {
		v := value(r, typ, "value")
		l := typ.Literal(v)
		back, err := typ.Parse(l)
		if err != nil {
			r.Fatalf("%+v as %+v: %v", v, l, err)
		}
		if !typ.Equal(v, back) || v.Digits != back.Digits || typ.Kind != schema.JSON && v.Text != back.Text {
			r.Fatalf("%+v as %+v is %+v", v, l, back)
		}
	})
}

func TestKeyTextsAreEqualAsTheValuesAre(t *testing.T) {
	forEveryType(t, func(r *rapid.T, typ schema.Type) {
		a, b := value(r, typ, "a"), value(r, typ, "b")
		a.Digits, b.Digits = 0, 0 // a cut value is no part of a key
		if typ.Equal(a, b) != (typ.KeyText(a) == typ.KeyText(b)) {
			r.Fatalf("%+v and %+v: equal %v, keys %q %q", a, b, typ.Equal(a, b), typ.KeyText(a), typ.KeyText(b))
		}
		again := schema.NewValue(typ.KeyText(a))
		if !typ.Equal(a, again) || typ.KeyText(again) != again.Text {
			r.Fatalf("%+v has the key text %q, which is another value", a, again.Text)
		}
	})
}

func TestParsedValuesPassTheCheck(t *testing.T) {
	forEveryType(t, func(r *rapid.T, typ schema.Type) {
		if typ.Kind == schema.Enum {
			typ.Labels = nil // any string parses as a label
		}
		v := value(r, typ, "value")
		if err := typ.Check(v, "sqlite"); err != nil {
			r.Fatalf("%+v: %v", v, err)
		}
	})
}
