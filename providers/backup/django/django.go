// Package django reads the fixtures that `manage.py dumpdata` writes, of any
// Django project: JSON, JSONL and YAML, plain or gzipped, with primary keys or
// natural ones. It writes fixtures that `manage.py loaddata` reads.
//
// Opening reads the whole fixture once, checks it and notes where each model's
// records stand; a scan goes straight there. Records are never kept in memory.
// Packages that hold a fixture among other files are read by edms.
package django

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// Formats are the fixture formats, in the order to try them.
func Formats() []backup.Format {
	var out []backup.Format
	for _, s := range []syntax{jsonSyntax, jsonlSyntax, yamlSyntax} {
		out = append(out, backup.Format{
			Name: s.format(),
			Sniff: func(path string) (bool, error) {
				head, err := backup.Head(path, 4096)
				if err != nil {
					return false, err
				}
				return recognise(path, head) == s, nil
			},
			Open: func(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
				return open(ctx, path, l, s)
			},
		})
	}
	return out
}

// Open reads a fixture in whichever of the three syntaxes it is written.
func Open(ctx context.Context, path string, l backup.Limits) (backup.Package, error) {
	head, err := backup.Head(path, 4096)
	if err != nil {
		return nil, err
	}
	s := recognise(path, head)
	if s == unknownSyntax {
		s = jsonSyntax // whose refusal says what was found
	}
	return open(ctx, path, l, s)
}

// syntax is one of the three ways to write a fixture.
type syntax uint8

const (
	unknownSyntax syntax = iota
	jsonSyntax
	jsonlSyntax
	yamlSyntax
)

func (s syntax) format() string {
	return [...]string{"unknown", "django-json", "django-jsonl", "django-yaml"}[s]
}

// recognise goes by the content first and then by the name, so that a damaged
// fixture is recognised too and its refusal can say what is wrong.
func recognise(path string, head []byte) syntax {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n")
	named := byName(path)
	switch {
	case len(text) > 0 && text[0] == '[' && named != jsonlSyntax:
		return jsonSyntax
	case len(text) > 0 && text[0] == '{':
		if beginsRecord(text) {
			return jsonlSyntax
		}
		return jsonSyntax
	case named != unknownSyntax:
		return named
	case bytes.HasPrefix(text, []byte("- ")) || bytes.HasPrefix(text, []byte("---\n- ")):
		return yamlSyntax
	}
	return unknownSyntax
}

// beginsRecord reports whether the object's first member is one of a record's.
func beginsRecord(text []byte) bool {
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	for _, name := range []string{`"model"`, `"pk"`, `"fields"`} {
		if bytes.HasPrefix(rest, []byte(name)) {
			return true
		}
	}
	return false
}

func byName(path string) syntax {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz")
	switch filepath.Ext(name) {
	case ".json":
		return jsonSyntax
	case ".jsonl":
		return jsonlSyntax
	case ".yaml", ".yml":
		return yamlSyntax
	}
	return unknownSyntax
}

// bom is UTF-8's byte order mark, which some editors put at the start.
const bom = "\xef\xbb\xbf"
