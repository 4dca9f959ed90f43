package schema

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Model says what the records of one model are: what a policy and a database's
// catalogue together know of it. A package of our own format carries the
// Models of its records, so that they can be read without the database.
type Model struct {
	// Label is the model's label, such as "documents.document".
	Label string
	// Table is the Table.Name that the records come from.
	Table string
	// Fields are in the order of a Record's Fields.
	Fields []ModelField
	// NaturalKey names the fields that identify a record everywhere.
	NaturalKey []string
	// Generics are the references by content type and id.
	Generics []GenericField
}

// ModelField is one field of a Model.
type ModelField struct {
	// Name is what the policy and a Django fixture call it: "author".
	Name string
	// Column is the column that holds it, "author_id"; empty for a
	// many-to-many field.
	Column string
	// Type is the column's type; zero for a many-to-many field.
	Type Type
	// References says where it leads. It is nil when the field is no reference,
	// or one to a table without a model.
	References *ModelReference
	// Link is the join table of a many-to-many field, nil for a column.
	Link *Link
	// Sensitive fields are shown nowhere.
	Sensitive bool
}

// ModelReference is where a field leads: a model, and the name of the field in
// it whose values the reference holds.
type ModelReference struct {
	Model, Field string
}

// Link is a join table: the column with the record that has the members, the
// column with the member, and the rows' own primary key, empty if they have
// none.
type Link struct {
	Table, Owner, Member, Key string
}

// GenericField is a reference by content type and id. It names two fields.
type GenericField struct {
	Type, ID string
}

// Field returns the field of that name, nil if there is none.
func (m *Model) Field(name string) *ModelField {
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			return &m.Fields[i]
		}
	}
	return nil
}

// Typed is a Source that was a database once, or still is one: what it spells
// canonically is in the canonical form of its own columns' types, which need
// not be those of the live database. Nothing in it was cut.
type Typed interface {
	Source
	// Models describes the models in the order of Contents.
	Models() []*Model
}

// Chunked is a Typed source that keeps the records of a model in chunks and
// knows what is in each without reading it.
type Chunked interface {
	Typed
	// Recogniser returns what compares rows with the chunks of a model, nil where
	// that cannot be done.
	Recogniser(model string) Recogniser
}

// Recogniser tells which chunk some rows are. They are given one after the
// other, in the order of the table.
type Recogniser interface {
	// Next takes a row: the values of the model's fields in their order. ended
	// says that a chunk which holds the row ends with it.
	Next(row []Literal) (ended bool)
	// Chunk returns the number, from 0, of the chunk whose records are the rows
	// since the last call, value for value; false when there is none.
	Chunk() (number int, ok bool)
}

// Member is one member of a many-to-many field: the identifier of the record
// and the primary key of the row in the join table, empty if it has none, both
// in canonical form.
type Member struct {
	ID, Row string
}

// Members spells a many-to-many field of a Typed source: a list of objects
// {"id": "7", "row": "12"}, "row" left out when it is empty.
func Members(list []Member) Literal {
	b := []byte{'['}
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":`...)
		b = appendQuoted(b, m.ID)
		if m.Row != "" {
			b = append(b, `,"row":`...)
			b = appendQuoted(b, m.Row)
		}
		b = append(b, '}')
	}
	return Literal{Kind: ListLiteral, Text: string(append(b, ']'))}
}

// ParseMembers reads what Members wrote. The error does not quote it.
func ParseMembers(l Literal) ([]Member, error) {
	if l.Kind != ListLiteral {
		return nil, unexpected("a list of members", l)
	}
	d := jsontext.NewDecoder(strings.NewReader(l.Text))
	bad := fmt.Errorf("expected a list of members such as {%q: %q, %q: %q}", "id", "7", "row", "12")
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return nil, bad
	}
	var list []Member
	for d.PeekKind() == '{' {
		m, ok := readMember(d)
		if !ok {
			return nil, bad
		}
		list = append(list, m)
	}
	if t, err := d.ReadToken(); err != nil || t.Kind() != ']' {
		return nil, bad
	}
	return list, nil
}

func readMember(d *jsontext.Decoder) (m Member, ok bool) {
	if _, err := d.ReadToken(); err != nil {
		return m, false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return m, false
		}
		field := name.String()
		value, err := d.ReadToken()
		if err != nil || value.Kind() != '"' {
			return m, false
		}
		switch field {
		case "id":
			m.ID = value.String()
		case "row":
			m.Row = value.String()
		default:
			return m, false
		}
	}
	t, err := d.ReadToken()
	return m, err == nil && t.Kind() == '}' && m.ID != ""
}
