package planner

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// model is a policy's model bound to its table.
type model struct {
	policy *policy.Model
	label  string
	table  *schema.Table
	fields []field
	names  map[string]int // field and column names to fields

	key         []int // the natural key
	packageKey  []int // how a package's references spell it; same as key if not declared
	ownSpelling bool  // packageKey is not key
	rowKey      []int // identifies a live row: the primary key, else the natural key
	pk          int   // the single primary key column, -1 if there is none
	surrogates  []surrogate
	generics    []generic
	jsonRefs    []jsonRef
	derives     []derive
	foreign     []foreign // by field, nil where the package has no types of the model
	uniques     []unique
	// types are those of the parts of key and spellingTypes of packageKey, once
	// they are known.
	types, spellingTypes []schema.Type

	// group is the strongly connected component in the dependency order;
	// cyclic says that it is more than one model without a reference to itself.
	group  int
	cyclic bool
	// targets are the fields that other models' references name, the primary
	// key first; empty when nothing refers to the model.
	targets []*target

	state
}

// field is one column of the table, or a many-to-many field.
type field struct {
	name      string // as packages spell it: "author" for author_id
	column    *schema.Column
	ref       *reference // nil for a plain value
	many      *many      // a many-to-many field: column is nil
	sensitive bool
	ignore    bool
	surrogate bool
	generic   int  // index+1 into generics of which this is the id
	late      bool // a reference within the group that cannot be deferred: written by a second update
	loosen    bool // a reference within the group that is taken off before the row is destroyed
}

// reference says what a foreign key or the members of a many-to-many field
// refer to.
type reference struct {
	model *model // nil: the table has no model block
	table string // the table referred to
	field int    // the field of model whose value the reference holds
	rule  *policy.Reference
}

// many is a many-to-many field's join table.
type many struct {
	table      *schema.Table
	owner      string   // its column that refers to the model
	ownerField int      // the field of the model that owner holds
	member     string   // its column that refers to the members
	key        []string // its primary key columns, empty if owner and member are
	maxKey     int64    // the greatest of its integer primary keys
	// taken are its primary keys, and last the last one that a plan gives out;
	// given says that added rows are written with theirs.
	taken map[string]bool
	last  int64
	given bool
}

type surrogate struct {
	field int
	adopt bool
}

// generic is a reference by content type and id.
type generic struct {
	policy *policy.GenericReference
	typ    int
	id     int
}

type jsonRef struct {
	policy *policy.JSONReference
	field  int
	paths  []jsonPath
}

type jsonPath struct {
	path  []string
	model *model
}

type derive struct {
	policy *policy.Derive
	field  int
}

// unique is a constraint whose violation is predicted.
type unique struct {
	schema.Unique
	fields []int
}

func (m *model) onMissing(f int) policy.OnMissing {
	if r := m.fields[f].ref; r != nil && r.rule != nil {
		return r.rule.OnMissing
	}
	return policy.OnMissingFail
}

// keyTypes are the types of the key's parts, references replaced by their
// targets' parts.
func (m *model) keyTypes(key []int) []schema.Type {
	switch {
	case len(key) == 0 || m.types == nil:
	case slices.Equal(key, m.key):
		return m.types
	case slices.Equal(key, m.packageKey):
		return m.spellingTypes
	}
	var types []schema.Type
	for _, f := range key {
		fd := &m.fields[f]
		if fd.ref != nil && fd.ref.model != nil {
			types = append(types, fd.ref.model.keyTypes(fd.ref.model.key)...)
			continue
		}
		types = append(types, fd.column.Type)
	}
	return types
}

// rule is the place of a rule of the model, the block's header if it is a
// default.
func (m *model) rule(attribute string) diag.Range {
	if r, ok := m.policy.Rules[attribute]; ok {
		return r
	}
	return m.policy.Range
}

func (m *model) isTarget() bool { return len(m.targets) > 0 }

// quoteList joins names for a message.
func quoteList(names []string) string { return strings.Join(names, ", ") }
