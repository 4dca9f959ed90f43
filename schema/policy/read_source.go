package policy

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// columnsExample says what to write for columns of a source block.
const columnsExample = "Write columns = { FIELD = COLUMN }."

// readSource reads where a model's records are in another database.
func (r *reader) readSource(b *hclsyntax.Block) *ModelSource {
	at := b.Body.Attributes
	s := &ModelSource{Range: place(b.DefRange()), Table: r.name(at["table"], true)}
	if len(at) == 0 {
		r.fail(b.DefRange(), diag.Diagnostic{
			Code: "policy.value", Summary: "The source block is empty",
			Detail: "It says what the table and its columns are called in another database.",
			Remedy: `Write table = "NAME", or columns = { FIELD = COLUMN }, or remove it.`,
		})
	}
	a := at["columns"]
	if a == nil {
		return s
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok || len(object.Items) == 0 {
		r.notOfType(a, cty.NilVal, "an object of fields with their columns", columnsExample)
		return s
	}
	from := map[string]diag.Range{}
	r.fieldItems(object, "columns", func(field Name, value hclsyntax.Expression) {
		column, ok := r.bare(value)
		if !ok || isDotted(value) {
			r.notAName(value.Range(), "columns", columnsExample)
			return
		}
		if before, twice := from[column.Text]; twice {
			r.fail(value.Range(), diag.Diagnostic{
				Code: "policy.duplicate", Summary: fmt.Sprintf("columns takes the column %q twice", column.Text),
				Detail: fmt.Sprintf("The first is at %s.", before), Remedy: "Give each field a column of its own.",
			})
			return
		}
		from[column.Text] = column.Range
		for _, m := range s.Columns {
			if sameField(m.Field.Text, field.Text) {
				r.failAt(field.Range, diag.Diagnostic{
					Code: "policy.duplicate", Summary: fmt.Sprintf("columns names %q and %q, which are one field", m.Field.Text, field.Text),
					Detail: fmt.Sprintf("The first is at %s.", m.Field.Range), Remedy: "Remove one of them.",
				})
				return
			}
		}
		s.Columns = append(s.Columns, ColumnMap{Field: field, Column: column})
	})
	return s
}
