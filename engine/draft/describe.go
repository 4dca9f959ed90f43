package draft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// model is what a model block will say, in its order.
type model struct {
	key, packageKey []string
	keyWhy          string
	surrogates      []string
	sensitive       []string
	ignore          []string
	discard         []string
	derives         []derive
	generics        []generic
	match           string // empty: the default
	twins           bool   // the package has records that are equal in every field
	todos           []string
}

type generic struct {
	name, typ, id string
	onMissing     string
	why           string
}

func (t *table) todo(format string, args ...any) {
	t.model.todos = append(t.model.todos, fmt.Sprintf(format, args...))
}

// describe finds what else there is to say of a model.
func (w *world) describe(t *table) {
	m := &t.model
	if t.unsure {
		t.todo("Is %q really in this table? %s.", t.label, sentence(t.why))
	}
	var doubtful []string
	for _, f := range t.fields {
		keyed := slices.Contains(m.key, f.name) || slices.Contains(m.packageKey, f.name)
		if t.secret(f) && !keyed {
			m.sensitive = append(m.sensitive, f.name)
		} else if t.doubtful(f) && !keyed {
			doubtful = append(doubtful, f.name)
		}
		if volatile(f.column.Name) && !keyed {
			m.ignore = append(m.ignore, f.name)
		}
		if t.surrogate(f) && !keyed {
			m.surrogates = append(m.surrogates, f.name)
		}
	}
	if len(doubtful) > 0 {
		t.todo("Is %s a secret? Then it belongs into sensitive.", joinWords(doubtful))
	}
	w.generics(t)
	w.discards(t)
	w.lost(t)
}

// lost says which references lead nowhere, as the package spells them by
// primary keys that its records do not carry.
func (w *world) lost(t *table) {
	if t.pkg == nil {
		return
	}
	for i, f := range t.fields {
		target := w.byName[f.refers]
		if target == nil || target.pkg == nil || target.pk() < 0 || target.packaged(target.pk()) {
			continue
		}
		n := 0
		if s := t.pkg.index[f.name]; s != nil {
			n = s.records - s.nulls - s.lists
		} else if i == t.pk() {
			n = t.pkg.keyed
		}
		if n > 0 && !slices.Equal(target.model.key, target.names([]int{target.pk()})) {
			t.todo("%s of the package %s %s by a primary key, and its records of %s carry none: these references lead nowhere. Make the package without natural primary keys, or give the reference a rule (on_missing).",
				sentence(counted(n, "record")), map[bool]string{true: "spells", false: "spell"}[n == 1], f.name, target.label)
		}
	}
}

// surrogate reports whether a field identifies a record in one environment.
func (t *table) surrogate(f field) bool {
	kind := f.column.Type.Kind == schema.UUID || slices.Contains([]string{"uuid", "guid"}, f.column.Name)
	return kind && f.refers == "" && t.UniqueOn(f.column.Name) != nil && !slices.Contains(t.PrimaryKey, f.column.Name)
}

// generics finds references by content type and id: a foreign key to the
// content types, and beside it a column for the id that is called alike.
func (w *world) generics(t *table) {
	for _, f := range t.fields {
		target := w.byName[f.refers]
		if target == nil || target.label != contentTypeLabel {
			continue
		}
		prefix := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(f.column.Name, "_id"), "type"), "_")
		prefix = strings.TrimSuffix(strings.TrimSuffix(prefix, "content"), "_")
		for _, name := range []string{"object_id", "object_pk", "object_uuid", "id", "pk"} {
			if prefix != "" {
				name = prefix + "_" + name
			} else if name == "id" || name == "pk" {
				continue
			}
			i, ok := t.index[name]
			if !ok || t.fields[i].refers != "" {
				continue
			}
			g := generic{name: cmpOr(prefix, "object"), typ: f.name, id: t.fields[i].name}
			if t.label == logEntryLabel && !t.fields[i].column.NotNull {
				g.onMissing, g.why = "unset", "the entry's text still says what it was about"
			}
			t.model.generics = append(t.model.generics, g)
			break
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// discards lists the package's fields for which there is no column.
func (w *world) discards(t *table) {
	if t.pkg == nil {
		return
	}
	for _, f := range t.pkg.fields {
		if _, ok := t.index[f.name]; ok || w.manyField(t, f.name) != nil || t.through[f.name] != "" {
			continue
		}
		t.model.discard = append(t.model.discard, f.name)
		t.todo("The table has no column for %s of the package, in %s, not null in %d of them: their values are left out and counted.",
			quote(f.name), counted(f.records, "record"), f.records-f.nulls)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func joinWords(list []string) string {
	const most = 3
	shown := slices.Clone(list[:min(len(list), most)])
	if n := len(list) - most; n > 0 {
		shown = append(shown, fmt.Sprintf("%d more", n))
	}
	return strings.Join(shown, ", ")
}
