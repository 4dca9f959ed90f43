package retention

import (
	"fmt"
	"time"
)

// counted is a rule that keeps n packages, each of another span of time.
type counted struct {
	name string
	n    int
	// span names the span that a time is in, for the reason, and distinguishes it
	// from all others.
	span func(time.Time) (reason, key string)
}

// counted are the rules but Within.
func (r Rules) counted() []counted {
	layout := func(l string) func(time.Time) (string, string) {
		return func(t time.Time) (string, string) { return t.Format(l), t.Format(l) }
	}
	return []counted{
		{"last", r.Last, nil},
		{"hourly", r.Hourly, hour},
		{"daily", r.Daily, layout(time.DateOnly)},
		{"weekly", r.Weekly, week},
		{"monthly", r.Monthly, layout("2006-01")},
		{"yearly", r.Yearly, layout("2006")},
	}
}

// hour tells the two hours apart that have one name when clocks go back.
func hour(t time.Time) (reason, key string) {
	return t.Format("2006-01-02 15:00"), t.Format("2006-01-02 15 -0700")
}

// week is that of ISO 8601.
func week(t time.Time) (reason, key string) {
	year, n := t.ISOWeek()
	name := fmt.Sprintf("%d-W%02d", year, n)
	return name, name
}

// apply keeps what the rules keep of the good packages of a group, which are
// given newest first.
func (s *set) apply(rules Rules, group []int, now time.Time) {
	location := rules.Location
	if location == nil {
		location = time.UTC
	}
	newest := &s.decisions[group[0]]
	newest.LastGood = true
	newest.keep("the last good one of " + groupName(newest.Group))
	for _, rule := range rules.counted() {
		s.count(rule, group, location)
	}
	if rules.Within.zero() {
		return
	}
	from := newest.Created
	if from.After(now) {
		from = now
	}
	limit := rules.Within.before(from.In(location))
	for _, i := range group {
		if d := &s.decisions[i]; !d.Created.Before(limit) {
			d.keep("within " + rules.Within.String())
		}
	}
}

// count keeps the newest package of each span until the rule is used up.
func (s *set) count(rule counted, group []int, location *time.Location) {
	seen := map[string]bool{}
	for n, i := range group {
		d := &s.decisions[i]
		if rule.span == nil {
			if n < rule.n {
				d.keep(fmt.Sprintf("%s of %d", rule.name, rule.n))
			}
			continue
		}
		reason, key := rule.span(d.Created.In(location))
		if len(seen) < rule.n && !seen[key] {
			seen[key] = true
			d.keep(rule.name + " " + reason)
		}
	}
}

func groupName(group string) string {
	if group == "" {
		return "all"
	}
	return group
}
