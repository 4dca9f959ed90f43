package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// side is ours or the peer's part of a task. prepare is not timed.
type side struct {
	prepare func(context.Context) error
	// commands are run one after another, each a program and its arguments.
	commands [][]string
	// once is for a peer that takes minutes: the number of its runs, none of
	// which only warms up.
	once int
	// profile is the folder for profiles of our side.
	profile string
}

// sample is one run of a side: its wall time and the most memory that one of
// its processes had resident.
type sample struct {
	Wall   time.Duration
	Memory int64
}

// measured is what several runs gave: the median and the most memory.
type measured sample

// alternate runs both sides in turn, so that whatever else the machine does
// meets both. The first round is not counted: it warms the page cache.
func alternate(ctx context.Context, runs int, ours, peer side) (a, b measured, err error) {
	var mine, theirs []sample
	for i := range runs + 1 {
		for _, s := range []struct {
			side
			into *[]sample
		}{{ours, &mine}, {peer, &theirs}} {
			if s.commands == nil || s.once > 0 && (i == 0 || i > s.once) {
				continue
			}
			x, err := s.run(ctx)
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

func (s side) run(ctx context.Context) (sample, error) {
	var out sample
	if s.prepare != nil {
		if err := s.prepare(ctx); err != nil {
			return out, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return out, err
	}
	for _, c := range s.commands {
		cmd := exec.CommandContext(ctx, self, append([]string{launchWord}, c...)...)
		cmd.SysProcAttr = endWithUs()
		if s.profile != "" {
			dir := filepath.Join(s.profile, c[1])
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return out, err
			}
			cmd.Env = append(os.Environ(), "EDMSPLAN_PROFILE="+dir)
		}
		said, err := said(cmd)
		if err != nil {
			return out, err
		}
		var x sample
		if err := json.Unmarshal(said, &x); err != nil {
			return out, fmt.Errorf("what was measured: %w", err)
		}
		out.Wall += x.Wall
		out.Memory = max(out.Memory, x.Memory)
	}
	return out, nil
}

// run is a command that is not measured.
func run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = endWithUs()
	_, err := said(cmd)
	return err
}

// said is what a command printed. An error has what it complained of.
func said(cmd *exec.Cmd) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, errs.String())
	}
	return out.Bytes(), nil
}

func median(all []sample) measured {
	if len(all) == 0 {
		return measured{}
	}
	walls, memories := make([]time.Duration, len(all)), make([]int64, len(all))
	for i, s := range all {
		walls[i], memories[i] = s.Wall, s.Memory
	}
	slices.Sort(walls)
	return measured{walls[len(walls)/2], slices.Max(memories)}
}
