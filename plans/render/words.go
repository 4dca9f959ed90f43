package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

const (
	// contextSize is how many characters around a difference are shown.
	contextSize = 30
	// maxWords is the longest stretch that is compared word by word. Beyond it
	// the stretch is shown as replaced: finding the smallest difference takes
	// time by the square of it.
	maxWords = 1500
	// maxHunks is how many differences of one value are shown.
	maxHunks = 12
	// maxPiece is how many characters of one removed or added piece are shown.
	maxPiece = 200
)

// piece is a stretch of two texts: in both, or in one of them.
type piece struct {
	op   diffmatchpatch.Operation
	text string
}

// words compares two texts word by word and shows what differs with a little
// context: "within [-five-]{+three+} working days". A jump to the next
// difference begins a new line.
func (c *changes) words(before, after string) []string {
	pieces := comparePieces(before, after)
	var out []string
	line, hunks := "", 0
	for i, p := range pieces {
		switch p.op {
		case diffmatchpatch.DiffDelete:
			hunks++
			line += c.pt.red("[-" + clip(p.text) + "-]")
			continue
		case diffmatchpatch.DiffInsert:
			if i == 0 || pieces[i-1].op != diffmatchpatch.DiffDelete {
				hunks++
			}
			line += c.pt.green("{+" + clip(p.text) + "+}")
			continue
		}
		first, last := i == 0, i == len(pieces)-1
		n := utf8.RuneCountInString(p.text)
		if short := n <= 2*contextSize+20; short && !first && !last || n <= contextSize {
			line += inside(p.text)
			continue
		}
		head, rest := cutText(p.text, contextSize)
		if last {
			line += inside(head) + fmt.Sprintf("… (%s cut)", counted(rest, "character"))
			break
		}
		if !first {
			out = append(out, line+inside(head)+"…")
			rest -= contextSize
		} else {
			rest = n - contextSize
		}
		if hunks >= maxHunks {
			return append(out, "(and more differences in "+counted(remaining(pieces[i:]), "character")+")")
		}
		line = fmt.Sprintf("(%s cut) …", counted(rest, "character")) + inside(lastText(p.text, contextSize))
	}
	return append(out, line)
}

func clip(s string) string {
	head, rest := cutText(s, maxPiece)
	if rest == 0 {
		return inside(s)
	}
	return inside(head) + fmt.Sprintf("… (%s cut)", counted(rest, "character"))
}

func remaining(pieces []piece) int {
	n := 0
	for _, p := range pieces {
		n += utf8.RuneCountInString(p.text)
	}
	return n
}

// comparePieces finds the pieces. Where the texts begin and end alike is found
// first, and what is between them compared word by word if it is not too long.
func comparePieces(before, after string) []piece {
	a, b := splitWords(before), splitWords(after)
	from, to := 0, 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	for to < len(a)-from && to < len(b)-from && a[len(a)-1-to] == b[len(b)-1-to] {
		to++
	}
	pieces := appendPiece(nil, diffmatchpatch.DiffEqual, a[:from])
	middleA, middleB := a[from:len(a)-to], b[from:len(b)-to]
	if len(middleA) > maxWords || len(middleB) > maxWords {
		pieces = appendPiece(pieces, diffmatchpatch.DiffDelete, middleA)
		pieces = appendPiece(pieces, diffmatchpatch.DiffInsert, middleB)
	} else {
		pieces = append(pieces, compareWords(middleA, middleB)...)
	}
	return appendPiece(pieces, diffmatchpatch.DiffEqual, a[len(a)-to:])
}

func appendPiece(pieces []piece, op diffmatchpatch.Operation, words []string) []piece {
	if len(words) == 0 {
		return pieces
	}
	return append(pieces, piece{op, strings.Join(words, "")})
}

// compareWords gives each word a number and compares the numbers, so that
// words stay whole.
func compareWords(a, b []string) []piece {
	numbers, words := map[string]rune{}, []string{""}
	encode := func(list []string) []rune {
		ids := make([]rune, len(list))
		for i, w := range list {
			if numbers[w] == 0 {
				numbers[w] = rune(len(words))
				words = append(words, w)
			}
			ids[i] = numbers[w]
		}
		return ids
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // a deadline would make the result depend on the machine
	var pieces []piece
	for _, d := range dmp.DiffCleanupSemantic(dmp.DiffMainRunes(encode(a), encode(b), false)) {
		var text strings.Builder
		for _, id := range d.Text {
			text.WriteString(words[id])
		}
		pieces = append(pieces, piece{d.Type, text.String()})
	}
	return pieces
}

// splitWords cuts a text into words, spaces and single other characters.
func splitWords(s string) []string {
	var words []string
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return 1
		case unicode.IsSpace(r):
			return 2
		}
		return 0
	}
	start, last := 0, 0
	for i, r := range s {
		k := kind(r)
		if i > start && (k != last || k == 0) {
			words = append(words, s[start:i])
			start = i
		}
		last = k
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}
