package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/edmsplan/edmsplan/schema"
)

// sequences reads the rows of sequencesSQL and then the states of all
// sequences in one query. A sequence's state does not belong to the
// transaction: it is as of now.
func (r *reader) sequences(ctx context.Context, conn *pgconn.PgConn, rows [][]string) error {
	var states []string
	bySequence := map[string][]*schema.Sequence{}
	for _, row := range rows {
		limit, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			return fmt.Errorf("sequence %s: %w", row[2], err)
		}
		c := r.columns[[2]string{row[0], row[1]}]
		if c == nil || c.Generated || c.Sequence != nil {
			continue
		}
		c.Sequence = &schema.Sequence{Name: row[2], Max: limit}
		if row[5] != "t" { // the role may not read it
			continue
		}
		if bySequence[row[2]] == nil {
			states = append(states, "SELECT "+literal(row[2])+", last_value, is_called, "+row[4]+" FROM "+row[2])
		}
		bySequence[row[2]] = append(bySequence[row[2]], c.Sequence)
	}
	if len(states) == 0 {
		return nil
	}
	rows, err := query(ctx, conn, strings.Join(states, " UNION ALL "))
	if err != nil {
		return err
	}
	for _, row := range rows {
		last, err := lastGiven(row[1], row[2] == "t", row[3])
		if err != nil {
			return fmt.Errorf("sequence %s: %w", row[0], err)
		}
		for _, s := range bySequence[row[0]] {
			s.Last = last
		}
	}
	return nil
}

// lastGiven is the last value that a sequence gave out. One that was not
// called since it was set (is_called false) stands before its last_value: a new
// one that starts with 1 at 0, one restarted with 100 at 99.
func lastGiven(value string, called bool, increment string) (int64, error) {
	last, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, err
	}
	if called {
		return last, nil
	}
	step, err := strconv.ParseInt(increment, 10, 64)
	if err != nil {
		return 0, err
	}
	if step < 0 {
		return 0, nil
	}
	return max(last-step, 0), nil
}
