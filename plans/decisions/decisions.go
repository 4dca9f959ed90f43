// Package decisions reads and writes the files in which people settle what keys
// alone do not: conflicts, which Write writes and Read reads once they are
// edited, and pairs of records that are known to be one, which ReadPairs reads.
// Both give plans.Decision, for the planner.
//
// The files are CSV, for an editor or a spreadsheet, which takes a cell that
// begins with = + - @, a tab or a carriage return for a formula. Such a cell is
// written with an apostrophe before it, and so is one that begins with
// apostrophes before one of those; reading takes that one apostrophe off again.
//
// What is decided stands in a plan, which plans/planfile saves; plans/render
// shows it.
package decisions

import (
	"strings"
)

// The columns of the two files, in their order.
var (
	conflictColumns = []string{"model", "key", "record", "code", "package", "candidates", "recommended", "decision", "target"}
	pairColumns     = []string{"model", "package", "live"}
)

// Bounds of what is read. A file is held in memory, and so are its decisions.
const (
	maxFile = 64 << 20
	maxRows = 100_000
	// maxMistakes is how many are said, the others are counted.
	maxMistakes = 20
)

// guard keeps a spreadsheet from taking a cell for a formula.
func guard(cell string) string {
	if isFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// unguard gives back what guard got.
func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && isFormula(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

func isFormula(cell string) bool { return cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 }
