package draft

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// manyHashes bounds the hashes kept of one candidate on one side: some 64 MB.
const manyHashes = 1 << 20

// tally says whether a candidate identifies the records of one side.
type tally struct {
	rows, nulls, repeats int
	// full says that more rows were there than are kept in mind.
	full bool
	seen map[[16]byte]struct{}
}

// count takes in one row; a part that is null has no text.
func (y *tally) count(parts []string, null bool) {
	y.rows++
	if null {
		y.nulls++
		return
	}
	if y.seen == nil {
		y.seen = map[[16]byte]struct{}{}
	}
	h := hash(parts)
	if _, again := y.seen[h]; again {
		y.repeats++
		return
	}
	if y.full = len(y.seen) >= manyHashes; !y.full {
		y.seen[h] = struct{}{}
	}
}

func hash(parts []string) [16]byte {
	sum := sha256.Sum256([]byte(schema.MakeKey(parts...)))
	return [16]byte(sum[:16])
}

func (y *tally) sound() bool { return y.nulls == 0 && y.repeats == 0 }

// measurePackage looks at the package's records a second time.
func (w *world) measurePackage(ctx context.Context, pkg schema.Source) error {
	for _, t := range w.tables {
		if t.pkg == nil || t.label == "" {
			continue
		}
		anyPromising := slices.ContainsFunc(t.candidates, t.promising)
		values := make([]schema.Literal, len(t.fields))
		for r, err := range pkg.Scan(ctx, schema.Selection{Model: t.pkg.label}) {
			if err != nil {
				return fmt.Errorf("read the package's records of %s: %w", t.label, err)
			}
			clear(values)
			if pk := t.pk(); pk >= 0 {
				values[pk] = r.PK
			}
			for i := range r.Fields {
				if n, ok := t.index[r.Fields[i].Name]; ok {
					values[n] = r.Fields[i].Value
				}
			}
			for _, c := range t.candidates {
				parts, null := t.parts(c, values)
				c.pkg.count(parts, null)
			}
			if !anyPromising {
				t.pkg.whole.count(wholeRecord(r), false)
				t.same.remember(t, values)
			}
			if t.spelled != nil {
				t.spelled.mark(t, values)
			}
		}
		t.forget(func(c *candidate) *tally { return &c.pkg })
		t.pkg.whole.seen = nil
	}
	return nil
}

// wholeRecord is all that a record has: two that are equal in it are one too
// many.
func wholeRecord(r *schema.Record) []string {
	out := []string{r.PK.Text}
	for i := range r.Fields {
		f := &r.Fields[i]
		out = append(out, f.Name, string(rune('0'+f.Value.Kind)), f.Value.Text)
	}
	return out
}

// measureLive reads the columns of which something is not known yet.
func (w *world) measureLive(ctx context.Context, live schema.Source) error {
	for _, t := range w.tables {
		if t.label == "" {
			continue
		}
		open := slices.DeleteFunc(slices.Clone(t.candidates), func(c *candidate) bool {
			return c.backed && !c.nullable || t.pkg != nil && !c.pkg.sound() && !t.lacks(c)
		})
		spelled := t.spelled != nil && !t.spelled.complete()
		shared := t.same.contents != nil
		var read []int
		for i, f := range t.fields {
			wanted := slices.ContainsFunc(open, func(c *candidate) bool { return slices.Contains(c.fields, i) })
			if wanted || spelled && f.refers == "" && !t.secret(f) || shared && (i == t.pk() || t.content(i)) {
				read = append(read, i)
			}
		}
		if len(read) == 0 {
			continue
		}
		values := make([]schema.Literal, len(t.fields))
		for r, err := range live.Scan(ctx, schema.Selection{Model: t.label, Table: t.Table, Columns: t.columns(read)}) {
			if err != nil {
				return fmt.Errorf("read the table %s: %w", t.Name, err)
			}
			for n, i := range read {
				values[i] = r.Fields[n].Value
			}
			for _, c := range open {
				parts, null := t.parts(c, values)
				c.live.count(parts, null)
			}
			if spelled {
				t.spelled.mark(t, values)
			}
			if shared {
				t.same.compare(t, values)
			}
		}
		t.same.contents = nil
		t.forget(func(c *candidate) *tally { return &c.live })
	}
	return nil
}

// forget lets go of the hashes of a side that was read.
func (t *table) forget(side func(*candidate) *tally) {
	for _, c := range t.candidates {
		side(c).seen = nil
	}
}

// parts are the texts of a candidate's fields in one row.
func (t *table) parts(c *candidate, values []schema.Literal) (parts []string, null bool) {
	parts = make([]string, len(c.fields))
	for n, i := range c.fields {
		if values[i].Kind == schema.NullLiteral {
			return nil, true
		}
		parts[n] = t.text(i, values[i])
	}
	return parts, false
}

// text is a value in one form for both sides. A reference is as it is spelt. A
// time is cut to milliseconds, as a package may have it.
func (t *table) text(i int, l schema.Literal) string {
	f := t.fields[i]
	if f.refers != "" {
		return l.Text
	}
	v, err := f.column.Type.Parse(l)
	if err != nil || !v.Valid {
		return l.Text
	}
	switch f.column.Type.Kind {
	case schema.Time, schema.Timestamp, schema.TimestampTZ:
		if whole, fraction, ok := strings.Cut(v.Text, "."); ok {
			digits := 0
			for digits < len(fraction) && fraction[digits] >= '0' && fraction[digits] <= '9' {
				digits++
			}
			kept := strings.TrimRight(fraction[:min(3, digits)], "0")
			return whole + "." + kept + fraction[digits:]
		}
	}
	return f.column.Type.KeyText(v)
}
