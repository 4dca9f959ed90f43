package django_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/schema"
)

const sampleJSON = `[
{
  "model": "auth.group",
  "pk": 1,
  "fields": {"name": "Caf\u00e9 \"A\"", "permissions": [["can_view", "docs", "doc"], [ "x", "y", "z" ]], "m2m": [1, 2]}
},
{"pk": "7d9f", "fields": {"n": 12.30, "big": 12345678901234567890.5, "ok": true, "no": false, "none": null, "empty": ""}, "model": "Docs.Doc"},
{"model": "auth.group", "fields": {"name": "` + "\u00fc" + `", "permissions": [], "m2m": []}},
{"model": "docs.doc", "pk": "7da0", "fields": {"meta": {"b": 1, "a": ["\u00e9", {}]}, "at": "2025-12-12T16:36:38.265Z"}}
]
`

const sampleJSONL = `{"model": "auth.group", "pk": 1, "fields": {"name": "Caf\u00e9 \"A\"", "permissions": [["can_view", "docs", "doc"], ["x", "y", "z"]], "m2m": [1, 2]}}
{"model": "docs.doc", "pk": "7d9f", "fields": {"n": 12.30, "big": 12345678901234567890.5, "ok": true, "no": false, "none": null, "empty": ""}}
{"model": "auth.group", "fields": {"name": "` + "\u00fc" + `", "permissions": [], "m2m": []}}
{"model": "docs.doc", "pk": "7da0", "fields": {"meta": {"b": 1, "a": ["` + "\u00e9" + `", {}]}, "at": "2025-12-12T16:36:38.265Z"}}
`

const sampleYAML = `- model: auth.group
  pk: 1
  fields:
    name: "Caf\xE9 \"A\""
    permissions:
    - - can_view
      - docs
      - doc
    - [x, 'y', z]
    m2m:
    - 1
    - 2
- model: docs.doc
  pk: 7d9f
  fields: {n: 12.30, big: 12345678901234567890.5, ok: true, no: false, none: null,
    empty: ''}
- fields:
    name: ` + "\u00fc" + `
    permissions: []
    m2m: []
  model: auth.group
- model: docs.doc
  pk: 7da0
  fields:
    meta:
      b: 1
      a:
      - ` + "\u00e9" + `
      - {}
    at: 2025-12-12T16:36:38.265Z
`

func sampleRecords() []backuptest.Record {
	str := func(s string) schema.Literal { return schema.Literal{Kind: schema.StringLiteral, Text: s} }
	num := func(s string) schema.Literal { return schema.Literal{Kind: schema.NumberLiteral, Text: s} }
	list := func(s string) schema.Literal { return schema.Literal{Kind: schema.ListLiteral, Text: s} }
	flag := func(s string) schema.Literal { return schema.Literal{Kind: schema.BoolLiteral, Text: s} }
	return []backuptest.Record{
		{Model: "auth.group", PK: num("1"), Fields: []schema.Field{
			{Name: "name", Value: str(`Café "A"`)},
			{Name: "permissions", Value: list(`[["can_view","docs","doc"],["x","y","z"]]`)},
			{Name: "m2m", Value: list(`[1,2]`)},
		}},
		{Model: "docs.doc", PK: str("7d9f"), Fields: []schema.Field{
			{Name: "n", Value: num("12.30")},
			{Name: "big", Value: num("12345678901234567890.5")},
			{Name: "ok", Value: flag("true")},
			{Name: "no", Value: flag("false")},
			{Name: "none"},
			{Name: "empty", Value: str("")},
		}},
		{Model: "auth.group", Fields: []schema.Field{
			{Name: "name", Value: str("ü")},
			{Name: "permissions", Value: list(`[]`)},
			{Name: "m2m", Value: list(`[]`)},
		}},
		{Model: "docs.doc", PK: str("7da0"), Fields: []schema.Field{
			{Name: "meta", Value: schema.Literal{Kind: schema.ObjectLiteral, Text: `{"b":1,"a":["é",{}]}`}},
			{Name: "at", Value: str("2025-12-12T16:36:38.265Z")},
		}},
	}
}

func TestEachSyntaxPassesTheSuite(t *testing.T) {
	formats := django.Formats()
	for name, c := range map[string]struct {
		format  backup.Format
		content string
	}{
		"x.json":              {formats[0], sampleJSON},
		"x.jsonl":             {formats[1], sampleJSONL},
		"x.yaml":              {formats[2], sampleYAML},
		"x.json.gz":           {formats[0], gzipped(t, sampleJSON)},
		"x.jsonl.gz":          {formats[1], gzipped(t, sampleJSONL)},
		"x.yaml.gz":           {formats[2], gzipped(t, sampleYAML)},
		"no extension":        {formats[0], sampleJSON},
		"no extension lines":  {formats[1], sampleJSONL},
		"no extension yaml":   {formats[2], sampleYAML},
		"byte order mark":     {formats[0], "\xef\xbb\xbf" + sampleJSON},
		"two marks.jsonl":     {formats[1], "\xef\xbb\xbf" + sampleJSONL},
		"marked.yaml":         {formats[2], "\xef\xbb\xbf" + sampleYAML},
		"document start.yml":  {formats[2], "# exported\n---\n" + sampleYAML + "...\n"},
		"windows.yaml":        {formats[2], strings.ReplaceAll(sampleYAML, "\n", "\r\n")},
		"one line.json":       {formats[0], strings.ReplaceAll(sampleJSON, "\n", "")},
		"lines in a.json":     {formats[1], sampleJSONL},
		"blank lines.jsonl":   {formats[1], strings.ReplaceAll(sampleJSONL, "\n", "\n\n")},
		"compressed, no name": {formats[0], gzipped(t, sampleJSON)},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, name, c.content)
			backuptest.Suite{Format: c.format, Path: path, Records: sampleRecords()}.Run(t)
		})
	}
}

func TestAPackageAndItsCompressedFormHaveOneDigest(t *testing.T) {
	for _, sample := range []string{sampleJSON, sampleJSONL, sampleYAML} {
		plain := open(t, write(t, "plain", sample)).Info().Digest
		zipped := open(t, write(t, "zipped", gzipped(t, sample))).Info().Digest
		if plain != zipped {
			t.Errorf("plain %s, compressed %s", plain, zipped)
		}
	}
}

func TestAFixtureThatChangesWhileItIsReadIsAnError(t *testing.T) {
	path := write(t, "x.json", sampleJSON)
	p := open(t, path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(" "); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range p.Scan(context.Background(), schema.Selection{Model: "auth.group"}) {
	}
	if last == nil || !strings.Contains(last.Error(), "changed while it was being read") {
		t.Errorf("got %v", last)
	}
}

func open(t testing.TB, path string) backup.Package {
	t.Helper()
	p, err := django.Open(context.Background(), path, backup.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
