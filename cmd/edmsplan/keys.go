package main

import (
	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

// keyFlags say where the keys of a command come from. Secrets come from files
// and the environment, never from a flag's value.
type keyFlags struct{ given envelope.Keys }

// addReading adds the flags of commands that read packages.
func (f *keyFlags) addReading(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.given.IdentityFiles, "identity", nil, "`FILE` with age secret keys to open encrypted packages (besides EDMSPLAN_IDENTITY); may be repeated")
	flags.StringVar(&f.given.PassphraseFile, "passphrase-file", "", "`FILE` with the passphrase of encrypted packages in its first line (default: EDMSPLAN_PASSPHRASE)")
	flags.StringArrayVar(&f.given.PublicKeys, "public-key", nil, "minisign public `KEY` or file: a package must be signed by one of them; may be repeated")
}

// addWriting adds those of commands that write packages.
func (f *keyFlags) addWriting(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.given.Recipients, "recipient", nil, "age public `KEY` (age1…) to encrypt for; may be repeated")
	flags.StringArrayVar(&f.given.RecipientFiles, "recipients-file", nil, "`FILE` of age public keys to encrypt for; may be repeated")
	flags.BoolVar(&f.given.Passphrase, "passphrase", false, "encrypt with the passphrase of -passphrase-file or EDMSPLAN_PASSPHRASE")
	f.addSigning(flags)
}

// addSigning adds those of commands that sign.
func (f *keyFlags) addSigning(flags *pflag.FlagSet) {
	flags.StringVar(&f.given.SignKeyFile, "sign-key", "", "minisign secret key `FILE` to sign with (default: EDMSPLAN_SIGN_KEY)")
	flags.StringVar(&f.given.SignPasswordFile, "sign-password-file", "", "`FILE` with the password of that key in its first line (default: EDMSPLAN_SIGN_PASSWORD)")
}

// keys are the keys of the flags and of the environment.
func (f *keyFlags) keys(s streams) envelope.Keys {
	k := f.given
	k.Env = s.env
	return k
}

// encrypts reports whether the flags ask for encryption.
func (f *keyFlags) encrypts() bool {
	return f.given.Passphrase || len(f.given.Recipients)+len(f.given.RecipientFiles) > 0
}
