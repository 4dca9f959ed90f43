package policy

import "slices"

// Words are the names of all blocks, attributes and functions.
func Words() []string {
	words := sortedKeys(functions(Options{}))
	var walk func(s *shape)
	walk = func(s *shape) {
		words = append(words, s.attributes()...)
		for _, name := range s.blockNames() {
			words = append(words, name)
			walk(s.blocks[name])
		}
	}
	walk(topLevel)
	slices.Sort(words)
	return slices.Compact(words)
}
