package planner

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
)

// chunkedPackage is a database in memory as a package in chunks. One ends after
// each record whose primary key can be divided by 3.
type chunkedPackage struct {
	*typedPackage
	read int // records
}

func endsChunk(pk string) bool {
	n, err := strconv.Atoi(pk)
	return err == nil && n%3 == 0
}

func (p *chunkedPackage) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		chunk := 0
		for rec, err := range p.typedPackage.Scan(ctx, s) {
			at := chunk
			if endsChunk(rec.Fields[0].Value.Text) {
				chunk++
			}
			if at < len(s.Skip) && s.Skip[at] {
				continue
			}
			p.read++
			if !yield(rec, err) {
				return
			}
		}
	}
}

func (p *chunkedPackage) Recogniser(model string) schema.Recogniser {
	r := &textRecogniser{chunks: map[string]int{}}
	var rows []string
	for rec, err := range p.typedPackage.Scan(context.Background(), schema.Selection{Model: model}) {
		if err != nil {
			return nil
		}
		var row []schema.Literal
		for _, f := range rec.Fields {
			if f.Value.Kind == schema.ListLiteral {
				return nil
			}
			row = append(row, f.Value)
		}
		rows = append(rows, fmt.Sprintf("%q", row))
		if endsChunk(row[0].Text) {
			r.chunks[strings.Join(rows, "\n")] = r.count
			r.count++
			rows = nil
		}
	}
	if rows != nil {
		r.chunks[strings.Join(rows, "\n")] = r.count
	}
	return r
}

type textRecogniser struct {
	chunks map[string]int
	count  int
	rows   []string
}

func (r *textRecogniser) Next(row []schema.Literal) bool {
	r.rows = append(r.rows, fmt.Sprintf("%q", row))
	return endsChunk(row[0].Text)
}

func (r *textRecogniser) Chunk() (int, bool) {
	n, ok := r.chunks[strings.Join(r.rows, "\n")]
	r.rows = nil
	return n, ok
}

const (
	shelfTables = `
kinds: id serial, app_label text !, model text !, unique(app_label, model)
owners: id serial, uuid uuid ! unique, login text ! unique
papers: id serial, code text ! unique, owner_id int ! -> owners, editor_id int -> owners, n int, slot text unique
notes: id serial, uuid uuid ! unique, kind_id int -> kinds, object_id text, paper_id int -> papers, body text
`
	shelfPolicy = `
model "ct.kind" {
 table = kinds
 natural_key = [app_label, model]
}
model "b.owner" {
 table = owners
 natural_key = [login]
 surrogate = [uuid]
}
model "b.paper" {
 table = papers
 natural_key = [code]
 ignore = [n]
}
model "b.note" {
 table = notes
 natural_key = [uuid]
 generic_reference "object" {
  type = kind
  id   = object_id
 }
}
`
	shelfKinds = `kinds {"id":1,"app_label":"b","model":"paper"}
kinds {"id":2,"app_label":"b","model":"owner"}
kinds {"id":4,"app_label":"x","model":"unlisted"}`
)

// shelf is a live database and a package in chunks of another one.
func shelf(t *testing.T, live, pkg string) Input {
	in := world{tables: shelfTables, policy: shelfPolicy, live: shelfKinds + "\n" + live}.input(t)
	in.Package = &chunkedPackage{typedPackage: dump(t, in.Policy, newLive(t, catalogue(t, shelfTables, ""), shelfKinds+"\n"+pkg))}
	return in
}

// A plan says and does the same whether the package's chunks are known by the
// rows of the live table or read.
func TestKnownChunksChangeNothing(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		var live, pkg []string
		add := func(table string, id int, row string) {
			here := fmt.Sprintf(`%s {"id":%d,%s}`, table, id, row)
			there := here
			switch rapid.IntRange(0, 40).Draw(t, "fate") {
			case 0: // gone
				there = ""
			case 1: // new
				here = ""
			case 2:
				there = strings.Replace(there, `"body":"`, `"body":"x`, 1)
			case 3: // under another's primary key
				there = fmt.Sprintf(`%s {"id":%d,%s}`, table, id%4+1, row)
			case 4:
				there = strings.NewReplacer(`"code":"`, `"code":"new-`, `"login":"`, `"login":"new-`).Replace(there)
			case 5:
				there = strings.Replace(there, `"n":`, `"n":1`, 1) // ignored
			case 6: // a row more that only its primary key tells from this one
				live = append(live, fmt.Sprintf(`%s {"id":%d,%s}`, table, id+200, row))
			case 7: // on both sides
				live = append(live, fmt.Sprintf(`%s {"id":%d,%s}`, table, id+300, row))
				pkg = append(pkg, fmt.Sprintf(`%s {"id":%d,%s}`, table, id+300, row))
			}
			if here != "" {
				live = append(live, here)
			}
			if there != "" {
				pkg = append(pkg, there)
			}
		}
		n := rapid.IntRange(1, 12).Draw(t, "records")
		for i := 1; i <= n; i++ {
			add("owners", i, fmt.Sprintf(`"uuid":"00000000-0000-0000-0001-%012x","login":"u%d"`, i, i))
		}
		if rapid.IntRange(0, 3).Draw(t, "others") == 0 { // the same ids are those of other owners there
			for i, row := range pkg {
				pkg[i] = strings.NewReplacer(`"login":"u1"`, `"login":"u2"`, `"login":"u2"`, `"login":"u1"`, "0001-000000000001", "0001-000000000002", "0001-000000000002", "0001-000000000001").Replace(row)
			}
		}
		for i := 1; i <= n; i++ {
			add("papers", i, fmt.Sprintf(`"code":"c%d","owner_id":%d,"editor_id":%s,"n":%d,"slot":"s%d"`, i, i%n+1, rapid.SampledFrom([]string{"null", "1"}).Draw(t, "editor"), i, i))
		}
		for i := 1; i <= n; i++ {
			kind := rapid.SampledFrom([]string{"null", "1", "2", "4"}).Draw(t, "kind")
			add("notes", i, fmt.Sprintf(`"uuid":"00000000-0000-0000-0002-%012x","kind_id":%s,"object_id":"%d","paper_id":%d,"body":"note %d"`, i, kind, i, (i+1)%n+1, i))
		}
		sameAside(t, shelf(outer, strings.Join(live, "\n"), strings.Join(pkg, "\n")))
	})
}

// Of a package that is the live database nothing is read, and of one that
// differs little, only the chunks that do.
func TestKnownChunksAreNotRead(t *testing.T) {
	rows := func(edit func(i int, row string) string) string {
		var out []string
		for i := 1; i <= 30; i++ {
			out = append(out, fmt.Sprintf(`owners {"id":%d,"uuid":"00000000-0000-0000-0001-%012x","login":"u%d"}`, i, i, i))
		}
		for i := 1; i <= 30; i++ {
			out = append(out, edit(i, fmt.Sprintf(`papers {"id":%d,"code":"c%d","owner_id":%d,"editor_id":1}`, i, i, i)))
		}
		return strings.Join(out, "\n")
	}
	same := func(_ int, row string) string { return row }
	for name, c := range map[string]struct {
		edit    func(i int, row string) string
		read    int // of 63 records
		changes []string
	}{
		"nothing differs": {edit: same},
		"a record of the second chunk": {
			edit: func(i int, row string) string {
				if i == 5 {
					return strings.Replace(row, `"editor_id":1`, `"editor_id":2`, 1)
				}
				return row
			},
			read: 3, changes: []string{`~ b.paper ["c5"] editor ["u1"] -> ["u2"]`},
		},
		"a record less": {
			edit: func(i int, row string) string {
				if i == 29 {
					return ""
				}
				return row
			},
			read: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := shelf(t, rows(same), rows(c.edit))
			in.aside = asideLimits{least: 1, lead: 100, trial: 100}
			o := plan(t, in)
			if diff := cmp.Diff(c.changes, o.changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if got := in.Package.(*chunkedPackage).read; got != c.read {
				t.Errorf("%d records were read, not %d", got, c.read)
			}
		})
	}
}

// A row that is spelt as in the package may refer to another record than there.
func TestKnownRowsThatReferElsewhereAreChanges(t *testing.T) {
	live := `owners {"id":1,"uuid":"00000000-0000-0000-0001-000000000001","login":"ada"}
		owners {"id":2,"uuid":"00000000-0000-0000-0001-000000000002","login":"bob"}
		papers {"id":3,"code":"A","owner_id":1}
		notes {"id":3,"uuid":"00000000-0000-0000-0002-000000000001","kind_id":2,"object_id":"2"}`
	in := shelf(t, live, strings.NewReplacer(`"id":1,"uuid"`, `"id":2,"uuid"`, `"id":2,"uuid"`, `"id":1,"uuid"`).Replace(live))
	in.aside = asideLimits{least: 1, lead: 100, trial: 100}
	want := []string{
		`<> b.owner ["ada"]`, `<> b.owner ["bob"]`, `~ b.paper ["A"] owner ["ada"] -> ["bob"]`,
		`~ b.note ["00000000-0000-0000-0002-000000000001"] object_id ["bob"] -> ["ada"]`,
	}
	if diff := cmp.Diff(want, plan(t, in).changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
