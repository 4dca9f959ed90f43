package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestWhatBecomesOfAReferringRow(t *testing.T) {
	p := parse(t, header+`
model "a.b" {
  table       = t
  natural_key = [k]
  reference "a" {}
  reference "b" { on_destroy = fail }
  reference "c" { on_destroy = destroy }
  reference "d" { on_destroy = "unset" }
  reference "e" {
    on_destroy = repoint
    repoint    = { z = lower("ADMIN"), a = ["x", 1] }
  }
  reference "f" { on_destroy = keep }
}
`, policy.Options{})
	var got []string
	for _, r := range p.Models[0].References {
		got = append(got, r.Field.Text+" "+r.OnDestroy.String()+" "+r.DestroyRange.String())
	}
	want := []string{
		"a fail p.hcl:6,3-16", "b fail p.hcl:7,19-36", "c destroy p.hcl:8,19-39", "d unset p.hcl:9,19-39",
		"e repoint p.hcl:11,5-25", "f keep p.hcl:14,19-36",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var fields []schema.Field
	for _, f := range p.Models[0].References[4].Repoint {
		v, diags := f.Value()
		if diags != nil {
			t.Fatal(diags.Err())
		}
		fields = append(fields, schema.Field{Name: f.Name.Text, Value: v})
	}
	repoint := []schema.Field{{Name: "z", Value: text("admin")}, {Name: "a", Value: schema.Literal{Kind: schema.ListLiteral, Text: `["x",1]`}}}
	if d := cmp.Diff(repoint, fields); d != "" {
		t.Errorf("repoint (-want +got):\n%s", d)
	}
}

func TestAReinitBlockSaysWhatIsClearedAndWhatKeptRowsBecome(t *testing.T) {
	p := parse(t, header+`
model "a.b" {
  table       = t
  natural_key = [k]
  max_destroy = 3
  reinit {
    clear = self.k != "x"
    on_keep { set = { active = false, note = "kept, was ${self.k}" } }
  }
}
model "a.c" {
  table       = t
  natural_key = [k]
  reinit { clear = false }
}
model "a.d" {
  table       = t
  natural_key = [k]
  max_destroy = 0
}
`, policy.Options{})
	b, c, d := p.Models[0], p.Models[1], p.Models[2]
	self := func(string) schema.Literal { return text("y") }
	if ok, diags := b.Reinit.Clear.True(self); !ok || diags != nil {
		t.Error("the row is not cleared", diags.Err())
	}
	if v, diags := b.Reinit.KeepSet["note"].Eval(self); v != text("kept, was y") {
		t.Errorf("note becomes %v %v", v, diags.Err())
	}
	if got := b.Reinit.ClearRange.String() + " " + b.Reinit.KeepRange.String(); got != "p.hcl:8,5-26 p.hcl:9,5-12" {
		t.Errorf("the rules are at %s", got)
	}
	if ok, diags := c.Reinit.Clear.True(self); ok || diags != nil || c.Reinit.KeepSet != nil || !c.Reinit.KeepRange.IsZero() {
		t.Error("the row is cleared, or a block is there that is not", diags.Err())
	}
	if d.Reinit != nil || c.MaxDestroy != nil || *b.MaxDestroy != 3 || *d.MaxDestroy != 0 {
		t.Error("a block is there that is not, or a number is wrong")
	}
}

func TestSeedsHaveTheirRules(t *testing.T) {
	p := parse(t, people+`
seed "a.person" {
  on      = reinit
  records = []
}
seed "a.person" {
  on      = always
  match   = update
  records = []
}
seed "a.person" {
  on      = always
  match   = keep
  records = []
}
`, hunter)
	var got []policy.Seed
	for _, s := range p.Seeds {
		got = append(got, *s)
	}
	person := policy.Name{Text: "a.person"}
	want := []policy.Seed{
		{Model: person, On: policy.SeedReinit, Match: policy.MatchKeep},
		{Model: person, On: policy.SeedAlways, Match: policy.MatchUpdate},
		{Model: person, On: policy.SeedAlways, Match: policy.MatchKeep},
	}
	if d := cmp.Diff(want, got, shapeOnly); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := p.Seeds[1].MatchRange.String() + " " + p.Seeds[0].MatchRange.String(); got != "p.hcl:17,3-19 p.hcl:11,1-16" {
		t.Errorf("match is at %s", got)
	}
}
