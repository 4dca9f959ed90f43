package native

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// Package is an opened package. It is used from one goroutine at a time.
// Contents are checked when they are read, every time; see Verify.
type Package struct {
	name     string
	store    store
	closer   interface{ Close() error }
	limits   backup.Limits
	about    headerDocument
	header   backup.Header
	manifest manifestDocument
	digest   digest // of the manifest
	info     backup.Info
	parent   *Package
	models   map[string]int // by label
	first    []int          // how many records stand before each model's
	chunks   map[chunkKey]*chunkMember
	parts    map[digest]*partMember
	dec      *zstd.Decoder
	closed   bool

	idle          []*unpacking // with buffers for another chunk
	stored, plain []byte       // buffers of parts
}

var (
	_ backup.Package = (*Package)(nil)
	_ backup.Files   = (*Package)(nil)
	_ schema.Typed   = (*Package)(nil)
)

// Name is the package's base name.
func (p *Package) Name() string { return p.name }

// Info says what the package is. Digest is that of its manifest, which seals
// all of it: the file, the folder and encrypted copies have the same one.
func (p *Package) Info() backup.Info { return p.info }

// Header is what the package's writer was given.
func (p *Package) Header() backup.Header { return p.header }

// Models describes the models in the order of Contents.
func (p *Package) Models() []*schema.Model { return p.header.Models }

// Bytes is the size of its records and files, uncompressed: as much as Verify
// reads.
func (p *Package) Bytes() int64 { return p.manifest.Totals.Bytes + p.manifest.Totals.FileBytes }

// Contents lists the models, those without records too.
func (p *Package) Contents() []schema.Content {
	out := make([]schema.Content, len(p.manifest.Models))
	for i, m := range p.manifest.Models {
		out[i] = schema.Content{Model: m.Model, Records: int(m.Records)}
	}
	return out
}

// Catalogue is the package as a database: the tables of its models and of their
// many-to-many fields, as they were.
func (p *Package) Catalogue() *schema.Catalogue {
	s := p.header.Source
	return &schema.Catalogue{Dialect: s.Dialect, Server: s.Server, Identity: s.Identity, Name: s.Name, Tables: p.header.Tables}
}

// Parent names the package that this one builds on, false if it is whole by
// itself.
func (p *Package) Parent() (name, digest string, ok bool) {
	if p.about.Parent == nil {
		return "", "", false
	}
	return p.about.Parent.Name, p.about.Parent.Digest.String(), true
}

// Salvaged reports whether the package was made of what was left of a damaged
// one.
func (p *Package) Salvaged() bool { return p.about.Salvaged }

// Close releases the package and its parents.
func (p *Package) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	var err error
	if p.store != nil {
		err = p.store.close()
	}
	if p.parent != nil {
		err = errors.Join(err, p.parent.Close())
	}
	if p.dec != nil {
		p.dec.Close()
	}
	return errors.Join(err, closeAll(p.closer))
}

// closers closes several things; they may be nil.
type closers []interface{ Close() error }

func (c closers) Close() error {
	var err error
	for _, one := range c {
		if one != nil {
			err = errors.Join(err, one.Close())
		}
	}
	return err
}

func closeAll(c ...interface{ Close() error }) error { return closers(c).Close() }

var errClosed = errors.New("the package is closed")

// describe makes Info.
func (p *Package) describe(o Options) {
	h, t := &p.header, p.manifest.Totals
	p.info = backup.Info{
		Format: o.Format, Path: o.Path, Digest: p.digest.String(), Records: int(t.Records),
	}
	if p.info.Format == "" {
		p.info.Format = FormatName
	}
	if p.info.Path == "" {
		p.info.Path = p.name
	}
	fact := func(name, value string) {
		if value != "" {
			p.info.Facts = append(p.info.Facts, backup.Fact{Name: name, Value: value})
		}
	}
	fact("kind", string(h.Kind))
	fact("created", clock(h.Created))
	fact("snapshot", clock(h.Snapshot))
	fact("made by", joined("edmsplan", h.Program))
	fact("source", joined(h.Source.Name, parenthesised(h.Source.Server)))
	fact("source identity", h.Source.Identity)
	fact("policy", joined(h.Policy, parenthesised(h.PolicyDigest)))
	fact("scope", h.Scope)
	if p.about.Parent != nil {
		fact("parent", joined(p.about.Parent.Name, parenthesised(p.about.Parent.Digest.String())))
	}
	fact("models", strconv.Itoa(t.Models))
	fact("files", fmt.Sprintf("%d (%d bytes)", t.Files, t.FileBytes))
	for _, l := range h.LeftOut {
		fact("left out", fmt.Sprintf("%s (%d rows)", l.Table, l.Rows))
	}
	p.info.Partial = p.partial()
	p.warn()
}

// partial is why records may be missing that the source had, or "".
func (p *Package) partial() string {
	switch h := &p.header; {
	case p.about.Salvaged:
		return "it was salvaged from a damaged one"
	case h.Scope != "":
		return "it was narrowed to the scope " + h.Scope
	case h.Kind == backup.Export:
		return "it is an export"
	}
	return ""
}

func (p *Package) warn() {
	warn := func(format string, args ...any) {
		p.info.Warnings = append(p.info.Warnings, fmt.Sprintf(format, args...))
	}
	if p.about.Salvaged {
		warn("This package was salvaged from a damaged one: records are missing.")
	}
	for _, m := range p.manifest.Models {
		for _, f := range m.Irregular {
			warn("%s.%s: %d values are not of the column's type; they are kept as the source had them.", m.Model, f.Field, f.Values)
		}
	}
}

// clock is a time in messages.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func parenthesised(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// read returns a member's content in a buffer that the next call reuses.
func (p *Package) read(name string, size, stored int64, storedDigest, want digest) ([]byte, error) {
	if p.closed {
		return nil, errClosed
	}
	return p.content(name, size, stored, storedDigest, want, &p.stored, &p.plain)
}
