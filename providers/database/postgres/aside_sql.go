package postgres

// partsSQL finds, of the tables %[1]s, the indexes and foreign keys that can be
// dropped and made again exactly as they were, and that nothing else needs in
// between. Whatever is odd stays in place:
//
//   - of a table that is not ordinary and our own, or that has triggers, rules
//     or row security, which may count on an index; all of them where the
//     database has event triggers, which may do anything
//   - a foreign key that was not validated (it would not be checked when it is
//     made again), that acts on deletes or updates, or that leads to columns
//     with two unique indexes, of which the server would choose
//   - a constraint whose triggers are switched
//   - an index that is not valid, in a tablespace of its own, of an exclusion
//     constraint, with options of its columns, or that replicas need
//   - an index that a foreign key in place would look for its rows with
//   - what an extension, a security label or another object hangs on: a view
//     that groups by a primary key, a foreign key that stays
//
// Each row is the table's number, f or i, the name, the foreign key's target,
// and the statements that drop it and make it again.
const partsSQL = `
WITH loaded AS (
	SELECT c.oid, w.at, format('%%I.%%I', n.nspname, c.relname) AS name, n.nspname, c.relreplident
	FROM unnest(ARRAY[%[1]s]::text[]) WITH ORDINALITY w (name, at)
	JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.name)
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass AND NOT c.relhasrules AND NOT c.relrowsecurity
	AND c.relpersistence <> 't'
	AND pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D')
), foreigns AS (
	SELECT k.oid, k.conname, t.at, t.name, format('%%I.%%I', pn.nspname, p.relname) AS target
	FROM loaded t
	JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
	JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
	JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
	WHERE k.convalidated AND k.conparentid = 0 AND k.confdeltype IN ('a', 'r') AND k.confupdtype IN ('a', 'r') AND p.relkind = 'r'
	AND 1 = (SELECT count(*) FROM pg_catalog.pg_index u WHERE u.indrelid = p.oid AND u.indisunique
		AND u.indnkeyatts = cardinality(k.confkey) AND (u.indkey::smallint[])[0:u.indnkeyatts - 1] @> k.confkey)
	AND pg_catalog.has_table_privilege(p.oid, 'REFERENCES') AND pg_catalog.has_table_privilege(p.oid, 'SELECT')
	AND pg_catalog.has_table_privilege(p.oid, 'UPDATE, DELETE, TRUNCATE')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
		WHERE d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid = k.oid
		AND NOT (d.classid = 'pg_catalog.pg_trigger'::regclass AND d.deptype = 'i'))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
		WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid AND d.deptype IN ('e', 'x'))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_seclabel l WHERE l.classoid = 'pg_catalog.pg_constraint'::regclass AND l.objoid = k.oid)
), indexes AS (
	SELECT i.indexrelid, x.relname, t.at, t.name, format('%%I.%%I', t.nspname, x.relname) AS index,
		i.indisreplident, i.indisclustered, k.oid AS con, k.contype, k.condeferrable, k.condeferred
	FROM loaded t
	JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
	JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
	LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = t.oid AND k.contype <> 'f'
	WHERE i.indisvalid AND i.indisready AND i.indislive AND x.reltablespace = 0 AND coalesce(k.contype, 'p') IN ('p', 'u')
	AND NOT ((i.indisreplident OR i.indisprimary AND t.relreplident = 'd') AND EXISTS (SELECT FROM pg_catalog.pg_publication))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attoptions IS NOT NULL)
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f
		WHERE f.conrelid = t.oid AND f.contype = 'f' AND i.indkey[0] = ANY (f.conkey) AND f.oid NOT IN (SELECT oid FROM foreigns))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
		WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indexrelid
		AND NOT (d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid IN (SELECT oid FROM foreigns)))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
		WHERE d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid = k.oid
		AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid AND d.deptype = 'i')
		AND NOT (d.classid = 'pg_catalog.pg_trigger'::regclass AND d.deptype = 'i'))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O')
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype IN ('e', 'x')
		AND (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
			OR d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_seclabel l
		WHERE l.classoid = 'pg_catalog.pg_class'::regclass AND l.objoid = i.indexrelid
		OR l.classoid = 'pg_catalog.pg_constraint'::regclass AND l.objoid = k.oid)
)
SELECT at, 'f', conname, target,
	format('ALTER TABLE %%s DROP CONSTRAINT %%I', name, conname),
	format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', name, conname, pg_catalog.pg_get_constraintdef(oid)),
	format('COMMENT ON CONSTRAINT %%I ON %%s IS %%L', conname, name, pg_catalog.obj_description(oid, 'pg_constraint')),
	'', '', '', ''
FROM foreigns
UNION ALL
SELECT at, 'i', relname, '',
	CASE WHEN con IS NULL THEN format('DROP INDEX %%s', index) ELSE format('ALTER TABLE %%s DROP CONSTRAINT %%I', name, relname) END,
	pg_catalog.pg_get_indexdef(indexrelid),
	CASE WHEN con IS NOT NULL THEN format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s USING INDEX %%I%%s%%s', name, relname,
		CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, relname,
		CASE WHEN condeferrable THEN ' DEFERRABLE' END, CASE WHEN condeferred THEN ' INITIALLY DEFERRED' END) END,
	(SELECT string_agg(format('ALTER INDEX %%s ALTER COLUMN %%s SET STATISTICS %%s', index, a.attnum, a.attstattarget), '; ' ORDER BY a.attnum)
		FROM pg_catalog.pg_attribute a WHERE a.attrelid = indexrelid AND a.attstattarget >= 0),
	CASE WHEN indisclustered THEN format('ALTER TABLE %%s CLUSTER ON %%I', name, relname) END,
	CASE WHEN indisreplident THEN format('ALTER TABLE %%s REPLICA IDENTITY USING INDEX %%I', name, relname) END,
	concat_ws('; ',
		format('COMMENT ON INDEX %%s IS %%L', index, pg_catalog.obj_description(indexrelid, 'pg_class')),
		CASE WHEN con IS NOT NULL THEN format('COMMENT ON CONSTRAINT %%I ON %%s IS %%L', relname, name, pg_catalog.obj_description(con, 'pg_constraint')) END)
FROM indexes
ORDER BY 2, 1, 3`

// portraitSQL describes the tables %[1]s. A rebuilt index has a new identifier,
// file and size, and indcheckxmin is about transactions that are older than
// it; trees of expressions hold places in a text, so their text stands for
// them.
const portraitSQL = `
WITH t AS (
	SELECT pg_catalog.to_regclass(w)::oid AS oid FROM unnest(ARRAY[%[1]s]::text[]) w
), i AS (
	SELECT indexrelid AS oid FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM t)
), k AS (
	SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM t) OR confrelid IN (SELECT oid FROM t)
)
SELECT 'relation', c.oid::regclass::text,
	(to_jsonb(c) - '{oid,relfilenode,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid}'::text[])::text
FROM pg_catalog.pg_class c WHERE c.oid IN (SELECT oid FROM t UNION ALL SELECT oid FROM i)
UNION ALL
SELECT 'column', a.attrelid::regclass::text, (to_jsonb(a) - '{attrelid,attmissingval}'::text[])::text
FROM pg_catalog.pg_attribute a WHERE a.attrelid IN (SELECT oid FROM t UNION ALL SELECT oid FROM i)
UNION ALL
SELECT 'index', x.indexrelid::regclass::text,
	(to_jsonb(x) - '{indexrelid,indcheckxmin,indexprs,indpred}'::text[])::text || pg_catalog.pg_get_indexdef(x.indexrelid)
FROM pg_catalog.pg_index x WHERE x.indexrelid IN (SELECT oid FROM i)
UNION ALL
SELECT 'constraint', x.conname,
	(to_jsonb(x) - '{oid,conindid,conbin}'::text[])::text || x.conindid::regclass::text || pg_catalog.pg_get_constraintdef(x.oid)
FROM pg_catalog.pg_constraint x WHERE x.oid IN (SELECT oid FROM k)
UNION ALL
SELECT 'trigger', coalesce(x.conname, g.tgname),
	(to_jsonb(g) - '{oid,tgconstraint,tgconstrindid}'::text[] - CASE WHEN g.tgisinternal THEN 'tgname' ELSE '' END)::text
FROM pg_catalog.pg_trigger g LEFT JOIN pg_catalog.pg_constraint x ON x.oid = g.tgconstraint
WHERE g.tgrelid IN (SELECT oid FROM t) OR g.tgconstraint IN (SELECT oid FROM k)
UNION ALL
SELECT 'comment', pg_catalog.pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
FROM pg_catalog.pg_description d
WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid IN (SELECT oid FROM t UNION ALL SELECT oid FROM i)
OR d.classoid = 'pg_catalog.pg_constraint'::regclass AND d.objoid IN (SELECT oid FROM k)
UNION ALL
SELECT 'dependency', regexp_replace(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), '^(trigger \w+_ConstraintTrigger(_[ac])?_)\d+', '\1'),
	d.deptype::text || ' ' || pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
FROM pg_catalog.pg_depend d
WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid IN (SELECT oid FROM i)
OR d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid IN (SELECT oid FROM i)
OR d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid IN (SELECT oid FROM k)
OR d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid IN (SELECT oid FROM k)`
