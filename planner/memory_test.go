package planner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// memoryLive is a live database in memory: a schema.Source that can also
// carry out batches and then judges its constraints.
type memoryLive struct {
	catalogue *schema.Catalogue
	rows      map[string][]map[string]schema.Value // by table, by column
	scanning  bool
}

func newLive(t testing.TB, c *schema.Catalogue, text string) *memoryLive {
	t.Helper()
	l := &memoryLive{catalogue: c, rows: map[string][]map[string]schema.Value{}}
	for line := range lines(text) {
		name, fields := object(t, line)
		tab := c.Table(name)
		if tab == nil {
			t.Fatalf("no table %q", name)
		}
		r := map[string]schema.Value{}
		for _, f := range fields {
			col := tab.Column(f.Name)
			if col == nil {
				t.Fatalf("no column %s.%s", name, f.Name)
			}
			v, err := col.Type.Parse(f.Value)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			v.Digits = 0
			r[f.Name] = v
		}
		l.rows[name] = append(l.rows[name], r)
	}
	l.sequences()
	return l
}

// sequences leaves each sequence at the highest key.
func (l *memoryLive) sequences() {
	for _, tab := range l.catalogue.Tables {
		for i := range tab.Columns {
			if s := tab.Columns[i].Sequence; s != nil {
				for _, r := range l.rows[tab.Name] {
					n, _ := strconv.ParseInt(r[tab.Columns[i].Name].Text, 10, 64)
					s.Last = max(s.Last, n)
				}
			}
		}
	}
}

func (l *memoryLive) Name() string               { return "live" }
func (l *memoryLive) Contents() []schema.Content { return nil }

func (l *memoryLive) Scan(_ context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if l.scanning {
			yield(nil, errors.New("a Scan inside another Scan's loop"))
			return
		}
		l.scanning = true
		defer func() { l.scanning = false }()
		rec := &schema.Record{}
		for i, r := range l.rows[s.Table.Name] {
			if s.Limit > 0 && i == s.Limit {
				return
			}
			rec.Fields = rec.Fields[:0]
			for _, c := range s.Columns {
				lit := schema.Literal{}
				if v := r[c]; v.Valid {
					lit = schema.Literal{Kind: schema.CanonicalLiteral, Text: v.Text}
				}
				rec.Fields = append(rec.Fields, schema.Field{Name: c, Value: lit})
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// memoryPackage is a package in memory.
type memoryPackage struct {
	labels  []string
	records map[string][]*schema.Record
}

func newPackage(t testing.TB, text string) *memoryPackage {
	t.Helper()
	p := &memoryPackage{records: map[string][]*schema.Record{}}
	n := 0
	for line := range lines(text) {
		label, fields := object(t, line)
		n++
		r := &schema.Record{Number: n}
		for _, f := range fields {
			if f.Name == "pk" {
				r.PK = f.Value
				continue
			}
			r.Fields = append(r.Fields, f)
		}
		if _, known := p.records[label]; !known {
			p.labels = append(p.labels, label)
		}
		p.records[label] = append(p.records[label], r)
	}
	return p
}

func (p *memoryPackage) Name() string { return "package.json" }

func (p *memoryPackage) Contents() []schema.Content {
	var out []schema.Content
	for _, l := range p.labels {
		out = append(out, schema.Content{Model: l, Records: len(p.records[l])})
	}
	return out
}

func (p *memoryPackage) Scan(_ context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for _, r := range p.records[s.Model] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// reversed is the package with its records in the opposite order.
func (p *memoryPackage) reversed() *memoryPackage {
	out := &memoryPackage{labels: slices.Clone(p.labels), records: map[string][]*schema.Record{}}
	slices.Reverse(out.labels)
	for l, records := range p.records {
		r := slices.Clone(records)
		slices.Reverse(r)
		out.records[l] = r
	}
	return out
}

// parsePolicy reads a policy as the program does.
func parsePolicy(t testing.TB, text string) *policy.Policy {
	t.Helper()
	if !strings.Contains(text, "policy {") {
		text = "policy {\n  name = \"test\"\n}\n" + text
	}
	p, diags := policy.Parse([]policy.File{{Name: "test.hcl", Content: []byte(text)}}, policy.Options{})
	if diags.HasErrors() {
		t.Fatalf("policy: %v", describe(diags))
	}
	return p
}

func describe(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s [%s] %s (+%d)\n", d.Severity, d.Code, d.Error(), d.More)
	}
	return b.String()
}

// write carries out one batch and returns the number of rows it found.
func (l *memoryLive) write(b schema.Batch) (int64, error) {
	n := int64(0)
	for values, err := range b.Rows {
		if err != nil {
			return n, err
		}
		if len(values) != len(b.Key)+len(b.Columns) {
			return n, fmt.Errorf("%s: %d values for key %v and columns %v", b.Table.Name, len(values), b.Key, b.Columns)
		}
		n += l.writeRow(b, values)
	}
	return n, l.judge(false)
}

func (l *memoryLive) writeRow(b schema.Batch, values []schema.Value) int64 {
	name := b.Table.Name
	if b.Op == schema.Insert {
		r := map[string]schema.Value{}
		for i, c := range b.Columns {
			r[c] = values[i]
		}
		l.defaults(b.Table, r)
		l.rows[name] = append(l.rows[name], r)
		return 1
	}
	hit := func(r map[string]schema.Value) bool {
		for i, c := range b.Key {
			if r[c] != values[i] {
				return false
			}
		}
		return true
	}
	before := len(l.rows[name])
	if b.Op == schema.Delete {
		l.rows[name] = slices.DeleteFunc(l.rows[name], hit)
		return int64(before - len(l.rows[name]))
	}
	n := int64(0)
	for _, r := range l.rows[name] {
		if hit(r) {
			n++
			for i, c := range b.Columns {
				r[c] = values[len(b.Key)+i]
			}
		}
	}
	return n
}

// defaults fills what an insert leaves out.
func (l *memoryLive) defaults(t *schema.Table, r map[string]schema.Value) {
	for _, c := range t.Columns {
		if _, given := r[c.Name]; given || !c.HasDefault {
			continue
		}
		if c.Sequence != nil {
			c.Sequence.Last++
			r[c.Name] = schema.NewValue(strconv.FormatInt(c.Sequence.Last, 10))
		} else if c.Type.Kind == schema.Text {
			r[c.Name] = schema.NewValue("default")
		} else {
			r[c.Name] = schema.NewValue("0")
		}
	}
}

// judge finds broken constraints: those that cannot wait, or all of them at
// the end.
func (l *memoryLive) judge(end bool) error {
	for _, t := range l.catalogue.Tables {
		uniques := append([]schema.Unique{{Name: "primary key", Columns: t.PrimaryKey}}, t.Uniques...)
		for _, u := range uniques {
			if len(u.Columns) > 0 && (end || !u.Deferrable) {
				if err := l.judgeUnique(t, u); err != nil {
					return err
				}
			}
		}
		for _, fk := range t.ForeignKeys {
			if end || !fk.Deferrable && l.catalogue.Dialect != "sqlite" {
				if err := l.judgeReference(t, fk); err != nil {
					return err
				}
			}
		}
		for _, c := range t.Columns {
			for _, r := range l.rows[t.Name] {
				if c.NotNull && !r[c.Name].Valid {
					return fmt.Errorf("%s.%s is null", t.Name, c.Name)
				}
				if err := c.Type.Check(r[c.Name], l.catalogue.Dialect); err != nil {
					return fmt.Errorf("%s.%s: %w", t.Name, c.Name, err)
				}
			}
		}
	}
	return nil
}

func tupleOf(r map[string]schema.Value, columns []string) (string, bool) {
	var b []byte
	for _, c := range columns {
		if !r[c].Valid {
			return "", false
		}
		b = schema.AppendKey(b, r[c].Text)
	}
	return string(b), true
}

func (l *memoryLive) judgeUnique(t *schema.Table, u schema.Unique) error {
	seen := map[string]bool{}
	for _, r := range l.rows[t.Name] {
		tuple, ok := tupleOf(r, u.Columns)
		if ok && seen[tuple] {
			return fmt.Errorf("%s: %s is not unique", t.Name, u.Name)
		}
		seen[tuple] = true
	}
	return nil
}

func (l *memoryLive) judgeReference(t *schema.Table, fk schema.ForeignKey) error {
	there := map[string]bool{}
	for _, r := range l.rows[fk.RefTable] {
		if tuple, ok := tupleOf(r, fk.RefColumns); ok {
			there[tuple] = true
		}
	}
	for _, r := range l.rows[t.Name] {
		if tuple, ok := tupleOf(r, fk.Columns); ok && !there[tuple] {
			return fmt.Errorf("%s: %s leads nowhere", t.Name, fk.Name)
		}
	}
	return nil
}

// carryOut writes a plan and judges the state after it.
func (l *memoryLive) carryOut(r *Result) error {
	for b, err := range r.Batches() {
		if err != nil {
			return err
		}
		n, err := l.write(b)
		if err != nil {
			return fmt.Errorf("%s %s: %w", opName(b.Op), b.Table.Name, err)
		}
		if n != b.Count {
			return fmt.Errorf("%s %s: %d rows, %d planned", opName(b.Op), b.Table.Name, n, b.Count)
		}
	}
	for _, s := range r.Sequences {
		seq := s.Table.Column(s.Column).Sequence
		seq.Last = max(seq.Last, s.Last)
	}
	return l.judge(true)
}

func opName(o schema.Op) string { return [...]string{"", "insert", "update", "delete"}[o] }
