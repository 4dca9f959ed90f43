package planfile

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// The lines of version 1. Each struct has the fields of the type in plans or
// diag that it stands for, in the same order, so that Go converts one to the
// other and the compiler says when they part.

// sniff is what every version's first line holds.
type sniff struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Program is the version of the edmsplan that wrote the file.
	Program string `json:"edmsplan"`
}

type headerLine struct {
	Format        string            `json:"format"`
	Version       int               `json:"version"`
	Program       string            `json:"edmsplan"`
	ID            string            `json:"id"`
	CreatedAt     time.Time         `json:"created_at"`
	Target        string            `json:"target"`
	LiveURL       string            `json:"live_url"`
	Package       string            `json:"package"`
	PackageFormat string            `json:"package_format"`
	Policy        string            `json:"policy"`
	PolicyFiles   []policyFile      `json:"policy_files,omitempty"`
	Variables     []variable        `json:"variables,omitempty"`
	Options       map[string]string `json:"options,omitempty"`
}

type policyFile struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

type variable struct {
	Name      string `json:"name"`
	Sensitive bool   `json:"sensitive,omitzero"`
	Value     string `json:"value,omitempty"`
}

// line is one line between the header and the changes; one member is set.
type line struct {
	Accounting *accounting `json:"accounting,omitempty"`
	Decision   *decision   `json:"decision,omitempty"`
	Remap      *remapping  `json:"remap,omitempty"`
	Skip       *skip       `json:"skip,omitempty"`
	Diagnostic *diagnostic `json:"diagnostic,omitempty"`
	Untouched  *string     `json:"untouched,omitzero"`
}

type accounting struct {
	Model     string         `json:"model"`
	Table     string         `json:"table"`
	Package   int            `json:"package"`
	Added     int            `json:"added"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Skipped   int            `json:"skipped"`
	Remapped  int            `json:"remapped"`
	Stubs     int            `json:"stubs"`
	Refused   int            `json:"refused,omitzero"`
	Live      int            `json:"live"`
	Destroyed int            `json:"destroyed"`
	Kept      int            `json:"kept"`
	Discarded map[string]int `json:"discarded,omitempty"`
	Links     []links        `json:"links,omitempty"`

	SeedsAdded   int      `json:"seeds_added,omitzero"`
	SeedsChanged int      `json:"seeds_changed,omitzero"`
	Altered      int      `json:"altered,omitzero"`
	Outside      int      `json:"outside,omitzero"`
	KeptBy       []keptBy `json:"kept_by,omitempty"`
	KeyInFields  bool     `json:"key_in_fields,omitzero"`

	References []reference `json:"references,omitempty"`
}

// reference is where a field of the model leads.
type reference struct {
	Field string `json:"field"`
	Model string `json:"model"`
}

// keptBy is a rule that keeps live rows of a cleared model.
type keptBy struct {
	Reason string `json:"reason"`
	Rule   place  `json:"rule,omitzero"`
	Count  int    `json:"count"`
}

type links struct {
	Field   string `json:"field"`
	Table   string `json:"table"`
	Package int    `json:"package"`
	Live    int    `json:"live"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

type decision struct {
	Model   string         `json:"model"`
	Package string         `json:"package,omitempty"`
	Number  int            `json:"number,omitzero"`
	Codes   []string       `json:"codes,omitempty"`
	Do      string         `json:"do"`
	Live    string         `json:"live,omitempty"`
	Place   place          `json:"place,omitzero"`
	Key     jsontext.Value `json:"key,omitzero"`
	LiveKey jsontext.Value `json:"live_key,omitzero"`
}

type remapping struct {
	Model     string         `json:"model"`
	Key       jsontext.Value `json:"key,omitzero"`
	Field     string         `json:"field"`
	Package   jsontext.Value `json:"package,omitzero"`
	Live      jsontext.Value `json:"live,omitzero"`
	Rewritten int            `json:"rewritten"`
}

type skip struct {
	Model  string         `json:"model"`
	Key    jsontext.Value `json:"key,omitzero"`
	Number int            `json:"number"`
	Reason string         `json:"reason"`
	Rule   place          `json:"rule,omitzero"`
}

type diagnostic struct {
	Severity string  `json:"severity"`
	Code     string  `json:"code,omitempty"`
	Summary  string  `json:"summary"`
	Detail   string  `json:"detail,omitempty"`
	Remedy   string  `json:"remedy,omitempty"`
	Range    place   `json:"range,omitzero"`
	Source   string  `json:"source,omitempty"`
	Record   *record `json:"record,omitempty"`
	More     int     `json:"more,omitzero"`
}

type record struct {
	Member string `json:"member,omitempty"`
	Number int    `json:"number,omitzero"`
	Model  string `json:"model"`
	Key    string `json:"key,omitempty"`
}

type place struct {
	File  string `json:"file"`
	Start pos    `json:"start"`
	End   pos    `json:"end"`
}

type pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type summary struct {
	Add       int `json:"add"`
	Change    int `json:"change"`
	Destroy   int `json:"destroy"`
	Remap     int `json:"remap"`
	Unchanged int `json:"unchanged"`
	Skip      int `json:"skip"`
	Keep      int `json:"keep"`
}

type digests struct {
	Policy    string `json:"policy"`
	Package   string `json:"package"`
	Live      string `json:"live"`
	ChangeSet string `json:"change_set"`
	Secrets   string `json:"secrets,omitempty"`
}

// trailer is the last line. Its SHA256 covers all bytes before its own text.
type trailer struct {
	Summary summary `json:"summary"`
	Digests digests `json:"digests"`
	SHA256  string  `json:"sha256"`
}

func placeOf(r diag.Range) place {
	return place{File: r.File, Start: pos(r.Start), End: pos(r.End)}
}

func (p place) diag() diag.Range {
	return diag.Range{File: p.File, Start: diag.Pos(p.Start), End: diag.Pos(p.End)}
}

func raw(v plans.Value) jsontext.Value {
	if v == "" {
		return nil
	}
	return v.AppendTo(nil)
}
