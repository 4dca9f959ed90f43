// Package changelog is the append-only, hash-chained record of what was
// applied. It lives in the live database, in tables named edmsplan_…, and is
// written in the transaction that makes the changes, so that it says neither
// more nor less than what happened.
package changelog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

// Apply is one plan that was applied.
type Apply struct {
	ID     string
	PlanID string
	At     time.Time
	Actor  string
	// Program is the version of edmsplan.
	Program string
	// Policy, Package and ChangeSet are digests.
	Policy, Package, ChangeSet string
	// Source is the package as it was named.
	Source string
	// Added, Changed and Destroyed count records; First and Last are the
	// sequence numbers of its entries, both 0 when it changed nothing.
	Added, Changed, Destroyed int
	First, Last               int64
}

// Entry is one record's change. Before and After are JSON objects of its
// fields, sensitive values masked; empty where there is none.
type Entry struct {
	Seq     int64
	ApplyID string
	At      time.Time
	Actor   string
	// Policy and Package are digests.
	Policy, Package string
	Model           string
	Key             string // natural key, a JSON list
	Action          string // add, change or destroy
	Before, After   string
	Previous, Hash  string
}

// digest is the entry's hash: SHA-256 over the hash before it and every other
// field, each with its length in front, in lower-case hexadecimal.
func (e *Entry) digest() string {
	h := sha256.New()
	for _, s := range []string{
		e.Previous, strconv.FormatInt(e.Seq, 10), e.ApplyID, stamp(e.At), e.Actor, e.Policy, e.Package,
		e.Model, e.Key, e.Action, e.Before, e.After,
	} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// stamp is a time as the log's timestamps have it: UTC, microseconds.
func stamp(t time.Time) string {
	return t.UTC().Format("2006-01-02 15:04:05.999999") + "+00"
}

func parseStamp(s string) (time.Time, error) {
	return time.Parse("2006-01-02 15:04:05.999999-07", s)
}

func text(name string) schema.Column {
	return schema.Column{Name: name, NotNull: true, Type: schema.Type{Kind: schema.Text}}
}

func integer(name string) schema.Column {
	return schema.Column{Name: name, NotNull: true, Type: schema.Type{Kind: schema.Integer, Bits: 64}}
}

func instant(name string) schema.Column {
	return schema.Column{Name: name, NotNull: true, Type: schema.Type{Kind: schema.TimestampTZ}}
}

// applyTable holds an Apply a row.
func applyTable() *schema.Table {
	return &schema.Table{
		Name: "edmsplan_apply", Relation: "edmsplan_apply", PrimaryKey: []string{"id"},
		Columns: []schema.Column{
			text("id"), text("plan_id"), instant("at"), text("actor"), text("program"), text("policy"), text("package"),
			text("change_set"), text("source"), integer("added"), integer("changed"), integer("destroyed"), integer("first_seq"), integer("last_seq"),
		},
		Uniques: []schema.Unique{{Name: "edmsplan_apply_plan", Columns: []string{"plan_id"}}},
	}
}

// entryTable holds an Entry a row.
func entryTable() *schema.Table {
	return &schema.Table{
		Name: "edmsplan_change_log", Relation: "edmsplan_change_log", PrimaryKey: []string{"seq"},
		Columns: []schema.Column{
			integer("seq"), text("apply_id"), instant("at"), text("actor"), text("policy"), text("package"), text("model"),
			text("natural_key"), text("action"), text("before"), text("after"), text("previous_hash"), text("hash"),
		},
	}
}

func columns(t *schema.Table) []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

func (a *Apply) values() []schema.Value {
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	return values(
		a.ID, a.PlanID, stamp(a.At), a.Actor, a.Program, a.Policy, a.Package, a.ChangeSet, a.Source,
		n(int64(a.Added)), n(int64(a.Changed)), n(int64(a.Destroyed)), n(a.First), n(a.Last),
	)
}

func (e *Entry) values() []schema.Value {
	return values(
		strconv.FormatInt(e.Seq, 10), e.ApplyID, stamp(e.At), e.Actor, e.Policy, e.Package, e.Model,
		e.Key, e.Action, e.Before, e.After, e.Previous, e.Hash,
	)
}

func values(texts ...string) []schema.Value {
	out := make([]schema.Value, len(texts))
	for i, t := range texts {
		out[i] = schema.NewValue(t)
	}
	return out
}
