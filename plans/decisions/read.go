package decisions

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// Read reads a file of conflicts and returns what was decided; rows without a
// decision are left. The error is a diag.List that names the line and column of
// each mistake.
func Read(r io.Reader, name string) ([]plans.Decision, error) {
	return read(r, name, conflictColumns, (*row).conflict)
}

// ReadPairs reads a file of records that are known to be one: each is decided
// to be mapped.
func ReadPairs(r io.Reader, name string) ([]plans.Decision, error) {
	return read(r, name, pairColumns, (*row).pair)
}

// row is one row of a file.
type row struct {
	*reader
	cells  []string
	places []diag.Range
}

// reader collects what is wrong with a file.
type reader struct {
	name  string
	lines [][]byte
	csv   *csv.Reader
	wrong diag.List
}

func read(in io.Reader, name string, columns []string, decide func(*row) (plans.Decision, bool)) ([]plans.Decision, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s takes more than %d MiB", name, maxFile>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets write one
	f := &reader{name: name, lines: bytes.Split(text, []byte("\n")), csv: csv.NewReader(bytes.NewReader(text))}
	f.csv.FieldsPerRecord = -1 // it is said below, and better
	var out []plans.Decision
	for n := 0; ; n++ {
		row, err := f.next()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return out, f.wrong.Err()
		case err != nil:
			f.broken(err)
			return nil, f.wrong.Err()
		case n == 0:
			if !f.header(row, columns) {
				return nil, f.wrong.Err()
			}
			continue
		case n > maxRows:
			f.add(row.places[0], fmt.Sprintf("There are more than %d rows", maxRows), "", "Settle them in several files: the flag may be repeated.")
			return nil, f.wrong.Err()
		case len(row.cells) != len(columns):
			f.add(row.places[0], fmt.Sprintf("The row has %d cells, and there are %d columns", len(row.cells), len(columns)), "", "")
			continue
		}
		if d, decided := decide(row); decided {
			out = append(out, d)
		}
	}
}

// next reads a row.
func (f *reader) next() (*row, error) {
	cells, err := f.csv.Read()
	if err != nil {
		return nil, err
	}
	r := &row{reader: f, cells: cells}
	for i, cell := range cells {
		r.places = append(r.places, f.place(i, cell))
		if !utf8.ValidString(cell) {
			f.add(r.places[i], "The cell is not UTF-8", "", "Save the file as CSV in UTF-8.")
			return nil, errReported
		}
		cells[i] = unguard(cell)
	}
	return r, nil
}

// errReported ends the reading after a mistake that has been added.
var errReported = errors.New("reported")

// place is where a cell of the row just read stands.
func (f *reader) place(i int, cell string) diag.Range {
	line, column := f.csv.FieldPos(i)
	if line <= len(f.lines) {
		if before := f.lines[line-1]; column-1 <= len(before) {
			column = utf8.RuneCount(before[:column-1]) + 1
		}
	}
	first, _, _ := strings.Cut(cell, "\n")
	return diag.Range{
		File: f.name, Start: diag.Pos{Line: line, Column: column},
		End: diag.Pos{Line: line, Column: column + utf8.RuneCountInString(first)},
	}
}

// header checks the first row.
func (f *reader) header(r *row, columns []string) bool {
	if slices.Equal(r.cells, columns) {
		return true
	}
	remedy := ""
	if len(r.cells) == 1 && strings.ContainsAny(r.cells[0], ";\t") {
		remedy = "Save the file with commas between the cells."
	}
	f.add(r.places[0], "The first row does not name the columns", "They are "+strings.Join(columns, ",")+", in this order.", remedy)
	return false
}

// broken says why there is no next row.
func (f *reader) broken(err error) {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, errReported):
	case errors.As(err, &parse):
		at := diag.Pos{Line: parse.Line, Column: parse.Column}
		f.add(diag.Range{File: f.name, Start: at, End: at}, "The file is not CSV: "+parse.Err.Error(), "", "")
	case errors.Is(err, io.EOF):
		f.add(diag.Range{File: f.name, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 1}}, "The file is empty", "", "")
	default:
		f.add(diag.Range{File: f.name}, err.Error(), "", "")
	}
}

func (f *reader) add(at diag.Range, summary, detail, remedy string) {
	if len(f.wrong) == maxMistakes {
		f.wrong[maxMistakes-1].More++
		return
	}
	f.wrong = append(f.wrong, diag.Diagnostic{Severity: diag.Error, Range: at, Summary: summary, Detail: detail, Remedy: remedy})
}

// conflict reads a row of a file of conflicts.
func (r *row) conflict() (d plans.Decision, decided bool) {
	const model, key, record, code, decision, target = 0, 1, 2, 3, 7, 8
	word, live := strings.TrimSpace(r.cells[decision]), strings.TrimSpace(r.cells[target])
	if word == "" {
		if live != "" {
			r.add(r.places[target], "The row has a target and no decision", "", "Write the decision too, or leave both empty.")
		}
		return d, false
	}
	d = plans.Decision{Model: r.cells[model], Do: plans.Verdict(word), Codes: strings.Fields(r.cells[code]), Live: live, Place: r.places[decision]}
	if !slices.Contains(plans.Verdicts(), d.Do) {
		r.add(r.places[decision], fmt.Sprintf("There is no decision %q", plans.Visible(word)), "", "Write map, rename, remint or skip.")
		return d, false
	}
	if !r.required(model) || !r.required(code) {
		return d, false
	}
	if text := strings.TrimSpace(r.cells[record]); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			r.add(r.places[record], "The record is no number of a record of the package", "", "")
			return d, false
		}
		d.Number = n
	}
	if r.cells[key] != "" {
		name, ok := plans.KeyName(r.cells[key])
		if !ok {
			r.add(r.places[key], "The key is no natural key", "", `A natural key is a list of values in JSON, such as ["viewer01","Author"].`)
			return d, false
		}
		d.Package = name
	} else if d.Number == 0 {
		r.add(r.places[key], "The row names no record", "", "Give its natural key, or its number in the package if it has none.")
		return d, false
	}
	return d, r.fits(&d, target)
}

// fits checks that a target stands where one is needed, and nowhere else.
func (r *row) fits(d *plans.Decision, target int) bool {
	switch {
	case d.Do == plans.ToMap && d.Live == "":
		r.add(r.places[target], "map needs a target", "", "Name the live row that the record is, by its primary key.")
		return false
	case (d.Do == plans.ToSkip || d.Do == plans.ToRemint) && d.Live != "":
		r.add(r.places[target], string(d.Do)+" takes no target", "", "Leave the target empty, or decide otherwise.")
		return false
	}
	d.Live = liveName(d.Live)
	return true
}

// pair reads a row of a file of known pairs.
func (r *row) pair() (plans.Decision, bool) {
	const model, mine, live = 0, 1, 2
	d := plans.Decision{Model: r.cells[model], Package: liveName(strings.TrimSpace(r.cells[mine])), Do: plans.ToMap, Live: liveName(strings.TrimSpace(r.cells[live])), Place: r.places[mine]}
	return d, r.required(model) && r.required(mine) && r.required(live)
}

// liveName gives a natural key its one spelling and leaves other names alone.
func liveName(text string) string {
	if name, ok := plans.KeyName(text); ok {
		return name
	}
	return text
}

func (r *row) required(column int) bool {
	if strings.TrimSpace(r.cells[column]) != "" {
		return true
	}
	r.add(r.places[column], "The cell is empty", "", "")
	return false
}
