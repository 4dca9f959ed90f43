package main

import (
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/engine/changelog"
	"github.com/edmsplan/edmsplan/providers/backup"
)

// The JSON of inspect and log. Its members are a promise to other programs,
// which is why they are named here and not by the Go types.

type inspectionDoc struct {
	Path     string     `json:"path"`
	Format   string     `json:"format"`
	Digest   string     `json:"digest"`
	Records  int        `json:"records"`
	Facts    []factDoc  `json:"facts"`
	Models   []modelDoc `json:"models"`
	Warnings []string   `json:"warnings"`
}

type factDoc struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type modelDoc struct {
	Model   string     `json:"model"`
	Records int        `json:"records"`
	Keyed   int        `json:"keyed"` // records with a primary key
	Fields  []fieldDoc `json:"fields"`
}

type fieldDoc struct {
	Name      string        `json:"name"`
	Records   int           `json:"records"`
	Spellings []spellingDoc `json:"spellings"`
}

type spellingDoc struct {
	Shape string `json:"shape"`
	Count int    `json:"count"`
	First int    `json:"first_record"`
}

func inspectionOf(in *backup.Inspection) inspectionDoc {
	doc := inspectionDoc{
		Path: in.Info.Path, Format: in.Info.Format, Digest: in.Info.Digest, Records: in.Info.Records,
		Facts: each(in.Info.Facts, func(f backup.Fact) factDoc { return factDoc(f) }), Warnings: in.Warnings,
	}
	doc.Models = each(in.Models, func(m backup.ModelInspection) modelDoc {
		return modelDoc{m.Model, m.Records, m.Keyed, each(m.Fields, func(f backup.FieldInspection) fieldDoc {
			return fieldDoc{f.Name, f.Records, each(f.Spellings, func(s backup.Spelling) spellingDoc {
				return spellingDoc{string(s.Shape), s.Count, s.First}
			})}
		})}
	})
	return doc
}

type applyDoc struct {
	ID        string    `json:"id"`
	PlanID    string    `json:"plan_id"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor"`
	Program   string    `json:"program"`
	Policy    string    `json:"policy_digest"`
	Package   string    `json:"package_digest"`
	ChangeSet string    `json:"change_set_digest"`
	Source    string    `json:"package"`
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Destroyed int       `json:"destroyed"`
	First     int64     `json:"first_seq"`
	Last      int64     `json:"last_seq"`
	Head      string    `json:"head"` // the hash of the last entry
	Hash      string    `json:"hash"`
}

func applyOf(a *changelog.Apply) applyDoc {
	return applyDoc{
		ID: a.ID, PlanID: a.PlanID, At: a.At.UTC(), Actor: a.Actor, Program: a.Program,
		Policy: a.Policy, Package: a.Package, ChangeSet: a.ChangeSet, Source: a.Source,
		Added: a.Added, Changed: a.Changed, Destroyed: a.Destroyed, First: a.First, Last: a.Last, Head: a.Head, Hash: a.Hash,
	}
}

type entryDoc struct {
	Seq      int64          `json:"seq"`
	ApplyID  string         `json:"apply_id"`
	At       time.Time      `json:"at"`
	Actor    string         `json:"actor"`
	Policy   string         `json:"policy_digest"`
	Package  string         `json:"package_digest"`
	Model    string         `json:"model"`
	Key      jsontext.Value `json:"natural_key"`
	Action   string         `json:"action"`
	Before   jsontext.Value `json:"before"`
	After    jsontext.Value `json:"after"`
	Previous string         `json:"previous_hash"`
	Hash     string         `json:"hash"`
}

func entryOf(e *changelog.Entry) entryDoc {
	return entryDoc{
		e.Seq, e.ApplyID, e.At.UTC(), e.Actor, e.Policy, e.Package, e.Model, raw(e.Key), e.Action,
		raw(e.Before), raw(e.After), e.Previous, e.Hash,
	}
}

// raw is a text of the log as the JSON that it is; null when it is empty, and
// a string when someone has altered it into something else.
func raw(text string) jsontext.Value {
	v := jsontext.Value(text)
	switch {
	case text == "":
		return jsontext.Value("null")
	case v.IsValid():
		return v
	}
	b, err := json.Marshal(text, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return jsontext.Value("null")
	}
	return b
}

type reportDoc struct {
	Applies int      `json:"applies"`
	Entries int      `json:"entries"`
	Head    string   `json:"head"`
	Faults  []string `json:"faults"`
}

func each[T, D any](list []T, doc func(T) D) []D {
	out := make([]D, len(list))
	for i, v := range list {
		out[i] = doc(v)
	}
	return out
}

// writeJSON prints a value on a line.
func writeJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v, jsontext.EscapeForHTML(false))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
