package envelope

import (
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// maxRecipients is how many recipients a header may have: age reads no more.
const maxRecipients = 1024

// Recipients are for whom a package is encrypted: age keys, or a passphrase
// alone. Printed, they show nothing.
type Recipients struct {
	list       []age.Recipient
	passphrase bool
}

// Format keeps a passphrase out of whatever is printed.
func (r Recipients) Format(f fmt.State, _ rune) {
	text := fmt.Sprintf("(%d recipients)", len(r.list))
	if r.passphrase {
		text = "(a passphrase)"
	}
	_, _ = io.WriteString(f, text)
}

// addLines adds the keys of a file.
func (r *Recipients) addLines(text, file string) error {
	before := len(r.list)
	for n, line := range keyLines(text) {
		if err := r.add(line, fmt.Sprintf("line %d of %s", n, file)); err != nil {
			return err
		}
	}
	if len(r.list) == before {
		return fmt.Errorf("%s holds no recipient: it should hold public keys (age1…), one a line", file)
	}
	return nil
}

// add adds the key that stands at where. The error does not quote it: it may be
// a secret one in the wrong place.
func (r *Recipients) add(text, where string) error {
	got, err := age.ParseRecipients(strings.NewReader(text))
	if err == nil && len(got) == 1 {
		r.list = append(r.list, got[0])
		return nil
	}
	switch {
	case looksSecret(text):
		return fmt.Errorf("%s is a secret key: give the public key (age1…), which age-keygen -y prints", where)
	case strings.HasPrefix(text, "ssh-"):
		return fmt.Errorf("%s is an SSH key, which is not supported: make a key with age-keygen", where)
	case strings.HasPrefix(text, "age1"):
		return fmt.Errorf("%s begins as a public key (age1…) but is misspelt, cut off or of a plugin, which is not supported", where)
	}
	return fmt.Errorf("%s is no public key of age: one begins with age1", where)
}

// keyLines yields the lines of a file of keys with their numbers, without
// blank ones and comments.
func keyLines(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(n, line) {
				return
			}
		}
	}
}
