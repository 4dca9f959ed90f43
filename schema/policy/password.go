package policy

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/edmsplan/edmsplan/schema"
)

// The functions that need a record.
const (
	passwordName = "django_password"
	unusableName = "django_unusable_password"
)

func recordFunctionNames() []string { return []string{passwordName, unusableName} }

// What Django 4.2 does: PBKDF2 with HMAC-SHA256 and this many iterations, a
// salt of 22 letters and digits (128 bits), "!" and 40 of them for a password
// that nothing matches.
const (
	iterations      = 600_000
	saltLength      = 22
	unusableLength  = 40
	unusablePrefix  = "!"
	saltPurpose     = "edmsplan django_password salt 1"
	unusablePurpose = "edmsplan django_unusable_password 1"
	alphabet        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// identity is what tells a seed's record from all others.
type identity struct {
	model string
	key   []schema.Literal
}

// letters derives n letters and digits from the record, the same ones each
// time, so that plans are pure. Nothing secret goes into them: a salt stands
// beside the hash, and one that was made of the password would let guesses be
// tested without the cost of the hash.
func (id identity) letters(purpose string, n int) string {
	mac := hmac.New(sha256.New, []byte(purpose))
	writeText(mac, id.model)
	writeNumber(mac, len(id.key))
	for _, l := range id.key {
		writeNumber(mac, int(l.Kind))
		writeText(mac, l.Text)
	}
	seed := mac.Sum(nil)
	// Bytes from here on are left out: they would make some letters likelier.
	const even = 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	for block := 0; len(out) < n; block++ {
		mac := hmac.New(sha256.New, seed)
		writeNumber(mac, block)
		for _, b := range mac.Sum(nil) {
			if int(b) < even && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// hashing makes a hash of a password and a salt.
type hashing func(plain, salt string) ([]byte, error)

// slowHash is PBKDF2. It takes a good part of a second.
func slowHash(plain, salt string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, plain, []byte(salt), iterations, sha256.Size)
}

// encoded is a hash as Django stores it.
func encoded(salt string, hash []byte) string {
	return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", iterations, salt, base64.StdEncoding.EncodeToString(hash))
}

// recordFunctions are the functions that depend on the record they are called
// for.
func recordFunctions(id identity, hash hashing) map[string]function.Function {
	return map[string]function.Function{
		passwordName: function.New(&function.Spec{
			Params: []function.Parameter{{Name: "plain", Type: cty.String, AllowNull: true}},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				if args[0].IsNull() || args[0].AsString() == "" {
					return cty.NilVal, blindRefusal{
						"the password is null or empty", "Give one, or write " + unusableName + "() for a password that nothing matches.",
					}
				}
				salt := id.letters(saltPurpose, saltLength)
				h, err := hash(args[0].AsString(), salt)
				if err != nil {
					return cty.NilVal, fmt.Errorf("hashing a password: %w", err)
				}
				return cty.StringVal(encoded(salt, h)), nil
			},
		}),
		unusableName: function.New(&function.Spec{
			Type: function.StaticReturnType(cty.String),
			Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
				return cty.StringVal(unusablePrefix + id.letters(unusablePurpose, unusableLength)), nil
			},
		}),
	}
}

// needsRecord stands for these functions where there is no record. It is known
// but never called: usage refuses the call.
func needsRecord() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.DynamicPseudoType, AllowNull: true},
		Type:     function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			return cty.NilVal, blindRefusal{"there is no record here", "Call it in the records of a seed block."}
		},
	})
}
