package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

func records(n int) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for i := range n {
			r := &schema.Record{Fields: []schema.Field{
				{Name: "id", Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: fmt.Sprint(i)}}, {Name: "x"}, {Name: "m", Value: schema.Members(nil)},
			}}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// forge writes a package whose manifest says something else than it holds, but
// is sealed and adds up.
func forge(t *testing.T, change func(m *manifestDocument)) []byte {
	t.Helper()
	var b bytes.Buffer
	h := small()
	h.Kind = backup.Full
	w, err := newWriter(tarSink{&b}, h, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := w.WriteModel(ctx, h.Models[0], records(9000)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if _, err := w.WriteFile(ctx, backup.StoredFile{Name: name}, strings.NewReader(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range w.parts {
		w.manifest.Parts = append(w.manifest.Parts, p)
	}
	slices.SortFunc(w.manifest.Parts, func(a, b partMember) int { return bytes.Compare(a.Digest[:], b.Digest[:]) })
	w.manifest.Totals = w.manifest.total()
	change(&w.manifest)
	d, err := w.document(manifestName, &w.manifest)
	if err == nil {
		err = w.put(sealName, []byte(sealOf(d)))
	}
	if err == nil {
		err = writeEnd(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestManifestsThatAreWrong(t *testing.T) {
	read := func(b []byte) error {
		o := Options{Limits: backup.DefaultLimits()}
		p, err := Open(context.Background(), bytes.NewReader(b), int64(len(b)), "x", o)
		if err != nil {
			return err
		}
		defer p.Close()
		_, err = p.Verify(context.Background(), nil, nil)
		return err
	}
	if err := read(forge(t, func(*manifestDocument) {})); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(m *manifestDocument)
		say    string
	}{
		"a record too many":      {func(m *manifestDocument) { m.Models[0].Chunks[0].Records++; m.Models[0].Records++ }, "fewer rows"},
		"a record too few":       {func(m *manifestDocument) { m.Models[0].Chunks[0].Records--; m.Models[0].Records-- }, "a row more"},
		"a chunk twice":          {func(m *manifestDocument) { repeat(&m.Models[0], 0) }, "its primary keys"},
		"irregular values":       {func(m *manifestDocument) { m.Models[0].Irregular = []irregularMember{{"x", 1}} }, "irregular values"},
		"irregular members":      {func(m *manifestDocument) { m.Models[0].Irregular = []irregularMember{{"m", 1}} }, "irregular values"},
		"no such field":          {func(m *manifestDocument) { m.Models[0].Irregular = []irregularMember{{"y", 1}} }, "irregular values"},
		"an encoding to come":    {func(m *manifestDocument) { m.Models[0].Encoding = "binary-1" }, `unknown encoding "binary-1"`},
		"a chunk of a byte more": {func(m *manifestDocument) { m.Models[0].Chunks[0].Size++; m.Models[0].Bytes++ }, "not what its name"},
		"the chunks exchanged": {func(m *manifestDocument) {
			c := m.Models[0].Chunks
			c[0], c[1] = c[1], c[0]
		}, "not in the order"},
		"another model":              {func(m *manifestDocument) { m.Models[0].Model = "x.y" }, "the catalogue's models"},
		"another digest of a model":  {func(m *manifestDocument) { m.Models[0].Digest[0] ^= 1 }, "not those of its chunks"},
		"another stored digest":      {func(m *manifestDocument) { m.Models[0].Chunks[0].StoredDigest[0] ^= 1 }, "stored bytes"},
		"another digest of a file":   {func(m *manifestDocument) { m.Files[0].Digest[0] ^= 1 }, "content of the file"},
		"a file's parts exchanged":   {func(m *manifestDocument) { m.Files[0].Parts, m.Files[1].Parts = m.Files[1].Parts, m.Files[0].Parts }, "not in the order"},
		"a file of another size":     {func(m *manifestDocument) { m.Files[0].Size++ }, "size of"},
		"a file outside":             {func(m *manifestDocument) { m.Files[0].Name = "../a" }, "impossible name"},
		"files out of order":         {func(m *manifestDocument) { m.Files[0], m.Files[1] = m.Files[1], m.Files[0] }, "out of order"},
		"a file with a special mode": {func(m *manifestDocument) { m.Files[0].Mode = 0o4755 }, "impossible name or mode"},
		"a part of no file":          {func(m *manifestDocument) { m.Files = m.Files[:1] }, "no file's"},
		"a part that is not listed":  {func(m *manifestDocument) { m.Parts = m.Parts[:1] }, "are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			err := read(forge(t, func(m *manifestDocument) {
				sealed := m.Models[0].Digest
				c.change(m)
				if m.Models[0].Digest == sealed { // or it is what was changed
					m.Models[0].Digest = modelDigest(m.Models[0].Chunks)
				}
				m.Totals = m.total()
			}))
			if !errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), c.say) {
				t.Errorf("says %v, not %q", err, c.say)
			}
		})
	}
	err := read(forge(t, func(m *manifestDocument) { m.Totals.Stored++ }))
	if !errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), "totals") {
		t.Errorf("totals: %v", err)
	}
}

// A chunk whose content is not what its name says, in a package that is sealed.
func TestAChunkUnderAnotherName(t *testing.T) {
	var b bytes.Buffer
	h := small()
	w, err := newWriter(tarSink{&b}, h, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	row := []byte("\x025\x00\x03[]")
	enc, err := newEncoder(chunkWindow)
	if err != nil {
		t.Fatal(err)
	}
	stored := enc.EncodeAll(row, nil)
	c := chunkMember{Digest: sha([]byte("other")), Records: 1, Size: int64(len(row)), Stored: int64(len(stored)), StoredDigest: sha(stored)}
	if err := w.put(rowsName("a.b", c.Digest), stored); err != nil {
		t.Fatal(err)
	}
	w.complete(0, rowsMember{
		Model: "a.b", Encoding: textEncoding, Records: 1, Bytes: c.Size, Digest: modelDigest([]chunkMember{c}), Chunks: []chunkMember{c},
	})
	if err := w.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	p, err := Open(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "x", Options{Limits: backup.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Verify(context.Background(), nil, nil); !errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), "not what its name") {
		t.Errorf("got %v", err)
	}
}

func TestDocumentsHaveOneSpelling(t *testing.T) {
	const good = `{"models":[],"tables":[],"left_out":[]}` + "\n"
	var c catalogueDocument
	if _, err := unmarshal(section([]byte(good)), &c); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"a space":             `{"models":[], "tables":[],"left_out":[]}` + "\n",
		"no line feed":        good[:len(good)-1],
		"two line feeds":      good + "\n",
		"another order":       `{"tables":[],"models":[],"left_out":[]}` + "\n",
		"a member too few":    `{"models":[],"tables":[]}` + "\n",
		"a member too many":   `{"models":[],"tables":[],"left_out":[],"more":1}` + "\n",
		"an escaped name":     `{"models":[],"tables":[],"left_\u006fut":[]}` + "\n",
		"null for a list":     `{"models":null,"tables":[],"left_out":[]}` + "\n",
		"a member twice":      `{"models":[],"models":[],"tables":[],"left_out":[]}` + "\n",
		"another case":        `{"Models":[],"tables":[],"left_out":[]}` + "\n",
		"a second document":   good + good,
		"something after it":  good + "x",
		"the list as a value": "[]\n",
	} {
		t.Run(name, func(t *testing.T) {
			var c catalogueDocument
			if _, err := unmarshal(section([]byte(bad)), &c); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func repeat(m *rowsMember, i int) {
	m.Chunks = append(m.Chunks, m.Chunks[i])
	m.Records += m.Chunks[i].Records
	m.Bytes += m.Chunks[i].Size
}

// Without a primary key rows may repeat: a chunk of them is stored once.
func TestRowsWithoutAKeyMayRepeat(t *testing.T) {
	h := small()
	h.Tables[0].PrimaryKey = nil
	var b bytes.Buffer
	w, err := newWriter(tarSink{&b}, h, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	same := func(yield func(*schema.Record, error) bool) {
		r := &schema.Record{Fields: []schema.Field{{Name: "id"}, {Name: "x"}, {Name: "m", Value: schema.Members(nil)}}}
		for range 3 * maxChunkRecords {
			if !yield(r, nil) {
				return
			}
		}
	}
	if _, err := w.WriteModel(context.Background(), h.Models[0], same); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	p, err := Open(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "x", Options{Limits: backup.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	v, err := p.Verify(context.Background(), nil, nil)
	if err != nil || v.Records != 3*maxChunkRecords || v.Chunks != 3 || len(p.store.names()) != 6 {
		t.Errorf("%+v in %d members: %v", v, len(p.store.names()), err)
	}
}

// The rows of a chunk are those of the model's fields: where these are others
// now, the parent's chunk of the same bytes is another one.
func TestTheSameBytesOfOtherFields(t *testing.T) {
	null := func(fields ...string) iter.Seq2[*schema.Record, error] {
		return func(yield func(*schema.Record, error) bool) {
			r := &schema.Record{}
			for _, f := range fields {
				r.Fields = append(r.Fields, schema.Field{Name: f})
			}
			for range 2 / len(fields) {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	pack := func(o WriterOptions, fields ...string) *Package {
		t.Helper()
		h := small()
		h.Tables[0].PrimaryKey, h.Models[0].NaturalKey = nil, nil
		h.Models[0].Fields = h.Models[0].Fields[:len(fields)]
		var b bytes.Buffer
		w, err := newWriter(tarSink{&b}, h, o)
		if err == nil {
			_, err = w.WriteModel(context.Background(), h.Models[0], null(fields...))
		}
		if err == nil {
			err = w.Finish(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err := Open(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "x", Options{
			Limits: backup.DefaultLimits(), Parent: func(context.Context, string, string) (*Package, error) { return o.Parent, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	parent := pack(WriterOptions{}, "id")
	p := pack(WriterOptions{Parent: parent, ParentName: "parent"}, "id", "x")
	defer p.Close()
	if v, err := p.Verify(context.Background(), nil, nil); err != nil || v.Records != 1 || v.Inherited != 0 {
		t.Errorf("%+v: %v", v, err)
	}
}
