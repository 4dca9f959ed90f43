package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/engine"
	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/render"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

// undoing plans the undo of an apply and saves it.
func undoing(t *testing.T, e *engine.Engine, applyID string) *plans.Plan {
	t.Helper()
	p, err := e.PlanUndo(t.Context(), applyID)
	must(t, err)
	defer func() { must(t, p.Close()) }()
	return saved(t, &p.Plan)
}

// undone plans the undo of an apply and applies it.
func undone(t *testing.T, e *engine.Engine, applyID string) *engine.Applied {
	t.Helper()
	return apply(t, e, undoing(t, e, applyID), nil, nil)
}

// given are the variables that a re-initialisation asks for.
func given() []string {
	return []string{"reinit_at=2026-04-01T08:00:00Z", "admin_password=a made up one"}
}

// advisory lets documents go that the package does not bring back.
func advisory() change {
	return change{"reinit.hcl", "level         = overridable", "level         = advisory"}
}

// reinitialised plans a re-initialisation and saves it.
func reinitialised(t *testing.T, e *engine.Engine, pol *policy.Policy) *plans.Plan {
	t.Helper()
	p, err := e.Plan(t.Context(), engine.Request{Policy: pol, Reinit: true})
	must(t, err)
	defer func() { must(t, p.Close()) }()
	return saved(t, &p.Plan)
}

func rendered(t *testing.T, p *plans.Plan) string {
	t.Helper()
	var b bytes.Buffer
	must(t, render.Text(&b, p, render.Options{}))
	return b.String()
}

// An undo brings back every row as it was, and an undo of that takes it away
// again.
func TestUndoRestoresEveryRow(t *testing.T) {
	cases := map[string]func(t *testing.T, e *engine.Engine) *engine.Applied{
		"a restore": func(t *testing.T, e *engine.Engine) *engine.Applied {
			pol, pkg := examplePolicy(t), openPackage(t, example("package"))
			return apply(t, e, planned(t, e, pol, pkg), pol, pkg)
		},
		"a restore that destroys": func(t *testing.T, e *engine.Engine) *engine.Applied {
			pol, pkg := examplePolicy(t, destroying()...), openPackage(t, example("package"))
			return apply(t, e, planned(t, e, pol, pkg), pol, pkg)
		},
		"a re-initialisation": func(t *testing.T, e *engine.Engine) *engine.Applied {
			pol := reviewed(t, given())
			return apply(t, e, reinitialised(t, e, pol), pol, nil)
		},
		"a re-initialisation and restore in one": func(t *testing.T, e *engine.Engine) *engine.Applied {
			pol, pkg := reviewed(t, given(), advisory()), openPackage(t, example("package"))
			p, err := e.Plan(t.Context(), engine.Request{Policy: pol, Package: pkg, Reinit: true})
			must(t, err)
			defer func() { must(t, p.Close()) }()
			return apply(t, e, saved(t, &p.Plan), pol, pkg)
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, do := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e := s.engine(t)
				before := look(t, s.db)
				done := do(t, e)
				after := look(t, s.db)
				if cmp.Equal(before.rows, after.rows) {
					t.Fatal("the apply changed nothing")
				}

				back := undone(t, e, done.ID)
				identical(t, before, look(t, s.db))
				logged(t, s, 2)
				undone(t, e, back.ID)
				identical(t, after, look(t, s.db))
				logged(t, s, 3)
			})
		}
	})
}

func TestUndoPlanIsReviewable(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
		done := apply(t, e, planned(t, e, pol, pkg), pol, pkg)
		p := undoing(t, e, done.ID[:len(done.ID)-1])
		must(t, p.CanApply())
		for _, a := range p.Accounting {
			if !a.Balanced() {
				t.Errorf("%+v does not add up", a)
			}
		}
		shown := rendered(t, p)
		for _, want := range []string{
			"Reverses apply " + done.ID + " on the live database ", "(because undo of apply " + done.ID + " destroys what it added",
			"password", "(sensitive value)",
		} {
			if !strings.Contains(shown, want) {
				t.Errorf("the plan does not say %q", want)
			}
		}
		redo := rendered(t, undoing(t, e, apply(t, e, p, nil, nil).ID))
		if !strings.Contains(redo, "(sensitive value)") {
			t.Error("the undo of the undo masks nothing")
		}
		hashes := 0
		for _, r := range records(t, example("package")) {
			if hash := r.Fields["password"]; len(hash) > len(`""`) {
				hashes++
				if strings.Contains(shown+redo, text(t, hash)) {
					t.Error("a plan shows a password of the package")
				}
			}
		}
		if hashes == 0 {
			t.Error("the package has no passwords")
		}
		if t.Failed() {
			t.Log(shown)
		}
	})
}

// Files are not undone, and the plan says so.
func TestUndoSaysThatFilesStay(t *testing.T) {
	const entry = `INSERT INTO edmsplan_change_log SELECT 1000 + seq, apply_id, at, actor, policy, package, 'files.documents', natural_key, action, before, after, previous_hash, hash
		FROM edmsplan_change_log WHERE seq < 3`
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, done := restored(t, s)
		if list := undoing(t, e, done.ID).Diagnostics; list.HasErrors() || coded(list, "undo.files") != nil {
			t.Errorf("without files: %+v", list)
		}
		s.run(t, "UPDATE edmsplan_change_log SET model = 'files.role' WHERE model = 'users.role'")
		renameImages(t, e.Live, done.ID, "users.role", "files.role")
		if d := coded(undoing(t, e, done.ID).Diagnostics, "undo.files"); d != nil {
			t.Errorf("of a model that is called like a tree of files: %+v", d)
		}
		s.run(t, entry)
		if d := coded(undoing(t, e, done.ID).Diagnostics, "undo.files"); d == nil || d.Severity != diag.Warning || !strings.HasPrefix(d.Summary, "2 files that apply "+done.ID) {
			t.Errorf("with two files: %+v", d)
		}
		s.run(t, "DELETE FROM edmsplan_row_image; DELETE FROM edmsplan_change_log WHERE model NOT LIKE 'files.%'")
		if _, err := e.PlanUndo(t.Context(), done.ID); err == nil || !strings.Contains(err.Error(), "changed only files") {
			t.Errorf("of nothing but files: %v", err)
		}
	})
}

// renameImages gives the row images of a model another model.
func renameImages(t *testing.T, db database.Database, applyID, from, to string) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Close()) }()
	catalogue, err := tx.Catalogue(t.Context())
	must(t, err)
	var images []*planner.Image
	for img, err := range changelog.Images(t.Context(), tx, applyID, catalogue) {
		must(t, err)
		if img.Model == from {
			img.Model = to
		}
		images = append(images, img)
	}
	must(t, changelog.DropImages(t.Context(), tx, applyID))
	must(t, changelog.AppendImages(t.Context(), tx, applyID, func(yield func(*planner.Image, error) bool) {
		for _, img := range images {
			if !yield(img, nil) {
				return
			}
		}
	}))
	must(t, tx.Commit(t.Context()))
}

func coded(l diag.List, code string) *diag.Diagnostic {
	for i := range l {
		if l[i].Code == code {
			return &l[i]
		}
	}
	return nil
}

// restored plans and applies the example.
func restored(t *testing.T, s *site) (*engine.Engine, *engine.Applied) {
	t.Helper()
	e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, example("package"))
	return e, apply(t, e, planned(t, e, pol, pkg), pol, pkg)
}

// A row that was edited since is a conflict, shown field by field; it refuses
// the plan, and other records are not drawn into it.
func TestUndoOfAnEditedRowIsAConflict(t *testing.T) {
	cases := map[string]struct{ sql, record, detail, hides string }{
		"a field that the apply changed": {
			"UPDATE users SET phone_number = '555' WHERE username = 'ines.varga'", `users.user["ines.varga"]`,
			`phone_number: the apply left "+351 555 0131", it is now "555", undo would make it "".`, "updated_at",
		},
		"a sensitive field": {
			"UPDATE users SET password = 'hunter2' WHERE username = 'mara.oduya'", `users.user["mara.oduya"]`,
			"password: it differs (sensitive value).", "hunter2",
		},
		"a field of a row that the apply added": {
			"UPDATE users SET first_name = 'Other' WHERE username = 'aoife.lynn'", `users.user["aoife.lynn"]`,
			`it is now "Other", undo would make it no row.`, "last_name",
		},
		"a row that is gone": {
			"DELETE FROM document_dependencies WHERE id = 2",
			`documents.documentdependency["SOP-2026-0001-v01.00","POL-2026-0001-v01.00","implements"]`, "The row is gone", "default",
		},
	}
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				s := fresh(t)
				e, done := restored(t, s)
				undisturbed := undoing(t, e, done.ID)
				s.run(t, test.sql)
				before := look(t, s.db)
				p := undoing(t, e, done.ID)
				conflict := slices.DeleteFunc(slices.Clone(p.Diagnostics), func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
				if len(conflict) != 1 || conflict[0].Code != "undo.conflict" || conflict[0].Record.Model+conflict[0].Record.Key != test.record {
					t.Fatalf("diagnostics %+v, want one conflict of %s", conflict, test.record)
				}
				if d := conflict[0].Detail; !strings.Contains(d, test.detail) || strings.Contains(d, test.hides) {
					t.Errorf("the conflict says %q, want %q and not %q", d, test.detail, test.hides)
				}
				if text := rendered(t, p); !strings.Contains(text, test.detail) {
					t.Errorf("the plan does not show %q:\n%s", test.detail, text)
				}
				if _, err := e.Apply(t.Context(), p, nil, nil, lockWait); err == nil || p.CanApply() == nil {
					t.Errorf("the plan was applied: %v", err)
				}
				// The plan without the conflict was made before the edit.
				var stale *engine.StaleError
				if _, err := e.Apply(t.Context(), undisturbed, nil, nil, lockWait); !errors.As(err, &stale) || len(stale.Differing) != 1 || !stale.Diagnostics.HasErrors() {
					t.Errorf("a plan from before the edit: %v, want that it is stale on one record", err)
				}
				identical(t, before, look(t, s.db))
			})
		}
	})
}

// What others changed in columns that the apply did not write stays.
func TestUndoLeavesOtherColumnsAlone(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		const edit = "UPDATE users SET last_name = 'Edited' WHERE username = 'ines.varga'"
		e, done := restored(t, s)
		s.run(t, edit)
		undone(t, e, done.ID)
		got := look(t, s.db)
		untouched := fresh(t)
		untouched.run(t, edit)
		identical(t, look(t, untouched.db), got)
	})
}

// An unrelated change voids nothing; a sensitive value that the undo would
// destroy unseen does.
func TestUndoPlanIsStaleByWhatItWrites(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, done := restored(t, s)
		p := undoing(t, e, done.ID)
		s.run(t, "UPDATE users SET password = 'set since' WHERE username = 'aoife.lynn'")
		before := look(t, s.db)
		var stale *engine.StaleError
		if _, err := e.Apply(t.Context(), p, nil, nil, lockWait); !errors.As(err, &stale) {
			t.Errorf("apply: %v, want that the plan is stale", err)
		}
		identical(t, before, look(t, s.db))
	})
}

func TestUndoOnce(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, done := restored(t, s)
		first, second := undoing(t, e, done.ID), undoing(t, e, done.ID)
		apply(t, e, first, nil, nil)
		after := look(t, s.db)
		var used *engine.UsedError
		if _, err := e.Apply(t.Context(), first, nil, nil, lockWait); !errors.As(err, &used) {
			t.Errorf("applied twice: %v", err)
		}
		var stale *engine.StaleError
		if _, err := e.Apply(t.Context(), second, nil, nil, lockWait); !errors.As(err, &stale) {
			t.Errorf("another plan of the same undo: %v", err)
		}
		if p := undoing(t, e, done.ID); p.CanApply() == nil {
			t.Error("what is undone can be undone once more")
		}
		identical(t, after, look(t, s.db))
	})
}

func TestNothingToUndo(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		refused := func(id, want string) {
			t.Helper()
			if _, err := s.engine(t).PlanUndo(t.Context(), id); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("undo of %q: %v, want %q", id, err, want)
			}
		}
		refused("0", "no plan was ever applied")
		_, done := restored(t, s)
		_, nothing := restored(t, s)
		refused("", "no apply")
		refused("nobody", "no apply \"nobody\"")
		refused(done.ID[:2], "the ids of 2 applies begin with")
		refused(nothing.ID, "changed nothing")
	})
}

// Images are dropped by age and number; the log stays whole.
func TestPrunedAppliesCannotBeUndone(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e := s.engine(t)
		if ids, err := e.PruneImages(t.Context(), engine.PruneOptions{}, false); err != nil || len(ids) > 0 {
			t.Errorf("without any apply: %v, %v", ids, err)
		}
		clock := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		e.Now = func() time.Time { clock = clock.Add(time.Hour); return clock }
		pol, pkg := examplePolicy(t), openPackage(t, example("package"))
		one := apply(t, e, planned(t, e, pol, pkg), pol, pkg)
		two := undone(t, e, one.ID)
		three := undone(t, e, two.ID)
		late := clock.Add(time.Hour)
		pruned := func(keep engine.PruneOptions, dry bool, want ...string) {
			t.Helper()
			keep.Wait = lockWait
			ids, err := e.PruneImages(t.Context(), keep, dry)
			if err != nil || !slices.Equal(ids, want) {
				t.Errorf("pruned %q, %v, want %q", ids, err, want)
			}
		}
		pruned(engine.PruneOptions{}, true, one.ID, two.ID, three.ID)
		pruned(engine.PruneOptions{Before: late, KeepLast: 2}, true, one.ID)
		pruned(engine.PruneOptions{Before: late.Add(-1000 * time.Hour)}, false)
		pruned(engine.PruneOptions{Before: late, KeepLast: 1}, false, one.ID, two.ID)
		pruned(engine.PruneOptions{KeepLast: 1}, false)
		for _, id := range []string{one.ID, two.ID} {
			if _, err := e.PlanUndo(t.Context(), id); !errors.Is(err, changelog.ErrNoImages) || !strings.Contains(err.Error(), "pruned") {
				t.Errorf("undo of a pruned apply: %v", err)
			}
		}
		undone(t, e, three.ID)
		logged(t, s, 4)
	})
}

// An undo waits for those who write to a table that it writes, or to one that
// may refer to rows which it destroys.
func TestUndoLocksItsTables(t *testing.T) {
	onExample(t, func(t *testing.T, fresh func(*testing.T) *site) {
		s := fresh(t)
		e, done := restored(t, s)
		p := undoing(t, e, done.ID)
		before := look(t, s.db)
		for _, table := range []string{"workflow_document_states", "user_sessions_audit"} {
			other, err := s.db.Begin(t.Context())
			must(t, err)
			// A write of no row is in nobody's way who takes no lock.
			busy := before.catalogue.Table(table)
			_, err = other.Write(t.Context(), schema.Batch{Op: schema.Delete, Table: busy, Key: busy.PrimaryKey, Count: 1, Rows: func(yield func([]schema.Value, error) bool) {
				yield([]schema.Value{schema.NewValue("-1")}, nil)
			}})
			must(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			if _, err := e.Apply(ctx, p, nil, nil, 50*time.Millisecond); !errors.Is(err, database.ErrLocked) {
				t.Errorf("while another client writes to %s: %v", table, err)
			}
			cancel()
			must(t, other.Close())
		}
		identical(t, before, look(t, s.db))
		apply(t, e, p, nil, nil)
	})
}

// The real package, applied to each state that a live system can be in, and
// undone.
func TestUndoOfTheRealPackage(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(realFolder); err != nil {
		t.Skipf("the real package is not here: %v", err)
	}
	fresh := postgresTemplate(t, filepath.Join(realFolder, "schema.sql"))
	for _, state := range []string{"fresh", "seeded", "populated"} {
		t.Run(state, func(t *testing.T) {
			s := fresh(t)
			server.LoadFile(t, s.url, filepath.Join(realFolder, "state-"+state+".sql"))
			e, pol, pkg := s.engine(t), examplePolicy(t), openPackage(t, filepath.Join(realFolder, "real-package"))
			before := look(t, s.db)
			p := planned(t, e, pol, pkg)
			if p.Summary.Any() {
				undone(t, e, apply(t, e, p, pol, pkg).ID)
				identical(t, before, look(t, s.db))
				logged(t, s, 2)
			}
			pol = reviewed(t, given())
			reinit := apply(t, e, reinitialised(t, e, pol), pol, nil)
			if cmp.Equal(before.rows, look(t, s.db).rows) {
				t.Error("the re-initialisation changed nothing")
			}
			undone(t, e, reinit.ID)
			identical(t, before, look(t, s.db))
		})
	}
}
