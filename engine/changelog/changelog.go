// Package changelog is the append-only, hash-chained record of what was
// applied. It lives in the live database, in tables named edmsplan_…, and is
// written in the transaction that makes the changes, so that it says neither
// more nor less than what happened.
package changelog

import (
	"crypto/sha256"
	"encoding/hex"
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
	// Head is the hash of the last entry that there was after this apply, Hash
	// that of the apply itself.
	Head, Hash string
}

// digest is the apply's hash, made as an entry's over every other field.
func (a *Apply) digest() string {
	t := a.texts()
	return digest(t[:applyFields-1])
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

// digest is the entry's hash: SHA-256 over every other field, the hash before
// it included, each with its length in front, in lower-case hexadecimal.
func (e *Entry) digest() string {
	t := e.texts()
	return digest(t[:entryFields-1])
}

func digest(texts []string) string {
	b := make([]byte, 0, 2<<10) // more than most entries have, so that it need not move
	for _, s := range texts {
		b = append(strconv.AppendInt(b, int64(len(s)), 10), ':')
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
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
			text("head"), text("hash"),
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

// applyFields and entryFields are the numbers of columns; the last of each is
// the hash.
const (
	applyFields = 16
	entryFields = 13
)

// texts are the apply's fields as its columns hold them.
func (a *Apply) texts() [applyFields]string {
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	return [applyFields]string{
		a.ID, a.PlanID, stamp(a.At), a.Actor, a.Program, a.Policy, a.Package, a.ChangeSet, a.Source,
		n(int64(a.Added)), n(int64(a.Changed)), n(int64(a.Destroyed)), n(a.First), n(a.Last), a.Head, a.Hash,
	}
}

// texts are the entry's fields as its columns hold them.
func (e *Entry) texts() [entryFields]string {
	return [entryFields]string{
		strconv.FormatInt(e.Seq, 10), e.ApplyID, stamp(e.At), e.Actor, e.Policy, e.Package, e.Model,
		e.Key, e.Action, e.Before, e.After, e.Previous, e.Hash,
	}
}

func values(texts []string) []schema.Value {
	return appendValues(make([]schema.Value, 0, len(texts)), texts)
}

func appendValues(out []schema.Value, texts []string) []schema.Value {
	for _, t := range texts {
		out = append(out, schema.NewValue(t))
	}
	return out
}
