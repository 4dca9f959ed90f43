package envelope

import (
	"fmt"
	"io"
	"strings"

	"aead.dev/minisign"
)

// SignKey is a minisign secret key. Printed, it shows its number only.
type SignKey struct{ key minisign.PrivateKey }

// Public is the key that verifies what this one signs.
func (k *SignKey) Public() PublicKey { return PublicKey{k.key.Public().(minisign.PublicKey)} }

// Format keeps the key out of whatever is printed.
func (k SignKey) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "(signing key "+keyID(k.key.ID())+")")
}

// parseSignKey reads the text of a secret key file that stands at where. The
// password is asked for when the key has one. No error carries one of the
// library: they may quote the text.
func parseSignKey(text, where string, password func() (string, error)) (*SignKey, error) {
	text = strings.TrimSpace(text)
	if !looksSecret(afterComment(text)) {
		return nil, fmt.Errorf("%s is no secret key file of minisign: minisign -G makes one", where)
	}
	k := &SignKey{}
	var err error
	if minisign.IsEncrypted([]byte(text)) {
		k.key, err = unlockSignKey(text, where, password)
	} else if k.key.UnmarshalText([]byte(text)) != nil {
		err = fmt.Errorf("%s is damaged or of a kind that is not known", where)
	}
	if err != nil {
		return nil, err
	}
	// Without a password, nothing in the file tells damage. A key whose halves
	// do not match would sign what nobody can verify, and give itself away.
	if !minisign.Verify(k.Public().key, nil, minisign.Sign(k.key, nil)) {
		return nil, fmt.Errorf("%s is damaged: its signatures do not verify", where)
	}
	return k, nil
}

func unlockSignKey(text, where string, password func() (string, error)) (minisign.PrivateKey, error) {
	pw, err := password()
	if err != nil {
		return minisign.PrivateKey{}, err
	}
	if pw == "" {
		return minisign.PrivateKey{}, fmt.Errorf("%s has a password: put it into %s, or into a file and name that with -sign-password-file", where, EnvSignPassword)
	}
	key, err := minisign.DecryptKey(pw, []byte(text))
	if err != nil {
		return minisign.PrivateKey{}, fmt.Errorf("the password of %s is wrong, or the key file is damaged", where)
	}
	return key, nil
}
