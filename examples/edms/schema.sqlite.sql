-- A small EDMS for the example, on SQLite: the tables of the 24 models that
-- packages hold and of 18 that a re-initialisation clears besides, two that the
-- policy does not list, and the constraints that matter to a plan.
-- Types are those in which Django stores its fields on SQLite: a bool is 0 or 1,
-- a uuid 32 hexadecimal digits, JSON text, a time UTC without an offset, a
-- duration a number of microseconds.
--
-- schema.postgres.sql is the same for PostgreSQL.

-- What Django itself keeps

-- The kinds of record. Their ids differ from one installation to the next.
CREATE TABLE "django_content_type" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "app_label" varchar(100) NOT NULL,
    "model" varchar(100) NOT NULL,
    UNIQUE ("app_label", "model")
);

-- What a user may do to a kind of record.
CREATE TABLE "auth_permission" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" varchar(255) NOT NULL,
    "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
    "codename" varchar(100) NOT NULL,
    UNIQUE ("content_type_id", "codename")
);

-- Groups of users.
CREATE TABLE "auth_group" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" varchar(150) NOT NULL UNIQUE
);

-- Many to many: a group's permissions.
CREATE TABLE "auth_group_permissions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED,
    "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("group_id", "permission_id")
);

-- When tasks run. No constraint keeps two rows from saying the same.
CREATE TABLE "django_celery_beat_crontabschedule" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "minute" varchar(240) NOT NULL,
    "hour" varchar(96) NOT NULL,
    "day_of_week" varchar(64) NOT NULL,
    "day_of_month" varchar(124) NOT NULL,
    "month_of_year" varchar(64) NOT NULL,
    "timezone" varchar(63) NOT NULL
);

-- One row: when a schedule was last changed. Its key is no sequence.
CREATE TABLE "django_celery_beat_periodictasks" (
    "ident" smallint NOT NULL PRIMARY KEY,
    "last_update" datetime NOT NULL
);

-- People

-- Users refer to each other: manager and creator.
CREATE TABLE "users" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "password" varchar(128) NOT NULL,
    "last_login" datetime NULL,
    "is_superuser" bool NOT NULL,
    "username" varchar(150) NOT NULL UNIQUE,
    "first_name" varchar(150) NOT NULL,
    "last_name" varchar(150) NOT NULL,
    "email" varchar(254) NOT NULL,
    "is_staff" bool NOT NULL,
    "is_active" bool NOT NULL,
    "date_joined" datetime NOT NULL,
    "uuid" char(32) NOT NULL UNIQUE,
    "employee_id" varchar(20) NULL UNIQUE,
    "phone_number" varchar(20) NULL,
    "department" varchar(100) NULL,
    "position" varchar(100) NULL,
    "manager_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "is_validated" bool NOT NULL,
    "validation_date" datetime NULL,
    "validation_expiry" datetime NULL,
    "password_changed_at" datetime NOT NULL,
    "mfa_enabled" bool NOT NULL,
    "failed_login_attempts" integer NOT NULL,
    "account_locked_until" datetime NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "created_by_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Many to many: a user's groups.
CREATE TABLE "users_groups" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("user_id", "group_id")
);

-- Many to many: permissions that a user has beside those of the groups.
CREATE TABLE "users_user_permissions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("user_id", "permission_id")
);

-- Three identities that can disagree: uuid, name, and module with level.
CREATE TABLE "roles" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(100) NOT NULL UNIQUE,
    "description" text NOT NULL,
    "module" varchar(2) NOT NULL,
    "permission_level" varchar(10) NOT NULL,
    "inherits_from_id" bigint NULL REFERENCES "roles" ("id") DEFERRABLE INITIALLY DEFERRED,
    "is_active" bool NOT NULL,
    "is_system_role" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "created_by_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL),
    UNIQUE ("module", "permission_level")
);

-- Who has which role.
CREATE TABLE "user_roles" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "role_id" bigint NOT NULL REFERENCES "roles" ("id") DEFERRABLE INITIALLY DEFERRED,
    "assigned_at" datetime NOT NULL,
    "assigned_by_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "expires_at" datetime NULL,
    "is_active" bool NOT NULL,
    "revoked_at" datetime NULL,
    "revoked_by_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "assignment_reason" text NOT NULL,
    "revocation_reason" text NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL),
    UNIQUE ("user_id", "role_id")
);

-- Documents

-- Both name and code are unique; the empty code is a code.
CREATE TABLE "document_types" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(100) NOT NULL UNIQUE,
    "code" varchar(10) NOT NULL UNIQUE,
    "description" text NOT NULL,
    "template_required" bool NOT NULL,
    "template_path" varchar(500) NOT NULL,
    "approval_required" bool NOT NULL,
    "review_required" bool NOT NULL,
    "retention_years" integer NOT NULL,
    "numbering_prefix" varchar(10) NOT NULL,
    "numbering_format" varchar(50) NOT NULL,
    "is_active" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Where a document's file comes from.
CREATE TABLE "document_sources" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(100) NOT NULL UNIQUE,
    "source_type" varchar(30) NOT NULL,
    "description" text NOT NULL,
    "requires_verification" bool NOT NULL,
    "requires_signature" bool NOT NULL,
    "is_active" bool NOT NULL,
    "created_at" datetime NOT NULL
);

-- One row per version of a document: the number contains the version.
CREATE TABLE "documents" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_number" varchar(50) NOT NULL UNIQUE,
    "title" varchar(255) NOT NULL,
    "description" text NOT NULL,
    "keywords" varchar(500) NOT NULL,
    "version_major" integer unsigned NOT NULL CHECK ("version_major" >= 0),
    "version_minor" integer unsigned NOT NULL CHECK ("version_minor" >= 0),
    "document_type_id" bigint NOT NULL REFERENCES "document_types" ("id") DEFERRABLE INITIALLY DEFERRED,
    "document_source_id" bigint NOT NULL REFERENCES "document_sources" ("id") DEFERRABLE INITIALLY DEFERRED,
    "status" varchar(30) NOT NULL,
    "priority" varchar(10) NOT NULL,
    "author_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "reviewer_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "approver_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "file_name" varchar(255) NOT NULL,
    "file_path" varchar(500) NOT NULL,
    "file_size" bigint NULL,
    "file_checksum" varchar(64) NOT NULL,
    "mime_type" varchar(100) NOT NULL,
    "is_encrypted" bool NOT NULL,
    "encryption_metadata" text NOT NULL CHECK (JSON_VALID("encryption_metadata") OR "encryption_metadata" IS NULL),
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "review_date" datetime NULL,
    "approval_date" datetime NULL,
    "effective_date" date NULL,
    "review_due_date" date NULL,
    "obsolete_date" date NULL,
    "obsolescence_date" date NULL,
    "obsolescence_reason" text NOT NULL,
    "obsoleted_by_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "reason_for_change" text NOT NULL,
    "change_summary" text NOT NULL,
    "supersedes_id" bigint NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "is_active" bool NOT NULL,
    "requires_training" bool NOT NULL,
    "is_controlled" bool NOT NULL,
    "search_vector" text NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL),
    CONSTRAINT "version_major_range" CHECK ("version_major" BETWEEN 1 AND 99),
    CONSTRAINT "version_minor_range" CHECK ("version_minor" BETWEEN 0 AND 99)
);

-- The history of a document's versions.
CREATE TABLE "document_versions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "version_major" integer unsigned NOT NULL CHECK ("version_major" >= 0),
    "version_minor" integer unsigned NOT NULL CHECK ("version_minor" >= 0),
    "version_comment" text NOT NULL,
    "file_name" varchar(255) NOT NULL,
    "file_path" varchar(500) NOT NULL,
    "file_size" bigint NULL,
    "file_checksum" varchar(64) NOT NULL,
    "created_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "status" varchar(30) NOT NULL,
    "change_summary" text NOT NULL,
    "reason_for_change" text NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL),
    UNIQUE ("document_id", "version_major", "version_minor")
);

-- Which document relies on which.
CREATE TABLE "document_dependencies" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "depends_on_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "dependency_type" varchar(20) NOT NULL,
    "description" text NOT NULL,
    "is_critical" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "is_active" bool NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL),
    CONSTRAINT "no_self_dependency" CHECK ("document_id" <> "depends_on_id"),
    UNIQUE ("document_id", "depends_on_id", "dependency_type")
);

-- Who opened what.
CREATE TABLE "document_access_logs" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "access_type" varchar(20) NOT NULL,
    "access_timestamp" datetime NOT NULL,
    "ip_address" char(39) NULL,
    "user_agent" text NOT NULL,
    "session_id" varchar(40) NULL,
    "success" bool NOT NULL,
    "failure_reason" varchar(200) NOT NULL,
    "document_version" varchar(20) NOT NULL,
    "file_downloaded" bool NOT NULL,
    "access_duration" bigint NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Workflows

-- Kinds of workflow.
CREATE TABLE "workflow_types" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(100) NOT NULL UNIQUE,
    "workflow_type" varchar(20) NOT NULL,
    "description" text NOT NULL,
    "is_active" bool NOT NULL,
    "requires_approval" bool NOT NULL,
    "allows_parallel" bool NOT NULL,
    "auto_transition" bool NOT NULL,
    "timeout_days" integer unsigned NULL CHECK ("timeout_days" >= 0),
    "reminder_days" integer unsigned NULL CHECK ("reminder_days" >= 0),
    "created_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- The states of a document. The primary key is text.
CREATE TABLE "workflow_document_states" (
    "code" varchar(50) NOT NULL PRIMARY KEY,
    "name" varchar(100) NOT NULL,
    "description" text NOT NULL,
    "is_initial" bool NOT NULL,
    "is_final" bool NOT NULL
);

-- Where a document stands: one to one.
CREATE TABLE "document_workflows" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL UNIQUE REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "workflow_type" varchar(50) NOT NULL,
    "current_state_id" varchar(50) NOT NULL REFERENCES "workflow_document_states" ("code") DEFERRABLE INITIALLY DEFERRED,
    "initiated_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "current_assignee_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "selected_reviewer_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "selected_approver_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "due_date" datetime NULL,
    "effective_date" date NULL,
    "obsoleting_date" date NULL,
    "workflow_data" text NOT NULL CHECK (JSON_VALID("workflow_data") OR "workflow_data" IS NULL),
    "up_version_reason" text NOT NULL,
    "obsoleting_reason" text NOT NULL,
    "termination_reason" text NOT NULL,
    "is_terminated" bool NOT NULL,
    "last_approved_state" varchar(50) NOT NULL
);

-- The steps that a workflow took.
CREATE TABLE "document_transitions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "workflow_id" bigint NOT NULL REFERENCES "document_workflows" ("id") DEFERRABLE INITIALLY DEFERRED,
    "from_state_id" varchar(50) NOT NULL REFERENCES "workflow_document_states" ("code") DEFERRABLE INITIALLY DEFERRED,
    "to_state_id" varchar(50) NOT NULL REFERENCES "workflow_document_states" ("code") DEFERRABLE INITIALLY DEFERRED,
    "transitioned_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "transitioned_at" datetime NOT NULL,
    "comment" text NOT NULL,
    "transition_data" text NOT NULL CHECK (JSON_VALID("transition_data") OR "transition_data" IS NULL)
);

-- Audit

-- What happened: content_type_id and object_id say to which record.
CREATE TABLE "audit_trail" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "timestamp" datetime NOT NULL,
    "action" varchar(30) NOT NULL,
    "severity" varchar(10) NOT NULL,
    "user_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "user_display_name" varchar(200) NOT NULL,
    "session_id" varchar(40) NULL,
    "ip_address" char(39) NULL,
    "user_agent" text NOT NULL,
    "content_type_id" integer NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
    "object_id" varchar(100) NULL,
    "object_representation" varchar(200) NOT NULL,
    "field_changes" text NOT NULL CHECK (JSON_VALID("field_changes") OR "field_changes" IS NULL),
    "old_values" text NOT NULL CHECK (JSON_VALID("old_values") OR "old_values" IS NULL),
    "new_values" text NOT NULL CHECK (JSON_VALID("new_values") OR "new_values" IS NULL),
    "description" text NOT NULL,
    "module" varchar(10) NOT NULL,
    "request_path" varchar(500) NOT NULL,
    "request_method" varchar(10) NOT NULL,
    "checksum" varchar(64) NOT NULL,
    "is_tampered" bool NOT NULL,
    "verification_status" varchar(20) NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- What happened to the system as a whole.
CREATE TABLE "system_events" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "event_type" varchar(20) NOT NULL,
    "timestamp" datetime NOT NULL,
    "description" text NOT NULL,
    "details" text NOT NULL CHECK (JSON_VALID("details") OR "details" IS NULL),
    "severity" varchar(10) NOT NULL
);

-- What records were before and after.
CREATE TABLE "database_change_log" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "timestamp" datetime NOT NULL,
    "table_name" varchar(100) NOT NULL,
    "operation" varchar(20) NOT NULL,
    "record_id" varchar(100) NOT NULL,
    "user_id" bigint NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "old_values" text NOT NULL CHECK (JSON_VALID("old_values") OR "old_values" IS NULL),
    "new_values" text NOT NULL CHECK (JSON_VALID("new_values") OR "new_values" IS NULL),
    "content_type_id" integer NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
    "object_id" varchar(100) NULL,
    "action" varchar(30) NULL,
    "ip_address" char(39) NULL,
    "session_id" varchar(40) NULL,
    "integrity_hash" varchar(64) NULL
);

-- The system

-- What official PDF files are signed with.
CREATE TABLE "security_pdfsigningcertificate" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(200) NOT NULL,
    "certificate_type" varchar(20) NOT NULL,
    "certificate_pem" text NOT NULL,
    "private_key_pem" text NOT NULL,
    "public_key_pem" text NOT NULL,
    "subject_cn" varchar(200) NOT NULL,
    "issuer_name" varchar(200) NOT NULL,
    "serial_number" varchar(100) NOT NULL UNIQUE,
    "valid_from" datetime NOT NULL,
    "valid_until" datetime NOT NULL,
    "is_active" bool NOT NULL,
    "is_default" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED
);

-- What templates may contain.
CREATE TABLE "placeholder_definitions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(100) NOT NULL UNIQUE,
    "display_name" varchar(200) NOT NULL,
    "description" text NOT NULL,
    "placeholder_type" varchar(20) NOT NULL,
    "data_source" varchar(30) NOT NULL,
    "source_field" varchar(100) NOT NULL,
    "format_string" varchar(100) NOT NULL,
    "date_format" varchar(50) NOT NULL,
    "default_value" text NOT NULL,
    "validation_rules" text NOT NULL CHECK (JSON_VALID("validation_rules") OR "validation_rules" IS NULL),
    "is_active" bool NOT NULL,
    "requires_permission" varchar(50) NOT NULL,
    "cache_duration" integer unsigned NOT NULL CHECK ("cache_duration" >= 0),
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED
);

-- What is backed up when. The name is not unique.
CREATE TABLE "backup_configurations" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "name" varchar(200) NOT NULL,
    "description" text NOT NULL,
    "backup_type" varchar(20) NOT NULL,
    "frequency" varchar(20) NOT NULL,
    "schedule_time" time NOT NULL,
    "schedule_days" text NOT NULL CHECK (JSON_VALID("schedule_days") OR "schedule_days" IS NULL),
    "retention_days" integer unsigned NOT NULL CHECK ("retention_days" >= 0),
    "max_backups" integer unsigned NOT NULL CHECK ("max_backups" >= 0),
    "storage_path" varchar(500) NOT NULL,
    "compression_enabled" bool NOT NULL,
    "encryption_enabled" bool NOT NULL,
    "status" varchar(20) NOT NULL,
    "is_enabled" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED
);

-- Documents: what people add to them

-- What readers say about a document. A comment may answer another.
CREATE TABLE "document_comments" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "parent_comment_id" bigint REFERENCES "document_comments" ("id") DEFERRABLE INITIALLY DEFERRED,
    "author_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "resolved_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "subject" varchar(200) NOT NULL,
    "content" text NOT NULL,
    "is_resolved" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Files that belong to a document beside its own.
CREATE TABLE "document_attachments" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "uploaded_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "name" varchar(255) NOT NULL,
    "file_path" varchar(500) NOT NULL,
    "file_size" bigint NOT NULL,
    "file_checksum" varchar(64) NOT NULL,
    "uploaded_at" datetime NOT NULL,
    "is_active" bool NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Workflows on records of any model

-- A workflow on one record, named by content type and id.
CREATE TABLE "workflow_instances" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "workflow_type_id" bigint NOT NULL REFERENCES "workflow_types" ("id") DEFERRABLE INITIALLY DEFERRED,
    "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
    "object_id" varchar(100) NOT NULL,
    "state" varchar(50) NOT NULL,
    "initiated_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "current_assignee_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "started_at" datetime NOT NULL,
    "is_active" bool NOT NULL,
    "workflow_data" text NOT NULL CHECK (JSON_VALID("workflow_data") OR "workflow_data" IS NULL)
);

-- The steps that such a workflow took.
CREATE TABLE "workflow_transitions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "workflow_instance_id" bigint NOT NULL REFERENCES "workflow_instances" ("id") DEFERRABLE INITIALLY DEFERRED,
    "transitioned_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "from_state" varchar(100) NOT NULL,
    "to_state" varchar(100) NOT NULL,
    "transitioned_at" datetime NOT NULL,
    "session_id" varchar(40),
    "comment" text NOT NULL,
    "transition_data" text NOT NULL CHECK (JSON_VALID("transition_data") OR "transition_data" IS NULL)
);

-- What it told people.
CREATE TABLE "workflow_notifications" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "workflow_instance_id" bigint NOT NULL REFERENCES "workflow_instances" ("id") DEFERRABLE INITIALLY DEFERRED,
    "recipient_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "subject" varchar(255) NOT NULL,
    "message" text NOT NULL,
    "created_at" datetime NOT NULL,
    "status" varchar(20) NOT NULL
);

-- What it asked people to do.
CREATE TABLE "workflow_tasks" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "workflow_instance_id" bigint NOT NULL REFERENCES "workflow_instances" ("id") DEFERRABLE INITIALLY DEFERRED,
    "assigned_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "assigned_to_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "name" varchar(200) NOT NULL,
    "created_at" datetime NOT NULL,
    "status" varchar(20) NOT NULL,
    "task_data" text NOT NULL CHECK (JSON_VALID("task_data") OR "task_data" IS NULL)
);

-- What use leaves behind

-- Each attempt to log in, also under names that nobody has.
CREATE TABLE "login_audit" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "user_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "username" varchar(150) NOT NULL,
    "timestamp" datetime NOT NULL,
    "success" bool NOT NULL,
    "ip_address" char(39)
);

-- What an inspector asks for.
CREATE TABLE "compliance_events" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "user_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "event_type" varchar(20) NOT NULL,
    "timestamp" datetime NOT NULL,
    "description" text NOT NULL,
    "severity" varchar(10) NOT NULL,
    "resolution_status" varchar(20) NOT NULL
);

-- Sessions as they were opened and closed.
CREATE TABLE "user_sessions_audit" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "session_key" varchar(40) NOT NULL UNIQUE,
    "ip_address" char(39) NOT NULL,
    "login_timestamp" datetime NOT NULL,
    "last_activity" datetime NOT NULL,
    "logout_timestamp" datetime,
    "is_active" bool NOT NULL
);

-- What a user proves a login with, beside the password.
CREATE TABLE "mfa_devices" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "device_type" varchar(10) NOT NULL,
    "name" varchar(100) NOT NULL,
    "secret_key" varchar(200) NOT NULL,
    "backup_codes" text NOT NULL CHECK (JSON_VALID("backup_codes") OR "backup_codes" IS NULL),
    "is_active" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- Who signed which document.
CREATE TABLE "security_digital_signatures" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "signer_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "verified_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "signature_data" text NOT NULL,
    "algorithm" varchar(30) NOT NULL,
    "document_hash" varchar(64) NOT NULL,
    "signed_at" datetime NOT NULL,
    "status" varchar(20) NOT NULL,
    "metadata" text NOT NULL CHECK (JSON_VALID("metadata") OR "metadata" IS NULL)
);

-- What the system noticed.
CREATE TABLE "security_events" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "signature_id" bigint REFERENCES "security_digital_signatures" ("id") DEFERRABLE INITIALLY DEFERRED,
    "user_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "resolved_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "event_type" varchar(30) NOT NULL,
    "severity" varchar(10) NOT NULL,
    "timestamp" datetime NOT NULL,
    "description" text NOT NULL,
    "event_data" text NOT NULL CHECK (JSON_VALID("event_data") OR "event_data" IS NULL)
);

-- Each PDF that was made of a document.
CREATE TABLE "security_pdfgenerationlog" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "document_id" bigint NOT NULL REFERENCES "documents" ("id") DEFERRABLE INITIALLY DEFERRED,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "certificate_id" integer REFERENCES "security_pdfsigningcertificate" ("id") DEFERRABLE INITIALLY DEFERRED,
    "status" varchar(20) NOT NULL,
    "created_at" datetime NOT NULL,
    "error_message" text NOT NULL
);

-- Backups that ran.
CREATE TABLE "backup_jobs" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "configuration_id" bigint NOT NULL REFERENCES "backup_configurations" ("id") DEFERRABLE INITIALLY DEFERRED,
    "triggered_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "job_name" varchar(200) NOT NULL,
    "status" varchar(20) NOT NULL,
    "backup_file_path" varchar(500) NOT NULL,
    "checksum" varchar(64) NOT NULL,
    "is_valid" bool NOT NULL,
    "created_at" datetime NOT NULL
);

-- Restores that ran, each of one backup.
CREATE TABLE "restore_jobs" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "backup_job_id" bigint NOT NULL REFERENCES "backup_jobs" ("id") DEFERRABLE INITIALLY DEFERRED,
    "requested_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "approved_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "restore_type" varchar(20) NOT NULL,
    "status" varchar(20) NOT NULL,
    "restore_log" text NOT NULL,
    "created_at" datetime NOT NULL
);

-- What the application runs by itself.
CREATE TABLE "scheduled_tasks" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "name" varchar(200) NOT NULL UNIQUE,
    "task_module" varchar(200) NOT NULL,
    "task_kwargs" text NOT NULL CHECK (JSON_VALID("task_kwargs") OR "task_kwargs" IS NULL),
    "status" varchar(20) NOT NULL,
    "created_at" datetime NOT NULL,
    "updated_at" datetime NOT NULL
);

-- Each time it did.
CREATE TABLE "task_executions" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "scheduled_task_id" bigint NOT NULL REFERENCES "scheduled_tasks" ("id") DEFERRABLE INITIALLY DEFERRED,
    "triggered_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "started_at" datetime NOT NULL,
    "status" varchar(20) NOT NULL,
    "result" text NOT NULL CHECK (JSON_VALID("result") OR "result" IS NULL)
);

-- Messages that wait to be sent.
CREATE TABLE "notification_queue" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "uuid" char(32) NOT NULL UNIQUE,
    "created_by_id" bigint REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    "notification_type" varchar(20) NOT NULL,
    "subject" varchar(255) NOT NULL,
    "message" text NOT NULL,
    "scheduled_at" datetime NOT NULL,
    "status" varchar(20) NOT NULL,
    "created_at" datetime NOT NULL
);

-- Many to many: who gets a message.
CREATE TABLE "notification_queue_recipients" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "notificationqueue_id" bigint NOT NULL REFERENCES "notification_queue" ("id") DEFERRABLE INITIALLY DEFERRED,
    "user_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("notificationqueue_id", "user_id")
);

-- Not in the policy

-- Sessions end when a system is restored, but not by our hand.
CREATE TABLE "django_session" (
    "session_key" varchar(40) NOT NULL PRIMARY KEY,
    "session_data" text NOT NULL,
    "expire_date" datetime NOT NULL
);

-- Which features this installation has switched on.
CREATE TABLE "feature_toggles" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "key" varchar(100) NOT NULL UNIQUE,
    "is_enabled" bool NOT NULL,
    "created_at" datetime NOT NULL,
    "created_by_id" bigint NOT NULL REFERENCES "users" ("id") DEFERRABLE INITIALLY DEFERRED
);
