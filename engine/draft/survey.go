package draft

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema"
)

// Bounds on what is remembered of a package, which may be hostile.
const (
	manyFields  = 2000 // of one model
	manySamples = 200  // spellings of references by one field
)

// surveyed is what the package has of one model.
type surveyed struct {
	label   string
	records int
	keyed   int   // records with a primary key beside the fields
	whole   tally // of all that a record has, where it may lack a key
	fields  []*surveyedField
	index   map[string]*surveyedField
}

// surveyedField is one field of a package's records.
type surveyedField struct {
	name    string
	records int
	nulls   int
	lists   int // values that are lists of any kind
	// natural and members are the spellings found of one reference and of the
	// members of a many-to-many field, as tuples of parts.
	natural, members samples
}

// samples are different tuples in the order in which they were met.
type samples struct {
	count  int // tuples met, those met again included
	tuples [][]string
	seen   map[schema.Key]bool
}

func (s *samples) add(parts []string) {
	s.count++
	key := schema.MakeKey(parts...)
	if s.seen == nil {
		s.seen = map[schema.Key]bool{}
	}
	if !s.seen[key] && len(s.tuples) < manySamples {
		s.seen[key] = true
		s.tuples = append(s.tuples, parts)
	}
}

func survey(ctx context.Context, pkg schema.Source) (map[string]*surveyed, error) {
	out := map[string]*surveyed{}
	for _, c := range pkg.Contents() {
		s := &surveyed{label: c.Model, index: map[string]*surveyedField{}}
		out[c.Model] = s
		for r, err := range pkg.Scan(ctx, schema.Selection{Model: c.Model}) {
			if err != nil {
				return nil, fmt.Errorf("read the package's records of %s: %w", c.Model, err)
			}
			s.add(r)
		}
	}
	return out, nil
}

func (s *surveyed) add(r *schema.Record) {
	s.records++
	if r.PK.Kind != schema.NullLiteral {
		s.keyed++
	}
	for i := range r.Fields {
		name := r.Fields[i].Name
		f := s.index[name]
		if f == nil {
			if len(s.fields) >= manyFields {
				continue
			}
			f = &surveyedField{name: strings.Clone(name)}
			s.index[f.name] = f
			s.fields = append(s.fields, f)
		}
		f.add(r.Fields[i].Value)
	}
}

func (f *surveyedField) add(l schema.Literal) {
	f.records++
	switch l.Kind {
	case schema.NullLiteral:
		f.nulls++
	case schema.ListLiteral:
		f.lists++
		scalars, lists, ok := parts(l.Text)
		switch {
		case ok && len(lists) > 0 && len(scalars) == 0:
			for _, m := range lists {
				f.members.add(m)
			}
		case ok && len(lists) == 0 && len(scalars) > 0:
			f.natural.add(scalars)
		}
	}
}

// parts takes a list apart: its scalars, and the scalars of the lists in it.
// It is not ok when there is anything else.
func parts(text string) (scalars []string, lists [][]string, ok bool) {
	d := jsontext.NewDecoder(strings.NewReader(text))
	if _, err := d.ReadToken(); err != nil {
		return nil, nil, false
	}
	depth, inner := 1, []string(nil)
	for depth > 0 {
		tok, err := d.ReadToken()
		if err != nil {
			return nil, nil, false
		}
		switch tok.Kind() {
		case '[':
			if depth++; depth > 2 {
				return nil, nil, false
			}
			inner = nil
		case ']':
			if depth--; depth == 1 {
				lists = append(lists, inner)
			}
		case '{', '}', 'n':
			return nil, nil, false
		default:
			if depth == 2 {
				inner = append(inner, tok.String())
			} else {
				scalars = append(scalars, tok.String())
			}
		}
	}
	return scalars, lists, true
}
