package render

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// FormatVersion is the version of the JSON document and of the stream. A
// higher minor number adds members, a higher major one breaks readers.
// docs/plan.schema.json describes it.
const FormatVersion = "1.4"

type targetDoc struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// packageDoc has an empty path when a plan has no package.
type packageDoc struct {
	Path   string `json:"path"`
	Format string `json:"format,omitempty"`
}

type policyDoc struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

type summaryDoc struct {
	Add       int `json:"add"`
	Change    int `json:"change"`
	Destroy   int `json:"destroy"`
	Remap     int `json:"remap"`
	Unchanged int `json:"unchanged"`
	Skip      int `json:"skip"`
	Keep      int `json:"keep"`
}

type digestsDoc struct {
	Policy    string `json:"policy"`
	Package   string `json:"package"`
	Live      string `json:"live"`
	ChangeSet string `json:"change_set"`
	Secrets   string `json:"secrets,omitempty"`
}

type accountingDoc struct {
	Model     string         `json:"model"`
	Table     string         `json:"table"`
	Package   int            `json:"package"`
	Added     int            `json:"added"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Skipped   int            `json:"skipped"`
	Remapped  int            `json:"remapped"`
	Stubs     int            `json:"stubs"`
	Refused   int            `json:"refused"`
	Live      int            `json:"live"`
	Destroyed int            `json:"destroyed"`
	Kept      int            `json:"kept"`
	Balanced  bool           `json:"balanced"`
	Discarded map[string]int `json:"discarded"`
	Links     []linksDoc     `json:"links"`

	SeedsAdded   int         `json:"seeds_added,omitzero"`
	SeedsChanged int         `json:"seeds_changed,omitzero"`
	Altered      int         `json:"altered,omitzero"`
	Outside      int         `json:"outside,omitzero"`
	KeptBy       []keptByDoc `json:"kept_by,omitempty"`
	KeyInFields  bool        `json:"key_in_fields,omitzero"`

	References []referenceDoc `json:"references,omitempty"`
}

type referenceDoc struct {
	Field string `json:"field"`
	Model string `json:"model"`
}

type keptByDoc struct {
	Reason string `json:"reason"`
	Rule   string `json:"rule,omitempty"`
	Count  int    `json:"count"`
}

type linksDoc struct {
	Field   string `json:"field"`
	Table   string `json:"table"`
	Package int    `json:"package"`
	Live    int    `json:"live"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

type remapDoc struct {
	Address   string         `json:"address"`
	Model     string         `json:"model"`
	Key       jsontext.Value `json:"key"`
	Field     string         `json:"field"`
	Package   jsontext.Value `json:"package"`
	Live      jsontext.Value `json:"live"`
	Rewritten int            `json:"rewritten"`
}

type skipDoc struct {
	Address string         `json:"address"`
	Model   string         `json:"model"`
	Key     jsontext.Value `json:"key"`
	Number  int            `json:"number"`
	Reason  string         `json:"reason"`
	Rule    string         `json:"rule,omitempty"`
}

type diagnosticDoc struct {
	Severity string     `json:"severity"`
	Code     string     `json:"code,omitempty"`
	Summary  string     `json:"summary"`
	Detail   string     `json:"detail,omitempty"`
	Remedy   string     `json:"remedy,omitempty"`
	Range    *rangeDoc  `json:"range,omitempty"`
	Source   string     `json:"source,omitempty"`
	Record   *recordDoc `json:"record,omitempty"`
	More     int        `json:"more,omitzero"`
}

type rangeDoc struct {
	Filename string `json:"filename"`
	Start    posDoc `json:"start"`
	End      posDoc `json:"end"`
}

type posDoc struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type recordDoc struct {
	Member string         `json:"member,omitempty"`
	Number int            `json:"number,omitzero"`
	Model  string         `json:"model"`
	Key    jsontext.Value `json:"key,omitempty"`
}

type headDoc struct {
	FormatVersion string     `json:"format_version"`
	Version       string     `json:"edmsplan_version,omitempty"`
	ID            string     `json:"plan_id,omitempty"`
	CreatedAt     *time.Time `json:"created_at,omitempty"`
	Target        targetDoc  `json:"target"`
	Package       packageDoc `json:"package"`
	Policy        policyDoc  `json:"policy"`
	Reinit        bool       `json:"reinit,omitzero"`
	Narrowed      string     `json:"narrowed_by,omitempty"`
	Applyable     bool       `json:"applyable"`
	Summary       summaryDoc `json:"summary"`
	Digests       digestsDoc `json:"digests"`
}

func headOf(p *plans.Plan) headDoc {
	h := headDoc{
		FormatVersion: FormatVersion, Version: p.Header.Version, ID: p.Header.ID,
		Target:  targetDoc{p.Header.Target, plans.WithoutPassword(p.Header.LiveURL)},
		Package: packageDoc{p.Header.Package, p.Header.Format},
		Policy:  policyDoc{p.Header.Policy, []string{}},
		Summary: summaryDoc(p.Summary), Digests: digestsDoc(p.Digests), Applyable: p.CanApply() == nil,
		Reinit: p.Header.Reinit(), Narrowed: p.Header.Narrowed(),
	}
	if !p.Header.CreatedAt.IsZero() {
		h.CreatedAt = &p.Header.CreatedAt
	}
	for _, f := range p.Header.PolicyFiles {
		h.Policy.Files = append(h.Policy.Files, f.Name)
	}
	return h
}

func accountingOf(a plans.Accounting) accountingDoc {
	d := accountingDoc{
		Model: a.Model, Table: a.Table, Package: a.Package, Added: a.Added, Changed: a.Changed,
		Unchanged: a.Unchanged, Skipped: a.Skipped, Remapped: a.Remapped, Stubs: a.Stubs, Refused: a.Refused,
		Live: a.Live, Destroyed: a.Destroyed, Kept: a.Kept, Balanced: a.Balanced(),
		Discarded: a.Discarded, Links: []linksDoc{},
		SeedsAdded: a.SeedsAdded, SeedsChanged: a.SeedsChanged, Altered: a.Altered, Outside: a.Outside,
		KeyInFields: a.KeyInFields,
	}
	for _, k := range a.KeptBy {
		doc := keptByDoc{Reason: k.Reason, Count: k.Count}
		if !k.Rule.IsZero() {
			doc.Rule = k.Rule.String()
		}
		d.KeptBy = append(d.KeptBy, doc)
	}
	for _, l := range a.Links {
		d.Links = append(d.Links, linksDoc(l))
	}
	for _, r := range a.References {
		d.References = append(d.References, referenceDoc(r))
	}
	return d
}

func remapOf(r plans.Remapping) remapDoc {
	return remapDoc{
		Address: address(r.Model, r.Key), Model: r.Model, Key: keyOf(r.Key), Field: r.Field,
		Package: rawOf(r.Package), Live: rawOf(r.Live), Rewritten: r.Rewritten,
	}
}

func skipOf(s plans.Skip) skipDoc {
	d := skipDoc{Address: address(s.Model, s.Key), Model: s.Model, Key: keyOf(s.Key), Number: s.Number, Reason: s.Reason}
	if !s.Rule.IsZero() {
		d.Rule = s.Rule.String()
	}
	return d
}

func diagnosticOf(d diag.Diagnostic) diagnosticDoc {
	doc := diagnosticDoc{
		Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail, Remedy: d.Remedy,
		Source: d.Source, More: d.More,
	}
	if !d.Range.IsZero() {
		doc.Range = &rangeDoc{d.Range.File, posDoc(d.Range.Start), posDoc(d.Range.End)}
	}
	if d.Record != nil {
		doc.Record = &recordDoc{Member: d.Record.Member, Number: d.Record.Number, Model: d.Record.Model}
		if d.Record.Key != "" {
			doc.Record.Key = keyOf(plans.Value(d.Record.Key))
		}
	}
	return doc
}

func rawOf(v plans.Value) jsontext.Value {
	if v == "" {
		v = plans.Null
	}
	return v.AppendTo(nil)
}

// keyOf is a natural key, a list even where a key is not known.
func keyOf(v plans.Value) jsontext.Value {
	if v.Parts() == nil {
		return jsontext.Value("[]")
	}
	return rawOf(v)
}

// marshal writes any of the above. What acts on a terminal can only stand in
// strings, where visible's escapes mean the same.
func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v, json.Deterministic(true),
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	return []byte(visible(string(b))), err
}
