package main

import (
	_ "embed"
	"strings"
)

//go:embed schema.sql
var schemaSQL string

//go:embed policy.hcl
var policyHCL string

// schemaFor spells the schema for a kind of database, the types as Django has
// them there.
func schemaFor(dialect string) string {
	types := []string{
		"{id}", "bigserial PRIMARY KEY", "{uuid}", "uuid", "{bool}", "boolean",
		"{time}", "timestamp with time zone", "{json}", "jsonb",
	}
	if dialect == "sqlite" {
		types = []string{
			"{id}", "integer NOT NULL PRIMARY KEY AUTOINCREMENT", "{uuid}", "char(32)", "{bool}", "bool",
			"{time}", "datetime", "{json}", "json",
		}
	}
	return strings.NewReplacer(types...).Replace(schemaSQL)
}
