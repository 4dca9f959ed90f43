package policy

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// sourceLineLimit bounds the line that a diagnostic quotes.
const sourceLineLimit = 400

// sources are the policy's files as diagnostics quote them. Expressions keep
// it to say where they failed.
type sources struct {
	text map[string]string
	// secrets are stretches that no diagnostic quotes: the defaults of
	// sensitive variables.
	secrets []hcl.Range
}

// at puts a diagnostic at a place, with the line that stands there.
func (s *sources) at(rng hcl.Range, d diag.Diagnostic) diag.Diagnostic {
	d.Severity = severityOr(d.Severity)
	d.Range = place(rng)
	d.Source = s.line(rng)
	return d
}

func severityOr(s diag.Severity) diag.Severity {
	if s == 0 {
		return diag.Error
	}
	return s
}

// line is the line of the policy on which the range starts, empty where it
// would show a secret.
func (s *sources) line(rng hcl.Range) string {
	for _, secret := range s.secrets {
		if rng.Filename == secret.Filename && rng.Start.Line <= secret.End.Line && rng.Start.Line >= secret.Start.Line {
			return ""
		}
	}
	text := s.text[rng.Filename]
	if rng.Start.Byte < 0 || rng.Start.Byte > len(text) {
		return ""
	}
	start := strings.LastIndexByte(text[:rng.Start.Byte], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	line = strings.TrimSuffix(line, "\r")
	if len(line) > sourceLineLimit {
		cut := sourceLineLimit
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		line = line[:cut] + "…"
	}
	return strings.ToValidUTF8(line, "\uFFFD")
}

// place turns HCL's range into ours.
func place(r hcl.Range) diag.Range {
	return diag.Range{
		File:  r.Filename,
		Start: diag.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: r.Start.Byte},
		End:   diag.Pos{Line: r.End.Line, Column: r.End.Column, Byte: r.End.Byte},
	}
}
