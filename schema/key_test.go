package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

func TestKeysComeApartAsTheyWereMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.OneOf(rapid.String(), rapid.StringN(120, 300, -1))
		parts := rapid.SliceOfN(part, 1, 5).Draw(t, "parts")
		if diff := cmp.Diff(parts, schema.MakeKey(parts...).Parts()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestKeysOfDifferentPartsDiffer(t *testing.T) {
	cases := map[string][2]schema.Key{
		"a part moved":      {schema.MakeKey("ab", "c"), schema.MakeKey("a", "bc")},
		"an empty part":     {schema.MakeKey("a", ""), schema.MakeKey("a")},
		"an empty key":      {schema.MakeKey(""), schema.MakeKey()},
		"a part's own zero": {schema.MakeKey("a\x00"), schema.MakeKey("a", "")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c[0] == c[1] {
				t.Errorf("%q is the key of both", c[0])
			}
		})
	}
}

// FuzzKeyParts takes keys apart that nobody made.
func FuzzKeyParts(f *testing.F) {
	f.Add("\x01a\x00")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Add("\x05ab")
	f.Fuzz(func(_ *testing.T, key string) { schema.Key(key).Parts() })
}
