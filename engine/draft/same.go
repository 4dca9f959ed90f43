package draft

import "github.com/edmsplan/edmsplan/schema"

// manySame is how many of a model's primary keys are compared: it is kept of
// several models at a time.
const manySame = 100_000

// sameKeys compares what package and database have under one primary key,
// where nothing else identifies a record: whether both count alike.
type sameKeys struct {
	contents map[[16]byte][16]byte // of the package, by primary key; let go of afterwards
	// common are the primary keys on both sides, differ those with other
	// contents.
	common, differ int
}

// content reports whether a field says what a record is and seldom changes.
func (t *table) content(i int) bool {
	f := t.fields[i]
	if !f.column.NotNull || f.refers != "" || i == t.pk() || volatile(f.column.Name) || t.pkg != nil && !t.packaged(i) {
		return false
	}
	switch f.column.Type.Kind {
	case schema.Text, schema.Integer, schema.Bool, schema.Date, schema.Time, schema.Timestamp, schema.TimestampTZ, schema.UUID, schema.Enum:
		return true
	}
	return false
}

// hashes are those of a row's primary key and of its contents.
func (s *sameKeys) hashes(t *table, values []schema.Literal) (key, content [16]byte) {
	var parts []string
	for i := range t.fields {
		if t.content(i) {
			parts = append(parts, t.text(i, values[i]))
		}
	}
	return hash([]string{t.text(t.pk(), values[t.pk()])}), hash(parts)
}

func (s *sameKeys) remember(t *table, values []schema.Literal) {
	if t.pk() < 0 || values[t.pk()].Kind == schema.NullLiteral || len(s.contents) >= manySame {
		return
	}
	if s.contents == nil {
		s.contents = map[[16]byte][16]byte{}
	}
	key, content := s.hashes(t, values)
	s.contents[key] = content
}

func (s *sameKeys) compare(t *table, values []schema.Literal) {
	key, content := s.hashes(t, values)
	theirs, both := s.contents[key]
	if !both {
		return
	}
	s.common++
	if theirs != content {
		s.differ++
	}
}

// strangers reports whether most records that share a primary key have nothing
// else in common.
func (s *sameKeys) strangers() bool { return 2*s.differ > s.common }
