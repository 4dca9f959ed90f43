package plans

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// sealedRecord is AppendJSON's line for reading.
type sealedRecord struct {
	Action     string         `json:"action"`
	Model      string         `json:"model"`
	Key        jsontext.Value `json:"key"`
	OldKey     jsontext.Value `json:"old_key"`
	PrimaryKey jsontext.Value `json:"primary_key"`
	Stub       bool           `json:"stub"`
	Hidden     int            `json:"hidden"`
	Content    string         `json:"content"`
	Reason     string         `json:"reason"`
	Rule       string         `json:"rule"`
	Fields     []sealedField  `json:"fields"`
}

type sealedField struct {
	Name      string         `json:"name"`
	Before    jsontext.Value `json:"before"`
	After     jsontext.Value `json:"after"`
	Sensitive bool           `json:"sensitive"`
}

// DecodeRecord reads a line of AppendJSON. The byte offsets of Rule are not in
// it and come back as 0.
func DecodeRecord(line []byte) (*Record, error) {
	var s sealedRecord
	err := json.Unmarshal(line, &s, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("record of a change set: %w", err)
	}
	action, err := actionOf(s.Action)
	if err != nil {
		return nil, err
	}
	r := &Record{
		Model: s.Model, Key: Value(s.Key), Action: action,
		PrimaryKey: Value(s.PrimaryKey), OldKey: Value(s.OldKey),
		Hidden: s.Hidden, Content: s.Content, Stub: s.Stub, Reason: s.Reason,
	}
	if s.Rule != "" {
		if r.Rule, err = parseRange(s.Rule); err != nil {
			return nil, err
		}
	}
	for _, f := range s.Fields {
		r.Fields = append(r.Fields, Field{
			Name: f.Name, Before: Value(f.Before), After: Value(f.After), Sensitive: f.Sensitive,
		})
	}
	return r, nil
}

func actionOf(name string) (Action, error) {
	for _, a := range []Action{Add, Change, Destroy, Remap} {
		if a.Name() == name {
			return a, nil
		}
	}
	return "", fmt.Errorf("record of a change set: unknown action %q", name)
}

var errRange = errors.New("record of a change set: rule is not file:line,column-column")

// parseRange is the inverse of diag.Range.String. It reads from the end, as a
// file's name may hold the separators too.
func parseRange(s string) (diag.Range, error) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return diag.Range{}, errRange
	}
	from, to, ok := strings.Cut(s[colon+1:], "-")
	if !ok {
		return diag.Range{}, errRange
	}
	r := diag.Range{File: s[:colon]}
	line, column, ok := strings.Cut(from, ",")
	if !ok || !number(line, &r.Start.Line) || !number(column, &r.Start.Column) {
		return diag.Range{}, errRange
	}
	r.End.Line = r.Start.Line
	if line, column, ok = strings.Cut(to, ","); !ok {
		column = to
	} else if !number(line, &r.End.Line) {
		return diag.Range{}, errRange
	}
	if !number(column, &r.End.Column) {
		return diag.Range{}, errRange
	}
	return r, nil
}

func number(s string, n *int) bool {
	var err error
	*n, err = strconv.Atoi(s)
	return err == nil && *n >= 0
}
