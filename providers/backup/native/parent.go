package native

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// maxChain is the most packages that may build on each other.
const maxChain = 256

// noParent is the summary of what an incremental package lacks first of all.
const noParent = "its parent was not found"

// chain is what an incremental package tells whoever opens its parent, through
// the context: which package is wanted, and how many there are already.
type chain struct {
	want  digest
	depth int
}

type chainKey struct{}

// checkWanted refuses a package that was opened as a parent and is another one.
// As a digest covers the parent's, no chain can be a circle.
func checkWanted(ctx context.Context, p *Package) error {
	c, ok := ctx.Value(chainKey{}).(chain)
	if !ok || c.want == p.digest {
		return nil
	}
	return &backup.Refusal{
		Member: p.name, Code: "package.parent", Summary: "it is not the package that was looked for",
		Detail: fmt.Sprintf("It has the digest %s; the one that was looked for has %s.", p.digest, c.want),
		Remedy: "Put the right package in its place.",
	}
}

// openParent opens what an incremental package builds on.
func (p *Package) openParent(ctx context.Context, find ParentFunc) error {
	want := p.about.Parent
	if want == nil {
		return nil
	}
	c, _ := ctx.Value(chainKey{}).(chain)
	c = chain{want: want.Digest, depth: c.depth + 1}
	if c.depth > maxChain {
		return &backup.Refusal{
			Member: p.name, Code: "package.chain", Summary: fmt.Sprintf("more than %d packages build on each other", maxChain),
			Remedy: "Make a full backup.",
		}
	}
	needs := &backup.Refusal{
		Member: p.name, Code: "package.parent", Summary: noParent,
		Detail: fmt.Sprintf("It is incremental and holds only what changed since %s, whose digest is %s.", quoted(want.Name), want.Digest),
		Remedy: "Put that package beside it.",
	}
	if find == nil {
		return needs
	}
	parent, err := find(context.WithValue(ctx, chainKey{}, c), want.Name, want.Digest.String())
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fromAbove(err) {
			return err
		}
		needs.Cause = err
		needs.Detail += " " + parentError(err)
		return needs
	}
	if parent == nil {
		return needs
	}
	p.parent = parent
	return checkWanted(context.WithValue(ctx, chainKey{}, c), parent)
}

// fromAbove reports whether an error is of the chain above the parent: it says
// which package is to be looked for, and would be lost among all in between.
func fromAbove(err error) bool {
	var r *backup.Refusal
	return errors.As(err, &r) && (r.Code == "package.chain" || r.Code == "package.parent" && r.Summary == noParent)
}

// parentError is what went wrong in a sentence.
func parentError(err error) string {
	return "Looking for it: " + strings.TrimSuffix(err.Error(), ".") + "."
}

// chunkKey is what makes two chunks one.
type chunkKey struct {
	model string
	d     digest
}

// index finds chunks and parts by what makes them one. It is built when it is
// first needed.
func (p *Package) index() {
	if p.chunks != nil {
		return
	}
	p.chunks = map[chunkKey]*chunkMember{}
	for i := range p.manifest.Models {
		m := &p.manifest.Models[i]
		for n := range m.Chunks {
			p.chunks[chunkKey{m.Model, m.Chunks[n].Digest}] = &m.Chunks[n]
		}
	}
	p.parts = make(map[digest]*partMember, len(p.manifest.Parts))
	for i := range p.manifest.Parts {
		p.parts[p.manifest.Parts[i].Digest] = &p.manifest.Parts[i]
	}
}

// chunk finds a chunk that the package lists, whether it holds it itself or a
// parent does. A nil Package lists none.
func (p *Package) chunk(model string, d digest) (chunkMember, bool) {
	if p == nil {
		return chunkMember{}, false
	}
	p.index()
	c := p.chunks[chunkKey{model, d}]
	if c == nil {
		return chunkMember{}, false
	}
	return *c, true
}

// part finds a part of files in the same way.
func (p *Package) part(d digest) (partMember, bool) {
	if p == nil {
		return partMember{}, false
	}
	p.index()
	m := p.parts[d]
	if m == nil {
		return partMember{}, false
	}
	return *m, true
}
