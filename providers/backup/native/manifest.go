package native

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// manifestDocument is manifest.json: all that a package consists of. Its own
// digest seals the package.
type manifestDocument struct {
	Header    digest       `json:"edmspkg.json"`
	Catalogue digest       `json:"catalogue.json"`
	Models    []rowsMember `json:"models"`
	Parts     []partMember `json:"parts"`
	Files     []fileMember `json:"files"`
	Totals    totals       `json:"totals"`
}

// rowsMember lists a model's chunks in the order of its records. Digest is that
// of the chunks' digests, each on a line.
type rowsMember struct {
	Model     string            `json:"model"`
	Encoding  string            `json:"encoding"`
	Records   int64             `json:"records"`
	Bytes     int64             `json:"bytes"`
	Digest    digest            `json:"digest"`
	Irregular []irregularMember `json:"irregular"`
	Chunks    []chunkMember     `json:"chunks"`
}

// irregularMember counts the values of a field that are not of its column's
// type; SQLite has such.
type irregularMember struct {
	Field  string `json:"field"`
	Values int64  `json:"values"`
}

// chunkMember is one chunk: the digest and size of its rows, and those of the
// member that holds them compressed.
type chunkMember struct {
	Digest       digest `json:"digest"`
	Records      int64  `json:"records"`
	Size         int64  `json:"size"`
	Stored       int64  `json:"stored"`
	StoredDigest digest `json:"stored_digest"`
}

type partMember struct {
	Digest       digest `json:"digest"`
	Size         int64  `json:"size"`
	Stored       int64  `json:"stored"`
	StoredDigest digest `json:"stored_digest"`
}

type fileMember struct {
	Name     string   `json:"name"`
	Size     int64    `json:"size"`
	Mode     uint32   `json:"mode"`
	Modified instant  `json:"modified"`
	Digest   digest   `json:"digest"`
	Parts    []digest `json:"parts"`
}

type totals struct {
	Models    int   `json:"models"`
	Records   int64 `json:"records"`
	Bytes     int64 `json:"bytes"`
	Chunks    int   `json:"chunks"`
	Files     int   `json:"files"`
	FileBytes int64 `json:"file_bytes"`
	Parts     int   `json:"parts"`
	Stored    int64 `json:"stored"`
}

// modelDigest is the digest over a model's chunks.
func modelDigest(chunks []chunkMember) (d digest) {
	sum := sha256.New()
	for _, c := range chunks {
		sum.Write([]byte(c.Digest.String() + "\n"))
	}
	sum.Sum(d[:0])
	return d
}

// sealOf is the content of the seal, as sha256sum writes it.
func sealOf(d digest) string { return d.String() + "  " + manifestName + "\n" }

// headOf is the content of the member with the digests of the documents before
// the rows.
func headOf(header, catalogue digest) string {
	return header.String() + "  " + headerName + "\n" + catalogue.String() + "  " + catalogueName + "\n"
}

// total counts the manifest.
func (m *manifestDocument) total() totals {
	t := totals{Models: len(m.Models), Files: len(m.Files), Parts: len(m.Parts)}
	for _, model := range m.Models {
		t.Records += model.Records
		t.Bytes += model.Bytes
		t.Chunks += len(model.Chunks)
		for _, c := range model.Chunks {
			t.Stored += c.Stored
		}
	}
	for _, f := range m.Files {
		t.FileBytes += f.Size
	}
	for _, p := range m.Parts {
		t.Stored += p.Stored
	}
	return t
}

// check says what in the manifest contradicts the header or itself.
func (m *manifestDocument) check(h *backup.Header, salvaged bool, l backup.Limits) error {
	if len(m.Models) != len(h.Models) {
		return errors.New("not a list of the catalogue's models")
	}
	var bytes int64
	for i := range m.Models {
		if err := m.Models[i].check(h.Models[i], tableOf(h, h.Models[i].Table), l); err != nil {
			return err
		}
		if bytes += m.Models[i].Bytes; bytes < 0 || l.Bytes > 0 && bytes > l.Bytes {
			return tooLarge(l.Bytes)
		}
	}
	sizes := make(map[digest]int64, len(m.Parts))
	for i, p := range m.Parts {
		if i > 0 && string(m.Parts[i-1].Digest[:]) >= string(p.Digest[:]) {
			return errors.New("a list of parts that is out of order")
		}
		if p.Size < 1 || p.Size > partSize || !plausible(p.Size, p.Stored, l) {
			return fmt.Errorf("a list of parts with one of an impossible size")
		}
		sizes[p.Digest] = p.Size
	}
	if err := m.checkFiles(sizes, salvaged); err != nil {
		return err
	}
	t := m.total()
	if t != m.Totals {
		return errors.New("totals that are not those of what it lists")
	}
	if bytes += t.FileBytes; bytes < 0 || l.Bytes > 0 && bytes > l.Bytes {
		return tooLarge(l.Bytes)
	}
	return nil
}

func (m *manifestDocument) checkFiles(sizes map[digest]int64, salvaged bool) error {
	used := make(map[digest]bool, len(sizes))
	for i, f := range m.Files {
		if i > 0 && m.Files[i-1].Name >= f.Name {
			return errors.New("a list of files that is out of order")
		}
		if !isFileName(f.Name) || fs.FileMode(f.Mode)&^fs.ModePerm != 0 {
			return fmt.Errorf("a list of files with the impossible name or mode of %.60q", f.Name)
		}
		size := int64(0)
		for n, p := range f.Parts {
			one, ok := sizes[p]
			if !ok || n < len(f.Parts)-1 && one != partSize {
				return fmt.Errorf("a list of files in which parts of %.60q are missing", f.Name)
			}
			used[p] = true
			size += one
		}
		if size != f.Size {
			return fmt.Errorf("a list of files in which the size of %.60q is not that of its parts", f.Name)
		}
	}
	if len(used) != len(sizes) && !salvaged {
		return errors.New("a list of parts with one that is no file's")
	}
	return nil
}

func (m *rowsMember) check(model *schema.Model, t *schema.Table, l backup.Limits) error {
	if m.Model != model.Label {
		return errors.New("not a list of the catalogue's models")
	}
	if m.Encoding != textEncoding {
		return &backup.Refusal{
			Member: manifestName, Code: "package.encoding",
			Summary: fmt.Sprintf("the rows of %.60q are in the unknown encoding %.40q", m.Model, m.Encoding),
			Remedy:  "Use a newer edmsplan.",
		}
	}
	seen := map[digest]bool{}
	var records, bytes int64
	for _, c := range m.Chunks {
		if c.Records < 1 || c.Records > maxChunkRecords || c.Size < c.Records || !plausible(c.Size, c.Stored, l) ||
			l.Record > 0 && c.Size > maxChunkSize+l.Record {
			return fmt.Errorf("a list of chunks of %.60q with one of an impossible size", m.Model)
		}
		if seen[c.Digest] && len(t.PrimaryKey) > 0 {
			return fmt.Errorf("a list of chunks of %.60q in which one stands twice, and so its primary keys", m.Model)
		}
		seen[c.Digest] = true
		records += c.Records
		bytes += c.Size
	}
	if records != m.Records || bytes != m.Bytes || bytes < 0 || modelDigest(m.Chunks) != m.Digest {
		return fmt.Errorf("numbers of %.60q that are not those of its chunks", m.Model)
	}
	return m.checkIrregular(model)
}

// checkIrregular wants fields of the model, in its order, each once.
func (m *rowsMember) checkIrregular(model *schema.Model) error {
	at := 0
	for _, f := range m.Irregular {
		n := slices.IndexFunc(model.Fields[at:], func(have schema.ModelField) bool { return have.Name == f.Field })
		if n < 0 || f.Values < 1 || f.Values > m.Records || model.Fields[at+n].Link != nil {
			return fmt.Errorf("a list of irregular values of %.60q that is not sound", m.Model)
		}
		at += n + 1
	}
	return nil
}

// plausible reports whether a member of one size may become another.
func plausible(size, stored int64, l backup.Limits) bool {
	const freely = 16 << 20
	return stored > 0 && stored <= size+size>>7+1024 && (l.Ratio <= 0 || size <= freely || size/l.Ratio <= stored)
}

func tableOf(h *backup.Header, name string) *schema.Table {
	for _, t := range h.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func tooLarge(limit int64) error {
	return &backup.Refusal{
		Member: manifestName, Code: "package.too_large", Summary: fmt.Sprintf("the package holds more than %d bytes", limit),
		Remedy: "If the package is genuine, split it by scopes.",
	}
}
