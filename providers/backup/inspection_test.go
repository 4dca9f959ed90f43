package backup_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/schema"
)

func TestInspectionTellsHowAPackageSpellsThings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	content := `[
{"model": "a.b", "pk": 1, "fields": {"owner": ["ann"], "groups": [["x"], ["y"]], "name": "hidden"}},
{"model": "c.d", "fields": {"ok": true}},
{"model": "a.b", "fields": {"owner": 5, "groups": [1, 2], "name": ""}},
{"model": "a.b", "pk": 3, "fields": {"owner": null, "groups": [], "extra": {"hidden": 1}}}
]`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := django.Open(context.Background(), path, backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	in, err := backup.Inspect(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := []backup.ModelInspection{
		{Model: "a.b", Records: 3, Keyed: 2, Fields: []backup.FieldInspection{
			{
				Name: "owner", Records: 3, Description: "natural key (list of scalars), number or null",
				Spellings: []backup.Spelling{{Shape: backup.NaturalKey, Count: 1, First: 1}, {Shape: backup.NumberShape, Count: 1, First: 3}, {Shape: backup.NullShape, Count: 1, First: 4}},
			},
			{
				Name: "groups", Records: 3, Description: "list of natural keys (list of lists), list of numbers or empty list",
				Spellings: []backup.Spelling{{Shape: backup.NaturalKeys, Count: 1, First: 1}, {Shape: backup.NumberList, Count: 1, First: 3}, {Shape: backup.EmptyList, Count: 1, First: 4}},
			},
			{
				Name: "name", Records: 2, Description: "string or empty string",
				Spellings: []backup.Spelling{{Shape: backup.StringShape, Count: 1, First: 1}, {Shape: backup.EmptyString, Count: 1, First: 3}},
			},
			{
				Name: "extra", Records: 1, Description: "object",
				Spellings: []backup.Spelling{{Shape: backup.ObjectShape, Count: 1, First: 4}},
			},
		}},
		{Model: "c.d", Records: 1, Fields: []backup.FieldInspection{
			{Name: "ok", Records: 1, Description: "bool", Spellings: []backup.Spelling{{Shape: backup.BoolShape, Count: 1, First: 2}}},
		}},
	}
	if diff := cmp.Diff(want, in.Models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	warnings := []string{
		"a.b: 2 of 3 records carry a primary key, the others none.",
		"a.b.owner: references are spelt as natural keys in 1 records and as numbers in 1.",
		"a.b.groups: members are spelt as natural keys in 1 records and as numbers in 1.",
		"a.b.name: missing in 1 of 3 records.",
		"a.b.extra: missing in 2 of 3 records.",
	}
	if diff := cmp.Diff(warnings, in.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if strings.Contains(fmt.Sprint(in.Models, in.Warnings), "hidden") {
		t.Error("the inspection shows a value")
	}
}

func TestShapes(t *testing.T) {
	text := func(s string) schema.Literal { return schema.Literal{Kind: schema.StringLiteral, Text: s} }
	list := func(s string) schema.Literal { return schema.Literal{Kind: schema.ListLiteral, Text: s} }
	for name, c := range map[string]struct {
		literal schema.Literal
		want    backup.Shape
	}{
		"milliseconds":           {text("2025-12-12T16:36:38.265Z"), backup.Millis},
		"milliseconds, no zone":  {text("2025-12-12 16:36:38.265"), backup.Millis},
		"microseconds":           {text("2025-12-12T16:36:38.265123+00:00"), backup.Timestamp},
		"seconds":                {text("2025-12-12T16:36:38Z"), backup.Timestamp},
		"a date":                 {text("2025-12-12"), backup.StringShape},
		"a uuid":                 {text("F0AC7C98-a20c-40a9-8727-67e6a48ebefe"), backup.UUIDShape},
		"nearly a uuid":          {text("F0AC7C98-a20c-40a9-8727-67e6a48ebefg"), backup.StringShape},
		"a key of mixed parts":   {list(`["POL",1,null,true]`), backup.NaturalKey},
		"a list of both":         {list(`[["a"],1]`), backup.MixedList},
		"a list of objects":      {list(`[{}]`), backup.MixedList},
		"a list that is damaged": {list(`[1,`), backup.MixedList},
		"null":                   {schema.Literal{}, backup.NullShape},
	} {
		t.Run(name, func(t *testing.T) {
			if got := backup.ShapeOf(c.literal); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
