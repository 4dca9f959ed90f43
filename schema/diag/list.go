package diag

import "fmt"

// List is a set of diagnostics in the order they were found.
type List []Diagnostic

// HasErrors reports whether one of them is an Error.
func (l List) HasErrors() bool {
	for _, d := range l {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Count returns how many problems the list stands for, the uncounted ones
// (Diagnostic.More) included, of the severity given.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n += 1 + d.More
		}
	}
	return n
}

// Err returns the list as an error, or nil when it holds no Error.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return listError{l}
}

// listError lets a List travel as an error. errors.As gives it back to whoever
// asks for an interface{ Diagnostics() List }.
type listError struct{ list List }

func (e listError) Error() string {
	first := Diagnostic{}
	for _, d := range e.list {
		if d.Severity == Error {
			first = d
			break
		}
	}
	if n := e.list.Count(Error); n > 1 {
		return fmt.Sprintf("%s (and %d more errors)", first.Error(), n-1)
	}
	return first.Error()
}

// Diagnostics returns the whole list.
func (e listError) Diagnostics() List { return e.list }

// shown is how many problems of one kind are kept whole; conventions.md asks
// for the first few, the rest counted.
const shown = 5

// Collector gathers diagnostics while work goes on. Of one kind (severity,
// code and model) it keeps the first few and counts the rest, so that it does
// not grow with the input. The zero Collector is ready. It is not safe for
// use by several goroutines.
type Collector struct {
	list  List
	kinds map[kind]*tally
}

type kind struct {
	severity Severity
	code     string
	model    string
}

type tally struct{ count, last int }

// Add notes a problem.
func (c *Collector) Add(d Diagnostic) {
	k := kind{severity: d.Severity, code: d.Code}
	if d.Record != nil {
		k.model = d.Record.Model
	}
	if c.kinds == nil {
		c.kinds = map[kind]*tally{}
	}
	t := c.kinds[k]
	if t == nil {
		t = &tally{}
		c.kinds[k] = t
	}
	t.count++
	if d.Record == nil || t.count <= shown {
		t.last = len(c.list)
		c.list = append(c.list, d)
		return
	}
	c.list[t.last].More++
}

// AddAll notes each problem of a list.
func (c *Collector) AddAll(l List) {
	for _, d := range l {
		c.Add(d)
	}
}

// List returns what was gathered, in the order it was found.
func (c *Collector) List() List { return c.list }
