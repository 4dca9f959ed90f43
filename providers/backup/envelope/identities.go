package envelope

import (
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Identities open encrypted packages: secret keys, and a passphrase. Printed,
// they show nothing. They may be used from several goroutines at once. Nil
// Identities are none.
type Identities struct {
	list       []age.Identity
	passphrase bool
}

// Format keeps secrets out of whatever is printed.
func (i Identities) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "(identities)")
}

// keys is how many secret keys there are.
func (i *Identities) keys() int {
	n := len(i.list)
	if i.passphrase {
		n--
	}
	return n
}

// addLines adds the secret keys of a file or variable. The error does not quote
// them, nor does it carry age's own, which may.
func (i *Identities) addLines(text, where string) error {
	before := len(i.list)
	for n, line := range keyLines(text) {
		got, err := age.ParseIdentities(strings.NewReader(line))
		switch {
		case err == nil && len(got) == 1:
			i.list = append(i.list, got[0])
		case strings.HasPrefix(line, "age1"):
			return fmt.Errorf("line %d of %s is a public key: the secret one (AGE-SECRET-KEY-1…) is needed", n, where)
		case strings.HasPrefix(line, "AGE-SECRET-KEY-"):
			return fmt.Errorf("line %d of %s begins as a secret key but is misspelt or cut off", n, where)
		case strings.HasPrefix(line, "age-encryption.org/"), strings.HasPrefix(line, "-----BEGIN AGE"):
			return fmt.Errorf("%s is itself encrypted: decrypt it with age -d first, for instance into %s", where, EnvIdentity)
		default:
			return fmt.Errorf("line %d of %s is no secret key of age: one begins with AGE-SECRET-KEY-1; SSH keys and plugins are not supported", n, where)
		}
	}
	if len(i.list) == before {
		return fmt.Errorf("%s holds no secret key (AGE-SECRET-KEY-1…)", where)
	}
	return nil
}

func (i *Identities) addPassphrase(passphrase string) error {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return err // the only reason is an empty one
	}
	id.SetMaxWorkFactor(maxWork)
	i.list = append(i.list, id)
	i.passphrase = true
	return nil
}
