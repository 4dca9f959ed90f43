package django

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/edmsplan/edmsplan/schema"
)

// keyOrder watches a model's primary keys as they go by. While they ascend
// none can be there twice, and nothing but the last is kept.
type keyOrder struct {
	disordered bool
	any        bool
	kind       schema.LiteralKind
	number     int64
	text       []byte
}

// add takes the key as the record spells it; no key at all is fine.
func (k *keyOrder) add(raw []byte) {
	kind := kindOf(raw)
	if k.disordered || kind == schema.NullLiteral {
		return
	}
	if k.any && kind != k.kind {
		k.disordered = true
		return
	}
	first := !k.any
	k.any, k.kind = true, kind
	switch kind {
	case schema.NumberLiteral:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		k.disordered = err != nil || !first && n <= k.number
		k.number = n
	case schema.StringLiteral:
		text := bare(raw)
		k.disordered = !first && string(text) <= string(k.text)
		k.text = append(k.text[:0], text...)
	default:
		k.disordered = true
	}
}

// keySet remembers keys by a 128-bit hash. The seed is new for each package:
// whoever made it cannot have prepared two keys with one hash.
type keySet struct {
	seed uint64
	seen map[xxh3.Uint128]struct{}
}

func newKeySet() (*keySet, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, fmt.Errorf("seeding: %w", err)
	}
	return &keySet{seed: binary.LittleEndian.Uint64(b[:]), seen: map[xxh3.Uint128]struct{}{}}, nil
}

// add returns false when the key was there. 7 and "7" are one key: Django
// reads both alike.
func (k *keySet) add(text string) bool {
	h := xxh3.HashString128Seed(text, k.seed)
	if _, ok := k.seen[h]; ok {
		return false
	}
	k.seen[h] = struct{}{}
	return true
}
