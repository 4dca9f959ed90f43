package policy

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// HCL's parser and evaluator recurse as deep as their input, and Go cannot
// recover from an exhausted stack. So the tokens are counted before they are
// parsed. Nobody writes a policy that comes near these numbers.
const (
	maxFileSize = 4 << 20
	maxDepth    = 60
	// maxChain is how many operators, dots and brackets may follow each other
	// at one level of one expression.
	maxChain = 500
	// maxDigits and maxExponent bound a number: reading many digits costs the
	// square of their number, printing a large exponent gigabytes.
	maxDigits   = 1000
	maxExponent = 4000
	// maxJSONDepth is how deep a JSON document may nest that an expression
	// takes apart.
	maxJSONDepth = 200
)

// What a document in an expression may be refused for.
var (
	errDeepJSON    = errors.New("the JSON document is nested too deeply for an expression")
	errLargeNumber = errors.New("a number is too large for an expression")
)

// level is one open bracket while tokens are counted.
type level struct {
	open  hclsyntax.TokenType
	chain int
}

// checkBounds looks for what the parser or the evaluator could not bear, and
// returns the first such place.
func checkBounds(src []byte, file string) (hcl.Range, *diag.Diagnostic) {
	start := hcl.InitialPos
	if len(src) > maxFileSize {
		return hcl.Range{Filename: file, Start: start, End: start}, tooMuch("The file is too large",
			fmt.Sprintf("It has %d bytes, and a file may have %d.", len(src), maxFileSize), "Split it into several files.")
	}
	tokens, _ := hclsyntax.LexConfig(src, file, start)
	levels := []level{{}}
	for _, t := range tokens {
		levels = count(levels, t)
		switch {
		case t.Type == hclsyntax.TokenNumberLit && !boundedNumber(string(t.Bytes)):
			return t.Range, tooMuch("The number is too large", "It has too many digits or too great an exponent.", "Write a smaller number.")
		case len(levels) > maxDepth:
			return t.Range, tooMuch("The expression is nested too deeply",
				fmt.Sprintf("More than %d brackets are open here.", maxDepth), "Move parts of it into locals.")
		case levels[len(levels)-1].chain > maxChain:
			return t.Range, tooMuch("The expression is too long",
				fmt.Sprintf("More than %d operators follow each other here.", maxChain), "Move parts of it into locals.")
		}
	}
	return hcl.Range{}, nil
}

func tooMuch(summary, detail, remedy string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: "policy.bounds", Summary: summary, Detail: detail, Remedy: remedy}
}

// count takes the next token into the levels.
func count(levels []level, t hclsyntax.Token) []level {
	top := &levels[len(levels)-1]
	// It ends an attribute, but is white space in a list, a call or a
	// template. A comment contains the end of its line.
	endsLine := t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment && bytes.HasSuffix(t.Bytes, []byte("\n"))
	if endsLine && (len(levels) == 1 || top.open == hclsyntax.TokenOBrace) {
		top.chain = 0
	}
	switch t.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
		hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		top.chain++
		return append(levels, level{open: t.Type})
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
		hclsyntax.TokenTemplateSeqEnd:
		if len(levels) > 1 {
			return levels[:len(levels)-1]
		}
	case hclsyntax.TokenComma:
		top.chain = 0
	case hclsyntax.TokenNewline, hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit,
		hclsyntax.TokenComment, hclsyntax.TokenEqual:
	default:
		top.chain++
	}
	return levels
}

// boundedNumber reports whether a number, as text, is one that can be borne.
func boundedNumber(text string) bool {
	if len(text) > maxDigits {
		return false
	}
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return true
	}
	digits := strings.TrimLeft(text[i+1:], "+-0")
	return len(digits) < 4 || len(digits) == 4 && digits <= fmt.Sprint(maxExponent)
}

// checkJSON refuses JSON that nests too deeply or has numbers too large. The
// text may be anything.
func checkJSON(text string) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxJSONDepth {
				return errDeepJSON
			}
		case c == ']' || c == '}':
			depth--
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(text) && strings.IndexByte("0123456789+-.eE", text[end]) >= 0 {
				end++
			}
			if !boundedNumber(text[i:end]) {
				return errLargeNumber
			}
			i = end - 1
		}
	}
	return nil
}
