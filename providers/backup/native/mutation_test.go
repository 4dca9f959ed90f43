package native_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

// large is the sample with several chunks in each model.
func large() state {
	s := sample()
	users, docs := s.header.Models[0], s.header.Models[1]
	for i := 13300; i < 14700; i++ { // five chunks and three
		id := fmt.Sprint(i)
		s.records[users.Label] = append(s.records[users.Label], rows(users,
			lits(text(id), text("user"+id), text("t"), text("2025-12-10 08:19:38+00"), text("note")))...)
		if i%2 == 0 {
			s.records[docs.Label] = append(s.records[docs.Label], rows(docs,
				lits(text(id), text("1"), text("[]"), text("0.00"), text("{}"), members(id, id)))...)
		}
	}
	return s
}

// tally counts what became of mutations. Of those that are made only each
// one after so many is tried, which with -short is not each.
type tally struct{ made, every, mutations, refused, same, salvaged int }

// counting has a prime number of mutations for each that is tried, so that all
// kinds of them and all parts of the package have their turn.
func counting() tally {
	if testing.Short() {
		return tally{every: 11}
	}
	return tally{every: 1}
}

// mutated reads a mutation, whole, and what can be salvaged of it.
func mutated(t *testing.T, original, b []byte, want map[string][]string, what string, prefix bool, n *tally) {
	t.Helper()
	if n.made++; n.made%n.every != 0 {
		return
	}
	n.mutations++
	got, digest, err := readAll(b)
	switch {
	case err == nil && !bytes.Equal(b, original):
		_, first, _ := readAll(original)
		if digest != first || !cmp.Equal(want, got) {
			t.Fatalf("%s: accepted", what)
		}
		n.same++
	case err != nil && !errors.Is(err, backup.ErrRefused):
		t.Fatalf("%s: not a refusal: %v", what, err)
	default:
		n.refused++
	}
	var out bytes.Buffer
	if _, err := native.Salvage(context.Background(), bytes.NewReader(b), &out, backup.DefaultLimits()); err != nil {
		if !errors.Is(err, backup.ErrRefused) {
			t.Fatalf("%s: salvage: not a refusal: %v", what, err)
		}
		return
	}
	n.salvaged++
	got, _, err = readAll(out.Bytes())
	if err != nil {
		t.Fatalf("%s: what was salvaged is no package: %v", what, err)
	}
	for model, have := range got {
		all := want[model]
		if prefix && (len(have) > len(all) || !slices.Equal(have, all[:len(have)])) {
			t.Fatalf("%s: what was salvaged of %s are not its first records", what, model)
		}
		known := map[string]bool{}
		for _, r := range all {
			known[r] = true
		}
		for _, r := range have {
			if !known[r] {
				t.Fatalf("%s: a record of %s was salvaged that never was one", what, model)
			}
		}
	}
}

// lines spells the records of each model, so that equal ones are equal texts.
func lines(list []backuptest.Record) map[string][]string {
	out := map[string][]string{}
	for _, r := range list {
		out[r.Model] = append(out[r.Model], line(r.Fields))
	}
	return out
}

func line(fields []schema.Field) string {
	var b []byte
	for _, f := range fields {
		b = append(b, f.Name...)
		b = append(b, ':', '0'+byte(f.Value.Kind))
		b = schema.AppendKey(b, f.Value.Text)
	}
	return string(b)
}

// readAll opens a package and reads all of it.
func readAll(b []byte) (got map[string][]string, digest string, err error) {
	p, err := open(b, options())
	if err != nil {
		return nil, "", err
	}
	defer p.Close()
	if _, err := p.Verify(context.Background(), nil, nil); err != nil {
		return nil, "", err
	}
	got = map[string][]string{}
	for _, m := range p.Models() {
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: m.Label}) {
			if err != nil {
				return nil, "", err
			}
			got[m.Label] = append(got[m.Label], line(r.Fields))
		}
	}
	return got, p.Info().Digest, nil
}

func TestEveryCutIsRefused(t *testing.T) {
	b := sample().pack(t, native.WriterOptions{})
	for n := range b {
		if _, _, err := readAll(b[:n]); !errors.Is(err, backup.ErrRefused) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(b), err)
		}
	}
}

func TestMutationsAreRefusedOrSalvaged(t *testing.T) {
	// Each mutation makes much garbage, and what is in use is little.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	n := counting()
	s := sample()
	b, want := s.pack(t, native.WriterOptions{}), lines(s.all())
	if got, _, err := readAll(b); err != nil || !cmp.Equal(want, got) {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for at := range b {
		flipped := bytes.Clone(b)
		bit := random.IntN(8)
		flipped[at] ^= 1 << bit
		mutated(t, b, flipped, want, fmt.Sprintf("bit %d of byte %d flipped", bit, at), true, &n)
	}
	for at := 0; at < len(b); at += 7 {
		mutated(t, b, b[:at], want, fmt.Sprintf("cut at %d", at), true, &n)
	}
	for range 500 {
		at, length := random.IntN(len(b)), 1+random.IntN(600)
		mutated(t, b, slices.Concat(b[:at], b[min(len(b), at+length):]), want, fmt.Sprintf("%d bytes taken out at %d", length, at), true, &n)
		noise := bytes.Repeat([]byte{byte(random.IntN(256))}, length)
		mutated(t, b, slices.Concat(b[:at], noise, b[at:]), want, fmt.Sprintf("%d bytes put in at %d", length, at), true, &n)
		to := random.IntN(len(b))
		over := bytes.Clone(b)
		copy(over[to:], b[at:min(len(b), at+length)])
		mutated(t, b, over, want, fmt.Sprintf("%d bytes of %d over %d", length, at, to), false, &n)
	}
	for _, tail := range [][]byte{{0}, make([]byte, 512), make([]byte, 10240), []byte("x"), b} {
		mutated(t, b, slices.Concat(b, tail), want, fmt.Sprintf("%d bytes behind it", len(tail)), true, &n)
	}
	if n.same != 0 {
		t.Errorf("%d mutations were accepted", n.same)
	}
	rearranged(t, &n)
	t.Logf("%+v", n)
	if n.made < 10_000 || n.salvaged == 0 {
		t.Errorf("%+v", n)
	}
}

// rearranged takes members out, doubles and exchanges them.
func rearranged(t *testing.T, n *tally) {
	s := large()
	b, want := s.pack(t, native.WriterOptions{}), lines(s.all())
	list := split(t, b)
	if !bytes.Equal(join(list), b) || len(list) < 15 {
		t.Fatalf("the test does not read archives: %d members", len(list))
	}
	random := rand.New(rand.NewPCG(5, 6))
	for at, i := 0, 0; i < len(list); i++ {
		for range 5 {
			flipped := bytes.Clone(b)
			flipped[at+512+random.IntN(len(list[i].content))] ^= 1 << random.IntN(8)
			mutated(t, b, flipped, want, "a bit flipped in "+list[i].name, true, n)
		}
		at += 512 + (len(list[i].content)+511)/512*512
	}
	for i, m := range list {
		mutated(t, b, join(slices.Delete(slices.Clone(list), i, i+1)), want, m.name+" taken out", false, n)
		mutated(t, b, join(slices.Insert(slices.Clone(list), i, m)), want, m.name+" doubled", false, n)
		mutated(t, b, join(append(slices.Clone(list), m)), want, m.name+" again at the end", false, n)
		empty := slices.Clone(list)
		empty[i] = m.resized(nil)
		mutated(t, b, join(empty), want, m.name+" emptied", false, n)
		hex := strings.Repeat("0", 64) + ".zst"
		for _, name := range []string{"../x", "/etc/passwd", "rows/x", "notes.txt", "files/" + hex, "rows/a/" + hex} {
			foreign := slices.Insert(slices.Clone(list), i, m.renamed(name))
			mutated(t, b, join(foreign), want, name+" before "+m.name, false, n)
		}
		for k := range i {
			swapped := slices.Clone(list)
			swapped[i], swapped[k] = swapped[k], swapped[i]
			mutated(t, b, join(swapped), want, m.name+" and "+list[k].name+" exchanged", false, n)
			contents := slices.Clone(list)
			contents[i], contents[k] = m.resized(list[k].content), list[k].resized(m.content)
			mutated(t, b, join(contents), want, "the contents of "+m.name+" and "+list[k].name+" exchanged", false, n)
		}
	}
}

func TestHeadersOfTheArchiveAreOnlyThoseThatAreWritten(t *testing.T) {
	s := sample()
	b, want := s.pack(t, native.WriterOptions{}), lines(s.all())
	list := split(t, b)
	n := counting()
	for i := range list {
		for at := range 512 {
			if at >= 148 && at < 156 {
				continue
			}
			other := slices.Clone(list)
			other[i].header[at] ^= 1
			other[i].sum()
			mutated(t, b, join(other), want, fmt.Sprintf("byte %d of the header of %s with its checksum", at, list[i].name), false, &n)
		}
	}
	if n.refused != n.mutations {
		t.Errorf("%+v", n)
	}
}

// Whoever corrects the seal has made another package: it has another digest.
// It is refused unless what it holds are the original's records still.
func TestASealThatWasCorrected(t *testing.T) {
	s := sample()
	s.header.Source.Dialect = "sqlite"
	s.records["users.user"][1].Fields[2].Value = text("07") // irregular
	b, want := s.pack(t, native.WriterOptions{}), lines(s.all())
	list := split(t, b)
	manifest := list[len(list)-2]
	_, digest, _ := readAll(b)
	random := rand.New(rand.NewPCG(3, 4))
	accepted, count := 0, 0
	for at := range manifest.content {
		for range 3 {
			content := bytes.Clone(manifest.content)
			content[at] ^= 1 << random.IntN(8)
			altered := slices.Clone(list)
			altered[len(list)-2] = manifest.resized(content)
			altered[len(list)-1] = altered[len(list)-1].resized(fmt.Appendf(nil, "%x  manifest.json\n", sha256.Sum256(content)))
			count++
			forged := join(altered)
			got, other, err := readAll(forged)
			if err == nil {
				accepted++
				if other == digest || !cmp.Equal(want, got) {
					t.Fatalf("byte %d of the manifest: accepted", at)
				}
			} else if !errors.Is(err, backup.ErrRefused) {
				t.Fatalf("byte %d of the manifest: %v", at, err)
			}
		}
	}
	t.Logf("%d of %d are packages of other file names, modes or times", accepted, count)
}
