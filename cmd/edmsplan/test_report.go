package main

import (
	"encoding/xml"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/edmsplan/edmsplan/engine/policytest"
)

// The JSON of test, a line for each test and one at the end.

type testDoc struct {
	Type     string           `json:"type"` // "test"
	File     string           `json:"file"`
	Line     int              `json:"line"`
	Name     string           `json:"name"`
	Status   string           `json:"status"` // pass, fail or error
	Problems []testProblemDoc `json:"problems"`
}

type testProblemDoc struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Summary  string   `json:"summary"`
	Detail   string   `json:"detail"`
	Expected []string `json:"expected"`
	Planned  []string `json:"planned"`
}

type testSummaryDoc struct {
	Type   string `json:"type"` // "summary"
	Passed int    `json:"passed"`
	Failed int    `json:"failed"`
}

func testOf(path string, r *policytest.Result) testDoc {
	doc := testDoc{Type: "test", File: path, Line: r.Test.Range.Start.Line, Name: r.Test.Name, Status: status(r)}
	doc.Problems = each(r.Problems, func(p policytest.Problem) testProblemDoc {
		same := func(s string) string { return s }
		return testProblemDoc{path, p.Range.Start.Line, p.Summary, p.Note, each(p.Want, same), each(p.Got, same)}
	})
	for _, d := range r.Diagnostics {
		doc.Problems = append(doc.Problems, testProblemDoc{
			d.Range.File, d.Range.Start.Line, d.Summary, strings.TrimSpace(d.Detail + " " + d.Remedy), []string{}, []string{},
		})
	}
	return doc
}

// JUnit's XML, as far as those who read it agree on it.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes all results.
func (t *testReport) writeJUnit(path string) error {
	var all junitSuites
	var total time.Duration
	for _, f := range t.files {
		suite := junitSuite{Name: f.path, Tests: len(f.results)}
		var took time.Duration
		for _, r := range f.results {
			c, err := junitOf(f.path, r)
			if err != nil {
				return err
			}
			if c.Failure != nil {
				suite.Failures++
			}
			if c.Error != nil {
				suite.Errors++
			}
			took += r.Elapsed
			suite.Cases = append(suite.Cases, c)
		}
		suite.Time = seconds(took)
		total += took
		all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
		all.Suites = append(all.Suites, suite)
	}
	all.Time = seconds(total)
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(xml.Header+string(text)+"\n"), 0o666)
}

func junitOf(path string, r *policytest.Result) (junitCase, error) {
	c := junitCase{Name: r.Test.Name, Class: path, File: path, Line: r.Test.Range.Start.Line, Time: seconds(r.Elapsed)}
	if r.Passed() {
		return c, nil
	}
	var text strings.Builder
	if err := plain(&text, path, r); err != nil {
		return c, err
	}
	p := &junitProblem{Text: text.String()}
	if len(r.Problems) > 0 {
		p.Message = r.Problems[0].Summary
		c.Failure = p
		return c, nil
	}
	p.Message = r.Diagnostics[0].Summary
	c.Error = p
	return c, nil
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
