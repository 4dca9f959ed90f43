package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// policyOf is the least policy under which a package's records can be planned:
// what identifies them, and which of its tables hold them.
func policyOf(h backup.Header) *policy.Policy {
	out := &policy.Policy{Name: h.Policy, Digest: h.PolicyDigest}
	for _, m := range h.Models {
		pm := &policy.Model{Label: m.Label, Table: policy.Name{Text: m.Table}}
		for _, n := range m.NaturalKey {
			pm.NaturalKey = append(pm.NaturalKey, policy.Name{Text: n})
		}
		for i := range m.Fields {
			f := &m.Fields[i]
			r := &policy.Reference{Field: policy.Name{Text: f.Name}}
			if f.References != nil {
				r.Model.Text = f.References.Model
			}
			if f.Link != nil {
				r.Through.Text = f.Link.Table
			}
			if f.References != nil {
				pm.References = append(pm.References, r)
			}
			if f.Sensitive {
				pm.Sensitive = append(pm.Sensitive, policy.Name{Text: f.Name})
			}
		}
		for _, g := range m.Generics {
			pm.GenericReferences = append(pm.GenericReferences, &policy.GenericReference{
				Label: g.ID, Type: policy.Name{Text: g.Type}, ID: policy.Name{Text: g.ID}, OnMissing: policy.OnMissingKeep,
			})
		}
		out.Models = append(out.Models, pm)
	}
	slices.SortFunc(out.Models, func(a, b *policy.Model) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// CreateTables makes tables, of a package or of another database, in a scratch
// database, each after those that it refers to. Foreign keys that lead to none of
// the tables are left out, as are defaults, checks and triggers.
func CreateTables(ctx context.Context, db database.Database, tables []*schema.Table) (err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return fmt.Errorf("open the scratch database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	relater, one := tx.(database.Relater)
	made, circles := creationOrder(tables, one)
	for _, t := range made {
		if err := tx.Create(ctx, t); err != nil {
			return err
		}
	}
	for _, c := range circles {
		if err := relater.Relate(ctx, c.table, c.key); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// closing is a foreign key that closes a circle of tables.
type closing struct {
	table *schema.Table
	key   schema.ForeignKey
}

// creationOrder orders the tables as they can be made, and takes off what a
// scratch database cannot have. Where a foreign key can be added later, those
// that lead to a table which is made later are apart.
func creationOrder(tables []*schema.Table, later bool) (out []*schema.Table, circles []closing) {
	all, made := map[string]bool{}, map[string]bool{}
	for _, t := range tables {
		all[t.Name] = true
	}
	left := slices.Clone(tables)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(t *schema.Table) bool {
			return !slices.ContainsFunc(t.ForeignKeys, func(fk schema.ForeignKey) bool {
				return fk.RefTable != t.Name && !made[fk.RefTable] && all[fk.RefTable]
			})
		})
		t := *left[max(i, 0)] // the first of a circle, if there is none without
		left = slices.Delete(left, max(i, 0), max(i, 0)+1)
		made[t.Name] = true
		simplify(&t, all)
		if later {
			t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(fk schema.ForeignKey) bool {
				if !made[fk.RefTable] {
					circles = append(circles, closing{&t, fk})
				}
				return !made[fk.RefTable]
			})
		}
		out = append(out, &t)
	}
	return out, circles
}

// simplify leaves of a table what a scratch database needs to hold its rows
// and to tell whether references in them hold.
func simplify(t *schema.Table, made map[string]bool) {
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c schema.Column) bool { return c.Generated })
	for i := range t.Columns {
		t.Columns[i].Default, t.Columns[i].HasDefault = "", false
	}
	lacks := func(columns []string) bool {
		return slices.ContainsFunc(columns, func(c string) bool { return t.Column(c) == nil })
	}
	t.ForeignKeys = slices.DeleteFunc(slices.Clone(t.ForeignKeys), func(fk schema.ForeignKey) bool { return !made[fk.RefTable] || lacks(fk.Columns) })
	t.Uniques = slices.DeleteFunc(slices.Clone(t.Uniques), func(u schema.Unique) bool { return u.Expression || u.Predicate != "" || lacks(u.Columns) })
	t.Checks, t.Triggers = nil, nil
	t.Schema, t.Relation = "", t.Name
}
