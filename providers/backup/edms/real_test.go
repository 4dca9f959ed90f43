package edms_test

import (
	"archive/tar"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/schema"
)

// realPackage is a package of the reference system, beside the project.
func realPackage(t *testing.T) (dir string, members map[string]string) {
	t.Helper()
	dir = filepath.FromSlash("../../../../shared/edms/real-package")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the reference package is not there: ", err)
	}
	members = map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		members[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, members
}

func TestTheRealPackageReadsWhole(t *testing.T) {
	dir, members := realPackage(t)
	want := []schema.Content{
		{Model: "contenttypes.contenttype", Records: 71},
		{Model: "auth.permission", Records: 287},
		{Model: "auth.group", Records: 8},
		{Model: "django_celery_beat.crontabschedule", Records: 5},
		{Model: "django_celery_beat.periodictasks", Records: 1},
		{Model: "users.user", Records: 7},
		{Model: "users.role", Records: 7},
		{Model: "users.userrole", Records: 5},
		{Model: "documents.documenttype", Records: 9},
		{Model: "documents.documentsource", Records: 3},
		{Model: "documents.document", Records: 4},
		{Model: "documents.documentversion", Records: 4},
		{Model: "documents.documentdependency", Records: 2},
		{Model: "documents.documentaccesslog", Records: 57},
		{Model: "workflows.workflowtype", Records: 5},
		{Model: "workflows.documentstate", Records: 19},
		{Model: "workflows.documentworkflow", Records: 2},
		{Model: "workflows.documenttransition", Records: 6},
		{Model: "audit.audittrail", Records: 107},
		{Model: "audit.systemevent", Records: 1},
		{Model: "audit.databasechangelog", Records: 14},
		{Model: "security.pdfsigningcertificate", Records: 1},
		{Model: "placeholders.placeholderdefinition", Records: 32},
		{Model: "backup.backupconfiguration", Records: 13},
	}
	whole := backuptest.Read(t, open(t, dir))
	for name, path := range map[string]string{
		"folder":  dir,
		"archive": inFile(t, "x.tar.gz", zipped(t, inTar(t, ".", members))),
		"fixture": filepath.Join(dir, "database", "database_backup.json"),
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, path)
			if p.Info().Records != 670 || p.Info().Digest != "499db712c6b1539053bc3b4f7ca4b384af3b65b9757ab3bfabeee3f6ff5e9942" {
				t.Errorf("Info = %+v", p.Info())
			}
			if diff := cmp.Diff(want, p.Contents()); diff != "" {
				t.Errorf("contents (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(whole, backuptest.Read(t, p)); diff != "" {
				t.Errorf("records differ from the folder's:\n%s", diff)
			}
			if name != "fixture" && !strings.Contains(strings.Join(p.Info().Warnings, "\n"), "no storage folder") {
				t.Errorf("warnings %q do not tell of the missing files", p.Info().Warnings)
			}
		})
	}
	role := whole[386]
	if role.Model != "users.userrole" || role.Fields[1].Value != (schema.Literal{Kind: schema.ListLiteral, Text: `["viewer01"]`}) {
		t.Errorf("record 387 is %+v", role)
	}
}

func TestTheRealPackageSpoiltIsRefused(t *testing.T) {
	_, members := realPackage(t)
	t.Run("with a member outside", func(t *testing.T) {
		evil := tar.Header{Name: "./../evil", Typeflag: tar.TypeReg}
		refused(t, inFile(t, "x.tar.gz", zipped(t, inTar(t, ".", members, evil))), `"./../evil" leads outside`)
	})
	t.Run("with one letter changed", func(t *testing.T) {
		members["database/database_backup.json"] = strings.Replace(members["database/database_backup.json"], "viewer01", "viewer02", 1)
		refused(t, inFolder(t, members), "database/database_backup.json: the checksum is wrong")
	})
}

func TestTheRealPackageIsInspected(t *testing.T) {
	dir, _ := realPackage(t)
	in, err := backup.Inspect(context.Background(), open(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	keyed := map[string]int{}
	for _, m := range in.Models {
		keyed[m.Model] = m.Keyed
		for _, f := range m.Fields {
			got[m.Model+"."+f.Name] = f.Description
		}
	}
	for field, want := range map[string]string{
		"users.userrole.user":           "natural key (list of scalars)",
		"users.userrole.assigned_at":    "timestamp cut to milliseconds",
		"users.userrole.expires_at":     "null",
		"auth.group.permissions":        "empty list or list of natural keys (list of lists)",
		"users.user.password":           "string or empty string",
		"audit.audittrail.object_id":    "string",
		"audit.audittrail.metadata":     "object",
		"documents.document.author":     "natural key (list of scalars)",
		"documents.documentsource.uuid": "uuid",
	} {
		if got[field] != want {
			t.Errorf("%s: %q, want %q", field, got[field], want)
		}
	}
	if keyed["documents.documentaccesslog"] != 57 || keyed["users.user"] != 0 {
		t.Errorf("records with a primary key: %v", keyed)
	}
}
