package planner

import (
	"context"
	"fmt"
	"hash"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// planning is one run of the planner.
type planning struct {
	*binding
	ctx   context.Context
	in    Input
	diags *diag.Collector
	// genericNotes count generic references that cannot be resolved.
	genericNotes map[genericNote]int
	// taken are the live rows that renamed records of the package took over, by
	// the entry that each row had: its references are those of the record now.
	taken map[who]who
	// jsonLost is what the record that is being settled is skipped for.
	jsonLost []jsonLost
	// noting is on while records are resolved for the first time: what is odd
	// about their references is counted then, and only then.
	noting bool
	// secrets digests sensitive values while the change set is sealed.
	secrets   hash.Hash
	anySecret bool
	// sealed is the change set once it is made.
	sealed *kept
	keys   map[*schema.Table]*keySpace
	scope  *policy.Scope // what the plan is narrowed to, nil for all
	typed  bool          // the package was a database, see model.foreign
	trees  []*treeState
	// edges, kept and causes are how destroyed rows concern others.
	edges  []edge
	kept   map[who]bool
	causes map[who]cause
	// verdicts are those of doom, until the rows are read again.
	verdicts map[who]verdict
	// complained are the references to destroyed rows that a diagnostic names.
	complained map[complaint]bool
	// rulings are the decisions by model; strays are about none. listed are the
	// conflicts that are left, of inConflict records; unlisted are more than a plan
	// lists, following those that others must be decided before.
	rulings    map[*model]*ruling
	strays     []*decided
	unlisted   int
	following  int
	inConflict int
	listed     []plans.Conflict
	// destroying says that live rows may be destroyed at all.
	destroying bool
}

// run plans model by model: each comes after those it refers to, so that what
// its references mean is settled when it is read.
func (p *planning) run() error {
	p.unknownModels()
	for _, m := range p.models {
		types, spelling := m.keyTypes(m.key), m.keyTypes(m.packageKey)
		m.types, m.spellingTypes = types, spelling
	}
	for i := 0; i < len(p.models); {
		end := i + 1
		for end < len(p.models) && p.models[end].group == p.models[i].group {
			end++
		}
		if err := p.group(p.models[i:end]); err != nil {
			return err
		}
		i = end
	}
	if err := p.consequences(); err != nil {
		return err
	}
	if err := p.finishAll(); err != nil {
		return err
	}
	if err := p.planFiles(); err != nil {
		return err
	}
	p.noteStubs()
	p.noteGenerics()
	p.noteNotCarried()
	p.noteTriggers()
	if err := p.noteNamed(); err != nil {
		return err
	}
	if err := p.followersOfChanges(); err != nil {
		return err
	}
	if err := p.danglingTuples(); err != nil {
		return err
	}
	return p.danglingAfterDestroy()
}

// group plans models that refer to each other. Models of an earlier group are
// done; records of this one may refer to records that come later in it.
func (p *planning) group(models []*model) error {
	steps := []func(*model) error{p.match, p.collide}
	for _, m := range models {
		p.reset(m)
		if err := p.decide(m); err != nil {
			return err
		}
		if err := p.setAside(m); err != nil {
			return err
		}
		if err := p.readPackage(m); err != nil {
			return err
		}
		if err := p.readSeeds(m); err != nil {
			return err
		}
		if m.cyclic {
			if err := p.indexLive(m); err != nil {
				return err
			}
		}
	}
	for _, m := range models {
		if m.cyclic {
			if err := p.doom(m); err != nil {
				return err
			}
		}
	}
	if err := p.settle(models); err != nil {
		return err
	}
	for _, step := range steps {
		for _, m := range models {
			if err := step(m); err != nil {
				return err
			}
		}
	}
	for _, m := range models {
		if err := p.audit(m); err != nil {
			return err
		}
	}
	return nil
}

// skip leaves a record of the package out, by a named rule.
func (p *planning) skip(m *model, e *entry, number int, reason string, rule diag.Range) {
	key := schema.Key("")
	if e != nil {
		e.status = skipped
		key = e.key
	}
	if e == nil || e.seed == nil { // a seed is none of the package's records
		m.account.Skipped++
	}
	m.skips = append(m.skips, plans.Skip{
		Model: m.label, Key: plans.Value(p.keyText(m, key)), Number: number, Reason: reason, Rule: rule,
	})
}

// unknownModels refuses records of models without a block, unless the policy
// discards them.
func (p *planning) unknownModels() {
	labels := make([]string, 0, len(p.byLabel))
	for _, m := range p.models {
		labels = append(labels, m.label)
	}
	for _, c := range p.in.Package.Contents() {
		if p.byLabel[strings.ToLower(c.Model)] != nil || p.policy.Model(c.Model) != nil || p.discardsModel(c.Model) {
			continue
		}
		remedy := fmt.Sprintf("Add a block model %q, or leave the records out: policy { discard = [%s] }.", c.Model, c.Model)
		if near := nearest(c.Model, labels); near != "" {
			remedy = fmt.Sprintf("Did you mean %q in the policy? %s", near, remedy)
		}
		p.diags.Add(diag.Diagnostic{
			Severity: diag.Error, Code: "package.unknown_model",
			Summary: fmt.Sprintf(plural(c.Records, "The package holds %d record{|s} of %s, which has no model block"), c.Records, c.Model),
			Detail:  "They would be lost.", Remedy: remedy,
		})
	}
}

func (p *planning) discardsModel(label string) bool {
	return slices.ContainsFunc(p.policy.Discard, func(n policyName) bool { return strings.EqualFold(n.Text, label) })
}

// place is where a record of the package stands.
func (p *planning) place(m *model, number int, key schema.Key) *diag.Record {
	d := &diag.Record{Model: m.label, Number: number, Key: p.keyText(m, key)}
	if number > 0 {
		d.Member = p.in.Package.Name()
	}
	return d
}

// placeRow is place with the row's key where it has one.
func (p *planning) placeRow(m *model, r *row) *diag.Record {
	key, why, _ := p.keyOf(m, m.key, r, r.number == 0, false)
	if why != "" {
		key = ""
	}
	return p.place(m, r.number, key)
}

// keyText is a natural key for people, "" for none. A sensitive part of it is
// masked.
func (p *planning) keyText(m *model, key schema.Key) string {
	if key == "" {
		return ""
	}
	if text, ok := rowText(key); ok {
		return text
	}
	return keyJSON(key, m.keyTypes(m.key))
}

// observe reports progress now and then.
func (p *planning) observe(m *model, side Side, n int, done bool) {
	if p.in.Observer != nil && (done || n%4096 == 0) {
		p.in.Observer.Planning(m.label, side, n)
	}
}

// sentence makes an error's text one.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r, w := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(r)) + s[w:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// plural chooses from the braces of a text such as "%d row{|s} {is|are} lost":
// what stands first where n is 1, and otherwise what stands second.
func plural(n int, text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		choice, after, _ := strings.Cut(rest, "}")
		one, many, _ := strings.Cut(choice, "|")
		if n == 1 {
			many = one
		}
		b.WriteString(many)
		text = after
	}
}
