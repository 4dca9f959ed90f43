package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/edmsplan/edmsplan/planner"
)

func TestProgressSpeaksWithinASecondAndThenNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := startProgress(&b)
		p.say("Reading the package %s", "a\x1b[2Jb")
		time.Sleep(time.Second)
		want := "Reading the package a\\u001b[2Jb\n"
		p.stopped(t, func() {
			if b.String() != want {
				t.Errorf("after a second it said %q, want %q", b.String(), want)
			}
		})
	})
}

func TestProgressIsSilentWhenAllIsDoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := startProgress(&b)
		p.Planning("users.user", planner.SideLive, 12)
		time.Sleep(100 * time.Millisecond)
		p.stopped(t, func() {
			if b.Len() > 0 {
				t.Errorf("it said %q", b.String())
			}
		})
	})
}

func TestProgressSaysAStateOnceAndSkipsWhatWentByFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := startProgress(&b)
		p.Stage("plan")
		time.Sleep(20 * time.Second)
		for i := range 100 {
			p.Writing("users", int64(i), 100)
		}
		time.Sleep(20 * time.Second)
		p.stopped(t, func() {
			if got := strings.Split(b.String(), "\n"); len(got) != 3 || got[1] != "Writing users: 99 of 100 rows" {
				t.Errorf("it said %q", got)
			}
		})
	})
}

// stopped stops it, twice as commands do, and looks.
func (p *progress) stopped(t *testing.T, look func()) {
	t.Helper()
	p.stop()
	p.stop()
	look()
}
