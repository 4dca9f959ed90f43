package edms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The members beside those that are read.
const (
	schemaName       = "database/schema_info.txt"
	instructionsName = "database/restore_instructions.sh"
)

// document is a member that describes the package.
type document struct{ name, text string }

// object is a JSON object in this order.
type object []pair

type pair struct {
	name  string
	value any
}

// MarshalJSONTo writes the members in their order.
func (o object) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, p := range o {
		if err := e.WriteToken(jsontext.String(p.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, p.value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// documents are written when the records and files are known, all but the list
// of checksums.
func (w *writer) documents() ([]document, error) {
	out := []document{{schemaName, w.schemaInfo()}, {instructionsName, instructions}}
	for _, d := range []struct {
		name string
		o    object
	}{
		{databaseInfoName, w.databaseInfo()}, {configurationName, w.configuration()}, {metadataName, w.metadata()},
	} {
		b, err := json.Marshal(d.o, jsontext.Multiline(true), jsontext.WithIndent("  "))
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", d.name, err)
		}
		out = append(out, document{d.name, string(b) + "\n"})
	}
	return out, nil
}

// isoformat is a time as Python's isoformat has it.
func isoformat(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

// engine is Django's name of the database's dialect.
func (w *writer) engine() string {
	switch d := w.header.Source.Dialect; d {
	case "postgres":
		return "django.db.backends.postgresql"
	case "sqlite":
		return "django.db.backends.sqlite3"
	default:
		return d
	}
}

func (w *writer) metadata() object {
	h := &w.header
	return object{
		{"export_timestamp", isoformat(h.Created)},
		{"snapshot_timestamp", isoformat(h.Snapshot)},
		{"exported_by", strings.TrimSpace("edmsplan " + h.Program)},
		{"edms_version", "unknown"},
		{"django_version", "unknown"},
		{"python_version", "unknown"},
		{"export_type", "migration_package"},
		{"database_engine", w.engine()},
		{"export_options", object{
			{"type", "export"}, {"kind", string(h.Kind)}, {"policy", h.Policy}, {"policy_digest", h.PolicyDigest}, {"scope", h.Scope},
		}},
		{"components", object{
			{"database", true}, {"storage_files", w.files > 0}, {"configuration", false}, {"user_accounts", false}, {"restore_scripts", false},
		}},
	}
}

func (w *writer) databaseInfo() object {
	var total int64
	counts, apps, auth, left := object{}, []string{}, []string{}, []object{}
	for _, m := range w.header.Models {
		label := strings.ToLower(m.Label)
		total += w.counts[label]
		counts = append(counts, pair{label, w.counts[label]})
		app, _, _ := strings.Cut(label, ".")
		if !slices.Contains(apps, app) {
			apps = append(apps, app)
		}
		if app == "auth" {
			auth = append(auth, label)
		}
	}
	for _, l := range w.header.LeftOut {
		left = append(left, object{{"table", l.Table}, {"rows", l.Rows}})
	}
	return object{
		{"backup_type", "django_complete_data"},
		{"created_at", isoformat(w.header.Snapshot)},
		{"database_info", object{{"engine", w.engine()}, {"name", w.header.Source.Name}}},
		{"apps_included", apps},
		{"auth_models_included", auth},
		{"excluded_models", []string{}},
		{"tables_left_out", left},
		{"total_records", total},
		{"model_counts", counts},
	}
}

// configuration says what the package leaves out on purpose.
func (w *writer) configuration() object {
	return object{
		{"backup_type", "configuration_files"},
		{"created_at", isoformat(w.header.Created)},
		{"files_backed_up", 0},
		{"config_files", []string{}},
		{"left_out", []string{
			"environment files and settings modules: they hold secrets and belong to one installation",
			"users.json: the accounts are records of the database; restoring from this file reset every password",
			"permissions.json and settings.json: they repeat records of the database",
			"scripts: the old ones look for a file that was never written",
		}},
	}
}

// schemaInfo lists models, columns and types for people.
func (w *writer) schemaInfo() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Records: Django fixture (JSON) with primary keys; content types, permissions and groups by natural keys.\n")
	fmt.Fprintf(&b, "Source: %s, as of %s\n", w.header.Source.Server, isoformat(w.header.Snapshot))
	for _, m := range w.header.Models {
		fmt.Fprintf(&b, "\n%s (table %s): %d records\n", m.Label, m.Table, w.counts[strings.ToLower(m.Label)])
		for i := range m.Fields {
			f := &m.Fields[i]
			kind := f.Type.Kind.String()
			if f.Link != nil {
				kind = "many-to-many through " + f.Link.Table
			}
			if f.References != nil {
				kind += " -> " + f.References.Model
			}
			fmt.Fprintf(&b, "  %s: %s\n", f.Name, kind)
		}
	}
	return b.String()
}

const instructions = `#!/bin/sh
# How to load the records of this package into an EMPTY, migrated database of
# the application; this script only says so.
echo 'Verify:   cd database && sha256sum -c checksum.txt'
echo 'Load:     python manage.py loaddata database/database_backup.json'
echo 'Or plan:  edmsplan plan -policy POLICY -live URL -package THIS_PACKAGE'
echo 'Signal handlers of the application that ignore raw=True add rows when loaddata runs; plan and apply do not.'
`

// checksums lists the other members of database/ as sha256sum does.
func (w *writer) checksums() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.digests)) {
		fmt.Fprintf(&b, "%s  %s\n", w.digests[name], name)
	}
	return b.String()
}
