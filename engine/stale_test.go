package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/plans"
)

// A sensitive value that the plan replaces voids it too when it changes,
// although the change set does not show it and the record is not named.
func TestSensitiveValueThatIsReplacedChanges(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		s.run(t, "UPDATE users SET password = 'set by its owner since' WHERE username = 'mara.oduya'")
		before := look(t, s.db)
		var stale *engine.StaleError
		if _, err := e.Apply(context.Background(), p, pol, pkg, time.Minute); !errors.As(err, &stale) || !strings.Contains(stale.Reason, "sensitive") {
			t.Errorf("apply: %v, want that the plan is stale because of a sensitive value", err)
		}
		identical(t, before, look(t, s.db))
		again := planned(t, e, pol, pkg)
		if again.Digests.ChangeSet != p.Digests.ChangeSet {
			t.Error("the change set shows something of the sensitive value")
		}
	})
}

// A relevant write of another client between plan and apply voids the plan,
// and the records concerned are named.
func TestRelevantWriteVoidsThePlan(t *testing.T) {
	cases := map[string]struct {
		sql     string
		differs []engine.Difference
	}{
		"a field that the plan changes has another value": {
			"UPDATE users SET phone_number = '555' WHERE username = 'ines.varga'",
			[]engine.Difference{{Model: "users.user", Key: `["ines.varga"]`, Saved: plans.Change, Now: plans.Change}},
		},
		"a field that the plan leaves alone now differs from the package": {
			"UPDATE document_types SET retention_years = 99 WHERE code = 'REC'",
			[]engine.Difference{{Model: "documents.documenttype", Key: `["REC"]`, Now: plans.Change}},
		},
		"the change has been made already": {
			"UPDATE workflow_types SET timeout_days = 45 WHERE id = 2",
			[]engine.Difference{{Model: "workflows.workflowtype", Key: `["New Version"]`, Saved: plans.Change}},
		},
		"a record that the plan changes is gone": {
			"DELETE FROM document_dependencies WHERE id = 2",
			[]engine.Difference{{
				Model: "documents.documentdependency", Key: `["SOP-2026-0001-v01.00","POL-2026-0001-v01.00","implements"]`,
				Saved: plans.Change, Now: plans.Add,
			}},
		},
		"a record that the plan adds has come": {
			"INSERT INTO users (id, password, username, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined, uuid, is_validated, " +
				"password_changed_at, mfa_enabled, failed_login_attempts, created_at, updated_at, metadata) " +
				"SELECT 77, '', 'aoife.lynn', '', '', '', is_superuser, is_staff, is_active, date_joined, '9e16359a-0fa2-54a0-a342-60adb7b41d23', is_validated, " +
				"password_changed_at, mfa_enabled, failed_login_attempts, created_at, updated_at, metadata FROM users WHERE id = 2",
			[]engine.Difference{{Model: "users.user", Key: `["aoife.lynn"]`, Saved: plans.Add, Now: plans.Change}},
		},
		"a primary key that the plan keeps for an added record is taken": {
			"INSERT INTO document_access_logs (id, uuid, document_id, user_id, access_type, access_timestamp, ip_address, user_agent, success, " +
				"failure_reason, document_version, file_downloaded, metadata) SELECT 120, '00000000-0000-4000-8000-000000000120', document_id, user_id, " +
				"access_type, access_timestamp, ip_address, user_agent, success, failure_reason, document_version, file_downloaded, metadata " +
				"FROM document_access_logs WHERE id = 101",
			[]engine.Difference{{Model: "documents.documentaccesslog", Key: `["5b62e241-1241-51a1-8d9b-4617d562a860"]`, Saved: plans.Add, Now: plans.Add}},
		},
		"a member of a group is another": {
			"DELETE FROM auth_group_permissions WHERE id = 3",
			[]engine.Difference{{Model: "auth.group", Key: `["Quality"]`, Saved: plans.Change, Now: plans.Change}},
		},
		"a sensitive field that was the same differs": {
			"UPDATE users SET password = 'another' WHERE username = 'admin'",
			[]engine.Difference{{Model: "users.user", Key: `["admin"]`, Now: plans.Change}},
		},
		"a row that would now be destroyed as well has come": {
			"INSERT INTO backup_configurations (id, uuid, name, description, backup_type, frequency, schedule_time, schedule_days, retention_days, max_backups, " +
				"storage_path, compression_enabled, encryption_enabled, status, is_enabled, created_at, updated_at, created_by_id) " +
				"SELECT 50, '00000000-0000-4000-8000-000000000050', 'ad hoc', description, backup_type, frequency, schedule_time, schedule_days, retention_days, " +
				"max_backups, storage_path, compression_enabled, encryption_enabled, status, is_enabled, created_at, updated_at, created_by_id " +
				"FROM backup_configurations WHERE id = 1",
			[]engine.Difference{{Model: "backup.backupconfiguration", Key: `["ad hoc"]`, Now: plans.Destroy}},
		},
		"the row that is to be destroyed has been edited": {
			"UPDATE backup_configurations SET description = 'wanted after all' WHERE name = 'before the audit'",
			[]engine.Difference{{Model: "backup.backupconfiguration", Key: `["before the audit"]`, Saved: plans.Destroy, Now: plans.Destroy}},
		},
		"the row that is to be destroyed is gone": {
			"DELETE FROM backup_configurations WHERE name = 'before the audit'",
			[]engine.Difference{{Model: "backup.backupconfiguration", Key: `["before the audit"]`, Saved: plans.Destroy}},
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, pol, pkg := s.engine(t), examplePolicy(t, destroying()...), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				sql := test.sql
				if s.dialect == "sqlite" { // its uuids are spelt without hyphens
					sql = strings.ReplaceAll(strings.ReplaceAll(sql, "00000000-0000-4000-8000-0000000001", "000000000000400080000000000001"),
						"00000000-0000-4000-8000-0000000000", "000000000000400080000000000000")
					sql = strings.ReplaceAll(sql, "9e16359a-0fa2-54a0-a342-60adb7b41d23", "9e16359a0fa254a0a34260adb7b41d23")
				}
				s.run(t, sql)
				err := refused(t, s, e, p, pol, pkg)
				var stale *engine.StaleError
				if !errors.As(err, &stale) {
					t.Fatalf("error %v, want that the plan is stale", err)
				}
				if diff := cmp.Diff(test.differs, stale.Differing); diff != "" || stale.More != 0 || stale.Reason != "" {
					t.Errorf("%v, more %d, reason %q (-want +got):\n%s", err, stale.More, stale.Reason, diff)
				}
			})
		}
	})
}

// A write that the plan does not depend on does not void its review.
func TestUnrelatedWriteDoesNotVoidThePlan(t *testing.T) {
	cases := map[string]string{
		"in a table that the policy does not list": "UPDATE feature_toggles SET is_enabled = NOT is_enabled; DELETE FROM django_session",
		"to a row that the package does not have":  "UPDATE users SET last_name = 'Brooks', is_active = NOT is_active WHERE username = 'lena.brook'",
		"a new row that moves the sequence of a table to which the plan adds": "INSERT INTO auth_permission (name, content_type_id, codename) " +
			"VALUES ('Can print document', 9, 'print_document')",
		"a row that nothing needs is gone":                         "DELETE FROM users_groups WHERE user_id = 6; DELETE FROM document_access_logs WHERE id = 103",
		"a column of a table that the policy does not list is new": "ALTER TABLE feature_toggles ADD COLUMN colour varchar(20) DEFAULT 'red'",
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, sql := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
				p := planned(t, e, pol, pkg)
				s.run(t, sql)
				before := look(t, s.db)
				apply(t, e, p, pol, pkg)
				wroteAsPlanned(t, pol, p, before, look(t, s.db))
				noChanges(t, e, pol, pkg)
				logged(t, s, 1)
			})
		}
	})
}

// A plan belongs to its policy, its package and its database.
func TestPlanBelongsToItsInputs(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)

		wantReason := func(name, reason string, err error) {
			t.Helper()
			var stale *engine.StaleError
			if !errors.As(err, &stale) || !strings.Contains(stale.Reason, reason) {
				t.Errorf("%s: error %v, want that it is stale because of the %s", name, err, reason)
			}
		}
		other := fresh(t)
		wantReason("another database of the same content", "another database", refused(t, other, other.engine(t), p, pol, pkg))
		wantReason("another policy", "policy", refused(t, s, e, p, examplePolicy(t, "table = \"backup_configurations\"", "table  = \"backup_configurations\""), pkg))
		rs := records(t, example("package"))
		rs[len(rs)-1].Fields["description"] = []byte(`"another"`)
		wantReason("another package", "package", refused(t, s, e, p, pol, fixture(t, rs)))
		apply(t, e, p, pol, pkg)
	})
}

// When the database has changed so that the policy does not fit it, the error
// says that as well.
func TestTableIsDroppedBetweenPlanAndApply(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		p := planned(t, e, pol, pkg)
		s.run(t, "DROP TABLE document_access_logs")
		err := refused(t, s, e, p, pol, pkg)
		var stale *engine.StaleError
		if !errors.As(err, &stale) || !stale.Diagnostics.HasErrors() || !strings.Contains(err.Error(), "document_access_logs") {
			t.Errorf("error %v, want that it is stale and names the table", err)
		}
	})
}
