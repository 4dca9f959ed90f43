package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/providers/backup"
)

// onTerminal is a progress that shows a region on the terminal, with the two
// voices of it.
func onTerminal(v *terminal) (p *progress, out, errs *voice) {
	c, out, errs := consoleOn(v)
	return tellProgress(errs, c), out, errs
}

func TestProgressSpeaksWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := tellProgress(&b, nil)
		p.say("Reading the package %s", "a\x1b[2J\x9b1mb")
		time.Sleep(time.Second)
		want := "Reading the package a\\u001b[2J\ufffd1mb\n"
		p.stopped(t, func() {
			if b.String() != want {
				t.Errorf("after a second it said %q, want %q", b.String(), want)
			}
		})
	})
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 80, 24, true)
		p, _, _ := onTerminal(v)
		p.say("Reading the package %s", "a\x1b[2J\x9b1mb")
		time.Sleep(time.Second - time.Nanosecond)
		sees(t, v, "[0:01] Reading the package a\\u001b[2J\ufffd1mb")
		p.stopped(t, func() { sees(t, v) })
	})
}

func TestProgressIsSilentWhenAllIsDoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := tellProgress(&b, nil)
		p.Stage("plan")
		p.Planning("users.user", planner.SideLive, 12)
		time.Sleep(100 * time.Millisecond)
		p.stopped(t, func() {
			if b.Len() > 0 {
				t.Errorf("it said %q", b.String())
			}
		})
	})
}

func TestPlainProgressSaysAStateOnceAndSkipsWhatWentByFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := tellProgress(&b, nil)
		p.Stage("write")
		time.Sleep(20*time.Second + time.Millisecond) // not at the very instant at which it says something
		for i := range 100 {
			p.Writing("users", int64(i), 100)
		}
		time.Sleep(20 * time.Second)
		p.stopped(t, func() {
			want := []string{"Writing", "Writing users: 99 of 100 rows, 99%, 13/s, 0:01 left", ""}
			if diff := cmp.Diff(want, strings.Split(b.String(), "\n")); diff != "" {
				t.Errorf("it said (-want +got):\n%s", diff)
			}
		})
	})
}

// A steady pace of 1,000 records a second on each side: the numbers are true,
// estimated ones are marked, and what cannot be known yet is not shown.
func TestProgressOfPlanning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 80, 24, true)
		p, _, _ := onTerminal(v)
		p.Stage("plan")
		p.Expect("users.user", planner.SidePackage, 10_000, true)
		p.Expect("users.user", planner.SideLive, 12_000, false)
		p.Expect("users.role", planner.SidePackage, 2_000, true)
		p.Expect("users.role", planner.SideLive, 0, false)
		looks := map[int][]string{
			// Too early for a rate, then for a remaining time.
			8: {
				"[0:01] Planning [=>                                      ]  ~3%",
				"  800 of ~24,000 records, users.user (package)",
			},
			20: {
				"[0:02] Planning [===>                                    ]  ~8%",
				"  2,000 of ~24,000 records, 1,000/s, users.user (package)",
			},
			100: {
				"[0:10] Planning [================>                       ]  ~41%  ~0:14 left",
				"  10,000 of ~24,000 records, 1,000/s, users.user (package)",
			},
			// The live side had fewer rows than were estimated.
			206: {
				"[0:21] Planning [=======================================>]  ~98%  ~0:01 left",
				"  20,600 of ~21,000 records, 1,000/s, users.role (package)",
			},
			// All is counted, but more is to be done.
			210: {
				"[0:21] Planning [=======================================>]  ~99%",
				"  21,000 of ~21,000 records, 1,000/s, users.role (package)",
			},
			240: {
				"[0:24] Sealing the plan [>                                  ]  0%",
				"  0 of 5,000 records",
			},
		}
		time.Sleep(50 * time.Millisecond)
		for n := 1; n <= 240; n++ { // at a time between the ticks
			switch {
			case n <= 100:
				p.Planning("users.user", planner.SidePackage, 100*n)
			case n <= 190:
				p.Planning("users.user", planner.SideLive, 100*(n-100))
			case n <= 210:
				p.Planning("users.role", planner.SideLive, 0)
				p.Planning("users.role", planner.SidePackage, 100*(n-190))
			case n == 240:
				p.Expect("", planner.SideChanges, 5000, true)
			}
			time.Sleep(70 * time.Millisecond)
			if want, ok := looks[n]; ok {
				sees(t, v, want...)
			}
			time.Sleep(30 * time.Millisecond)
		}
		p.stopped(t, func() { sees(t, v) })
	})
}

// Where one number is not known, none is made up of the others.
func TestProgressWithoutATotal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 60, 24, true)
		p, _, _ := onTerminal(v)
		p.Stage("plan")
		p.Expect("users.user", planner.SidePackage, 10_000, true)
		p.Expect("users.user", planner.SideLive, -1, false)
		time.Sleep(3050 * time.Millisecond)
		p.Planning("users.user", planner.SidePackage, 4096)
		time.Sleep(time.Second)
		sees(t, v, "[0:04] Planning", "  4,096 records, 1,160/s, users.user (package)")
		time.Sleep(stalledAfter)
		sees(t, v, "[0:14] Planning", "  4,096 records, users.user (package)")
		p.stopped(t, func() { sees(t, v) })
	})
}

func TestProgressOfABackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 70, 24, true)
		p, _, _ := onTerminal(v)
		p.Stage("pack")
		p.Expect("users.user", planner.SideLive, 9_000, false)
		p.Expect("users.role", planner.SideLive, 1_000, false)
		time.Sleep(950 * time.Millisecond) // between two looks
		// Two are packed at the same time, and counted before.
		p.Writing("users.user", 4096, 8192)
		p.Writing("users.role", 500, 1000)
		var sink bytes.Buffer
		_, err := p.counting(&sink).Write(make([]byte, 1500))
		must(t, err)
		time.Sleep(300 * time.Millisecond)
		sees(t, v, "[0:01] Packing [=================>                ]  50%", "  4,596 of 9,192 records, 3,970/s, 1.5 kB written, users.role")
		p.Stage("files")
		p.pack(2_000_000, 1)
		time.Sleep(400 * time.Millisecond)
		sees(t, v, "[0:02] Packing the files", "  1 file, 2.0 MB written")
		p.stopped(t, func() { sees(t, v) })
	})
}

// A package of a bucket is fetched and then read: the second begins anew. Then
// the others of the bucket follow.
func TestProgressOfFetchingAndReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 60, 24, true)
		p, _, _ := onTerminal(v)
		looking := p.each("Looking at the packages", "packages", 4)
		looking(1, "b.edmspkg")
		time.Sleep(650 * time.Millisecond)
		sees(t, v, "[0:01] Looking at the packages [==>     ]  25%", "  1 of 4 packages, b.edmspkg")
		tell := func(ctx context.Context, n int) {
			_, err := io.Copy(io.Discard, backup.Watched(ctx, "b.edmspkg", 4_000_000, bytes.NewReader(make([]byte, n))))
			must(t, err)
			time.Sleep(200 * time.Millisecond)
		}
		ctx := p.reading(t.Context())
		tell(ctx, 4_000_000)
		sees(t, v, "[0:01] Reading [=======================>]  99%", "  4.0 MB of 4.0 MB, b.edmspkg")
		tell(ctx, 1_500_000)
		sees(t, v, "[0:01] Reading [=========>              ]  37%", "  1.5 MB of 4.0 MB, b.edmspkg")
		p.stopped(t, func() { sees(t, v) })
	})
}

// A narrow screen loses the bar first, then the elapsed time, then the words.
func TestTheRegionOfAJobFitsTheScreen(t *testing.T) {
	begun := time.Unix(0, 0)
	j := &job{title: "Planning", unit: records(), now: "documents.document (live)", parts: map[part]*amount{{}: {4300, 10000, false}}, begun: begun}
	j.speed = meter{last: begun}
	j.speed.measure(begun.Add(10*time.Second), 4300)
	now := begun.Add(10 * time.Second)
	for columns, want := range map[int][]string{
		79: {"[0:10] Planning [=================>                      ]  ~43%  ~0:14 left", "  4,300 of ~10,000 records, 430/s, documents.document (live)"},
		40: {"[0:10] Planning ~43%  ~0:14 left", "  4,300 of ~10,000 records, 430/s, documents.document (live)"},
		20: {"[0:10] Planning ~43%", "  4,300 of ~10,000 records, 430/s, documents.document (live)"},
		13: {"Planning ~43%", "  4,300 of ~10,000 records, 430/s, documents.document (live)"},
		10: {"Plan… ~43%", "  4,300 of ~10,000 records, 430/s, documents.document (live)"},
	} {
		if diff := cmp.Diff(want, j.region(now, 10*time.Second, columns)); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", columns, diff)
		}
	}
}

// Whatever is counted, and however much there was said to be of it: nothing is
// done before it is, and the lines fit.
func TestProgressIsNeverWholeNorTooWide(t *testing.T) {
	percent := regexp.MustCompile(`\d+%`)
	rapid.Check(t, func(rt *rapid.T) {
		begun := time.Unix(0, 0)
		j := &job{title: rapid.SampledFrom([]string{"Planning", "W", "語語語"}).Draw(rt, "title"), unit: rows(), parts: map[part]*amount{}, at: map[planner.Side]part{}, begun: begun}
		j.speed = meter{last: begun}
		now := begun
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			at := part{rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "model"), rapid.SampledFrom([]planner.Side{planner.SideLive, planner.SidePackage}).Draw(rt, "side")}
			if rapid.Bool().Draw(rt, "expect") {
				j.expect(at, rapid.Int64Range(-1, 1<<40).Draw(rt, "all"), rapid.Bool().Draw(rt, "exact"))
			} else {
				j.reach(at)
				j.count(at, rapid.Int64Range(0, 1<<40).Draw(rt, "done"), "n")
			}
			now = now.Add(time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(rt, "wait")))
			done, _, _ := j.progress()
			j.speed.measure(now, done)
			columns := rapid.IntRange(12, 100).Draw(rt, "columns")
			lines := j.region(now, now.Sub(begun), columns)
			if w := uniseg.StringWidth(lines[0]); w > columns && strings.Contains(lines[0], "%") {
				rt.Fatalf("%d columns for %q of %d", columns, lines[0], w)
			}
			if n := percent.FindString(strings.Join(lines, "")); n == "100%" || len(n) > 3 {
				rt.Fatalf("%q", lines)
			}
			if text := strings.Join(lines, "") + j.line(now); strings.Contains(text, "-") || strings.Contains(text, "NaN") {
				rt.Fatalf("%q", text)
			}
		}
	})
}

// Those that work and those that write may be many.
func TestProgressFromManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 80, 24, true)
		p, out, errs := onTerminal(v)
		p.Stage("pack")
		var work sync.WaitGroup
		for i := range 4 {
			work.Go(func() {
				for n := range 200 {
					time.Sleep(7 * time.Millisecond)
					p.Writing(fmt.Sprint("model", i), int64(n), 200)
					w := out
					if i%2 == 0 {
						w = errs
					}
					fmt.Fprintf(w, "%d: line %d\n", i, n)
				}
			})
		}
		work.Wait()
		p.stopped(t, func() {
			next := [4]int{}
			for _, l := range v.lines() {
				var i, n int
				if _, err := fmt.Sscanf(l, "%d: line %d", &i, &n); err != nil || n != next[i] {
					t.Fatalf("%q, want line %d: %v", l, next[i], err)
				}
				next[i]++
			}
			if next != [4]int{200, 200, 200, 200} {
				t.Errorf("lines %v", next)
			}
		})
	})
}

// sized is a package of which only the size matters.
type sized struct{ backup.Package }

func (sized) Bytes() int64 { return 1 }

// Whoever shows a job may look at any time: the race detector sees to it.
func TestProgressIsShownWhileVerifyingBegins(t *testing.T) {
	p := &progress{}
	var look sync.WaitGroup
	done := make(chan struct{})
	look.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				p.measure(time.Now())
			}
		}
	})
	for range 1000 {
		p.verifying(sized{})("model", 1)
	}
	close(done)
	look.Wait()
}

// stopped stops it, twice as commands do, and looks.
func (p *progress) stopped(t *testing.T, look func()) {
	t.Helper()
	p.stop()
	p.stop()
	look()
}

// What docs/operations.md shows is what is shown.
func TestTheProgressInTheDocumentIsTrue(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	must(t, err)
	begun := time.Unix(0, 0)
	now := begun.Add(70 * time.Second)
	j := &job{title: "Planning", unit: records(), now: "documents.document (live)", parts: map[part]*amount{{}: {4_096_000, 9_800_000, false}}, begun: begun}
	j.speed = meter{last: begun, mean: 58_200, weight: 1}
	j.speed.moved = now
	shown := map[string]string{
		"progress":      strings.Join(j.region(now, 70*time.Second, 79), "\n"),
		"progress-line": j.line(now),
	}
	for kind, want := range shown {
		m := regexp.MustCompile("(?ms)^```" + kind + "\n(.*?)\n```$").FindSubmatch(text)
		if m == nil {
			t.Fatalf("there is no block %s", kind)
		}
		if diff := cmp.Diff(want, string(m[1])); diff != "" {
			t.Errorf("%s (-shown +document):\n%s", kind, diff)
		}
	}
}

// Opening a package reads each of its files whole: each has a bar of its own.
func TestProgressOfOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newTerminal(t, 80, 24, true)
		p, _, _ := onTerminal(v)
		open := func(name string, size int) {
			path := filepath.Join(t.TempDir(), name)
			must(t, os.WriteFile(path, make([]byte, size), 0o600))
			s, err := backup.OpenStream(p.reading(t.Context()), path, backup.DefaultLimits())
			must(t, err)
			_, err = io.ReadFull(s, make([]byte, size/2))
			must(t, errors.Join(err, s.Close()))
		}
		open("a.json", 64<<20)
		time.Sleep(900 * time.Millisecond)
		sees(t, v, "[0:01] Reading [====================>                   ]  50%", "  33.6 MB of 67.1 MB, a.json")
		open("b\x1b[1m.json", 4<<20)
		time.Sleep(time.Second)
		sees(t, v, "[0:02] Reading [====================>                   ]  50%", "  2.1 MB of 4.2 MB, b\\u001b[1m.json")
		p.stopped(t, func() { sees(t, v) })
	})
	var none *progress
	if ctx := t.Context(); none.reading(ctx) != ctx {
		t.Error("nobody is told, and yet it is watched")
	}
}
