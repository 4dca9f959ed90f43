package changelog

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// mutate changes a field of a struct to another value.
func mutate(t *rapid.T, v reflect.Value) {
	switch old := v.Interface().(type) {
	case string:
		v.SetString(rapid.String().Filter(func(s string) bool { return s != old }).Draw(t, "text"))
	case int, int64:
		v.SetInt(rapid.Int64().Filter(func(n int64) bool { return n != v.Int() }).Draw(t, "number"))
	case time.Time:
		d := rapid.Int64Range(1, int64(100*24*time.Hour/time.Microsecond)).Draw(t, "microseconds")
		v.Set(reflect.ValueOf(old.Add(time.Duration(d) * time.Microsecond)))
	default:
		t.Fatalf("a field of a kind that is not tested: %T", old)
	}
}

// fill gives each field a value.
func fill(t *rapid.T, record reflect.Value) {
	for i := range record.NumField() {
		f := record.Field(i)
		if f.Type() == reflect.TypeFor[time.Time]() {
			f.Set(reflect.ValueOf(time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "time"))))
			continue
		}
		mutate(t, f)
	}
}

// A record's hash changes with each of its fields but the hash itself.
func TestHashCoversEveryField(t *testing.T) {
	check := func(t *testing.T, record reflect.Value, digest func() string) {
		for i := range record.NumField() {
			name := record.Type().Field(i).Name
			t.Run(name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					fill(t, record)
					before := digest()
					mutate(t, record.Field(i))
					if (digest() != before) != (name != "Hash") {
						t.Errorf("the hash has changed: %v", digest() != before)
					}
				})
			})
		}
	}
	var e Entry
	t.Run("entry", func(t *testing.T) { check(t, reflect.ValueOf(&e).Elem(), e.digest) })
	var a Apply
	t.Run("apply", func(t *testing.T) { check(t, reflect.ValueOf(&a).Elem(), a.digest) })
}

// What stands at the border of two fields belongs to one of them.
func TestHashTellsFieldsApart(t *testing.T) {
	a, b := Entry{Model: "ab", Key: "c"}, Entry{Model: "a", Key: "bc"}
	if a.digest() == b.digest() {
		t.Error("text moved from one field into the next leaves the hash as it is")
	}
}

// A time is read as it was written, to the microsecond.
func TestStampsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("somewhere", rapid.IntRange(-12*3600, 14*3600).Draw(t, "zone"))
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "time")).In(zone)
		back, err := parseStamp(stamp(at.Add(time.Duration(rapid.IntRange(0, 999).Draw(t, "nanoseconds")))))
		if err != nil || !back.Equal(at) {
			t.Fatalf("%v became %v, error %v", at, back, err)
		}
	})
}
