package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/edmsplan/edmsplan/providers/database"
)

// code is SQLite's extended result code of an error, 0 if it has none.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// primary is the result code without its extension.
func primary(err error) int { return code(err) & 0xff }

// busy reports whether another connection holds what is needed.
func busy(err error) bool {
	return primary(err) == lib.SQLITE_BUSY || primary(err) == lib.SQLITE_LOCKED
}

// refused reports whether the database did not take a row.
func refused(err error) bool {
	switch primary(err) {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_TOOBIG:
		return true
	}
	return false
}

// translate makes an error of the driver wrap the seam's and leave values out.
// SQLite's own messages name tables, columns and constraints; only a trigger's
// may hold a value.
func translate(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case busy(err):
		return fmt.Errorf("%w (%s)", database.ErrLocked, message(err))
	case primary(err) == lib.SQLITE_ERROR && strings.Contains(err.Error(), "no such table"):
		return fmt.Errorf("%w: %w", database.ErrNoTable, err)
	case code(err) == lib.SQLITE_CONSTRAINT_TRIGGER:
		return fmt.Errorf("%w: a trigger raised an error", database.ErrConstraint)
	case refused(err):
		return fmt.Errorf("%w: %s", database.ErrConstraint, message(err))
	}
	return err
}

// message is what SQLite says of an error, without the driver's repetitions.
func message(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, " ("); i > 0 {
		s = s[:i]
	}
	return strings.TrimPrefix(s, "constraint failed: ")
}
