-- The live system of Fernhill Labs, a made-up maker of test kits, before the
-- package is applied: the state that the plan in this example is made for.
-- People, documents and hashes are invented. Times have microseconds, which the
-- package cuts to milliseconds.
--
-- live.postgres.sql is the same for PostgreSQL.

BEGIN;

-- What Django itself keeps

INSERT INTO "django_content_type"
    ("id", "app_label", "model")
VALUES
    (1, 'auth', 'group'),
    (2, 'auth', 'permission'),
    (3, 'contenttypes', 'contenttype'),
    (4, 'users', 'user'),
    (5, 'users', 'role'),
    (6, 'users', 'userrole'),
    (7, 'documents', 'documenttype'),
    (8, 'documents', 'documentsource'),
    (9, 'documents', 'document'),
    (10, 'documents', 'documentversion'),
    (11, 'workflows', 'workflowtype'),
    (12, 'workflows', 'documentworkflow'),
    (13, 'backup', 'backupconfiguration'),
    (14, 'sessions', 'session');

INSERT INTO "auth_permission"
    ("id", "name", "content_type_id", "codename")
VALUES
    (1, 'Can add document', 9, 'add_document'),
    (2, 'Can change document', 9, 'change_document'),
    (3, 'Can delete document', 9, 'delete_document'),
    (4, 'Can view document', 9, 'view_document'),
    (5, 'Can add user', 4, 'add_user'),
    (6, 'Can change user', 4, 'change_user'),
    (7, 'Can delete user', 4, 'delete_user'),
    (8, 'Can view user', 4, 'view_user');

INSERT INTO "auth_group"
    ("id", "name")
VALUES
    (1, 'Readers'),
    (2, 'Quality'),
    (3, 'Night Shift');

INSERT INTO "auth_group_permissions"
    ("id", "group_id", "permission_id")
VALUES
    (1, 1, 4),
    (2, 2, 4),
    (3, 2, 2),
    (4, 3, 4);

-- Schedule 3 is another one in the package, which gets a new key here.
INSERT INTO "django_celery_beat_crontabschedule"
    ("id", "minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")
VALUES
    (1, '0', '2', '*', '*', '*', 'Europe/Lisbon'),
    (2, '30', '3', '0', '*', '*', 'Europe/Lisbon'),
    (3, '*/15', '*', '*', '*', '*', 'Europe/Lisbon');

INSERT INTO "django_celery_beat_periodictasks"
    ("ident", "last_update")
VALUES
    (1, '2026-04-01 06:00:02.744998');

-- People

-- The password of the service account is empty, and its phone number, department
-- and position are null; others have them empty. Lena left: the package does not
-- know her any more, her row and her records stay.
INSERT INTO "users"
    ("id", "password", "last_login", "is_superuser", "username", "first_name", "last_name", "email",
     "is_staff", "is_active", "date_joined", "uuid", "employee_id", "phone_number", "department", "position",
     "manager_id", "is_validated", "validation_date", "validation_expiry", "password_changed_at",
     "mfa_enabled", "failed_login_attempts", "account_locked_until", "created_at", "updated_at",
     "created_by_id", "metadata")
VALUES
    (1, 'pbkdf2_sha256$600000$MadeUpSaltForTheExample$bm90IGEgaGFzaDogYWRtaW4=', '2026-03-30 07:41:52.385696',
     1, 'admin', 'Fernhill', 'Administrator', 'admin@fernhill.example', 1, 1, '2026-01-12 08:00:11.253352',
     '40f92982c9595146990a07db52137dc4', NULL, '', '', '', NULL, 1, NULL, NULL, '2026-01-12 08:00:11.253352',
     0, 0, NULL, '2026-01-12 08:00:11.253352', '2026-01-12 08:00:11.253352', NULL, '{}'),
    (2, '', NULL, 0, 'svc_edms', 'EDMS', 'Service', 'svc_edms@fernhill.example', 0, 1,
     '2026-01-12 08:00:14.775549', '5663efa272fe54d889309e7f716b6da3', NULL, NULL, NULL, NULL, NULL, 1, NULL,
     NULL, '2026-01-12 08:00:14.775549', 0, 0, NULL, '2026-01-12 08:00:14.775549',
     '2026-01-12 08:00:14.775549', NULL, '{}'),
    (3, 'pbkdf2_sha256$600000$MadeUpSaltForTheExample$bm90IGEgaGFzaDogbWFyYS5vZHV5YQ==',
     '2026-03-31 08:05:19.019293', 0, 'mara.oduya', 'Mara', 'Oduya', 'mara.oduya@fernhill.example', 0, 1,
     '2026-01-13 09:22:40.093626', '645d829bb36b50c78383d2fb95881e4f', 'FH-011', '', 'Quality', 'Quality lead',
     NULL, 1, NULL, NULL, '2026-01-13 09:22:40.093626', 0, 0, NULL, '2026-01-13 09:22:40.093626',
     '2026-01-13 09:22:40.093626', 1, '{}'),
    (4, 'pbkdf2_sha256$600000$MadeUpSaltForTheExample$bm90IGEgaGFzaDogdG9tLmtlbGxlcg==', NULL, 0, 'tom.keller',
     'Tom', 'Keller', 'tom.keller@fernhill.example', 0, 1, '2026-01-13 09:40:03.002393',
     '93fccfa1c9c55ce594be63774d91874b', 'FH-023', '', 'Production', 'Shift leader', 3, 1, NULL, NULL,
     '2026-01-13 09:40:03.002393', 0, 0, NULL, '2026-01-13 09:40:03.002393', '2026-01-13 09:40:03.002393', 1,
     '{}'),
    (5, 'pbkdf2_sha256$600000$MadeUpSaltForTheExample$bm90IGEgaGFzaDogaW5lcy52YXJnYQ==', NULL, 0, 'ines.varga',
     'Inês', 'Varga', 'ines.varga@fernhill.example', 0, 1, '2026-01-20 13:05:55.656485',
     '6d0b32004c1b5c51b72d57abd6d03b73', 'FH-031', '', 'Laboratory', '', 3, 1, NULL, NULL,
     '2026-01-20 13:05:55.656485', 0, 0, NULL, '2026-01-20 13:05:55.656485', '2026-01-20 13:05:55.656485', 1,
     '{}'),
    (6, 'pbkdf2_sha256$600000$MadeUpSaltForTheExample$bm90IGEgaGFzaDogbGVuYS5icm9vaw==', NULL, 0, 'lena.brook',
     'Lena', 'Brook', 'lena.brook@fernhill.example', 0, 0, '2026-02-02 07:58:30.717617',
     '8b5ba8eea9955a12bd669fcdd6cf13d9', NULL, '', 'Production', 'Temp', NULL, 1, NULL, NULL,
     '2026-02-02 07:58:30.717617', 0, 0, NULL, '2026-02-02 07:58:30.717617', '2026-02-02 07:58:30.717617', 1,
     '{}');

INSERT INTO "users_groups"
    ("id", "user_id", "group_id")
VALUES
    (1, 1, 2),
    (2, 3, 2),
    (3, 4, 1),
    (4, 5, 1),
    (5, 6, 3);

INSERT INTO "users_user_permissions"
    ("id", "user_id", "permission_id")
VALUES
    (1, 5, 2);

-- The package has the same names under other uuids: remaps.
INSERT INTO "roles"
    ("id", "uuid", "name", "description", "module", "permission_level", "inherits_from_id", "is_active",
     "is_system_role", "created_at", "updated_at", "created_by_id", "metadata")
VALUES
    (1, 'c7bb575c4a5c5d74b42ac424ee28480b', 'Reader', 'Reads what is effective', 'O1', 'read', NULL, 1, 1,
     '2026-01-12 08:01:11.998695', '2026-01-12 08:01:11.998695', 1, '{}'),
    (2, '3aad36a08bba520f9e7ae8286e51d4da', 'Author', 'Writes drafts', 'O1', 'write', 1, 1, 1,
     '2026-01-12 08:01:12.227906', '2026-01-12 08:01:12.227906', 1, '{}'),
    (3, 'a48e5c466ae358d38a2866c3fb780152', 'Reviewer', 'Reviews drafts', 'O1', 'review', 1, 1, 1,
     '2026-01-12 08:01:13.399297', '2026-01-12 08:01:13.399297', 1, '{}'),
    (4, '79b8adf2d5ce51feb19933caa881c280', 'Approver', 'Puts documents into effect', 'O1', 'approve', 3, 1, 1,
     '2026-01-12 08:01:14.883032', '2026-01-12 08:01:14.883032', 1, '{}'),
    (5, '6f970b146fbe554b8f55b4889f5abf88', 'User Administrator', 'Manages accounts', 'S1', 'admin', NULL, 1,
     1, '2026-01-12 08:01:15.591154', '2026-01-12 08:01:15.591154', 1, '{}');

INSERT INTO "user_roles"
    ("id", "uuid", "user_id", "role_id", "assigned_at", "assigned_by_id", "expires_at", "is_active",
     "revoked_at", "revoked_by_id", "assignment_reason", "revocation_reason", "metadata")
VALUES
    (1, '65f0c38a02f75dc0ab63fcafb9b86327', 3, 4, '2026-01-13 09:23:01.134922', 1, NULL, 1, NULL, NULL,
     'First assignment', '', '{}'),
    (2, 'f6f234e455c0531cb664278e4c0f9e91', 4, 2, '2026-01-13 09:41:17.736221', 1, NULL, 1, NULL, NULL,
     'First assignment', '', '{}'),
    (3, '9b49db303c875e6394ae8611b8e72d6d', 5, 2, '2026-01-20 13:06:40.444409', 1, NULL, 1, NULL, NULL,
     'First assignment', '', '{}'),
    (4, '72f0e046cf1b5731aaaaf745af07ad6c', 6, 2, '2026-02-02 08:00:02.792112', 1, NULL, 1, NULL, NULL,
     'First assignment', '', '{}');

-- Documents

-- SOP gets another name from the package, and its old name goes to the type
-- without a code.
INSERT INTO "document_types"
    ("id", "uuid", "name", "code", "description", "template_required", "template_path", "approval_required",
     "review_required", "retention_years", "numbering_prefix", "numbering_format", "is_active", "created_at",
     "updated_at", "created_by_id", "metadata")
VALUES
    (1, 'b044eeeb1a3b596a9222c104cd75a8ae', 'Policy', 'POL', 'What we stand for', 0, '', 1, 1, 10, 'POL',
     '{prefix}-{year}-{sequence:04d}', 1, '2026-01-12 08:05:21.644869', '2026-01-12 08:05:21.644869', 1, '{}'),
    (2, 'd07fe548d83f5f2b8d4dc81b23b3238e', 'Procedure', 'SOP', 'How we do it', 0, '', 1, 1, 7, 'SOP',
     '{prefix}-{year}-{sequence:04d}', 1, '2026-01-12 08:05:22.642771', '2026-01-12 08:05:22.642771', 1, '{}'),
    (3, '18a0919b719452b3b700010ce6e64c9f', 'Form', 'FORM', 'What we fill in', 0, '', 1, 1, 7, 'FORM',
     '{prefix}-{year}-{sequence:04d}', 1, '2026-01-12 08:05:23.218814', '2026-01-12 08:05:23.218814', 1, '{}'),
    (4, 'e383b172e32e5b428c589cd176399f7f', 'Record', 'REC', 'What we filled in', 0, '', 1, 1, 15, 'REC',
     '{prefix}-{year}-{sequence:04d}', 1, '2026-01-12 08:05:24.435147', '2026-01-12 08:05:24.435147', 1, '{}');

INSERT INTO "document_sources"
    ("id", "uuid", "name", "source_type", "description", "requires_verification", "requires_signature",
     "is_active", "created_at")
VALUES
    (1, '781e79ee395650a8bd1dd46ab4aa9b9d', 'Written Here', 'original_digital', 'Made in this system', 0, 0, 1,
     '2026-01-12 08:06:31.747350'),
    (2, '3266bc6d70e4566493dd45ee6d31a0e7', 'Scan of Original', 'scanned_original', 'Paper that was scanned',
     1, 0, 1, '2026-01-12 08:06:32.653296'),
    (3, '68d666364b8c58209353eae372e49b53', 'Scan of Copy', 'scanned_copy', 'A copy that was scanned', 1, 0, 1,
     '2026-01-12 08:06:33.438003');

INSERT INTO "documents"
    ("id", "uuid", "document_number", "title", "description", "keywords", "version_major", "version_minor",
     "document_type_id", "document_source_id", "status", "priority", "author_id", "reviewer_id", "approver_id",
     "file_name", "file_path", "file_size", "file_checksum", "mime_type", "is_encrypted",
     "encryption_metadata", "created_at", "updated_at", "review_date", "approval_date", "effective_date",
     "review_due_date", "obsolete_date", "obsolescence_date", "obsolescence_reason", "obsoleted_by_id",
     "reason_for_change", "change_summary", "supersedes_id", "is_active", "requires_training", "is_controlled",
     "search_vector", "metadata")
VALUES
    (1, 'e2e699a5df9c53b3b5f40504d8c4bab0', 'POL-2026-0001-v01.00', 'Quality Policy',
     'Why every kit we ship is tested, and who answers for it.', '', 1, 0, 1, 1, 'EFFECTIVE', 'normal', 3, 4,
     1, 'quality-policy.docx', 'storage/documents/e2e699a5-df9c-53b3-b5f4-0504d8c4bab0.docx', 24354,
     '29665c1b45d426e2498a12927af43e3f819752722fc02fa78e6cec7260efb294',
     'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 0, '{}',
     '2026-01-14 10:00:21.104939', '2026-01-14 10:00:21.104939', NULL, NULL, '2026-02-01', NULL, NULL, NULL,
     '', NULL, '', '', NULL, 1, 0, 1, '', '{"audience": "all", "pages": 4}'),
    (2, '56955b9e7554508c9d210e564d7f486b', 'SOP-2026-0001-v01.00', 'Incoming Goods',
     'Receiving and inspecting reagents.', '', 1, 0, 2, 1, 'EFFECTIVE', 'normal', 4, 5, 3,
     'incoming-goods.docx', 'storage/documents/56955b9e-7554-508c-9d21-0e564d7f486b.docx', 24354,
     '9015cb7971d553d100392f32262d03eece3fdfb6c6bbb8348b444feebd4f19c1',
     'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 0, '{}',
     '2026-01-15 14:33:48.569353', '2026-01-15 14:33:48.569353', NULL, NULL, '2026-02-10', NULL, NULL, NULL,
     '', NULL, '', '', NULL, 1, 0, 1, '', '{}'),
    (3, '742e2e9cdb1253218be085d354dd6ad9', 'SOP-2026-0002-v01.00', 'Pipette Calibration',
     'Each pipette is calibrated once a quarter. The result goes onto the form of that name, and the pipette gets a green label.',
     '', 1, 0, 2, 1, 'UNDER_REVIEW', 'normal', 5, 4, NULL, 'pipette-calibration.docx',
     'storage/documents/742e2e9c-db12-5321-8be0-85d354dd6ad9.docx', 25909,
     '74bbcfd23e5adf5ce549238d9afc1d2b214c72fd88b5f23349cd15b1e1ea9496',
     'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 0, '{}',
     '2026-02-11 08:47:09.462818', '2026-02-11 08:47:09.462818', NULL, NULL, NULL, NULL, NULL, NULL, '', NULL,
     '', '', NULL, 1, 0, 1, '', '{}'),
    (4, '5cdc5a18b6fb5a308e73da96e3d01309', 'FORM-2026-0001-v01.00', 'Calibration Result',
     'To be filled in for each pipette.', '', 1, 0, 3, 1, 'EFFECTIVE', 'normal', 5, 4, 3,
     'calibration-result.docx', 'storage/documents/5cdc5a18-b6fb-5a30-8e73-da96e3d01309.docx', 25598,
     '06d90cc1ed27bb229b733774c16df4182fe088bd658ea9fa486fb3019c9b56aa',
     'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 0, '{}',
     '2026-02-11 09:15:37.521516', '2026-02-11 09:15:37.521516', NULL, NULL, '2026-03-01', NULL, NULL, NULL,
     '', NULL, '', '', NULL, 1, 0, 1, '', '{}'),
    (5, '716ac1ec4a5b5df9b1dfdb959ff16996', 'REC-2026-0001-v01.00', 'Cold Store Log January', '', '', 1, 0, 4,
     1, 'EFFECTIVE', 'normal', 6, NULL, NULL, 'cold-store-log-january.docx',
     'storage/documents/716ac1ec-4a5b-5df9-b1df-db959ff16996.docx', 26842,
     '94dbc65ae1c7da8f2c99c4da54b66d37e1508f538efa398f2fe2267604a3bcf9',
     'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 0, '{}',
     '2026-02-03 06:12:44.913317', '2026-02-03 06:12:44.913317', NULL, NULL, '2026-02-03', NULL, NULL, NULL,
     '', NULL, '', '', NULL, 1, 0, 1, '', '{}');

INSERT INTO "document_versions"
    ("id", "uuid", "document_id", "version_major", "version_minor", "version_comment", "file_name",
     "file_path", "file_size", "file_checksum", "created_at", "created_by_id", "status", "change_summary",
     "reason_for_change", "metadata")
VALUES
    (1, '7eef4bbee38d56ef9be5697ce23704b2', 1, 1, 0, '', '', '', NULL, '', '2026-01-14 10:00:22.649241', 3,
     'EFFECTIVE', 'First version', '', '{"initial_version": true}'),
    (2, '617e7ac34d4f5f46b81b5bd132aefaaf', 2, 1, 0, '', '', '', NULL, '', '2026-01-15 14:33:49.819142', 4,
     'EFFECTIVE', 'First version', '', '{"initial_version": true}'),
    (3, '63e397d7c0f155b4885bbe1bfb10f87c', 3, 1, 0, '', '', '', NULL, '', '2026-02-11 08:47:10.254963', 5,
     'DRAFT', 'First version', '', '{"initial_version": true}'),
    (4, '16aa777201f65e11a867cf96ff3376ed', 4, 1, 0, '', '', '', NULL, '', '2026-02-11 09:15:38.791483', 5,
     'EFFECTIVE', 'First version', '', '{"initial_version": true}'),
    (5, '2a46c1ab7eb85140a91ad2650f88576d', 5, 1, 0, '', '', '', NULL, '', '2026-02-03 06:12:45.090232', 6,
     'EFFECTIVE', 'First version', '', '{"initial_version": true}');

INSERT INTO "document_dependencies"
    ("id", "uuid", "document_id", "depends_on_id", "dependency_type", "description", "is_critical",
     "created_at", "created_by_id", "is_active", "metadata")
VALUES
    (1, '1e43b3b8bb4056cc9a121bc83b0f5404', 3, 4, 'template', '', 0, '2026-02-11 09:20:05.676481', 5, 1, '{}'),
    (2, '1cb81748431759c0bf93effcaa3f621b', 2, 1, 'implements', '', 0, '2026-01-15 14:40:12.886573', 4, 1, '{}');

-- Row 104 is another one in the package.
INSERT INTO "document_access_logs"
    ("id", "uuid", "document_id", "user_id", "access_type", "access_timestamp", "ip_address", "user_agent",
     "session_id", "success", "failure_reason", "document_version", "file_downloaded", "access_duration",
     "metadata")
VALUES
    (101, 'f54f405dfea156a4acce21feca8df703', 1, 4, 'VIEW', '2026-02-02 07:31:15.535346', '192.0.2.20',
     'ExampleBrowser/1.0', NULL, 1, '', '01.00', 0, 42500000, '{}'),
    (102, '81a817dbc7cc5382908c451b44b452c1', 2, 4, 'DOWNLOAD', '2026-02-12 11:20:09.063464', '192.0.2.20',
     'ExampleBrowser/1.0', 'madeupsession0000000000000000001', 1, '', '01.00', 1, NULL, '{}'),
    (103, '4dda05bd3f2b5062b6d81a67b935a90f', 5, 6, 'VIEW', '2026-02-20 05:55:40.243699', '192.0.2.20',
     'ExampleBrowser/1.0', NULL, 1, '', '01.00', 0, NULL, '{}'),
    (104, 'adc812362e7a51daa626d6339ebd8910', 4, 5, 'VIEW', '2026-03-03 10:10:10.688161', '192.0.2.20',
     'ExampleBrowser/1.0', NULL, 1, '', '01.00', 0, NULL, '{}');

-- Workflows

-- Type 3 is another one in the package, which gets a new key here; the audit row
-- about it in the package follows.
INSERT INTO "workflow_types"
    ("id", "uuid", "name", "workflow_type", "description", "is_active", "requires_approval", "allows_parallel",
     "auto_transition", "timeout_days", "reminder_days", "created_at", "created_by_id", "metadata")
VALUES
    (1, '4168c82a61df58bcb55ca8ec75cfa722', 'Review', 'REVIEW', 'Draft, review, approval', 1, 1, 0, 0, 30, 3,
     '2026-01-12 08:10:41.711860', 1, '{}'),
    (2, '2b1fe62560be54edae6cf7f9a01f2967', 'New Version', 'UP_VERSION', 'A version that supersedes another',
     1, 1, 0, 0, 30, 3, '2026-01-12 08:10:42.997857', 1, '{}'),
    (3, '5f11bb9245fd5684b58aa89e6f712ffe', 'Emergency Approval', '', 'Approval without review', 1, 1, 0, 0, 1,
     3, '2026-01-12 08:10:43.520687', 1, '{}');

-- Packages leave the codes out: the policy derives them.
INSERT INTO "workflow_document_states"
    ("code", "name", "description", "is_initial", "is_final")
VALUES
    ('DRAFT', 'Draft', 'Being written', 1, 0),
    ('UNDER_REVIEW', 'Under Review', 'With a reviewer', 0, 0),
    ('REVIEWED', 'Reviewed', 'Waits for approval', 0, 0),
    ('APPROVED', 'Approved', 'Waits for its effective date', 0, 0),
    ('EFFECTIVE', 'Effective', 'In use', 0, 1),
    ('SUPERSEDED', 'Superseded', 'A newer version is in use', 0, 1),
    ('OBSOLETE', 'Obsolete', 'No longer in use here', 0, 1),
    ('ON_HOLD', 'On Hold', 'Waits for something outside', 0, 0);

INSERT INTO "document_workflows"
    ("id", "uuid", "document_id", "workflow_type", "current_state_id", "initiated_by_id",
     "current_assignee_id", "selected_reviewer_id", "selected_approver_id", "created_at", "updated_at",
     "due_date", "effective_date", "obsoleting_date", "workflow_data", "up_version_reason",
     "obsoleting_reason", "termination_reason", "is_terminated", "last_approved_state")
VALUES
    (1, '21ef05415d8954e181c81d00920e91f5', 1, 'REVIEW', 'EFFECTIVE', 3, NULL, 4, 1,
     '2026-01-14 10:05:00.947425', '2026-01-14 10:05:00.947425', NULL, '2026-02-01', NULL,
     '{"round": 1, "kind": "standard"}', '', '', '', 0, 'APPROVED'),
    (2, 'd74f7808766e5023ab82b647b27a7b5c', 3, 'REVIEW', 'UNDER_REVIEW', 5, 4, 4, NULL,
     '2026-02-11 09:00:33.103122', '2026-02-11 09:00:33.103122', NULL, NULL, NULL, '{}', '', '', '', 0, '');

INSERT INTO "document_transitions"
    ("id", "uuid", "workflow_id", "from_state_id", "to_state_id", "transitioned_by_id", "transitioned_at",
     "comment", "transition_data")
VALUES
    (1, 'b478ca5b1aee530aaf3af383aed1810b', 1, 'DRAFT', 'UNDER_REVIEW', 3, '2026-01-14 10:05:01.403491',
     'Please have a look', '{"assignee": "mara.oduya"}'),
    (2, 'f7cec16d31335ec283ea0ae01050b427', 1, 'UNDER_REVIEW', 'REVIEWED', 4, '2026-01-16 12:42:19.197661', '',
     '{"assignee": "tom.keller"}'),
    (3, '802e4c79ad53588584afdd0a0775fe1c', 1, 'REVIEWED', 'EFFECTIVE', 1, '2026-01-30 09:09:27.744266',
     'In force from February', '{"assignee": "admin"}'),
    (4, '0563db52664c5810adfe192fb99cc65b', 2, 'DRAFT', 'UNDER_REVIEW', 5, '2026-02-11 09:00:34.831661', '',
     '{"assignee": "ines.varga"}');

-- Audit

-- object_id is the primary key of a row of content_type, as text.
INSERT INTO "audit_trail"
    ("id", "uuid", "timestamp", "action", "severity", "user_id", "user_display_name", "session_id",
     "ip_address", "user_agent", "content_type_id", "object_id", "object_representation", "field_changes",
     "old_values", "new_values", "description", "module", "request_path", "request_method", "checksum",
     "is_tampered", "verification_status", "metadata")
VALUES
    (1, 'f092992774dc58749de5ef3c7b820773', '2026-01-14 10:00:23.771244', 'CREATE', 'INFO', 3, 'Mara Oduya',
     NULL, '192.0.2.17', '', 9, '1', 'Quality Policy (v01.00)', '{}', '{}', '{}', 'Document created', 'O1', '',
     '', 'c7660bdda9eeea8d896f13ae6d60e0a1e1b25ec0afc5225d6030168d8927da57', 0, 'VERIFIED', '{}'),
    (2, 'b2c666854d855d548207da7c8e45b3cc', '2026-01-30 09:09:28.655786', 'STATUS_CHANGED', 'INFO', 1,
     'Fernhill Administrator', NULL, '192.0.2.17', '', 9, '1', 'Quality Policy (v01.00)',
     '{"status": {"old": "REVIEWED", "new": "EFFECTIVE"}}', '{}', '{}', 'Document is effective', 'O1', '', '',
     'f255d01f937b6860fdad73a3d26f954e98789f9a9711cf57225baf0d23b83443', 0, 'VERIFIED', '{}'),
    (3, '880c8ff2aa0152ca8c2a648247c6bc5a', '2026-02-03 06:12:46.462893', 'CREATE', 'INFO', 6, 'Lena Brook',
     NULL, '192.0.2.17', '', 9, '5', 'Cold Store Log January (v01.00)', '{}', '{}', '{}', 'Document created',
     'O1', '', '', '7045496887ea0f6189e4eb70ac95835536e3c66126a639ae0d830d1e1cd70f56', 0, 'VERIFIED', '{}'),
    (4, 'fd1d0b3f7f9a5220877d801f211df96a', '2026-02-11 08:47:11.381002', 'CREATE', 'INFO', 5, 'Inês Varga',
     NULL, '192.0.2.17', '', 9, '3', 'Pipette Calibration (v01.00)', '{}', '{}', '{}', 'Document created',
     'O1', '', '', 'd78f59773267c1471cb1c2464622507b0d7a21666f2d5137c471f4f3e139daba', 0, 'VERIFIED', '{}'),
    (5, 'bbe6b4ee84175fe38d41bdbdc0be9e79', '2026-03-02 10:00:00.820394', 'USER_DEACTIVATED', 'INFO', 1,
     'Fernhill Administrator', NULL, '192.0.2.17', '', 4, '6', 'lena.brook', '{}', '{}', '{}',
     'User deactivated', 'O1', '', '', '21e6872c9a8daf974a1f2628d756b409c66894907ac4b18b9268f1dfe4bdef84', 0,
     'VERIFIED', '{}');

INSERT INTO "system_events"
    ("id", "uuid", "event_type", "timestamp", "description", "details", "severity")
VALUES
    (1, 'b222bb8857bf588e864653d0e130c2c1', 'SYSTEM_STARTED', '2026-01-12 08:00:00.043397', 'First start',
     '{"version": "1.0.0"}', 'INFO');

INSERT INTO "database_change_log"
    ("id", "uuid", "timestamp", "table_name", "operation", "record_id", "user_id", "old_values", "new_values",
     "content_type_id", "object_id", "action", "ip_address", "session_id", "integrity_hash")
VALUES
    (1, '76cb9fff6a8a5bf386fbfa8d9b9503c0', '2026-01-30 09:09:28.655786', '', '', '', NULL,
     '{"id": 1, "status": "REVIEWED", "author": 3}', '{"id": 1, "status": "EFFECTIVE", "author": 3}', 9, '1',
     'UPDATE', NULL, NULL, '5123b9b2f3b85ca71fec0aa79760cb12933dd5fa1c8bdd9720c9d5f00ba8900e'),
    (2, 'ff98515feeb559719abd21e8aae4179a', '2026-02-11 08:47:12.531518', '', '', '', NULL, '{}',
     '{"id": 3, "status": "DRAFT", "author": 5}', 9, '3', 'CREATE', NULL, NULL,
     '9af160f4af61ac02a1d2c1218661583f9c0ffcdbc27aef852a99e58dc9310a48');

-- The system

-- Nothing here is a key or a certificate.
INSERT INTO "security_pdfsigningcertificate"
    ("id", "uuid", "name", "certificate_type", "certificate_pem", "private_key_pem", "public_key_pem",
     "subject_cn", "issuer_name", "serial_number", "valid_from", "valid_until", "is_active", "is_default",
     "created_at", "created_by_id")
VALUES
    (1, '10fc0fbca710536ca2d781bdaedcdd40', 'Fernhill PDF signer', 'SELF_SIGNED',
     '-----BEGIN MADE-UP CERTIFICATE-----
fernhill example, not a certificate
-----END MADE-UP CERTIFICATE-----
',
     '-----BEGIN MADE-UP KEY-----
fernhill example, not a key
-----END MADE-UP KEY-----
',
     '-----BEGIN MADE-UP PUBLIC KEY-----
fernhill example, not a key
-----END MADE-UP PUBLIC KEY-----
',
     'Fernhill Labs', 'Fernhill Labs', '20260112000017', '2026-01-12 00:00:00.643057',
     '2027-01-12 00:00:00.873103', 1, 1, '2026-01-12 08:20:44.514934', 1);

INSERT INTO "placeholder_definitions"
    ("id", "uuid", "name", "display_name", "description", "placeholder_type", "data_source", "source_field",
     "format_string", "date_format", "default_value", "validation_rules", "is_active", "requires_permission",
     "cache_duration", "created_at", "updated_at", "created_by_id")
VALUES
    (1, 'cbce905a2b6f5bbbbfce2dc199260695', 'DOC_NUMBER', 'Document number', '', 'DOCUMENT', 'DOCUMENT_MODEL',
     'document_number', '', '%Y-%m-%d', '', '{}', 1, '', 300, '2026-01-12 08:30:11.377764',
     '2026-01-12 08:30:11.377764', 2),
    (2, '0ce8ea9a0f4f56c39fb12ad211e25b1e', 'DOC_TITLE', 'Title', '', 'DOCUMENT', 'DOCUMENT_MODEL', 'title',
     '', '%Y-%m-%d', '', '{}', 1, '', 300, '2026-01-12 08:30:12.339243', '2026-01-12 08:30:12.339243', 2),
    (3, 'c43bcc39754756c8a8d693d4a8fc2411', 'AUTHOR_NAME', 'Author', '', 'USER', 'DOCUMENT_MODEL', 'author',
     '', '%Y-%m-%d', '', '{}', 1, '', 300, '2026-01-12 08:30:13.672009', '2026-01-12 08:30:13.672009', 2),
    (4, '20a4954fef72549390150fbea2bdd54b', 'COMPANY', 'Company', '', 'SYSTEM', 'SYSTEM_CONFIG', 'company', '',
     '%Y-%m-%d', 'Fernhill Labs', '{}', 1, '', 300, '2026-01-12 08:30:14.657512', '2026-01-12 08:30:14.657512',
     2);

INSERT INTO "backup_configurations"
    ("id", "uuid", "name", "description", "backup_type", "frequency", "schedule_time", "schedule_days",
     "retention_days", "max_backups", "storage_path", "compression_enabled", "encryption_enabled", "status",
     "is_enabled", "created_at", "updated_at", "created_by_id")
VALUES
    (1, 'dcd36897d21250de87c88f7f827efa8a', 'nightly', '', 'FULL', 'DAILY', '02:00:00', '[]', 30, 10,
     '/srv/backups/nightly', 1, 0, 'ACTIVE', 1, '2026-01-12 08:40:06.449296', '2026-01-12 08:40:06.449296', 1),
    (2, '1d5336d511c852468a1c95ed81783b0f', 'before the audit', '', 'FULL', 'ON_DEMAND', '12:00:00', '[]', 7,
     10, '/srv/backups/manual', 1, 0, 'ACTIVE', 1, '2026-01-12 08:40:07.660577', '2026-01-12 08:40:07.660577',
     1);

-- Not in the policy: no plan touches these

INSERT INTO "django_session" ("session_key", "session_data", "expire_date")
VALUES
    ('madeupsession0000000000000000003', 'e30:example', '2026-04-20 08:00:00.310491');

INSERT INTO "feature_toggles" ("id", "key", "is_enabled", "created_at", "created_by_id")
VALUES
    (1, 'new-editor', 1, '2026-03-01 12:00:00.777380', 1),
    (2, 'training-matrix', 0, '2026-03-01 12:00:00.777380', 3);

COMMIT;
