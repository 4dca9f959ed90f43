package envelope_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

func TestWithoutKeysNothingIsEncryptedOrSigned(t *testing.T) {
	k := &envelope.Keys{Env: env(envelope.EnvPassphrase, "set but not asked for", envelope.EnvSignKey, "")}
	to, err := k.EncryptTo()
	if to != nil || err != nil {
		t.Errorf("recipients %v, %v", to, err)
	}
	key, err := k.SignKey()
	if key != nil || err != nil {
		t.Errorf("key %v, %v", key, err)
	}
	trusted, err := k.TrustedKeys()
	if trusted != nil || err != nil {
		t.Errorf("keys %v, %v: nil is what says that none is demanded", trusted, err)
	}
	if _, err := envelope.Encrypt(nil, to); err == nil {
		t.Error("encrypted for nobody")
	}
	if ids := identities(t, &envelope.Keys{}); ids == nil {
		t.Error("no identities at all")
	}
}

func TestWhatIsSaidOfKeysThatAreNotRight(t *testing.T) {
	id := newIdentity(t)
	secret, public := id.String(), id.Recipient().String()
	// bech32 takes what is before the last 1 for a kind, and would tell it.
	mistyped := secret[:40] + "1" + secret[41:]
	const pw = "Wachtwoord"
	signKey := minisignKey()
	missing := filepath.Join(t.TempDir(), "none")
	huge := write(t, "huge", strings.Repeat("#\n", 1<<20))
	to := func(k envelope.Keys) error { _, err := k.EncryptTo(); return err }
	from := func(k envelope.Keys) error { _, err := k.Identities(); return err }
	sign := func(k envelope.Keys) error { _, err := k.SignKey(); return err }
	trust := func(given string) error {
		_, err := (&envelope.Keys{PublicKeys: []string{given}}).TrustedKeys()
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a secret key as recipient":             {to(envelope.Keys{Recipients: []string{public, secret}}), "value 2 of -recipient is a secret key: give the public key"},
		"a recipient cut off":                   {to(envelope.Keys{Recipients: []string{public[:40]}}), "value 1 of -recipient begins as a public key"},
		"an SSH key as recipient":               {to(envelope.Keys{Recipients: []string{"ssh-ed25519 AAAA"}}), "is an SSH key, which is not supported"},
		"a file name as recipient":              {to(envelope.Keys{Recipients: []string{"keys.txt"}}), "value 1 of -recipient is no public key of age"},
		"an empty recipient":                    {to(envelope.Keys{Recipients: []string{""}}), "value 1 of -recipient is no public key of age"},
		"two recipients in one value":           {to(envelope.Keys{Recipients: []string{public + "\n" + secret}}), "value 1 of -recipient is a secret key"},
		"secret keys in the recipients' file":   {to(envelope.Keys{RecipientFiles: []string{write(t, "r", "# x\n"+secret)}}), "line 2 of "},
		"a recipients' file of comments":        {to(envelope.Keys{RecipientFiles: []string{write(t, "r", "# x\n")}}), "holds no recipient"},
		"a recipients' file that is not there":  {to(envelope.Keys{RecipientFiles: []string{missing}}), "reading the file of -recipients-file: open " + missing},
		"a huge recipients' file":               {to(envelope.Keys{RecipientFiles: []string{huge}}), "it is larger than 1048576 bytes"},
		"too many recipients":                   {to(envelope.Keys{RecipientFiles: []string{write(t, "r", strings.Repeat(public+"\n", 1025))}}), "for 1024 recipients at most, not 1025"},
		"a passphrase and a recipient":          {to(envelope.Keys{Passphrase: true, Recipients: []string{public}}), "with a passphrase or for recipients, not both"},
		"no passphrase":                         {to(envelope.Keys{Passphrase: true, Env: env(envelope.EnvPassphrase, "")}), "there is no passphrase to encrypt with: put it into EDMSPLAN_PASSPHRASE"},
		"a passphrase's file and no word":       {to(envelope.Keys{PassphraseFile: missing}), "-passphrase-file is given, but not -passphrase"},
		"a passphrase for its file":             {to(envelope.Keys{Passphrase: true, PassphraseFile: pw}), "reading the file of -passphrase-file: no such file"},
		"a passphrase's file that is empty":     {to(envelope.Keys{Passphrase: true, PassphraseFile: write(t, "p", "\n"+pw)}), "the first line of the file of -passphrase-file is empty"},
		"a work factor beyond reading":          {to(envelope.Keys{Passphrase: true, WorkFactor: 21, Env: env(envelope.EnvPassphrase, pw)}), "is 1 to 20, not 21"},
		"a secret key for an identity's file":   {from(envelope.Keys{IdentityFiles: []string{secret}}), "-identity wants the name of a file and was given a secret key itself"},
		"an identity mistyped":                  {from(envelope.Keys{Env: env(envelope.EnvIdentity, "\n"+mistyped)}), "line 2 of EDMSPLAN_IDENTITY begins as a secret key but is misspelt or cut off"},
		"an identity cut off":                   {from(envelope.Keys{IdentityFiles: []string{write(t, "i", secret[:60])}}), "misspelt or cut off"},
		"an identity in lower case":             {from(envelope.Keys{IdentityFiles: []string{write(t, "i", strings.ToLower(secret))}}), "is no secret key of age"},
		"a public key as identity":              {from(envelope.Keys{IdentityFiles: []string{write(t, "i", public)}}), "is a public key: the secret one"},
		"an encrypted identity":                 {from(envelope.Keys{IdentityFiles: []string{write(t, "i", string(encrypt(t, byPassphrase(pw), []byte(secret))))}}), "is itself encrypted"},
		"an empty identity file":                {from(envelope.Keys{IdentityFiles: []string{write(t, "i", "")}}), "holds no secret key"},
		"a passphrase in place of an identity":  {from(envelope.Keys{Env: env(envelope.EnvIdentity, pw)}), "line 1 of EDMSPLAN_IDENTITY is no secret key of age"},
		"a secret key for a signing key's file": {sign(envelope.Keys{SignKeyFile: strings.Split(signKey, "\n")[1]}), "-sign-key wants the name of a file and was given a secret key itself"},
		"a signing key that is none":            {sign(envelope.Keys{Env: env(envelope.EnvSignKey, pw)}), "EDMSPLAN_SIGN_KEY is no secret key file of minisign"},
		"a signing key cut off":                 {sign(envelope.Keys{SignKeyFile: write(t, "k", signKey[:100])}), "is no secret key file of minisign"},
		"a signing key that is damaged":         {sign(envelope.Keys{Env: env(envelope.EnvSignKey, signKey[:150]+"AAAA"+signKey[154:])}), "EDMSPLAN_SIGN_KEY is damaged: its signatures do not verify"},
		"a locked signing key, no password":     {sign(envelope.Keys{Env: env(envelope.EnvSignKey, lockedKey)}), "EDMSPLAN_SIGN_KEY has a password: put it into EDMSPLAN_SIGN_PASSWORD"},
		"a locked signing key, wrong password":  {sign(envelope.Keys{Env: env(envelope.EnvSignKey, lockedKey, envelope.EnvSignPassword, pw)}), "the password of EDMSPLAN_SIGN_KEY is wrong"},
		"a secret key to trust":                 {trust(strings.Split(signKey, "\n")[1]), "-public-key wants the name of a file and was given a secret key"},
		"a secret key's file to trust":          {trust(write(t, "k", signKey)), "it is a secret key: give the public one"},
		"nothing to trust":                      {trust(missing), "it is neither a minisign public key (RW…) nor a file that can be read"},
		"an age key to trust":                   {trust(write(t, "k", public)), "it is no public key of minisign"},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, c.err, c.want, secret, secret[20:50], mistyped[20:38], pw, signKey[60:150], lockedKey[60:150])
		})
	}
	if err := from(envelope.Keys{IdentityFiles: []string{missing}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	id := newIdentity(t)
	k := *byPassphrase(passphrase)
	k.Env = env(envelope.EnvPassphrase, passphrase, envelope.EnvIdentity, id.String(), envelope.EnvSignKey, minisignKey())
	to, err := k.EncryptTo()
	if err != nil {
		t.Fatal(err)
	}
	key, err := k.SignKey()
	if err != nil {
		t.Fatal(err)
	}
	ids := identities(t, &k)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{to, *to, ids, *ids, key, *key, k} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range []string{passphrase, fmt.Sprintf("%x", passphrase), strings.Trim(fmt.Sprintf("%d", []byte(passphrase)), "[]"), id.String(), "SECRET"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %T prints %s", verb, v, text)
				}
			}
			if len(text) > 500 {
				t.Errorf("%s of %T prints %s", verb, v, text)
			}
		}
	}
}

// A pipe holds a secret as well as a file does, and can be read once.
func TestAKeyMayComeThroughAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	id := newIdentity(t)
	if _, err := w.WriteString(id.String()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skip("this system has no /dev/fd")
	}
	ids := identities(t, &envelope.Keys{IdentityFiles: []string{path}})
	if got, err := decrypt(t, encrypt(t, keysOf(id), []byte("x")), ids); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}
