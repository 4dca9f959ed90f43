package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

func TestMembersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) schema.Member {
			return schema.Member{ID: rapid.StringN(1, -1, 20).Draw(t, "id"), Row: rapid.String().Draw(t, "row")}
		})).Draw(t, "members")
		got, err := schema.ParseMembers(schema.Members(list))
		if err != nil {
			t.Fatal(err)
		}
		if len(list)+len(got) > 0 && !cmp.Equal(list, got) {
			t.Error(cmp.Diff(list, got))
		}
	})
}

func TestWhatIsNoListOfMembersIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no list":              `{}`,
		"cut off":              `[{"id":"1"}`,
		"a number":             `[{"id":1}]`,
		"a natural key":        `[["admin"]]`,
		"no identifier":        `[{"row":"1"}]`,
		"an empty identifier":  `[{"id":""}]`,
		"another member":       `[{"id":"1","name":"x"}]`,
		"something else after": `[{"id":"1"}, 2]`,
	} {
		t.Run(name, func(t *testing.T) {
			if list, err := schema.ParseMembers(schema.Literal{Kind: schema.ListLiteral, Text: text}); err == nil {
				t.Errorf("read as %v", list)
			}
		})
	}
}
