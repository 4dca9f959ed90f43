package planner

import (
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema"
)

// Expecter is what an Observer may be able to do besides: be told beforehand
// how much there is.
type Expecter interface {
	// Expect reports how many records or rows of a model Planning is going to
	// count on a side, before the first of them; of SideChanges, for all models
	// together. Where it is exact, the number is promised, otherwise estimated;
	// a negative one is not known.
	Expect(model string, side Side, records int64, exact bool)
}

// expect tells how much is going to be read: all models are, whatever the plan
// is narrowed to.
func (p *planning) expect() {
	o, ok := p.in.Observer.(Expecter)
	if !ok {
		return
	}
	for _, m := range p.models {
		_, promised := p.labelsOf(m)
		o.Expect(m.label, SidePackage, int64(promised), true)
		rows := int64(-1)
		if p.in.Estimate != nil {
			rows = p.in.Estimate(m.table)
		}
		o.Expect(m.label, SideLive, rows, false)
	}
}

// expectChanges tells how many records the change set is going to have.
func expectChanges(observer Observer, s plans.Summary) {
	if o, ok := observer.(Expecter); ok {
		o.Expect("", SideChanges, int64(s.Add+s.Change+s.Destroy+s.Remap), true)
	}
}

// observeChange reports now and then how much of the change set is made.
func observeChange(o Observer, model string, n int) {
	if o != nil && n%4096 == 0 {
		o.Planning(model, SideChanges, n)
	}
}

// Estimate tells without reading a table about how many rows it has; negative
// is not known.
type Estimate func(*schema.Table) int64
