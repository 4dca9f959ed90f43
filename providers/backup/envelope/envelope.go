// Package envelope is what goes around a package's bytes: encryption as age
// has it (filippo.io/age) and signatures as minisign has them, so that both can
// be undone and checked without edmsplan. It knows nothing of what is inside;
// for that use the readers beside it.
//
// Keys says where keys come from. Secrets come from files and the environment
// only, and no error quotes one.
package envelope

import "errors"

// The variables of the environment that Keys reads. Their values are secrets.
const (
	// EnvPassphrase is the passphrase itself.
	EnvPassphrase = "EDMSPLAN_PASSPHRASE"
	// EnvIdentity is one secret key (AGE-SECRET-KEY-1…), or several, one a line.
	EnvIdentity = "EDMSPLAN_IDENTITY"
	// EnvSignKey is the text of a minisign secret key file.
	EnvSignKey = "EDMSPLAN_SIGN_KEY"
	// EnvSignPassword is the password of that key.
	EnvSignPassword = "EDMSPLAN_SIGN_PASSWORD"
)

// ErrKey is wrapped when a package is encrypted and none of the keys that were
// given opens it. The package may be sound.
var ErrKey = errors.New("the package is encrypted")

// How much work a passphrase costs, as base-2 logarithms of scrypt's N; a
// kibibyte of memory is needed for each unit of N.
const (
	// defaultWork is what age itself uses: 256 MiB, about a second.
	defaultWork = 18
	// maxWork is the most that is spent on somebody else's file: 1 GiB.
	maxWork = 20
)
