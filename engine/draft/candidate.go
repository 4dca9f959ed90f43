package draft

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// candidate is a list of fields that may identify the records of a table.
type candidate struct {
	fields []int
	rank   int // the lower, the better
	// backed says that the database keeps it unique, nullable that it lets nulls
	// in. why is the reason for trying it.
	backed, nullable bool
	why              string
	live, pkg        tally
}

// Ranks of candidates. Within one kind a name's rank decides.
const (
	rankDeclared   = -300 // a package of our own format says so
	rankKnown      = -200 // Django's own natural_key
	rankUnique     = 0
	rankOneToOne   = 95
	rankComposite  = 100
	rankNumber     = 200
	rankUUID       = 300
	rankUnbacked   = 400
	rankEverything = 500
	rankRowID      = 900
)

// knownKeys are what Django's contributed applications write for their models.
func knownKeys(label string) []string {
	switch label {
	case contentTypeLabel:
		return []string{"app_label", "model"}
	case "auth.permission":
		return []string{"codename", "content_type"}
	case "auth.group":
		return []string{"name"}
	case "auth.user":
		return []string{"username"}
	case "sites.site":
		return []string{"domain"}
	}
	return nil
}

// candidates lists what may identify the records of each table.
func (w *world) candidates() {
	for _, t := range w.tables {
		if t.label == "" {
			continue
		}
		if m := t.described; m != nil {
			t.add(&candidate{fields: t.named(m.NaturalKey), rank: rankDeclared, why: "as the policy has it that the package was made with"})
		}
		t.add(&candidate{fields: t.named(knownKeys(t.label)), rank: rankKnown, why: "as Django's own natural_key has it"})
		for _, u := range t.Uniques {
			if u.Predicate == "" && !u.Expression {
				t.add(&candidate{fields: t.named(u.Columns), rank: t.rank(u.Columns), backed: true, why: "a unique constraint"})
			}
		}
		if !t.givenOut() {
			t.add(&candidate{fields: t.named(t.PrimaryKey), rank: t.rank(t.PrimaryKey), backed: true, why: "the primary key, which the application gives"})
		}
		if !slices.ContainsFunc(t.candidates, t.promising) || t.spelled != nil {
			t.unbacked()
		}
		if pk := t.pk(); pk >= 0 {
			t.add(&candidate{fields: []int{pk}, rank: rankRowID, backed: true, why: "the primary key"})
		}
		slices.SortStableFunc(t.candidates, func(a, b *candidate) int { return a.rank - b.rank })
	}
}

// promising reports whether the candidate will do unless the data say
// otherwise.
func (t *table) promising(c *candidate) bool {
	return c.rank < rankRowID && c.backed && !c.nullable && !slices.ContainsFunc(c.fields, func(i int) bool { return t.pkg != nil && !t.packaged(i) })
}

// packaged reports whether each of the package's records has the field.
func (t *table) packaged(i int) bool {
	if t.pkg.records == 0 || i == t.pk() && t.pkg.keyed == t.pkg.records {
		return true
	}
	for _, name := range []string{t.fields[i].name, t.fields[i].column.Name} {
		if f := t.pkg.index[name]; f != nil && f.records == t.pkg.records {
			return true
		}
	}
	return false
}

// givenOut reports whether the primary key is made by the database or is a
// random one: it identifies a row in this database only.
func (t *table) givenOut() bool {
	i := t.pk()
	if i < 0 {
		return len(t.PrimaryKey) == 0
	}
	f := t.fields[i]
	if f.refers != "" {
		return false
	}
	return f.column.Sequence != nil || f.column.HasDefault && f.column.Type.Kind == schema.Integer || f.column.Name == "id" && f.column.Type.Kind == schema.Integer
}

// add adds a candidate unless it names no fields, a secret, or what another one
// names.
func (t *table) add(c *candidate) {
	if len(c.fields) == 0 {
		return
	}
	for _, i := range c.fields {
		f := t.fields[i]
		if t.secret(f) || f.refers == t.Name {
			return
		}
		// SQLite lets nulls into most primary keys too.
		c.nullable = c.nullable || !f.column.NotNull
	}
	columns := t.columns(c.fields)
	c.backed = c.backed || t.UniqueOn(columns...) != nil
	for _, other := range t.candidates {
		if slices.Equal(slices.Sorted(slices.Values(other.fields)), slices.Sorted(slices.Values(c.fields))) {
			return
		}
	}
	t.candidates = append(t.candidates, c)
}

// unbacked adds what the database does not keep unique: a column whose name
// says that it identifies, and all that is ever given together. Where there is
// a time of day among that, it will not do: a package cuts times, and a key that
// is cut is another key.
func (t *table) unbacked() {
	var short, all []int
	timed := false
	for i, f := range t.fields {
		if !f.column.NotNull || i == t.pk() || volatile(f.column.Name) || f.refers == t.Name {
			continue
		}
		if t.secret(f) {
			continue
		}
		switch f.column.Type.Kind {
		case schema.Text, schema.Enum, schema.UUID:
			if r := nameRank(f.column.Name); r < otherName && t.ownName(f) || t.spelled != nil && t.spelled.width == 1 {
				t.add(&candidate{fields: []int{i}, rank: rankUnbacked + r, why: "its name says that it identifies"})
			}
			all = append(all, i)
			if f.column.Type.Kind != schema.Text || f.column.Type.Length > 0 {
				short = append(short, i)
			}
		case schema.Time, schema.Timestamp, schema.TimestampTZ:
			timed = true
		case schema.Integer, schema.Date, schema.Inet:
			short, all = append(short, i), append(all, i)
		}
	}
	if timed || t.spelled != nil && slices.ContainsFunc(t.candidates, t.promising) {
		return
	}
	const why = "all that every record has, as nothing smaller identifies one"
	t.add(&candidate{fields: short, rank: rankEverything, why: why})
	t.add(&candidate{fields: all, rank: rankEverything + 1, why: why})
}

// ownName reports whether a name is about the record itself: "number", or
// "document_number" of a document, and not "template_name".
func (t *table) ownName(f field) bool {
	w := words(f.column.Name)
	if len(w) < 2 {
		return !slices.Contains([]string{"title", "label", "email"}, f.column.Name)
	}
	_, model, _ := strings.Cut(t.label, ".")
	return strings.HasSuffix(plain(model), plain(strings.Join(w[:len(w)-1], "_")))
}

// named are the fields of these columns or fields, nil when one is missing.
func (t *table) named(names []string) []int {
	var out []int
	for _, n := range names {
		i, ok := t.index[n]
		if !ok {
			return nil
		}
		out = append(out, i)
	}
	return out
}

func (t *table) columns(fields []int) []string {
	out := make([]string, len(fields))
	for n, i := range fields {
		out[n] = t.fields[i].column.Name
	}
	return out
}

func (t *table) names(fields []int) []string {
	out := make([]string, len(fields))
	for n, i := range fields {
		out[n] = t.fields[i].name
	}
	return out
}

const otherName = 80

// nameRank says how well a column's name promises a readable, stable key.
func nameRank(column string) int {
	w := words(column)
	last := w[max(0, len(w)-1):]
	if len(last) == 0 {
		return otherName
	}
	for rank, names := range [][]string{
		{"username"}, {"code"}, {"slug"}, {"number", "no", "nr"}, {"name"}, {"identifier", "ident", "key", "domain", "reference", "sku"}, {"label", "title"}, {"email", "url", "path"},
	} {
		if slices.Contains(names, last[0]) || strings.Join(w, "") == names[0] {
			return 10 * rank
		}
	}
	return otherName
}

// rank is that of a unique constraint.
func (t *table) rank(columns []string) int {
	worst := 0
	for _, c := range columns {
		i, ok := t.index[c]
		if !ok {
			return rankRowID
		}
		f := t.fields[i]
		switch {
		case f.refers != "":
			worst = max(worst, rankOneToOne)
		case f.column.Type.Kind == schema.UUID || c == "uuid" || c == "guid":
			worst = max(worst, rankUUID)
		case f.column.Type.Kind != schema.Text && f.column.Type.Kind != schema.Enum && len(columns) == 1:
			worst = max(worst, rankNumber)
		case strings.HasSuffix(c, "object_id"):
			worst = max(worst, rankNumber)
		default:
			worst = max(worst, nameRank(c))
		}
	}
	if len(columns) > 1 {
		return max(worst, rankComposite) + 10*len(columns)
	}
	return rankUnique + worst
}
