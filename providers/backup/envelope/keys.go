package envelope

import (
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
)

// Keys says where the keys of one command come from. It holds public keys and
// names of files, no secret: those are read when a method needs them, each time
// anew. The zero Keys give none.
//
// Who may read or write a key file is not checked, as age and minisign do not.
type Keys struct {
	// Recipients are public keys (age1…) and RecipientFiles files of them, one a
	// line, with comments behind #.
	Recipients, RecipientFiles []string
	// Passphrase says to encrypt with the passphrase instead.
	Passphrase bool
	// PassphraseFile has the passphrase in its first line; empty is
	// EDMSPLAN_PASSPHRASE.
	PassphraseFile string
	// IdentityFiles are files of secret keys (AGE-SECRET-KEY-1…), one a line,
	// with comments behind #. Those in EDMSPLAN_IDENTITY come on top.
	IdentityFiles []string
	// SignKeyFile is a minisign secret key file; empty is EDMSPLAN_SIGN_KEY.
	// SignPasswordFile has its password in the first line, if it has one; empty
	// is EDMSPLAN_SIGN_PASSWORD.
	SignKeyFile, SignPasswordFile string
	// PublicKeys are minisign public keys (RW…) or files that hold one.
	PublicKeys []string
	// Env looks up a variable of the environment; nil has none. An empty
	// variable is none.
	Env func(name string) (string, bool)
	// WorkFactor is the base-2 logarithm of the work that a passphrase costs
	// when a package is encrypted, 1 to 20; 0 is age's own, 18.
	WorkFactor int
}

// EncryptTo returns for whom to encrypt, nil when nothing asks for encryption.
// A passphrase in the environment does not ask for it: Passphrase does.
func (k *Keys) EncryptTo() (*Recipients, error) {
	named := len(k.Recipients)+len(k.RecipientFiles) > 0
	switch {
	case k.Passphrase && named:
		return nil, errors.New("a package is encrypted with a passphrase or for recipients, not both: leave out -passphrase, or -recipient and -recipients-file")
	case k.Passphrase:
		return k.encryptWithPassphrase()
	case named:
		return k.encryptForRecipients()
	case k.PassphraseFile != "":
		return nil, fmt.Errorf("-passphrase-file is given, but not -passphrase: add it to encrypt with that passphrase; one that only opens what is read may stand in %s", EnvPassphrase)
	}
	return nil, nil
}

func (k *Keys) encryptWithPassphrase() (*Recipients, error) {
	passphrase, err := k.passphrase()
	if err != nil {
		return nil, err
	}
	if passphrase == "" {
		return nil, fmt.Errorf("there is no passphrase to encrypt with: put it into %s, or into a file and name that with -passphrase-file", EnvPassphrase)
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err // the only reason is an empty one
	}
	work := k.WorkFactor
	if work == 0 {
		work = defaultWork
	}
	if work < 1 || work > maxWork {
		return nil, fmt.Errorf("the work factor of a passphrase is 1 to %d, not %d", maxWork, work)
	}
	r.SetWorkFactor(work)
	return &Recipients{list: []age.Recipient{r}, passphrase: true}, nil
}

func (k *Keys) encryptForRecipients() (*Recipients, error) {
	all := &Recipients{}
	for i, text := range k.Recipients {
		if err := all.add(strings.TrimSpace(text), fmt.Sprintf("value %d of -recipient", i+1)); err != nil {
			return nil, err
		}
	}
	for _, path := range k.RecipientFiles {
		text, err := readKeyFile(path, "-recipients-file")
		if err != nil {
			return nil, err
		}
		if err := all.addLines(text, path); err != nil {
			return nil, err
		}
	}
	if n := len(all.list); n > maxRecipients {
		return nil, fmt.Errorf("a package is encrypted for %d recipients at most, not %d", maxRecipients, n)
	}
	return all, nil
}

// Identities returns what opens encrypted packages: all secret keys and the
// passphrase that there are. It may be none.
func (k *Keys) Identities() (*Identities, error) {
	all := &Identities{}
	for _, path := range k.IdentityFiles {
		text, err := readKeyFile(path, "-identity")
		if err != nil {
			return nil, err
		}
		if err := all.addLines(text, path); err != nil {
			return nil, err
		}
	}
	if text := k.env(EnvIdentity); text != "" {
		if err := all.addLines(text, EnvIdentity); err != nil {
			return nil, err
		}
	}
	passphrase, err := k.passphrase()
	if err != nil || passphrase == "" {
		return all, err
	}
	return all, all.addPassphrase(passphrase)
}

// SignKey returns the key to sign with, nil when there is none.
func (k *Keys) SignKey() (*SignKey, error) {
	text, where := k.env(EnvSignKey), EnvSignKey
	if k.SignKeyFile != "" {
		var err error
		if text, err = readKeyFile(k.SignKeyFile, "-sign-key"); err != nil {
			return nil, err
		}
		where = k.SignKeyFile
	}
	if text == "" {
		return nil, nil
	}
	return parseSignKey(text, where, func() (string, error) {
		return k.secretLine(k.SignPasswordFile, "-sign-password-file", EnvSignPassword)
	})
}

// TrustedKeys returns the public keys that a signature may be of, as far as
// PublicKeys name them; nil when they name none.
func (k *Keys) TrustedKeys() ([]PublicKey, error) {
	var keys []PublicKey
	for _, given := range k.PublicKeys {
		key, err := ParsePublicKey(given)
		if err != nil {
			text, readErr := readKeyFile(given, "-public-key")
			if readErr != nil {
				return nil, fmt.Errorf("it is neither a minisign public key (RW…) nor a file that can be read: %w", readErr)
			}
			if key, err = ParsePublicKey(text); err != nil {
				return nil, fmt.Errorf("%s: %w", given, err)
			}
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (k *Keys) passphrase() (string, error) {
	return k.secretLine(k.PassphraseFile, "-passphrase-file", EnvPassphrase)
}
