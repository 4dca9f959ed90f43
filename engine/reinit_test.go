package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/django"
	"github.com/edmsplan/edmsplan/providers/backup/edms"
	"github.com/edmsplan/edmsplan/schema"
)

// A re-initialisation alone clears what the policy says and nothing else, and
// does not touch the audit trail.
func TestReinitAlone(t *testing.T) {
	fresh := populated(t)
	s := fresh(t)
	before := look(t, s.db)
	r := carryOut(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true})
	after := look(t, s.db)
	if d := cmp.Diff(with(counts(before), cleared()), counts(after)); d != "" {
		t.Errorf("rows per table (-want +got):\n%s", d)
	}
	active := map[string]string{}
	for _, u := range after.rows["users"] {
		active[u["username"].Text] = u["is_active"].Text
	}
	want := map[string]string{"admin": "t", "edms_system": "t", "author01": "f", "reviewer01": "f", "approver01": "f"}
	if d := cmp.Diff(want, active); d != "" {
		t.Errorf("users and whether they are active (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before.rows["audit_trail"], after.rows["audit_trail"]); d != "" {
		t.Errorf("the audit trail changed:\n%s", d)
	}
	for _, table := range []string{
		"roles", "auth_group", "auth_permission", "auth_group_permissions", "django_content_type", "workflow_document_states", "workflow_types",
		"security_pdfsigningcertificate", "document_types", "document_sources", "placeholder_definitions", "backup_configurations", "system_events",
	} {
		if d := cmp.Diff(before.rows[table], after.rows[table]); d != "" {
			t.Errorf("%s changed:\n%s", table, d)
		}
	}
	if r.Summary.Destroy != 96 {
		t.Errorf("%d rows destroyed", r.Summary.Destroy)
	}
	for _, rec := range r.records {
		if rec.Action == plans.Destroy && (rec.Reason == "" || rec.Rule.IsZero()) {
			t.Errorf("no rule is named for %s %s", rec.Model, rec.Key)
		}
	}
	users := r.account("users.user")
	if users.Destroyed != 2 || users.Kept != 5 || users.Changed != 3 || users.Altered != 3 || len(users.KeptBy) != 2 {
		t.Errorf("users: %+v", users)
	}
	again := planIn(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true})
	must(t, again.Diagnostics.Err())
	if again.Summary.Any() {
		t.Errorf("planned again: %+v, want no changes", again.Summary)
	}
}

// sameRows compares two states in every row of every table.
func sameRows(t *testing.T, before, after *state) {
	t.Helper()
	for _, table := range before.catalogue.Tables {
		if d := cmp.Diff(before.rows[table.Name], after.rows[table.Name]); d != "" {
			t.Errorf("%s changed (-before +after):\n%s", table.Name, d)
		}
	}
}

// Preserved records whose creators go are pointed to the administrator, who
// gets the password that a variable gives.
func TestReinitRepoints(t *testing.T) {
	s := populated(t)(t)
	s.run(t, `UPDATE document_types SET created_by_id = 751 WHERE code IN ('POL', 'SOP');
		UPDATE placeholder_definitions SET created_by_id = 751;
		UPDATE workflow_types SET created_by_id = 755;
		UPDATE roles SET created_by_id = 751 WHERE id = 8;
		UPDATE backup_configurations SET created_by_id = 752 WHERE id = 2;
		UPDATE users SET manager_id = 751 WHERE id = 752;
		UPDATE users SET created_by_id = 755 WHERE id = 753;`)
	before := look(t, s.db)
	pol := reviewed(t, []string{"admin_password=correct horse 9"})
	r := carryOut(t, s, planner.Input{Policy: pol, Reinit: true})
	after := look(t, s.db)
	if d := cmp.Diff(with(with(counts(before), cleared()), map[string]int{"users": 6}), counts(after)); d != "" {
		t.Errorf("rows per table (-want +got):\n%s", d)
	}
	for table, n := range map[string]int{"document_types": 9, "placeholder_definitions": 32, "roles": 1, "backup_configurations": 12, "workflow_types": 0} {
		owned := 0
		for _, row := range after.rows[table] {
			if row["created_by_id"].Text == "1" {
				owned++
			}
		}
		if owned != n {
			t.Errorf("%s: %d rows are the administrator's, want %d", table, owned, n)
		}
	}
	want := map[string]int{
		`documents.documenttype ~: because users.user["viewer01"] is destroyed, and on_destroy = repoint; users.user["viewer01"]: the policy clears users.user on reinit (users.hcl:LINE) (documents.hcl)`: 2,
	}
	got := r.reasons(plans.Change)
	maps.DeleteFunc(got, func(reason string, _ int) bool { return !strings.HasPrefix(reason, "documents.documenttype") })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	if row := after.rows["users"]["752"]; row["manager_id"].Kind != schema.NullLiteral || row["is_active"].Text != "f" {
		t.Errorf("author01 has the manager %q and is_active %s", row["manager_id"].Text, row["is_active"].Text)
	}
	if row := after.rows["users"]["753"]; row["created_by_id"].Text != "755" {
		t.Errorf("reviewer01 was created by %q, want 755, who stays because of that", row["created_by_id"].Text)
	}
	for _, rec := range r.records {
		for _, f := range rec.Fields {
			if strings.Contains(string(f.Before+f.After), "pbkdf2") {
				t.Errorf("%s %s shows the hash", rec.Model, rec.Key)
			}
		}
	}
	admin, old := after.rows["users"]["1"], before.rows["users"]["1"]
	if !strings.HasPrefix(admin["password"].Text, "pbkdf2_sha256$600000$") || admin["password"] == old["password"] {
		t.Error("the administrator has not got the password of the variable")
	}
	delete(admin, "password")
	delete(old, "password")
	if d := cmp.Diff(old, admin); d != "" {
		t.Errorf("more of the administrator changed than the password:\n%s", d)
	}
}

// Without the protection, and with a policy that says so, the audit trail is
// cleared, and nobody is kept for its sake.
func TestReinitClearsTheAuditTrailWhenThePolicySaysSo(t *testing.T) {
	fresh := populated(t)
	t.Run("without protection", func(t *testing.T) {
		s := fresh(t)
		before := look(t, s.db)
		carryOut(t, s, planner.Input{Policy: reviewed(t, nil, clearing()...), Reinit: true})
		want := with(with(counts(before), cleared()), map[string]int{"users": 2, "audit_trail": 0, "system_events": 0})
		if d := cmp.Diff(want, counts(look(t, s.db))); d != "" {
			t.Errorf("rows per table (-want +got):\n%s", d)
		}
	})
	t.Run("with prevent_destroy", func(t *testing.T) {
		s := fresh(t)
		r := planIn(t, s, planner.Input{Policy: reviewed(t, nil, clearing()[1]), Reinit: true})
		refusedPlan(t, r, "destroy.prevented")
		if n := r.account("audit.audittrail").Destroyed; n != 107 {
			t.Errorf("%d rows of the trail are shown as destroyed, want 107: the plan is shown whole", n)
		}
	})
	t.Run("protected by the live database", func(t *testing.T) {
		s := fresh(t)
		r := planIn(t, s, planner.Input{
			Policy: reviewed(t, nil, clearing()...), Reinit: true, Protected: []string{"Audit.AuditTrail"},
		})
		refusedPlan(t, r, "destroy.prevented")
	})
	t.Run("the model block deleted", func(t *testing.T) {
		s := fresh(t)
		audit := string(read(t, example("policy", "audit.hcl")))
		from, to := strings.Index(audit, `model "audit.audittrail"`), strings.Index(audit, `model "audit.systemevent"`)
		pol := reviewed(t, nil, change{"audit.hcl", audit[from:to], ""})
		r := planIn(t, s, planner.Input{Policy: pol, Reinit: true, Protected: []string{"audit.audittrail"}})
		refusedPlan(t, r, "predicted.reference.audit_trail.user_id")
	})
}

// Re-initialisation and restore in one plan: what comes back is unchanged, so
// that nothing is written but what the policy names.
func TestReinitAndRestoreInOnePlan(t *testing.T) {
	s := populated(t)(t)
	before := look(t, s.db)
	verifyHashes(t, before, 107, 14)
	r := carryOut(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true, Package: realPackage(t)})
	after := look(t, s.db)
	if r.Summary.Any() || r.Summary.Unchanged != 669 || r.Summary.Skip != 1 {
		t.Errorf("summary %+v, want 669 unchanged, 1 skipped and nothing else", r.Summary)
	}
	sameRows(t, before, after)
	verifyHashes(t, after, 107, 14)
}

// What the package lacks goes, what it has comes back, in one plan.
func TestReinitAndRestoreOfAChangedDatabase(t *testing.T) {
	s := populated(t)(t)
	before := look(t, s.db)
	s.run(t, `
		INSERT INTO users (id, username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined, uuid,
			is_validated, password_changed_at, mfa_enabled, failed_login_attempts, created_at, updated_at, metadata)
		SELECT 900, 'temp01', password, false, '', '', '', false, true, date_joined, '00000000-0000-4000-8000-000000000900',
			is_validated, password_changed_at, mfa_enabled, failed_login_attempts, created_at, updated_at, metadata FROM users WHERE id = 751;
		INSERT INTO users_groups (user_id, group_id) VALUES (900, 1);
		INSERT INTO user_roles (uuid, assigned_at, is_active, assignment_reason, revocation_reason, metadata, role_id, user_id)
		VALUES ('00000000-0000-4000-8000-000000000901', now(), true, '', '', '{}', 8, 900);
		UPDATE documents SET title = 'Another title' WHERE id = 351;
		DELETE FROM document_access_logs WHERE id = (SELECT min(id) FROM document_access_logs);
		UPDATE document_types SET created_by_id = 900 WHERE code = 'MAN';`)
	r := carryOut(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true, Package: realPackage(t)})
	after := look(t, s.db)
	if r.Summary.Add != 1 || r.Summary.Destroy != 2 || r.Summary.Change != 2 {
		t.Errorf("summary %+v", r.Summary)
	}
	for _, table := range before.catalogue.Tables {
		if table.Name != "document_access_logs" {
			if d := cmp.Diff(before.rows[table.Name], after.rows[table.Name]); d != "" {
				t.Errorf("%s (-before +after):\n%s", table.Name, d)
			}
		}
	}
	verifyHashes(t, after, 107, 14)
}

// Re-initialisation, then a restore on the result: everything is back but what
// the package cannot carry.
func TestReinitThenRestore(t *testing.T) {
	s := populated(t)(t)
	before := look(t, s.db)
	pol := reviewed(t, nil)
	carryOut(t, s, planner.Input{Policy: pol, Reinit: true})
	r := carryOut(t, s, planner.Input{Policy: pol, Package: realPackage(t)})
	after := look(t, s.db)
	if d := cmp.Diff(counts(before), counts(after)); d != "" {
		t.Errorf("rows per table (-want +got):\n%s", d)
	}
	if r.Summary.Add != 96 || r.Summary.Change != 3 || r.Summary.Destroy != 0 {
		t.Errorf("summary %+v, want what the re-initialisation took and the three users active again", r.Summary)
	}
	// The package was made with --natural-primary: it has no primary keys but
	// those of access and change log, and its times are cut to milliseconds.
	want := map[string]string{
		"database_change_log":   "0 under other keys, map[timestamp:14]",
		"document_access_logs":  "0 under other keys, map[document_id:57]",
		"document_dependencies": "2 under other keys, map[]",
		"document_transitions":  "6 under other keys, map[]",
		"document_versions":     "4 under other keys, map[]",
		"document_workflows":    "2 under other keys, map[]",
		"documents":             "4 under other keys, map[]",
		"user_roles":            "5 under other keys, map[]",
		"users":                 "2 under other keys, map[]",
	}
	if d := cmp.Diff(want, differences(before, after)); d != "" {
		t.Errorf("what did not come back as it was (-want +got):\n%s", d)
	}
	again := planIn(t, s, planner.Input{Policy: pol, Package: realPackage(t)})
	if again.Summary.Any() {
		t.Errorf("planned again: %+v, want no changes", again.Summary)
	}
	warnings := map[string]bool{}
	for _, d := range r.Diagnostics {
		warnings[d.Summary] = true
	}
	for _, w := range []string{
		"116 generic references to documents.document keep their ids: the package does not identify what they mean",
		"5 generic references to users.user keep their ids: the package does not identify what they mean",
	} {
		if !warnings[w] {
			t.Errorf("the plan does not warn that %s", w)
		}
	}
}

// differences are the rows of each table that are not as they were: how many
// have another primary key, and which columns of the others differ how often.
func differences(before, after *state) map[string]string {
	out := map[string]string{}
	for _, table := range before.catalogue.Tables {
		columns, missing := map[string]int{}, 0
		for key, row := range before.rows[table.Name] {
			other, ok := after.rows[table.Name][key]
			if !ok {
				missing++
				continue
			}
			for c := range row {
				if row[c] != other[c] {
					columns[c]++
				}
			}
		}
		if missing+len(columns) > 0 {
			out[table.Name] = fmt.Sprintf("%d under other keys, %v", missing, columns)
		}
	}
	return out
}

// Tables that packages do not hold take part: a signature keeps its document
// and the signer, the rest goes with what it refers to.
func TestReinitOfTracesAndSignatures(t *testing.T) {
	s := populated(t)(t)
	s.run(t, traces)
	before := look(t, s.db)
	r := carryOut(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true})
	after := look(t, s.db)
	want := with(with(counts(before), cleared()), map[string]int{
		"documents": 1, "users": 6, "login_audit": 0, "user_sessions_audit": 0, "compliance_events": 0, "mfa_devices": 0,
		"document_comments": 0, "document_attachments": 0, "backup_jobs": 0, "restore_jobs": 0, "notification_queue_recipients": 1,
	})
	if d := cmp.Diff(want, counts(after)); d != "" {
		t.Errorf("rows per table (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before.rows["documents"]["351"], after.rows["documents"]["351"]); d != "" {
		t.Errorf("the signed document changed:\n%s", d)
	}
	var recipients []string
	for i := range r.records {
		if rec := &r.records[i]; rec.Model == "scheduler.notificationqueue" {
			for _, f := range rec.Fields {
				recipients = append(recipients, fmt.Sprintf("%s %s -> %s", f.Name, f.Before, f.After))
			}
		}
	}
	if d := cmp.Diff([]string{`created_by ["admin01"] -> null`, `recipients [["admin"],["admin01"]] -> [["admin"]]`}, recipients); d != "" {
		t.Errorf("the queue's change (-want +got):\n%s", d)
	}
}

// traces are rows in tables that the package lacks: viewer01 is 751, approver01
// 754, admin01 755.
const traces = `
INSERT INTO security_digital_signatures (uuid, signature_data, algorithm, document_hash, signed_at, status, validation_message, metadata, document_id, signer_id)
	VALUES ('00000000-0000-4000-8000-000000000001', 's', 'RSA', 'h', now(), 'VALID', '', '{}', 351, 751);
INSERT INTO login_audit (uuid, username, timestamp, success, user_id) VALUES ('00000000-0000-4000-8000-000000000002', 'admin01', now(), true, 755);
INSERT INTO user_sessions_audit (uuid, session_key, ip_address, user_agent, login_timestamp, last_activity, is_active, user_id)
	VALUES ('00000000-0000-4000-8000-000000000003', 'k', '10.0.0.1', '', now(), now(), true, 755);
INSERT INTO compliance_events (uuid, event_type, timestamp, description, severity, resolution_status, user_id)
	VALUES ('00000000-0000-4000-8000-000000000004', 'x', now(), '', 'LOW', 'OPEN', 755);
INSERT INTO mfa_devices (uuid, device_type, name, secret_key, backup_codes, phone_number, email_address, is_active, is_verified, usage_count, created_at, metadata, user_id)
	VALUES ('00000000-0000-4000-8000-000000000005', 'TOTP', '', 'x', '[]', '', '', true, true, 0, now(), '{}', 1);
INSERT INTO document_comments (id, uuid, comment_type, subject, content, section, line_reference, created_at, updated_at, is_resolved, is_internal, requires_response, metadata, author_id, document_id, parent_comment_id)
	VALUES (1, '00000000-0000-4000-8000-000000000006', 'x', '', '', '', '', now(), now(), false, false, false, '{}', 755, 352, null),
		(2, '00000000-0000-4000-8000-000000000007', 'x', '', '', '', '', now(), now(), false, false, false, '{}', 755, 352, 1);
INSERT INTO document_attachments (uuid, name, description, attachment_type, file_name, file_path, file_size, file_checksum, mime_type, uploaded_at, is_active, is_public, requires_signature, version, metadata, document_id, uploaded_by_id)
	VALUES ('00000000-0000-4000-8000-000000000008', '', '', 'x', '', '', 1, '', '', now(), true, false, false, 1, '{}', 353, 755);
INSERT INTO backup_jobs (id, uuid, job_name, backup_type, status, backup_file_path, error_message, retry_count, max_retries, checksum, is_valid, validation_errors, created_at, configuration_id, triggered_by_id)
	VALUES (1, '00000000-0000-4000-8000-000000000009', '', 'FULL', 'COMPLETED', '', '', 0, 3, '', true, '[]', now(), 2, 755);
INSERT INTO restore_jobs (uuid, restore_type, target_location, restore_options, status, restored_items_count, failed_items_count, error_message, restore_log, created_at, backup_job_id, requested_by_id)
	VALUES ('00000000-0000-4000-8000-00000000000a', 'FULL', '', '{}', 'COMPLETED', 0, 0, '', '', now(), 1, 755);
INSERT INTO notification_queue (id, uuid, notification_type, priority, recipient_emails, subject, message, notification_data, scheduled_at, status, delivery_channels, delivery_attempts, max_attempts, error_message, created_at, metadata, created_by_id)
	VALUES (1, '00000000-0000-4000-8000-00000000000b', 'x', 'LOW', '[]', '', '', '{}', now(), 'PENDING', '[]', 0, 3, '', now(), '{}', 755);
INSERT INTO notification_queue_recipients (notificationqueue_id, user_id) VALUES (1, 1), (1, 755);
`

// A table without a model block that refers to somebody who would go refuses
// the plan until the policy says what becomes of it.
func TestReinitRefusesUnlistedTablesThatRefer(t *testing.T) {
	s := populated(t)(t)
	s.run(t, `INSERT INTO workflow_rules (uuid, name, description, rule_type, conditions, actions, is_active, execution_order, created_at, metadata, created_by_id, workflow_type_id)
		SELECT '00000000-0000-4000-8000-000000000001', '', '', 'x', '{}', '{}', true, 1, now(), '{}', 751, min(id) FROM workflow_types`)
	r := planIn(t, s, planner.Input{Policy: reviewed(t, nil), Reinit: true})
	refusedPlan(t, r, "predicted.reference.workflow_rules.created_by_id")
	pol := reviewed(t, nil, change{"more.hcl", "", `
model "workflows.workflowrule" {
  table       = "workflow_rules"
  natural_key = [uuid]
  reference "created_by" {
    on_destroy = repoint
    repoint    = { username = "admin" }
  }
}
`})
	carryOut(t, s, planner.Input{Policy: pol, Reinit: true})
	for _, row := range look(t, s.db).rows["workflow_rules"] {
		if row["created_by_id"].Text != "1" {
			t.Errorf("the rule is %s's, want the administrator's", row["created_by_id"].Text)
		}
	}
}

// A seed that collides with a live record by another unique constraint is
// predicted, not discovered.
func TestSeedCollisionIsPredicted(t *testing.T) {
	s := populated(t)(t)
	pol := reviewed(t, []string{"reinit_at=2026-04-01T08:00:00Z"}, change{"reinit.hcl", `FORM = "Forms and Templates"`, `FNT = "Forms and Templates"`})
	r := planIn(t, s, planner.Input{Policy: pol, Reinit: true})
	refusedPlan(t, r, "predicted.unique.document_types_name_key")
}

// The example re-initialises on both databases, and a restore of its package in
// the same plan leaves nothing to do for a second one.
func TestReinitOfTheExample(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		pkg := func() backup.Package {
			p, err := backup.Open(t.Context(), example("package"), slices.Concat(edms.Formats(django.Open), django.Formats()), backup.DefaultLimits())
			must(t, err)
			t.Cleanup(func() { must(t, p.Close()) })
			return p
		}()
		pol := reviewed(t, []string{"reinit_at=2026-04-01T08:00:00Z", "admin_password=a made up one"},
			change{"reinit.hcl", "level         = overridable", "level         = advisory"}) // Lena's documents are not in the package
		for name, in := range map[string]planner.Input{
			"alone":          {Policy: pol, Reinit: true},
			"with a package": {Policy: pol, Reinit: true, Package: pkg},
		} {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				r := carryOut(t, s, in)
				if r.Summary.Destroy == 0 {
					t.Errorf("summary %+v", r.Summary)
				}
				again := planIn(t, s, in)
				must(t, again.Diagnostics.Err())
				if again.Summary.Any() {
					t.Errorf("planned again: %+v, want no changes: %v", again.Summary, again.records)
				}
			})
		}
	})
}
