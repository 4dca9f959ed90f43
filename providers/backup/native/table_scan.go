package native

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/edmsplan/edmsplan/schema"
)

// ScanTable reads the package as a database does: it yields the rows of the
// selection's table with the values of its columns, as a live Scan would. A
// table of several models is read from the selection's model or the first that
// has the columns, a join table from the members of its many-to-many field.
//
// Rows come in the stored order, that of the table's primary key; OrderBy may
// ask for no other, and of a join table for none. What the package does not
// hold is an error.
func (p *Package) ScanTable(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if err := p.scanTable(ctx, s, yield); err != nil && err != errEnough {
			yield(nil, err)
		}
	}
}

func (p *Package) scanTable(ctx context.Context, s schema.Selection, yield func(*schema.Record, error) bool) error {
	if s.Table == nil {
		return errors.New("no table was selected")
	}
	out := rowsOf{columns: s.Columns, limit: s.Limit, yield: yield}
	out.record.Fields = make([]schema.Field, len(s.Columns))
	for i, c := range s.Columns {
		out.record.Fields[i].Name = c
	}
	if m, fields := p.modelWith(s); m != nil {
		if err := checkOrderBy(s, tableOf(&p.header, s.Table.Name).PrimaryKey); err != nil {
			return err
		}
		return p.scanModelTable(ctx, m.Label, fields, &out)
	}
	if m, n := p.linkWith(s); m != nil {
		if err := checkOrderBy(s, nil); err != nil {
			return err
		}
		return p.scanJoinTable(ctx, m, n, &out)
	}
	return fmt.Errorf("the package %s does not hold the columns %s of the table %s", p.name, s.Columns, s.Table.Name)
}

// checkOrderBy wants no order or the one in which the rows are.
func checkOrderBy(s schema.Selection, key []string) error {
	if len(s.OrderBy) == 0 || !s.Descending && slices.Equal(s.OrderBy, key) {
		return nil
	}
	return fmt.Errorf("the rows of %s cannot be read in the order of %s from a package", s.Table.Name, s.OrderBy)
}

// rowsOf yields rows with the columns of a selection.
type rowsOf struct {
	columns []string
	record  schema.Record
	done    int
	limit   int
	yield   func(*schema.Record, error) bool
}

// row yields the row that stands in the record.
func (o *rowsOf) row() error {
	o.done++
	if !o.yield(&o.record, nil) || o.limit > 0 && o.done >= o.limit {
		return errEnough
	}
	return nil
}

// modelWith finds the model to read and where its fields hold the columns.
func (p *Package) modelWith(s schema.Selection) (*schema.Model, []int) {
	var found *schema.Model
	var at []int
	for _, m := range p.header.Models {
		if m.Table != s.Table.Name || found != nil && m.Label != s.Model {
			continue
		}
		fields, ok := fieldsOf(m, s.Columns)
		if ok && (found == nil || m.Label == s.Model) {
			found, at = m, fields
		}
	}
	return found, at
}

// fieldsOf finds the fields that hold the columns.
func fieldsOf(m *schema.Model, columns []string) ([]int, bool) {
	out := make([]int, len(columns))
	for i, c := range columns {
		out[i] = slices.IndexFunc(m.Fields, func(f schema.ModelField) bool { return f.Link == nil && f.Column == c })
		if out[i] < 0 {
			return nil, false
		}
	}
	return out, true
}

func (p *Package) scanModelTable(ctx context.Context, label string, fields []int, out *rowsOf) error {
	for r, err := range p.Scan(ctx, schema.Selection{Model: label}) {
		if err != nil {
			return err
		}
		for i, n := range fields {
			out.record.Fields[i].Value = r.Fields[n].Value
		}
		if err := out.row(); err != nil {
			return err
		}
	}
	return nil
}

// linkWith finds the many-to-many field whose join table has the columns.
func (p *Package) linkWith(s schema.Selection) (*schema.Model, int) {
	for _, m := range p.header.Models {
		for n, f := range m.Fields {
			if f.Link == nil || f.Link.Table != s.Table.Name {
				continue
			}
			known := func(c string) bool {
				return c == f.Link.Owner || c == f.Link.Member || c == f.Link.Key && c != ""
			}
			if !slices.ContainsFunc(s.Columns, func(c string) bool { return !known(c) }) {
				return m, n
			}
		}
	}
	return nil, 0
}

func (p *Package) scanJoinTable(ctx context.Context, m *schema.Model, n int, out *rowsOf) error {
	link := m.Fields[n].Link
	owner, err := p.ownerField(m, link)
	if err != nil {
		return err
	}
	text := func(s string) schema.Literal { return schema.Literal{Kind: schema.CanonicalLiteral, Text: s} }
	for r, err := range p.Scan(ctx, schema.Selection{Model: m.Label}) {
		if err != nil {
			return err
		}
		list, err := schema.ParseMembers(r.Fields[n].Value)
		if err != nil {
			return err // Scan has judged it
		}
		for _, member := range list {
			for i, c := range out.columns {
				v := &out.record.Fields[i].Value
				switch c {
				case link.Owner:
					*v = r.Fields[owner].Value
				case link.Member:
					*v = text(member.ID)
				default:
					if *v = text(member.Row); member.Row == "" {
						*v = schema.Literal{}
					}
				}
			}
			if err := out.row(); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownerField is the field whose value the join table's owner column holds: the
// one that its foreign key refers to, else the primary key.
func (p *Package) ownerField(m *schema.Model, link *schema.Link) (int, error) {
	columns := tableOf(&p.header, m.Table).PrimaryKey
	if fk := tableOf(&p.header, link.Table).ForeignKeyOf(link.Owner); fk != nil && fk.RefTable == m.Table {
		columns = fk.RefColumns
	}
	if fields, ok := fieldsOf(m, columns); ok && len(fields) == 1 {
		return fields[0], nil
	}
	return 0, fmt.Errorf("the package %s does not hold what the join table %s calls the records of %s", p.name, link.Table, m.Label)
}
