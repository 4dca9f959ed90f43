package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/database"
	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// VerifyRequest is what is to be verified of a package, which was opened.
type VerifyRequest struct {
	Package backup.Package
	// Level is how far to go: 1 to 3.
	Level int
	// Scratch is an empty database for level 3, in which tables are made.
	Scratch database.Database
	// Progress is told how far level 1 is, see backup.Verifier; nil is silent.
	Progress func(model string, bytes int64)
	// Observer is told how far level 3 is; nil is silent.
	Observer Observer
	// Program is the version of edmsplan, Now the clock and TempDir where the
	// planner spools; nil and empty are the usual ones.
	Program string
	Now     func() time.Time
	TempDir string
	// references are followed while level 1 reads the records.
	references *referenceJudge
}

// Verification is what verifying a package found. It holds no value of any
// record.
type Verification struct {
	Info              backup.Info
	Started, Finished time.Time
	// Levels are those that were reached, the last one perhaps failed.
	Levels []VerifiedLevel
}

// VerifiedLevel is the outcome of one level.
type VerifiedLevel struct {
	// Level is its number, Name what it is about in a few words.
	Level int
	Name  string
	// Facts are what was checked, Listed what is odd and was expected to be
	// found, such as references that lead outside the package, Problems why the
	// level failed: sentences.
	Facts, Listed, Problems []string
	// Lost is how many of the Problems are about references that lead to no
	// record. A faithful backup of a database that keeps none has them too.
	Lost int
}

// Damaged reports whether a level failed for more than lost references.
func (v *Verification) Damaged() bool {
	return slices.ContainsFunc(v.Levels, func(l VerifiedLevel) bool { return len(l.Problems) > l.Lost })
}

// Failed is the number of the level that failed, 0 when none did.
func (v *Verification) Failed() int {
	for _, l := range v.Levels {
		if len(l.Problems) > 0 {
			return l.Level
		}
	}
	return 0
}

// Verify judges a package: level 1 reads all of it and compares its digests,
// level 2 decodes each record and follows each reference, level 3 restores it
// into a scratch database and plans again. What is wrong with the package is
// in the Verification; the error is for what kept it from being judged.
func Verify(ctx context.Context, r VerifyRequest) (*Verification, error) {
	if r.Now == nil {
		r.Now = time.Now
	}
	v := &Verification{Info: r.Package.Info(), Started: r.Now().UTC()}
	if r.Level >= 2 {
		r.references = referencesOf(r.Package)
	}
	levels := []func(context.Context, VerifyRequest) (VerifiedLevel, error){verifyContent, verifyRecords, verifyRestore}
	for _, judge := range levels[:min(max(r.Level, 1), len(levels))] {
		level, err := judge(ctx, r)
		if err != nil {
			var refused *backup.Refusal
			if !errors.As(err, &refused) {
				return nil, err
			}
			level.Problems = append(level.Problems, refused.Error())
		}
		v.Levels = append(v.Levels, level)
		if len(level.Problems) > 0 {
			break
		}
	}
	v.Finished = r.Now().UTC()
	return v, nil
}

// referencesOf judges the references of a package while level 1 reads it, nil if
// that is not possible.
func referencesOf(p backup.Package) *referenceJudge {
	_, reads := p.(backup.Verifier)
	pkg, describes := p.(backup.Described)
	if !reads || !describes {
		return nil
	}
	return newReferenceJudge(pkg)
}

// verifyContent is level 1. A package that is checked whole when it is opened
// has passed it.
func verifyContent(ctx context.Context, r VerifyRequest) (VerifiedLevel, error) {
	level := VerifiedLevel{Level: 1, Name: "manifest and digests"}
	v, ok := r.Package.(backup.Verifier)
	if !ok {
		level.Facts = append(level.Facts, "The package was read and its checksums compared when it was opened.")
		return level, nil
	}
	var each func(*schema.Model, *schema.Record) error
	if r.references != nil {
		each = r.references.record
	}
	c, err := v.Verify(ctx, r.Progress, each)
	level.Facts = append(level.Facts, fmt.Sprintf("%d records of %d models in %d parts, %d bytes, have the digests that the manifest gives.", c.Records, c.Models, c.Chunks, c.Bytes))
	if c.Files > 0 {
		level.Facts = append(level.Facts, fmt.Sprintf("So have %d files in %d parts, %d bytes.", c.Files, c.Parts, c.FileBytes))
	}
	if c.Inherited > 0 {
		level.Facts = append(level.Facts, fmt.Sprintf("%d of the parts are read from the packages that it builds on.", c.Inherited))
	}
	return level, err
}

// verifyRestore is level 3.
func verifyRestore(ctx context.Context, r VerifyRequest) (VerifiedLevel, error) {
	level := VerifiedLevel{Level: 3, Name: "restore into a scratch database"}
	pkg, ok := r.Package.(backup.Described)
	if !ok {
		return level, fmt.Errorf("a package of the format %s says nothing of its tables: it cannot be restored into a scratch database; plan with it instead", r.Package.Info().Format)
	}
	pol := policyOf(pkg.Header())
	if err := CreateTables(ctx, r.Scratch, pkg.Header().Tables); err != nil {
		return level, err
	}
	e := &Engine{Live: r.Scratch, Program: r.Program, Now: r.Now, TempDir: r.TempDir, Actor: "verify", Observer: r.Observer}
	problems, err := e.restore(ctx, Request{Policy: pol, Package: pkg}, &level)
	level.Problems = append(level.Problems, problems...)
	return level, err
}

// restore plans, applies and plans again.
func (e *Engine) restore(ctx context.Context, r Request, level *VerifiedLevel) (problems []string, err error) {
	p, err := e.Plan(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if p.CanApply() != nil {
		for _, d := range p.Diagnostics {
			if d.Severity == diag.Error {
				problems = append(problems, d.Error())
			}
		}
		return problems, nil
	}
	done, err := e.Apply(ctx, &p.Plan, r.Policy, r.Package, 0)
	if err != nil {
		return []string{fmt.Sprintf("The records cannot be written: %v.", err)}, ctx.Err()
	}
	level.Facts = append(level.Facts, fmt.Sprintf("%d records were restored.", done.Summary.Add))
	again, err := e.Plan(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, again.Close()) }()
	for _, a := range again.Accounting {
		if a.Added+a.Changed+a.Destroyed+a.Remapped > 0 {
			problems = append(problems, fmt.Sprintf("Planned again, %s is not the same: %d to add, %d to change, %d to remap.", a.Model, a.Added, a.Changed, a.Remapped))
		}
	}
	slices.Sort(problems)
	if len(problems) == 0 {
		level.Facts = append(level.Facts, "Planned again: no changes.")
	}
	return problems, nil
}
