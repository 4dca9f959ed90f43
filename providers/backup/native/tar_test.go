package native_test

import (
	"bytes"
	"fmt"
	"testing"
)

// member is a tar member taken apart by the tests' own hand.
type member struct {
	header  [512]byte
	name    string
	content []byte
}

// split takes an archive of the writer's apart.
func split(t testing.TB, b []byte) []member {
	t.Helper()
	var out []member
	for b[0] != 0 {
		var m member
		copy(m.header[:], b)
		cut := func(s []byte) string { return string(bytes.TrimRight(s, "\x00")) }
		if m.name = cut(b[:100]); b[345] != 0 {
			m.name = cut(b[345:500]) + "/" + m.name
		}
		var size int
		if _, err := fmt.Sscanf(string(b[124:135]), "%o", &size); err != nil {
			t.Fatal(err)
		}
		m.content = b[512 : 512+size]
		out = append(out, m)
		b = b[512+(size+511)/512*512:]
	}
	return out
}

// join puts an archive together again.
func join(list []member) []byte {
	var b bytes.Buffer
	for _, m := range list {
		b.Write(m.header[:])
		b.Write(m.content)
		b.Write(make([]byte, (512-len(m.content)%512)%512))
	}
	b.Write(make([]byte, 1024))
	return b.Bytes()
}

// resized is a member with another content.
func (m member) resized(content []byte) member {
	m.content = bytes.Clone(content)
	copy(m.header[124:], fmt.Sprintf("%011o", len(content)))
	m.sum()
	return m
}

// renamed is a member with another short name.
func (m member) renamed(name string) member {
	m.name = name
	clear(m.header[:100])
	clear(m.header[345:500])
	copy(m.header[:100], name)
	m.sum()
	return m
}

// sum corrects the header's checksum.
func (m *member) sum() {
	copy(m.header[148:], "        ")
	n := 0
	for _, b := range m.header {
		n += int(b)
	}
	copy(m.header[148:], fmt.Sprintf("%06o\x00 ", n))
}
