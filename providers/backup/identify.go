package backup

import (
	"bytes"
	"unicode/utf8"
)

// signatures are the first bytes of what people hand over instead of a
// package, and what to call it.
func signatures() []struct{ magic, name string } {
	return []struct{ magic, name string }{
		{"\x1f\x8b", "gzip data"},
		{"PK\x03\x04", "a ZIP archive"},
		{"\xfd7zXZ\x00", "xz-compressed data"},
		{"\x5d\x00\x00", "LZMA-compressed data"},
		{"BZh", "bzip2-compressed data"},
		{"\x28\xb5\x2f\xfd", "Zstandard-compressed data"},
		{"SQLite format 3\x00", "an SQLite database"},
		{"PGDMP", "a PostgreSQL dump in custom format"},
		{"-- PostgreSQL database dump", "a PostgreSQL dump in SQL"},
		{"--\n-- PostgreSQL database dump", "a PostgreSQL dump in SQL"},
		{"age-encryption.org/", "an age-encrypted file"},
		{"\xff\xfe", "UTF-16 text"},
		{"\xfe\xff", "UTF-16 text"},
	}
}

// Identify says in a few words what the first bytes of a file are: "an empty
// file", "a ZIP archive", "UTF-16 text", "binary data", "text".
func Identify(head []byte) string {
	if len(head) == 0 {
		return "an empty file"
	}
	for _, s := range signatures() {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.name
		}
	}
	switch {
	case IsTar(head):
		return "a tar archive"
	case len(head) >= 4 && (head[0] == 0 && head[2] == 0 || head[1] == 0 && head[3] == 0):
		return "UTF-16 text"
	case bytes.IndexByte(head, 0) >= 0 || !utf8Prefix(head):
		return "binary data"
	case len(bytes.TrimSpace(head)) == 0:
		return "blank text"
	}
	return "text"
}

// IsTar reports whether the bytes begin a tar archive in ustar, PAX or GNU
// form.
func IsTar(head []byte) bool {
	return len(head) >= 262 && string(head[257:262]) == "ustar"
}

// utf8Prefix reports whether the bytes are UTF-8 but for a character that the
// end has cut.
func utf8Prefix(b []byte) bool {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				b = b[:len(b)-i]
			}
			break
		}
	}
	return utf8.Valid(b)
}
