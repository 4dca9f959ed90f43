package policy

import (
	"slices"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Words are the names of all blocks, attributes and functions.
func Words() []string { return append(sortedKeys(functions(Options{})), wordsOf(topLevel)...) }

// WordsOfTests are those of a file of tests.
func WordsOfTests() []string { return wordsOf(testTopLevel) }

func wordsOf(file *shape) []string {
	var words []string
	var walk func(s *shape)
	walk = func(s *shape) {
		words = append(words, s.attributes()...)
		for _, name := range s.blockNames() {
			words = append(words, name)
			walk(s.blocks[name])
		}
	}
	walk(file)
	slices.Sort(words)
	return slices.Compact(words)
}

// Encode is the hash of a password as Django stores it.
func Encode(plain, salt string) (string, error) {
	h, err := slowHash(plain, salt)
	return encoded(salt, h), err
}

// Letters are a salt for the record with that key.
func Letters(model string, key ...string) string {
	id := identity{model: model}
	for _, k := range key {
		id.key = append(id.key, schema.Literal{Kind: schema.StringLiteral, Text: k})
	}
	return id.letters(saltPurpose, saltLength)
}

// Pending reports whether the field's value is not made yet.
func Pending(f SeedField) bool {
	return f.value.compute != nil && f.value.literal == (schema.Literal{})
}

// Lazy is a field whose value is computed.
func Lazy(compute func() (schema.Literal, diag.List)) SeedField {
	return SeedField{value: &seedValue{compute: compute}}
}
