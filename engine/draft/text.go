package draft

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema/policy"
)

// File is the whole policy as one file.
func (d *Draft) File(name string) (policy.File, error) {
	var b strings.Builder
	d.header(&b)
	for _, t := range d.models {
		t.write(&b)
	}
	d.footer(&b)
	return canonical(policy.File{Name: name, Content: []byte(b.String())})
}

// canonical is the file in canonical form, without empty lines at its ends.
func canonical(f policy.File) (policy.File, error) {
	f.Content = append(bytes.TrimSpace(f.Content), '\n')
	content, diags := policy.Format(f)
	f.Content = content
	return f, diags.Err()
}

// Files are the policy as a folder: a file for each application, and one for
// what belongs to none.
func (d *Draft) Files() ([]policy.File, error) {
	apps := map[string]*strings.Builder{}
	for _, t := range d.models {
		app, _, ok := strings.Cut(strings.ToLower(t.label), ".")
		if !ok || app == "policy" || !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(app) {
			app = "models"
		}
		if apps[app] == nil {
			apps[app] = &strings.Builder{}
		}
		t.write(apps[app])
	}
	var b strings.Builder
	d.header(&b)
	d.footer(&b)
	files := []policy.File{{Name: "policy.hcl", Content: []byte(b.String())}}
	for _, app := range sortedKeys(apps) {
		files = append(files, policy.File{Name: app + ".hcl", Content: []byte(apps[app].String())})
	}
	for i := range files {
		var err error
		if files[i], err = canonical(files[i]); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// TODOs counts what is left for people to decide.
func (d *Draft) TODOs() int {
	n := len(d.discarded)
	for _, t := range d.models {
		n += len(t.model.todos)
	}
	return n
}

func (d *Draft) header(b *strings.Builder) {
	comment(b, "", "A first policy, drafted from the live database"+map[bool]string{true: " and a package"}[d.packaged]+". It says what was found; read it before"+
		" it is used. What was not clear is marked TODO, with what speaks for it.")
	b.WriteString("#\n")
	comment(b, "", "Columns, foreign keys, many-to-many tables and unique constraints are read from the database each time. A record on both"+
		" sides is changed to the package's (match = update), a live row that the package lacks stays (absent = keep).")
	fmt.Fprintf(b, "\npolicy {\nname = %s\nunlisted = preserve # tables without a model are never touched\n", quote(d.name))
	var discard []string
	if d.sessions != nil {
		b.WriteString("\n")
		comment(b, "", "Whoever has a session's key is logged in: sessions stay where they are, and a package's are left out.")
		discard = append(discard, sessionLabel)
	}
	for _, s := range d.discarded {
		comment(b, "", fmt.Sprintf("TODO: no table was found for the %s of %s. They are left out and counted. If there is one, write a model block for it.", counted(s.records, "record"), quote(s.label)))
		discard = append(discard, s.label)
	}
	slices.Sort(discard)
	if len(discard) > 0 {
		fmt.Fprintf(b, "discard = %s\n", bareList(discard))
	}
	b.WriteString("}\n\nlive {\nurl = env(\"EDMSPLAN_LIVE\", \"\") # -live goes before it\n}\n")
}

// footer lists the tables that the policy leaves alone.
func (d *Draft) footer(b *strings.Builder) {
	if len(d.joins) > 0 {
		b.WriteString("\n")
		comment(b, "", "Tables of many-to-many fields, read and written with the model that has the field:")
		b.WriteString("#\n")
		for _, t := range d.joins {
			names, _ := t.joins()
			fmt.Fprintf(b, "#   %s joins %s\n", plainText(t.Name), plainText(strings.Join(names, " and ")))
		}
	}
	if len(d.unnamed)+len(d.placeless) == 0 && d.sessions == nil {
		return
	}
	b.WriteString("\n")
	comment(b, "", "Tables without a model. Plans do not touch them; for one that they should, write a model block with the label that packages use.")
	b.WriteString("#\n")
	for _, t := range d.unnamed {
		rows := ""
		if t.rows >= 0 {
			rows = ", " + counted(int(t.rows), "row")
		}
		why := ""
		if t.Name == "django_migrations" {
			why = ": which migrations ran here, part of the schema and not of the data"
		}
		fmt.Fprintf(b, "#   %s%s%s\n", plainText(t.Name), rows, why)
	}
	if d.sessions != nil {
		fmt.Fprintf(b, "#   %s: sessions, see above\n", plainText(d.sessions.Name))
	}
	for _, label := range d.placeless {
		fmt.Fprintf(b, "#   no table was found for the content type %s\n", plainText(label))
	}
}

// write writes the model block.
func (t *table) write(b *strings.Builder) {
	m := &t.model
	b.WriteString("\n")
	found := ""
	if t.pkg != nil {
		found = counted(t.pkg.records, "record") + " in the package. "
	}
	comment(b, "", found+"Table: "+t.why+".")
	if t.chosen == nil {
		comment(b, "", fmt.Sprintf("TODO: %s has no primary key and nothing that identifies a row. To have it planned, write: model %s { table = %s, natural_key = [FIELD, …] }", plainText(t.Name), quote(t.label), bareTable(t.Name)))
		return
	}
	for _, s := range m.todos {
		comment(b, "", "TODO: "+s)
	}
	fmt.Fprintf(b, "model %s {\ntable = %s\nnatural_key = %s # %s\n", quote(t.label), bareTable(t.Name), bareList(m.key), plainText(m.keyWhy))
	list(b, "package_key", m.packageKey, "references in the package spell it so, such as "+t.example())
	list(b, "surrogate", m.surrogates, "another one in each environment")
	list(b, "sensitive", m.sensitive, "by name; never shown")
	if m.match != "" {
		fmt.Fprintf(b, "match = %s\n", m.match)
	}
	list(b, "discard", m.discard, "fields of the package without a column")
	if m.twins {
		b.WriteString("# on_duplicate = first\n")
	}
	if len(m.ignore) > 0 {
		comment(b, "", "It changes by mere use. To have it compared never, and written only when a record is added:")
		fmt.Fprintf(b, "# ignore = %s\n", bareList(m.ignore))
	}
	t.writeBlocks(b)
	b.WriteString("}\n")
}

func (t *table) writeBlocks(b *strings.Builder) {
	for _, d := range t.model.derives {
		fmt.Fprintf(b, "\n# derive %s {\n#   value = %s\n# }\n", quote(d.field), plainText(d.value))
	}
	for _, name := range sortedKeys(t.through) {
		fmt.Fprintf(b, "\nreference %s {\nthrough = %s\n}\n", quote(name), bareTable(t.through[name]))
	}
	for _, g := range t.model.generics {
		fmt.Fprintf(b, "\ngeneric_reference %s {\ntype = %s\nid = %s\n", quote(g.name), bare(g.typ), bare(g.id))
		if g.onMissing != "" {
			fmt.Fprintf(b, "on_missing = %s # %s\n", g.onMissing, g.why)
		}
		b.WriteString("}\n")
	}
}

func list(b *strings.Builder, name string, names []string, why string) {
	if len(names) > 0 {
		fmt.Fprintf(b, "%s = %s # %s\n", name, bareList(names), plainText(why))
	}
}
