package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is one run of a side: its wall time and the most memory that one of
// its processes had resident.
type sample struct {
	wall   time.Duration
	memory int64
}

// side is ours or the peer's part of a task. prepare is not timed.
type side struct {
	prepare func() error
	// commands are run one after another, each a program and its arguments.
	commands [][]string
}

// measured is what several runs gave: medians.
type measured struct {
	wall   time.Duration
	memory int64
}

// alternate runs both sides in turn, so that whatever else the machine does
// meets both. The first round is not counted: it warms the page cache.
func alternate(runs int, ours, peer side) (a, b measured, err error) {
	var mine, theirs []sample
	for i := range runs + 1 {
		for _, s := range []struct {
			side
			into *[]sample
		}{{ours, &mine}, {peer, &theirs}} {
			if s.commands == nil {
				continue
			}
			x, err := s.once()
			if err != nil {
				return a, b, err
			}
			if i > 0 {
				*s.into = append(*s.into, x)
			}
		}
	}
	return median(mine), median(theirs), nil
}

func (s side) once() (sample, error) {
	var out sample
	if s.prepare != nil {
		if err := s.prepare(); err != nil {
			return out, err
		}
	}
	for _, c := range s.commands {
		cmd := exec.Command(c[0], c[1:]...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			return out, err
		}
		cmd.Stdout = null
		start := time.Now()
		err = cmd.Run()
		out.wall += time.Since(start)
		_ = null.Close()
		if err != nil {
			return out, fmt.Errorf("%s: %w\n%s", strings.Join(c, " "), err, errs.String())
		}
		out.memory = max(out.memory, resident(cmd.ProcessState))
	}
	return out, nil
}

// run is a command that is not measured.
func run(program string, args ...string) error {
	_, err := side{commands: [][]string{append([]string{program}, args...)}}.once()
	return err
}

func median(all []sample) measured {
	if len(all) == 0 {
		return measured{}
	}
	walls, memories := make([]time.Duration, len(all)), make([]int64, len(all))
	for i, s := range all {
		walls[i], memories[i] = s.wall, s.memory
	}
	slices.Sort(walls)
	return measured{walls[len(walls)/2], slices.Max(memories)}
}
