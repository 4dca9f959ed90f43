package policy

import "slices"

// Outline is what a policy's blocks are called, in the order of the alphabet.
type Outline struct{ Models, Scopes []string }

// ReadOutline reads the names in a policy file or folder. Nothing is evaluated,
// so they can be had without the policy's variables and while a mistake stands
// in it: for who is still typing. Where it cannot be read, the outline is empty.
func ReadOutline(path string) Outline {
	files, _, diags := readFiles(path)
	if diags != nil {
		return Outline{}
	}
	r := &reader{sources: &sources{text: map[string]string{}}}
	if !r.syntax(files) {
		return Outline{}
	}
	return Outline{Models: r.firstLabels("model"), Scopes: r.firstLabels("scope")}
}

// firstLabels are the first labels of the blocks of a kind.
func (r *reader) firstLabels(kind string) []string {
	var out []string
	for _, b := range r.of(kind) {
		if len(b.Labels) > 0 {
			out = append(out, b.Labels[0])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
