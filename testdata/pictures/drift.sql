-- What happens to the large system after its backup: work goes on. A plan that
-- puts the backup back undoes it, in 100,000 changes.

-- Roles made anew have other surrogates.
UPDATE roles SET uuid = printf('07%030x', id);

-- Some people moved, some left.
UPDATE users SET position = 'Senior Analyst', department = 'Quality Control' WHERE id > 1000 AND id % 4 = 0;
UPDATE users SET phone_number = '+49 30 5550 ' || id WHERE id > 1000 AND id % 4 IN (1, 2);

-- Documents were edited: long texts, JSON, titles, states.
UPDATE documents SET description = replace(replace(description, ' days', ' working days'), 'A second person', 'A second, trained person')
    WHERE id > 1000 AND id % 10 = 1;
UPDATE documents SET metadata = json_set(metadata, '$.review.days', 90 + id % 60, '$.review.by', json_array('qa', 'head'), '$.owner', 'person' || id)
    WHERE id > 1000 AND id % 10 IN (2, 3);
UPDATE documents SET title = title || ', revised', version_minor = 1, priority = 'HIGH' WHERE id > 1000 AND id % 10 IN (4, 5, 6);
UPDATE documents SET status = 'OBSOLETE', is_active = 0 WHERE id > 1000 AND id % 10 = 7;
UPDATE document_versions SET file_checksum = printf('%064x', id), file_size = 10000 + id, change_summary = 'Revised after the audit of ' || id
    WHERE id > 1000 AND id % 10 IN (1, 2, 3, 4, 5, 6);
UPDATE document_versions SET status = 'OBSOLETE' WHERE id > 1000 AND id % 10 = 7;
UPDATE document_workflows SET workflow_data = json_set(workflow_data, '$.round', 4, '$.note', 'again ' || id), current_assignee_id = 1001 + id % 2000
    WHERE id > 1000 AND id % 10 IN (1, 2, 3, 4, 5, 6, 7, 8);
UPDATE document_transitions SET comment = 'Round ' || (2 + id % 3) || ', with remarks ' || id WHERE id > 1000 AND id % 10 > 0;
UPDATE document_access_logs SET document_version = '01.01', access_duration = 1000000 * (1 + id % 900) WHERE id > 1000 AND id % 10 > 0;

-- Some were lost, with all that belongs to them.
DELETE FROM document_transitions WHERE workflow_id > 1000 AND workflow_id % 10 = 9;
DELETE FROM document_workflows WHERE document_id > 1000 AND document_id % 10 = 9;
DELETE FROM document_versions WHERE document_id > 1000 AND document_id % 10 = 9;
DELETE FROM document_access_logs WHERE document_id > 1000 AND document_id % 10 = 9;
DELETE FROM documents WHERE id > 1000 AND id % 10 = 9;

-- And some are new.
CREATE TEMP TABLE t AS SELECT d.* FROM documents d WHERE d.id > 1000 AND d.id % 16 = 0;
UPDATE t SET uuid = printf('18%030x', id), document_number = printf('WI-2026-%05d-v01.00', id), id = id + 100000;
INSERT INTO documents SELECT * FROM t;
DROP TABLE t;
CREATE TEMP TABLE t AS SELECT v.* FROM document_versions v JOIN documents d ON d.id = v.document_id + 100000;
UPDATE t SET uuid = printf('29%030x', id), id = id + 100000, document_id = document_id + 100000;
INSERT INTO document_versions SELECT * FROM t;
DROP TABLE t;
