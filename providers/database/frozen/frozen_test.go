package frozen_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/providers/database/frozen"
	"github.com/edmsplan/edmsplan/schema"
)

// one is a source with a table of one column and two rows.
type one struct{}

func (one) Catalogue() *schema.Catalogue {
	return &schema.Catalogue{Dialect: "postgres", Tables: []*schema.Table{{Name: "cups", Columns: []schema.Column{{Name: "id"}}}}}
}

func (one) ScanTable(_ context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		for _, id := range []string{"1", "2"} {
			rec := &schema.Record{}
			for _, c := range s.Columns {
				rec.Fields = append(rec.Fields, schema.Field{Name: c, Value: schema.Literal{Kind: schema.CanonicalLiteral, Text: id}})
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func TestAFrozenDatabaseIsReadAndNeverWritten(t *testing.T) {
	closed := 0
	db := frozen.New(one{}, func() error { closed++; return nil })
	if _, err := db.Begin(t.Context()); !errors.Is(err, frozen.ErrReadOnly) {
		t.Errorf("Begin: %v, want ErrReadOnly", err)
	}
	v, err := db.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Catalogue(t.Context())
	if err != nil || len(c.Tables) != 1 {
		t.Fatalf("catalogue %+v, error %v", c, err)
	}
	rows := 0
	for r, err := range v.Scan(t.Context(), schema.Selection{Table: c.Tables[0], Columns: []string{"id"}}) {
		if err != nil || r.Fields[0].Name != "id" {
			t.Errorf("row %+v, error %v", r, err)
		}
		rows++
	}
	if n, err := v.(database.Counter).Count(t.Context(), c.Tables[0]); rows != 2 || n != 2 || err != nil {
		t.Errorf("%d rows, counted %d, error %v", rows, n, err)
	}
	for _, err := range v.Scan(t.Context(), schema.Selection{Table: &schema.Table{Name: "spoons"}, Columns: []string{"id"}}) {
		if !errors.Is(err, database.ErrNoTable) {
			t.Errorf("a table that is not there: %v, want ErrNoTable", err)
		}
	}
	if err := errors.Join(v.Close(), db.Close()); err != nil || closed != 1 {
		t.Errorf("closed %d times, error %v", closed, err)
	}
}
