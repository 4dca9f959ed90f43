package main

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"

	"github.com/dustin/go-humanize"
)

// leastMemory is what the program needs whatever it works on.
const leastMemory = 32 << 20

// mostGarbage is how much may wait to be collected, in percent of what is in
// use: half of Go's usual, as a heap with few pointers is looked through fast.
const mostGarbage = 50

// collectOften sets that, where the runtime's own variable does not.
func collectOften(env func(string) (string, bool)) {
	if _, set := env("GOGC"); !set {
		debug.SetGCPercent(mostGarbage)
	}
}

// memoryBudget is the flag -memory: how much memory the program aims at. What
// can be written to a temporary file is so in any case; the budget makes the
// garbage collector work harder the nearer the rest comes to it. It is no
// bound: what is needed is used, more slowly.
type memoryBudget string

// String implements pflag.Value.
func (m *memoryBudget) String() string { return string(*m) }

// Type implements pflag.Value.
func (m *memoryBudget) Type() string { return "SIZE" }

// Set implements pflag.Value.
func (m *memoryBudget) Set(text string) error {
	n, err := humanize.ParseBytes(text)
	switch {
	case err != nil || n > math.MaxInt64:
		return errors.New("not a size such as 256MB or 1GiB")
	case n < leastMemory:
		return fmt.Errorf("the least is %s", humanize.IBytes(leastMemory))
	}
	*m = memoryBudget(text)
	debug.SetMemoryLimit(int64(n))
	return nil
}
