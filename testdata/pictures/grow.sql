-- Makes the EDMS example's live system a large one: 2,000 people, 16,000
-- documents with their versions, workflows, transitions and access logs. A copy
-- of a row that is there gets what must be its own.

CREATE TEMP TABLE n AS
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 32000)
SELECT i FROM c;

CREATE TEMP TABLE t AS SELECT n.i, u.* FROM n JOIN users u ON u.id = 3 + n.i % 4 WHERE n.i <= 2000;
UPDATE t SET id = 1000 + i, uuid = printf('a1%030x', i), username = printf('person%04d', i), employee_id = printf('E-%05d', i),
    email = printf('person%04d@fernhill.example', i), position = 'Analyst';
ALTER TABLE t DROP COLUMN i;
INSERT INTO users SELECT * FROM t;
DROP TABLE t;

CREATE TEMP TABLE t AS SELECT n.i, d.* FROM n JOIN documents d ON d.id = 1 + n.i % 5 WHERE n.i <= 16000;
UPDATE t SET id = 1000 + i, uuid = printf('b2%030x', i), document_number = printf('SOP-2026-%05d-v01.00', i),
    title = CASE i % 4 WHEN 0 THEN 'Cleaning of Vessel ' WHEN 1 THEN 'Calibration of Balance ' WHEN 2 THEN 'Release of Batch ' ELSE 'Training Record ' END || i,
    description = 'The operator checks the label against the batch record, signs for it and writes the time into the log. A second person confirms '
        || 'each entry on the same day. Deviations are reported to the head of quality within ' || (2 + i % 9) || ' days, with the number of the batch '
        || 'and the place where it is kept. Copies of this procedure are controlled: the one on the server is the one that is in force. Annex ' || i || '.',
    author_id = 1001 + i % 2000, supersedes_id = NULL, file_path = printf('storage/documents/b2%030x.docx', i),
    metadata = json_object('review', json_object('days', 30 + i % 60, 'by', json_array('qa')), 'public', json('false'));
ALTER TABLE t DROP COLUMN i;
INSERT INTO documents SELECT * FROM t;
DROP TABLE t;

CREATE TEMP TABLE t AS SELECT n.i, v.* FROM n JOIN document_versions v ON v.id = 1 + n.i % 5 WHERE n.i <= 16000;
UPDATE t SET id = 1000 + i, uuid = printf('c3%030x', i), document_id = 1000 + i, created_by_id = 1001 + i % 2000,
    file_path = printf('storage/documents/b2%030x.docx', i);
ALTER TABLE t DROP COLUMN i;
INSERT INTO document_versions SELECT * FROM t;
DROP TABLE t;

CREATE TEMP TABLE t AS SELECT n.i, w.* FROM n JOIN document_workflows w ON w.id = 1 WHERE n.i <= 16000;
UPDATE t SET id = 1000 + i, uuid = printf('d4%030x', i), document_id = 1000 + i, initiated_by_id = 1001 + i % 2000,
    workflow_data = json_object('round', 1 + i % 3, 'kind', 'standard');
ALTER TABLE t DROP COLUMN i;
INSERT INTO document_workflows SELECT * FROM t;
DROP TABLE t;

CREATE TEMP TABLE t AS SELECT n.i, x.* FROM n JOIN document_transitions x ON x.id = 1 + n.i % 3;
UPDATE t SET id = 1000 + i, uuid = printf('e5%030x', i), workflow_id = 1001 + i % 16000, transitioned_by_id = 1001 + i % 2000,
    comment = 'Round ' || (1 + i % 3) || ' of document ' || (1 + i % 16000);
ALTER TABLE t DROP COLUMN i;
INSERT INTO document_transitions SELECT * FROM t;
DROP TABLE t;

CREATE TEMP TABLE t AS SELECT n.i, a.* FROM n JOIN document_access_logs a ON a.id = 101 + n.i % 4;
UPDATE t SET id = 1000 + i, uuid = printf('f6%030x', i), document_id = 1001 + i % 16000, user_id = 1001 + i % 2000;
ALTER TABLE t DROP COLUMN i;
INSERT INTO document_access_logs SELECT * FROM t;
DROP TABLE t;
