// Package sqlite is the adapter of providers/database for SQLite files. It is
// pure Go. The seam's contract is in providers/database, PostgreSQL's adapter
// in its sibling.
//
// # Types
//
// SQLite has no types but affinities, so a column's type is what its
// declaration says, read as Django's SQLite backend writes it:
//
//	declared                          kind         stored as
//	bool, boolean                     bool         INTEGER 0 or 1
//	decimal, numeric, number (p,s)    numeric      INTEGER or REAL
//	decimal text (p,s)                numeric      TEXT
//	char(32)                          uuid         TEXT, 32 hexadecimal digits
//	uuid                              uuid         TEXT with hyphens
//	date                              date         TEXT 2025-12-10
//	time                              time         TEXT 08:19:38[.545000]
//	datetime, timestamp, timestamptz,
//	timestamp with time zone          timestamptz  TEXT 2025-12-10 08:19:38[.545000], UTC
//	timestamp without time zone       timestamp    TEXT, the same
//	interval                          interval     TEXT
//	inet                              inet         TEXT
//	text … CHECK (JSON_VALID(…)),
//	json text, json, jsonb            json         TEXT
//	bytea                             bytes        BLOB
//	integer bits (16 or 32)           integer      INTEGER
//	real bits (32)                    float        REAL
//	enum text                         enum         TEXT, labels unknown
//	array and the elements' type      array        TEXT {1,2}
//	jsonb text, other text            json, other  TEXT
//	ANY in a STRICT table, nothing    other        as it comes
//
// and by SQLite's rules of affinity otherwise: a name with INT in it is an
// integer of 64 bits, with CHAR, CLOB or TEXT a text (varchar(50) with its
// length, which SQLite does not enforce), with BLOB bytes, with REAL, FLOAT or
// DOUBLE a float of 64 bits; anything else is of kind other.
//
// Create declares columns so that what another database's catalogue says of
// them, but for an enum's labels and the width of an AUTOINCREMENT key, is read
// back, and so that every canonical value is read back as the same text. A
// float's -0 becomes 0, which equals it.
//
// # Values
//
// What is stored in the declared form is read as the canonical text of the
// kind. What is not (a bool 7, text in a datetime column that is no time,
// hexadecimal digits in upper case, a real in an integer column) is read as
// its own text, a BLOB as \x and hexadecimal. Writing what was read stores the
// same again, storage class included; where the text alone would not do that,
// it is marked with a byte that is no UTF-8.
//
// A column of affinity NUMERIC, such as decimal(20, 10), makes a REAL of every
// text that looks like a number, so there is no way to keep a number in it
// that a REAL does not hold, 15 digits for sure. Such a write is refused
// (database.ErrConstraint), never rounded. A column that must hold more is
// declared "decimal text"; Create does so beyond 15 digits and without a limit.
// For the same reason a text like 007 is refused by a column declared "string",
// and a long number by one declared "json"; "json text" takes it.
//
// # Locks
//
// SQLite has one lock for the whole file. Lock takes it by BEGIN IMMEDIATE;
// from there on other writers wait, and before it they do not. Readers go on
// reading, but unless the database is in WAL mode a reader in the middle of
// something, such as an open View, keeps a Commit waiting.
//
// All foreign keys are judged at the commit, whatever they declare.
package sqlite
