package postgres

// The catalogue's queries. All of them are sent at once. They ask of all
// tables together, so that their number does not grow with the schema.

// ours chooses the tables of a catalogue: ordinary and partitioned ones, but
// not the partitions, the system's, other sessions' temporary ones and those
// of edmsplan itself. c is pg_class, n pg_namespace.
const ours = `
	c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
	AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
	AND left(c.relname, 9) <> 'edmsplan_' AND left(n.nspname, 9) <> 'edmsplan_'`

const fromOurs = `
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

// largeObjectsSQL counts what columns of type oid may name.
const largeObjectsSQL = "SELECT count(*) FROM pg_catalog.pg_largeobject_metadata"

const serverSQL = `
SELECT pg_catalog.current_setting('server_version'), d.datname, d.oid, coalesce(pg_catalog.current_schema(), '')
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`

// One row for each column, and one with an empty column number for a table
// without columns.
const columnsSQL = `
SELECT c.oid, n.nspname, c.relname, coalesce(a.attnum::text, ''), a.attname, a.atttypid, a.atttypmod,
	pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity <> '', a.attgenerated <> '',
	pg_catalog.pg_get_expr(d.adbin, d.adrelid), c.relkind = 'r' AND c.relhassubclass,
	NOT coalesce(l.collisdeterministic, true)` + fromOurs + `
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE` + ours + ` ORDER BY c.oid, a.attnum`

// All types but the rows of tables: columns use few of them, but finding out
// which (domains of arrays of enums) is dearer than reading all.
const typesSQL = `
SELECT t.oid, t.typtype, t.typelem, t.typarray, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault,
	pg_catalog.format_type(t.oid, NULL),
	CASE WHEN t.typtype = 'e' THEN (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
		FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) END
FROM pg_catalog.pg_type t WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm')`

// Primary keys and all other uniques. An expression is a null among the
// columns. indnullsnotdistinct does not exist before PostgreSQL 15.
const uniquesSQL = `
SELECT i.indrelid, x.relname, i.indisprimary, NOT i.indimmediate,
	coalesce(pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', 'f'),
	pg_catalog.pg_get_expr(i.indpred, i.indrelid), pg_catalog.pg_get_indexdef(i.indexrelid),
	(SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, n)
		LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
		WHERE k.n <= i.indnkeyatts)` + fromOurs + `
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE i.indisunique AND i.indisvalid AND` + ours + ` ORDER BY i.indrelid, x.relname`

// topmost is a table, or what it is in the end a partition of.
func topmost(table string) string {
	return "CASE WHEN " + table + ".relispartition THEN pg_catalog.pg_partition_root(" + table + ".oid) ELSE " + table + ".oid END"
}

// Foreign keys and checks. conparentid leaves out what partitioning adds. A
// foreign key that only a partition has, or that leads to one, is one of the whole
// table: rows go with it all the same.
var constraintsSQL = `
SELECT c.oid, k.contype, k.conname, k.condeferrable, k.confdeltype, k.confupdtype,
	(SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, n)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
	rn.nspname, r.relname,
	(SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u (attnum, n)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum),
	CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class own ON own.oid = k.conrelid
JOIN pg_catalog.pg_class c ON c.oid = ` + topmost("own") + `
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class ref ON ref.oid = k.confrelid
LEFT JOIN pg_catalog.pg_class r ON r.oid = ` + topmost("ref") + `
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
WHERE k.contype IN ('f', 'c') AND k.conparentid = 0 AND (k.contype = 'f' OR own.oid = c.oid) AND` + ours + `
ORDER BY c.oid, own.oid <> c.oid, k.conname, own.relname`

// The bits of tgtype are 4 insert, 8 delete, 16 update. Of the rules, those on
// update are 2 and those on delete 4: COPY, which inserts, knows none.
var triggersSQL = `
SELECT DISTINCT g.rel, g.name COLLATE "C"` + fromOurs + `
JOIN (
	SELECT ` + topmost("t") + `, g.tgname FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid
	WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 28 <> 0
	UNION ALL
	SELECT ev_class, rulename FROM pg_catalog.pg_rewrite WHERE ev_type IN ('2', '4') AND ev_enabled <> 'D'
) g (rel, name) ON g.rel = c.oid
WHERE` + ours + ` ORDER BY 1, 2`

// The sequence that gives out a column's values: an identity's own, or the one
// that the default refers to, whoever owns it. regclass prints a name that can
// be used in SQL as it is.
const sequencesSQL = `
SELECT q.relid, q.attnum, q.seq::regclass, s.seqmax, s.seqincrement, pg_catalog.has_sequence_privilege(q.seq, 'SELECT')
FROM (
	SELECT d.refobjid AS relid, d.refobjsubid::int AS attnum, d.objid AS seq
	FROM pg_catalog.pg_depend d
	WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i'
	UNION
	SELECT f.adrelid, f.adnum::int, d.refobjid
	FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
	WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
) q
JOIN pg_catalog.pg_sequence s ON s.seqrelid = q.seq
JOIN pg_catalog.pg_class c ON c.oid = q.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE` + ours + ` ORDER BY 1, 2, 3`
