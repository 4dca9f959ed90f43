package edms

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// metadata is the package's metadata.json, as far as it is used.
type metadata struct {
	Exported   string          `json:"export_timestamp"`
	Type       string          `json:"export_type"`
	Version    string          `json:"edms_version"`
	Django     string          `json:"django_version"`
	Python     string          `json:"python_version"`
	Engine     string          `json:"database_engine"`
	Components map[string]bool `json:"components"`
}

// databaseInfo is database/backup_metadata.json, as far as it is used.
type databaseInfo struct {
	Type     string `json:"backup_type"`
	Created  string `json:"created_at"`
	Database struct {
		Name string `json:"name"`
	} `json:"database_info"`
	Total  *int           `json:"total_records"`
	Models map[string]int `json:"model_counts"`
}

// describe completes the package's Info, and refuses a package whose own
// counts are not those of its fixture.
func (p *pack) describe() error {
	records := p.records.Info()
	p.info.Digest, p.info.Records = records.Digest, records.Records
	p.info.Warnings = append(records.Warnings, p.info.Warnings...)
	var about metadata
	found, err := readJSON(p.tree, metadataName, &about)
	if err != nil {
		return err
	}
	if !found {
		p.info.Warnings = append(p.info.Warnings, metadataName+" is missing: when and where the package was made is not known.")
	}
	var db databaseInfo
	counted, err := readJSON(p.tree, databaseInfoName, &db)
	if err != nil {
		return err
	}
	p.facts(about, db)
	if about.Components["storage_files"] && len(p.tree.under("storage")) == 0 {
		p.info.Warnings = append(p.info.Warnings,
			metadataName+" says that the package holds the stored files, but there is no storage folder: documents are without their files.")
	}
	if !counted || db.Total == nil {
		p.info.Warnings = append(p.info.Warnings, databaseInfoName+" does not count the records: whether all are there is not known.")
		return nil
	}
	return p.checkCounts(db)
}

func (p *pack) facts(about metadata, db databaseInfo) {
	for _, f := range []backup.Fact{
		{Name: "exported", Value: about.Exported},
		{Name: "export type", Value: about.Type},
		{Name: "EDMS version", Value: about.Version},
		{Name: "Django version", Value: about.Django},
		{Name: "Python version", Value: about.Python},
		{Name: "database engine", Value: about.Engine},
		{Name: "database name", Value: db.Database.Name},
		{Name: "records read", Value: db.Created},
	} {
		if f.Value = printable(f.Value); f.Value != "" && f.Value != "unknown" {
			p.info.Facts = append(p.info.Facts, f)
		}
	}
}

// printable keeps a hostile package from writing to the terminal.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}

// checkCounts compares the package's own counts with its fixture.
func (p *pack) checkCounts(db databaseInfo) error {
	wrong := func(what string, want, got int) error {
		return &backup.Refusal{
			Member: databaseInfoName, Code: "package.count", Summary: "its counts are not those of the fixture",
			Detail: fmt.Sprintf("It counts %d %s, %s holds %d.", want, what, fixtureName, got),
			Remedy: "Records were lost or added after the export: copy or export the package again.",
		}
	}
	if *db.Total != p.info.Records {
		return wrong("records", *db.Total, p.info.Records)
	}
	if db.Models == nil {
		return nil
	}
	left := map[string]int{}
	for label, n := range db.Models {
		left[strings.ToLower(label)] += n
	}
	for _, c := range p.records.Contents() {
		if n := left[c.Model]; n != c.Records {
			return wrong("records of "+c.Model, n, c.Records)
		}
		delete(left, c.Model)
	}
	var rest []string
	for label, n := range left {
		if n != 0 {
			rest = append(rest, label)
		}
	}
	if slices.Sort(rest); len(rest) > 0 {
		return wrong("records of "+printable(rest[0]), left[rest[0]], 0)
	}
	return nil
}

// noFixture says what stands in the package instead of records.
func noFixture(t *tree) error {
	r := &backup.Refusal{
		Member: fixtureName, Code: "package.metadata_only", Summary: "the package holds no records",
		Detail: "The file is missing: an incremental, differential or files backup holds files only.",
		Remedy: "Make an export package (create_backup --type export) or give a dumpdata fixture.",
	}
	if _, ok := t.member(fullName); !ok {
		return r
	}
	r.Member = fullName
	head, err := backup.Head(t.path(fullName), 256)
	if err != nil {
		return err
	}
	switch text := strings.TrimSpace(string(head)); {
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		r.Detail = "This is a FULL backup: despite its name the file is no SQL but a list of tables and column counts, without a row."
	default:
		r.Detail = "This is a FULL backup with a dump of the database in place of a fixture."
		r.Remedy = "Load the dump into a database and compare with that, or make an export package."
	}
	return r
}
