// Package databasetest is the test suite that every adapter of
// providers/database passes. An adapter's wiring to it is a few lines:
//
//	func TestConformance(t *testing.T) {
//		databasetest.Run(t, databasetest.Adapter{
//			Name: "sqlite", Dialect: "sqlite", Open: open, Types: types,
//		})
//	}
//
// The suite knows what all databases have in common. What only one of them
// has (schemas, partitions, domains) is tested beside its adapter. What an
// adapter may be able to do besides (database.Counter, database.Forker) is
// tested if it can.
package databasetest

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
)

// Adapter is what the suite must know of an adapter.
type Adapter struct {
	// Name is the adapter's name in the tests' names.
	Name string
	// Dialect is what its Catalogue.Dialect says; it chooses how the suite
	// spells its tables: "postgres" or "sqlite".
	Dialect string
	// Open makes a new, empty database, opens it and sees to it that it is
	// closed and removed at the end of the test. Exec runs SQL in it, one or
	// more statements without parameters, as another client would: on its own
	// connection, committed when it returns. It may be called from several
	// goroutines. When a lock keeps it out it waits, or it fails after a while.
	Open func(t *testing.T) (db database.Database, exec func(sql string) error)
	// Types are the column types to test, at least one of each schema.Kind that
	// the database has.
	Types []Type
	// Made is what the catalogue says of a column of the type in a table that
	// Create made, where it is not the same type. Nil means that it always is.
	Made func(schema.Type) schema.Type
}

// Type is a column type that the adapter supports.
type Type struct {
	// SQL is the type as CREATE TABLE spells it, such as "varchar(50)".
	SQL string
	// Setup is SQL to run once before, such as CREATE TYPE. May be empty.
	Setup string
	// Want is what the catalogue makes of it. Native is not compared.
	Want schema.Type
	// Values draws canonical values to be written and read back. Nil takes the
	// suite's generator for Want, which draws from all that schema.Value
	// allows. An adapter that cannot hold some of it draws from less, and says
	// why.
	Values *rapid.Generator[string]
	// Examples are canonical values that are tried always.
	Examples []string
}

// Run runs the suite. Each part is a subtest with databases of its own.
func Run(t *testing.T, a Adapter) {
	parts := []struct {
		name string
		test func(*testing.T, Adapter)
	}{
		{"catalogue", testCatalogue},
		{"types", testTypes},
		{"round trip", testRoundTrip},
		{"hostile values", testHostileValues},
		{"scan", testScan},
		{"snapshot", testSnapshot},
		{"count", testCount},
		{"estimate", testEstimate},
		{"fork", testFork},
		{"write", testWrite},
		{"constraints", testConstraints},
		{"lock", testLock},
		{"create", testCreate},
		{"create foreign keys", testCreateForeignKeys},
		{"create from a catalogue of", testCreateForeign},
		{"advance", testAdvance},
		{"query", testQuery},
		{"judge", testJudge},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.test(t, a) })
	}
}
