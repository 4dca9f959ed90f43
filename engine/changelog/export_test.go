package changelog

// Rehash makes the entry's hash match its content, as a forger would.
func Rehash(e *Entry) { e.Hash = e.digest() }
