package django_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
)

const good = `{"model": "a.b", "pk": 1, "fields": {"x": 1}}`

func TestUnsoundFixturesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file    string // name of the file, x.json if empty
		content string
		want    []string // parts of the message
	}{
		"an empty file":                   {"", "", []string{"the file is empty"}},
		"only white space":                {"", " \n\n", []string{"the file is empty"}},
		"only a byte order mark":          {"", "\xef\xbb\xbf", []string{"the file is empty"}},
		"an empty list":                   {"", "[\n]\n", []string{"the list of records is empty"}},
		"an empty JSONL file":             {"x.jsonl", "", []string{"the file is empty"}},
		"an empty YAML list":              {"x.yaml", "[]\n", []string{"the list of records is empty"}},
		"an empty compressed file":        {"x.json.gz", "\x00gz", []string{"the file is empty"}},
		"the metadata of a failed export": {"", `{"created_at": "x", "backup_type": "django_metadata_fallback", "error": "secret"}`, []string{"metadata only", "django_metadata_fallback", "no rows"}},
		"the same compressed":             {"database.sql.gz", "\x00gz" + `{"tables": {"users": 3}}`, []string{"metadata only, no records", "An object stands"}},
		"metadata in YAML":                {"x.yaml", "backup_type: x\n", []string{"no list of records", "line 1"}},
		"a list cut off between records":  {"", "[" + good + ",\n", []string{"not closed", "record 1"}},
		"a list cut off in a record":      {"", "[" + good + ",\n" + `{"model": "c.d", "fields": {"secret": "hidden`, []string{"not closed", "inside record 2 (c.d)"}},
		"a JSONL file cut off":            {"x.jsonl", good + "\n" + `{"model": "c.d"`, []string{"cut off", "inside record 2"}},
		"a second list":                   {"", "[" + good + "]\n\n[]", []string{"follows the list", "line 3, at byte 49"}},
		"console output after the list":   {"", "[" + good + "]\nInstalled 1 object", []string{"follows the list", "line 2"}},
		"console output before the list":  {"", "Loading settings\nsecret-token\n[\n" + good + "\n]", []string{"text before the list", "begins on line 3", "tail -n +3"}},
		"a log line in brackets before":   {"", "[INFO] started\n[" + good + "]", []string{"text before the list", "line 2"}},
		"console output before YAML":      {"x.yaml", "Loading\nmore\n- model: a.b\n", []string{"text before the list", "Line 1"}},
		"console output after YAML":       {"x.yaml", "- model: a.b\n  fields: {}\nInstalled 1 object\n", []string{"record 1", "not sound YAML"}},
		"a second YAML document":          {"x.yaml", "- model: a.b\n  fields: {}\n---\n- model: a.b\n", []string{"second document", "line 3"}},
		"text after YAML's end":           {"x.yaml", "- model: a.b\n  fields: {}\n...\nmore\n", []string{"follows the end", "line 4"}},
		"text that is no fixture":         {"", "hello", []string{"no list of records"}},
		"binary junk":                     {"", "\x01\x02\x00drivel", []string{"binary data"}},
		"bytes that are not UTF-8":        {"", "\xe9\xe8\xff", []string{"binary data"}},
		"a ZIP archive":                   {"", "PK\x03\x04drivel", []string{"a ZIP archive"}},
		"a database":                      {"", "SQLite format 3\x00", []string{"an SQLite database"}},
		"UTF-16 with a mark":              {"", utf16le("\ufeff[" + good + "]"), []string{"UTF-16", "iconv"}},
		"UTF-16 without a mark":           {"", utf16le("[" + good + "]"), []string{"UTF-16"}},
		"half a surrogate pair":           {"", "[" + good + `,{"model": "a.b", "fields": {"name": "hidden\ud800"}}]`, []string{"record 2 (a.b)", "surrogate", `"name"`}},
		"invalid UTF-8 in a text":         {"", "[" + good + `,{"model": "a.b", "fields": {"name": "` + "\xff" + `"}}]`, []string{"binary data"}},
		"invalid UTF-8 further down":      {"", "[" + strings.Repeat(good2+",\n", 200) + `{"model": "a.b", "fields": {"name": "` + "\xff" + `"}}]`, []string{"record 201 (a.b)", "not UTF-8", `"name"`}},
		"NaN":                             {"", "[" + good + `,{"model": "a.b", "fields": {"size": NaN}}]`, []string{"record 2 (a.b)", `field "size" is NaN or Infinity`, "line 1"}},
		"Infinity":                        {"", `[{"model": "a.b", "fields": {"size": Infinity}}]`, []string{"record 1 (a.b)", `field "size" is NaN or Infinity`}},
		"minus Infinity":                  {"", `[{"model": "a.b", "fields": {"size": -Infinity}}]`, []string{"record 1 (a.b)", `field "size" is NaN or Infinity`}},
		"NaN in JSONL":                    {"x.jsonl", good + "\n" + `{"model": "a.b", "fields": {"size": NaN}}`, []string{"record 2 (a.b)", `field "size"`, "line 2"}},
		"NaN in YAML":                     {"x.yaml", "- model: a.b\n  fields:\n    size: .nan\n", []string{"record 1", "NaN", "line 3"}},
		"broken JSON":                     {"", "[" + good + ",\n{]", []string{"record 2", "not sound JSON", "line 2"}},
		"a comma too many":                {"", "[" + good + ",]", []string{"record 2", "not sound JSON"}},
		"a record that is no object":      {"", "[" + good + ",\n7]", []string{"record 2", "not an object", "line 2"}},
		"a record that is a list":         {"", "[[]]", []string{"record 1", "not an object"}},
		"no model":                        {"", `[{"pk": 1, "fields": {}}]`, []string{"record 1", `no "model"`}},
		"a model that is no string":       {"", `[{"model": 5, "fields": {}}]`, []string{`"model" is not a string`}},
		"a model without application":     {"", `[{"model": "user", "fields": {}}]`, []string{"not of the form app.model"}},
		"a model with two points":         {"", `[{"model": "a.b.c", "fields": {}}]`, []string{"not of the form app.model"}},
		"no fields":                       {"", `[{"model": "a.b"}]`, []string{`no "fields"`}},
		"fields that are no object":       {"", `[{"model": "a.b", "fields": []}]`, []string{`"fields" is not an object`}},
		"a member nobody reads":           {"", `[{"model": "a.b", "fields": {}, "files": 1}]`, []string{`a member "files"`}},
		"a primary key that is an object": {"", `[{"model": "a.b", "pk": {}, "fields": {}}]`, []string{`"pk" is neither`}},
		"the same member twice":           {"", `[{"model": "a.b", "fields": {"x": 1, "x": 2}}]`, []string{"record 1 (a.b)", `named "x" stands in it twice`}},
		"the same member twice inside":    {"", `[{"model": "a.b", "fields": {"x": {"y": 1, "\u0079": 2}}}]`, []string{`named "y" stands in it twice`}},
		"the same member twice in YAML":   {"x.yaml", "- model: a.b\n  fields: {}\n- model: a.b\n  fields:\n    x: 1\n    x: 2\n", []string{"record 2", `named "x" stands in it twice`, "line 6"}},
		"a primary key twice":             {"", "[" + good + "," + good2 + "," + good + "]", []string{"record 3 (a.b)", "record 1 has the same primary key"}},
		"a primary key twice, otherwise spelt": {
			"", "[" + good + `,{"model": "A.B", "pk": "1", "fields": {}}]`,
			[]string{"record 2 (a.b)", "record 1 has the same primary key"},
		},
		"a text key twice":   {"x.jsonl", strings.Repeat(`{"model": "s.s", "pk": "hidden", "fields": {}}`+"\n", 2), []string{"record 2 (s.s)", "record 1 has the same"}},
		"an empty key twice": {"", `[{"model": "a.b", "pk": "", "fields": {}}, {"model": "a.b", "pk": "", "fields": {}}]`, []string{"record 2 (a.b)", "record 1 has the same"}},
		"an alias in YAML":   {"x.yaml", "- model: a.b\n  fields:\n    x: &a [1]\n    y: *a\n", []string{"record 1", "alias", "line 4"}},
		"a YAML object":      {"x.yaml", "- model: a.b\n  fields:\n    x: !!python/tuple [1]\n", []string{"record 1", "YAML type", "line 3"}},
		"a NEL in YAML":      {"x.yaml", "- model: a.b\n  fields:\n    x: 'a\u0085b'\n", []string{"record 1", "U+0085", "JSON instead"}},
		"a plain yes":        {"x.yaml", "- model: a.b\n  fields:\n    x: yes\n", []string{"record 1", "unquoted yes", "line 3"}},
		"an octal number":    {"x.yaml", "- model: a.b\n  fields:\n    x: 0o17\n    y: 017\n", []string{"record 1", "not written in decimal", "line 4"}},
		"broken YAML":        {"x.yaml", "- model: a.b\n  fields: {}\n- model: [a\n", []string{"record 2", "not sound YAML", "line 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			content := c.content
			if rest, ok := strings.CutPrefix(content, "\x00gz"); ok {
				content = gzipped(t, rest)
			}
			file := c.file
			if file == "" {
				file = "x.json"
			}
			refused(t, file, content, backup.DefaultLimits(), c.want...)
		})
	}
}

const good2 = `{"model": "a.b", "fields": {}}`

// refused opens the file through the seam and checks the error and that
// nothing stays behind.
func refused(t *testing.T, file, content string, l backup.Limits, want ...string) {
	t.Helper()
	path := write(t, file, content)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	p, err := backup.Open(context.Background(), path, django.Formats(), l)
	if err == nil {
		_ = p.Close()
		t.Fatal("the package was opened")
	}
	var r *backup.Refusal
	if !errors.Is(err, backup.ErrRefused) || !errors.As(err, &r) {
		t.Fatalf("%v does not wrap ErrRefused", err)
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if r.Remedy == "" || r.Code == "" || r.Member != file && r.Member != "" {
		t.Errorf("incomplete refusal %+v", r)
	}
	for _, secret := range []string{"hidden", "secret-token", "drivel"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q quotes the package", err)
		}
	}
	backuptest.Empty(t, temp)
}

func TestACutGzipStreamIsRefused(t *testing.T) {
	z := gzipped(t, sampleJSON)
	refused(t, "x.json.gz", z[:len(z)-9], backup.DefaultLimits(), "cut off")
}

func TestADamagedGzipStreamIsRefused(t *testing.T) {
	z := []byte(gzipped(t, sampleJSON))
	z[len(z)-6] ^= 1 // in the checksum
	refused(t, "x.json.gz", string(z), backup.DefaultLimits(), "not a sound gzip stream")
	refused(t, "x.json.gz", "\x1f\x8b\x07drivel drivel drivel", backup.DefaultLimits(), "not a sound gzip stream")
}

func TestLimitsHold(t *testing.T) {
	big := "[" + good + `,{"model": "a.b", "fields": {"x": "` + strings.Repeat("x", 3<<20) + `"}}]`
	deep := `[{"model": "a.b", "fields": {"x": ` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}}]`
	deepYAML := "- model: a.b\n  fields: {x: " + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "}\n"
	for name, c := range map[string]struct {
		file, content string
		limits        backup.Limits
		want          string
	}{
		"a record":           {"x.json", big, backup.Limits{Record: 1 << 20}, "record 2"},
		"a record, just so":  {"x.json", big, backup.Limits{Record: 5 << 19}, "record 2"},
		"a record in JSONL":  {"x.jsonl", strings.Trim(strings.ReplaceAll(big, ",{", "\n{"), "[]"), backup.Limits{Record: 1 << 20}, "larger than"},
		"a record in YAML":   {"x.yaml", "- model: a.b\n  fields:\n" + strings.Repeat("    x: 1\n", 200_000), backup.Limits{Record: 1 << 20}, "larger than"},
		"a line in YAML":     {"x.yaml", "- model: a.b\n  fields: {x: " + strings.Repeat("x", 2<<20), backup.Limits{Record: 1 << 20}, "a line of more than"},
		"white space":        {"x.json", "[" + strings.Repeat(" ", 4<<20) + good + "]", backup.Limits{Record: 1 << 20}, "larger than"},
		"nesting":            {"x.json", deep, backup.DefaultLimits(), "deeper than 512"},
		"nesting in YAML":    {"x.yaml", deepYAML, backup.DefaultLimits(), "deeper than 512"},
		"nesting, unlimited": {"x.json", strings.ReplaceAll(strings.ReplaceAll(deep, "[[", strings.Repeat("[", 40)), "]]", strings.Repeat("]", 40)), backup.Limits{}, "nested too deep"},
		"bytes":              {"x.json.gz", gzipped(t, big), backup.Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		"expansion":          {"x.json.gz", gzipped(t, "["+strings.Repeat(" ", 64<<20)+"]"), backup.Limits{Ratio: 200}, "expands without bound"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.file, c.content, c.limits, c.want) })
	}
	t.Run("a genuine package passes", func(t *testing.T) {
		p, err := django.Open(context.Background(), write(t, "x.json", big), backup.Limits{Record: 4 << 20, Bytes: 4 << 20, Ratio: 2, Depth: 3})
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Close()
	})
}

func TestKeysInAnyOrderAreOnlyRefusedWhenRepeated(t *testing.T) {
	for name, content := range map[string]string{
		"descending":      `[{"model":"a.b","pk":3,"fields":{}},{"model":"a.b","pk":2,"fields":{}}]`,
		"mixed kinds":     `[{"model":"a.b","pk":3,"fields":{}},{"model":"a.b","pk":"x","fields":{}},{"model":"a.b","pk":[1,2],"fields":{}}]`,
		"other models":    `[{"model":"a.b","pk":3,"fields":{}},{"model":"a.c","pk":3,"fields":{}}]`,
		"none":            `[{"model":"a.b","pk":null,"fields":{}},{"model":"a.b","fields":{}},{"model":"a.b","pk":null,"fields":{}}]`,
		"beyond 64 bit":   `[{"model":"a.b","pk":99999999999999999998,"fields":{}},{"model":"a.b","pk":99999999999999999999,"fields":{}}]`,
		"negative and up": `[{"model":"a.b","pk":-1,"fields":{}},{"model":"a.b","pk":0,"fields":{}}]`,
	} {
		t.Run(name, func(t *testing.T) { open(t, write(t, "x.json", content)) })
	}
}

func TestOtherFilesAreUnknown(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"a text":         {"hello", "is text"},
		"a ZIP archive":  {"PK\x03\x04", "a ZIP archive"},
		"an empty file":  {"", "an empty file"},
		"a dump":         {"PGDMP", "PostgreSQL dump"},
		"binary content": {"\x00\x01", "binary data"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := backup.Open(context.Background(), write(t, "thing", c.content), django.Formats(), backup.DefaultLimits())
			if !errors.Is(err, backup.ErrUnknown) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ErrUnknown with %q", err, c.want)
			}
		})
	}
}

// utf16le is the text in little-endian UTF-16.
func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}
