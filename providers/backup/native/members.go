package native

import (
	"github.com/edmsplan/edmsplan/providers/backup"
)

// checkMembers wants every member that the manifest lists, here or in a parent,
// and no other, in the order of writing.
func (p *Package) checkMembers() error {
	names := p.store.names()
	if n := len(names); p.store.ordered() && (n < 5 || names[0] != headerName || names[1] != catalogueName || names[2] != headName ||
		names[n-2] != manifestName || names[n-1] != sealName) {
		return disorder(p.name)
	}
	own := map[string]bool{}
	order := map[string][]string{} // by folder, what is still to come
	expect := func(folder, name string, stored int64, inherited bool) error {
		size, here := p.store.size(name)
		switch {
		case !here && !inherited:
			return missing(name)
		case here && size != stored:
			return badMember(name, errStored)
		case here && !own[name]:
			own[name] = true
			order[folder] = append(order[folder], name)
		}
		return nil
	}
	for i := range p.manifest.Models {
		m := &p.manifest.Models[i]
		for _, c := range m.Chunks {
			inherited, ok := p.parent.chunk(m.Model, c.Digest)
			if err := expect(escapeLabel(m.Model), rowsName(m.Model, c.Digest), c.Stored, ok && inherited == c); err != nil {
				return err
			}
		}
	}
	for _, part := range p.partsInOrder() {
		inherited, ok := p.parent.part(part.Digest)
		if err := expect("", partName(part.Digest), part.Stored, ok && inherited == part); err != nil {
			return err
		}
	}
	return p.checkOrder(names, own, order)
}

// checkOrder wants only members that were listed, those of each folder in the
// order of writing. Of a salvaged package's parts it is not known.
func (p *Package) checkOrder(names []string, own map[string]bool, order map[string][]string) error {
	for _, name := range names {
		c, label, _ := contentOf(name)
		if c == fixedContent {
			continue
		}
		if !own[name] {
			return foreign(name)
		}
		lax := !p.store.ordered() || c == partContent && p.about.Salvaged
		if !lax && order[label][0] != name {
			return disorder(p.name)
		}
		order[label] = order[label][1:]
	}
	return nil
}

// partsInOrder are the parts in the order in which they were written: those of
// the files in the order of their names, each once, and then any others.
func (p *Package) partsInOrder() []partMember {
	at := make(map[digest]int, len(p.manifest.Parts))
	for i, part := range p.manifest.Parts {
		at[part.Digest] = i
	}
	out := make([]partMember, 0, len(p.manifest.Parts))
	take := func(d digest) {
		if i, ok := at[d]; ok {
			out = append(out, p.manifest.Parts[i])
			delete(at, d)
		}
	}
	for _, f := range p.manifest.Files {
		for _, d := range f.Parts {
			take(d)
		}
	}
	for _, part := range p.manifest.Parts {
		take(part.Digest)
	}
	return out
}

func disorder(base string) error {
	return &backup.Refusal{
		Member: base, Code: "package.order", Summary: "its members are not in the order of a package", Remedy: remedyDamaged,
	}
}

func badMember(name string, cause error) error {
	return &backup.Refusal{
		Member: name, Code: "package.checksum", Summary: "the member is damaged", Cause: cause,
		Detail: "What was found: " + cause.Error() + ".", Remedy: remedyDamaged,
	}
}
