package decisions

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

const head = "model,key,record,code,package,candidates,recommended,decision,target\n"

func TestWrite(t *testing.T) {
	conflicts := []plans.Conflict{
		{
			Model: "users.user", Key: `["j.smith"]`, Codes: []string{"collision.uuid"},
			Package: []plans.Field{{Name: "id", After: "3"}, {Name: "uuid", After: `"6f"`}, {Name: "token", After: `"s3cret"`, Sensitive: true}},
			Candidates: []plans.Candidate{
				{Live: "17", Key: `["john.smith"]`, Fields: []plans.Field{
					{Name: "email", Before: `"a@x"`, After: `"b@x"`}, {Name: "password", Before: `"s3cret"`, After: `"s3cret too"`, Sensitive: true},
				}},
				{Live: `["x"]`, Key: `["x"]`},
			},
			More: 2, Do: plans.ToRename,
		},
		{
			Model: "users.user", Key: `["é\u202e"]`, Number: 12, Codes: []string{"key.duplicate_package"}, Do: plans.ToSkip,
			Candidates: []plans.Candidate{{Number: 3, Key: `["é\u202e"]`, Fields: []plans.Field{{Name: "bio", After: plans.Value(`"` + strings.Repeat("z", 80) + `"`)}}}},
		},
		{Model: "=cmd()", Codes: []string{"key.incomplete.name"}, Number: 4, Do: plans.ToMap, Live: "-7"},
	}
	var b bytes.Buffer
	if err := Write(&b, conflicts); err != nil {
		t.Fatal(err)
	}
	want := head +
		`users.user,"[""j.smith""]",,collision.uuid,"id 3, uuid ""6f"", token (sensitive value)",` +
		`"17 [""john.smith""] (email ""a@x"" -> ""b@x"", password differs (sensitive value)); [""x""] (nothing differs); and 2 more",rename,,` + "\n" +
		`users.user,"[""é\u202e""]",12,key.duplicate_package,,` +
		`"record 3 of the package [""é\u202e""] (bio null -> ""` + strings.Repeat("z", 59) + `… (22 characters cut))",skip,,` + "\n" +
		`'=cmd(),,4,key.incomplete.name,,,map -7,,` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if got, err := Read(&b, "conflicts.csv"); err != nil || len(got) > 0 {
		t.Errorf("nothing is decided, and Read gives %v, %v", got, err)
	}
}

func TestRead(t *testing.T) {
	text := "\ufeff" + head +
		`users.user,"[""j.smith"", 7]",,collision.card collision.uuid,,,rename,map,17` + "\r\n" +
		`users.user,"[""x""]",12,key.duplicate_package,,,,skip,` + "\n" +
		`users.user,"[""left""]",,key.duplicate_package,,,,,` + "\n" +
		`users.user,,4,key.incomplete.name,,,, skip ,` + "\n" +
		`users.user,"[""y""]",,collision.uuid,,,,map,'-7` + "\n"
	got, err := Read(strings.NewReader(text), "conflicts.csv")
	if err != nil {
		t.Fatal(err)
	}
	at := func(line, from, to int) diag.Range {
		return diag.Range{File: "conflicts.csv", Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
	}
	want := []plans.Decision{
		{Model: "users.user", Package: `["j.smith",7]`, Codes: []string{"collision.card", "collision.uuid"}, Do: plans.ToMap, Live: "17", Place: at(2, 71, 74)},
		{Model: "users.user", Package: `["x"]`, Number: 12, Codes: []string{"key.duplicate_package"}, Do: plans.ToSkip, Place: at(3, 50, 54)},
		{Model: "users.user", Number: 4, Codes: []string{"key.incomplete.name"}, Do: plans.ToSkip, Place: at(5, 38, 44)},
		{Model: "users.user", Package: `["y"]`, Codes: []string{"collision.uuid"}, Do: plans.ToMap, Live: "-7", Place: at(6, 41, 44)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadPairs(t *testing.T) {
	got, err := ReadPairs(strings.NewReader("model,package,live\nusers.user,3,17\nusers.user,\"[ \"\"a\"\" ]\",'+1\n"), "pairs.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []plans.Decision{
		{Model: "users.user", Package: "3", Do: plans.ToMap, Live: "17"},
		{Model: "users.user", Package: `["a"]`, Do: plans.ToMap, Live: "+1"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(plans.Decision{}, "Place")); diff != "" {
		t.Error(diff)
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	row := func(cells ...string) string {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		_ = w.Write(cells)
		w.Flush()
		return head + b.String()
	}
	cases := map[string]struct{ in, want string }{
		"an empty file":             {"", "c.csv:1,1-1: The file is empty"},
		"another header":            {"model,key\n", "c.csv:1,1-6: The first row does not name the columns"},
		"a header with semicolons":  {"model;key;record\n", "Save the file with commas"},
		"a quote that does not end": {head + `users.user,"x`, "c.csv:2,14-14: The file is not CSV"},
		"cells are missing":         {head + "users.user,x\n", "c.csv:2,1-11: The row has 2 cells, and there are 9 columns"},
		"no UTF-8":                  {head + "us\xffers,,,,,,,,\n", "c.csv:2,1-7: The cell is not UTF-8"},
		"an unknown decision":       {row("m", `["a"]`, "", "c", "", "", "", "mpa", ""), `c.csv:2,19-22: There is no decision "mpa"`},
		"no model":                  {row("", `["a"]`, "", "c", "", "", "", "skip", ""), "c.csv:2,1-1: The cell is empty"},
		"no code":                   {row("m", `["a"]`, "", "", "", "", "", "skip", ""), "c.csv:2,14-14: The cell is empty"},
		"a key that is no list":     {row("m", "ada", "", "c", "", "", "", "skip", ""), "c.csv:2,3-6: The key is no natural key"},
		"a key of nothing":          {row("m", "[]", "", "c", "", "", "", "skip", ""), "The key is no natural key"},
		"no record at all":          {row("m", "", "", "c", "", "", "", "skip", ""), "The row names no record"},
		"a record that is a word":   {row("m", `["a"]`, "x", "c", "", "", "", "skip", ""), "The record is no number"},
		"a record before the first": {row("m", `["a"]`, "0", "c", "", "", "", "skip", ""), "The record is no number"},
		"map without a target":      {row("m", `["a"]`, "", "c", "", "", "", "map", ""), "map needs a target"},
		"skip with a target":        {row("m", `["a"]`, "", "c", "", "", "", "skip", "7"), "skip takes no target"},
		"a target alone":            {row("m", `["a"]`, "", "c", "", "", "", "", "7"), "The row has a target and no decision"},
		"too many rows":             {head + strings.Repeat("m,,,,,,,,\n", maxRows+1), "There are more than 100000 rows"},
		"many mistakes":             {head + strings.Repeat("m,,,,,,,no,\n", 50), "(and 49 more errors)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Read(strings.NewReader(c.in), "c.csv")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Read gives %v, %v, want an error with %q", got, err, c.want)
			}
		})
	}
	if _, err := ReadPairs(strings.NewReader("model,package,live\nm,,7\n"), "p.csv"); err == nil || !strings.Contains(err.Error(), "p.csv:2,3-3") {
		t.Errorf("an empty cell gives %v", err)
	}
	if _, err := Read(strings.NewReader(strings.Repeat("x", maxFile+1)), "c.csv"); err == nil || !strings.Contains(err.Error(), "takes more than 64 MiB") {
		t.Errorf("a large file gives %v", err)
	}
}

// A spreadsheet that writes back what it read changes nothing.
func TestCellsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.StringMatching(`'{0,3}[=+@\t\r-]?.{0,3}`)).Draw(t, "cell")
		guarded := guard(cell)
		if isFormula(guarded) {
			t.Fatalf("%q begins like a formula", guarded)
		}
		if got := unguard(guarded); got != cell {
			t.Fatalf("%q comes back as %q", cell, got)
		}
	})
}

// What Write wrote and somebody filled in, Read reads as it was meant.
func TestAnEditedFileIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := plans.Conflict{Model: rapid.StringMatching(`[=+@a-z][a-z.]{1,8}`).Draw(t, "model"), Number: rapid.IntRange(0, 9).Draw(t, "number"), Codes: []string{"collision.uuid"}}
		key := rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "key")
		c.Key = plans.Value(keyOf(key))
		var b bytes.Buffer
		if err := Write(&b, []plans.Conflict{c}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		target := rapid.StringMatching(`[-+=@]?[0-9a-f]{1,8}`).Draw(t, "target")
		rows[1][7], rows[1][8] = "map", target
		w := csv.NewWriter(&b)
		_ = w.WriteAll(rows)
		got, err := Read(&b, "c.csv")
		if err != nil {
			t.Fatal(err)
		}
		want := []plans.Decision{{Model: c.Model, Package: keyOf(key), Number: c.Number, Codes: c.Codes, Do: plans.ToMap, Live: target}}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(plans.Decision{}, "Place")); diff != "" {
			t.Fatal(diff)
		}
	})
}

// keyOf is a natural key of texts.
func keyOf(parts []string) string {
	cells := slices.Clone(parts)
	for i := range cells {
		cell, _ := jsontext.AppendQuote(nil, cells[i])
		cells[i] = string(cell)
	}
	name, _ := plans.KeyName("[" + strings.Join(cells, ",") + "]")
	return name
}

func FuzzRead(f *testing.F) {
	f.Add(head + `users.user,"[""j.smith"", 7]",,collision.uuid,,,,map,17` + "\n")
	f.Add(head + "m,,4,key.incomplete.name,,,, skip ,\r\n")
	f.Add("\ufeffmodel,package,live\nm,3,\"[1,\"\"a\"\"]\"\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func() ([]plans.Decision, error){
			func() ([]plans.Decision, error) { return Read(strings.NewReader(text), "c.csv") },
			func() ([]plans.Decision, error) { return ReadPairs(strings.NewReader(text), "c.csv") },
		} {
			list, err := read()
			if err != nil {
				continue
			}
			for _, d := range list {
				if d.Model == "" || d.Package == "" && d.Number == 0 || !slices.Contains(plans.Verdicts(), d.Do) || d.Place.Start.Line < 2 {
					t.Errorf("%+v", d)
				}
			}
		}
	})
}
