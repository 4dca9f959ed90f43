package changelog

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/planner"
	"github.com/edmsplan/edmsplan/schema"
)

// decodeImage reads an image that has a row of the table to itself, as they
// were kept before there were chunks.
func decodeImage(rec *schema.Record, c *schema.Catalogue) (*planner.Image, error) {
	r := &reader{fields: rec.Fields[2:]}
	img := &planner.Image{Model: r.text(), Key: r.text()}
	table, op := r.text(), r.text()
	if img.Table = c.Table(table); img.Table == nil {
		return nil, fmt.Errorf("the table %q, of which row images are kept, no longer exists", table)
	}
	img.Op = map[string]schema.Op{"insert": schema.Insert, "update": schema.Update, "delete": schema.Delete}[op]
	var errs [4]error
	img.Row, errs[0] = decodeCells(r.text())
	img.Before, errs[1] = decodeCells(r.text())
	img.After, errs[2] = decodeCells(r.text())
	img.Sensitive, errs[3] = decodeNames(r.text())
	if err := errors.Join(errs[:]...); err != nil || img.Op == 0 {
		return nil, fmt.Errorf("a row image of %s %s is damaged: %w", img.Model, img.Key, errors.Join(err, errImage))
	}
	return img, nil
}

// decodeCells reads columns and values, a JSON list of pairs. A value is a
// string, null, or, where its bytes are not UTF-8, a list of one string with
// the bytes in hexadecimal.
func decodeCells(text string) ([]planner.Cell, error) {
	lists, err := elements(jsontext.Value(text))
	if err != nil {
		return nil, err
	}
	var out []planner.Cell
	for _, l := range lists {
		pair, err := elements(l)
		if err != nil || len(pair) != 2 {
			return nil, errors.Join(err, errImage)
		}
		column, err := exact(pair[0])
		if err != nil {
			return nil, err
		}
		c := planner.Cell{Column: column}
		if pair[1].Kind() != 'n' {
			v, err := exact(pair[1])
			if err != nil {
				return nil, err
			}
			c.Value = schema.NewValue(v)
		}
		out = append(out, c)
	}
	return out, nil
}

// decodeNames reads a JSON list of names.
func decodeNames(text string) ([]string, error) {
	list, err := elements(jsontext.Value(text))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		name, err := exact(e)
		if err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

func exact(v jsontext.Value) (string, error) {
	if v.Kind() == '[' {
		l, err := elements(v)
		if err != nil || len(l) != 1 || l[0].Kind() != '"' {
			return "", errors.Join(err, errImage)
		}
		digits, err := exact(l[0])
		if err != nil {
			return "", err
		}
		b, err := hex.DecodeString(digits)
		return string(b), err
	}
	if v.Kind() != '"' {
		return "", errImage
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}

// elements are those of a JSON list.
func elements(v jsontext.Value) ([]jsontext.Value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(v))
	start, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	if start.Kind() != '[' {
		return nil, errImage
	}
	var out []jsontext.Value
	for d.PeekKind() != ']' {
		e, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		out = append(out, e.Clone())
	}
	return out, nil
}
