package postgres

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/providers/database"
)

// refusal is the database's refusal of a row. Its text is made of names alone:
// the server's own message and detail may quote the row.
type refusal struct {
	text  string
	cause *pgconn.PgError
}

func (r *refusal) Error() string { return r.text }

// Unwrap gives the server's error to those who ask for it by type.
func (r *refusal) Unwrap() []error { return []error{database.ErrConstraint, r.cause} }

// reasons are the SQLSTATEs that a row can be refused with, in words.
func reasons(code string) string {
	switch code {
	case "23502":
		return "a value is missing (not null)"
	case "23503":
		return "a reference has no target, or a row is still referred to (foreign key)"
	case "23505":
		return "another row has the same values (unique)"
	case "23514":
		return "a check failed"
	case "23P01":
		return "a row excludes it (exclusion constraint)"
	case "22001":
		return "a text is too long"
	case "22003":
		return "a number is out of range"
	case "22007", "22008":
		return "not a date or time"
	case "22P02", "22P03":
		return "not a value of the column's type"
	case "22021", "22P05":
		return "a character that the database cannot hold"
	case "44000":
		return "the view's check failed"
	}
	switch {
	case strings.HasPrefix(code, "22"):
		return "the data is not valid"
	case strings.HasPrefix(code, "23"):
		return "a constraint is violated"
	}
	return "a trigger raised an error"
}

// The server's context names functions and columns; what follows them is not
// looked at, as it quotes values.
var (
	inFunction = regexp.MustCompile(`(?m)^PL/\w+ function ([^\s(]+)`)
	inCopy     = regexp.MustCompile(`(?m)^COPY .*?, line (\d+)(?:, column ([^:,]+))?[:,]?`)
)

// refused reports whether the server's error is about the row, and not about
// the statement, the connection or another client.
func refused(e *pgconn.PgError) bool {
	switch {
	case strings.HasPrefix(e.Code, "22"), strings.HasPrefix(e.Code, "23"), e.Code == "P0001", e.Code == "44000":
		return true
	}
	// A trigger may raise any code.
	return inFunction.MatchString(e.Where) && !strings.HasPrefix(e.Code, "40") && !strings.HasPrefix(e.Code, "57")
}

// judge turns an error of a write to the table into one that wraps
// ErrConstraint when the row is to blame. Table may be empty.
func judge(err error, table string) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) || !refused(e) {
		return plain(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %s", database.ErrConstraint, reasons(e.Code))
	if e.TableName != "" {
		table = e.TableName
	}
	if table != "" {
		fmt.Fprintf(&b, ", table %q", table)
	}
	column := e.ColumnName
	if m := inCopy.FindStringSubmatch(e.Where); m != nil && column == "" && strings.HasPrefix(e.Code, "22") {
		column = m[2]
	}
	if column != "" {
		fmt.Fprintf(&b, ", column %q", column)
	}
	if e.ConstraintName != "" {
		fmt.Fprintf(&b, ", constraint %q", e.ConstraintName)
	}
	if m := inFunction.FindStringSubmatch(e.Where); m != nil {
		fmt.Fprintf(&b, ", in function %q", m[1])
	}
	fmt.Fprintf(&b, " (SQLSTATE %s)", e.Code)
	return &refusal{text: b.String(), cause: e}
}

// plain is the error as it may be shown. The text of a data error that a read
// runs into may quote a value.
func plain(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "42P01" {
		return fmt.Errorf("%w: %w", database.ErrNoTable, err)
	}
	if errors.As(err, &e) && strings.HasPrefix(e.Code, "22") {
		return &unreadable{text: fmt.Sprintf("%s (SQLSTATE %s)", reasons(e.Code), e.Code), cause: e}
	}
	return err
}

// unreadable is a data error without its text.
type unreadable struct {
	text  string
	cause *pgconn.PgError
}

func (u *unreadable) Error() string { return u.text }
func (u *unreadable) Unwrap() error { return u.cause }
