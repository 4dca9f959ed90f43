package django

// appendIndented appends a compact JSON text as dumpdata --indent 2 lays it out.
// The text is what the writer made itself.
func appendIndented(dst, text []byte) []byte {
	w := walker{b: text}
	depth := 0
	for w.i < len(text) {
		switch c := text[w.i]; c {
		case '"':
			dst = append(dst, w.str().of(text)...)
			continue
		case '{', '[':
			dst = append(dst, c)
			if w.i+1 < len(text) && text[w.i+1] == c+2 { // ASCII has the brackets so
				dst = append(dst, c+2)
				w.i++
			} else {
				depth++
				dst = appendLine(dst, depth)
			}
		case '}', ']':
			depth--
			dst = append(appendLine(dst, depth), c)
		case ',':
			dst = appendLine(append(dst, c), depth)
		case ':':
			dst = append(dst, ": "...)
		default:
			dst = append(dst, c)
		}
		w.i++
	}
	return dst
}

func appendLine(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}
