package policy_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/edmsplan/edmsplan/schema"
	"github.com/edmsplan/edmsplan/schema/diag"
	"github.com/edmsplan/edmsplan/schema/policy"
)

func isSensitive(d diag.Diagnostic) bool { return d.Code == "policy.sensitive" }

// password is the field password of a record with the login given, of a policy
// whose secret is plain.
func password(t interface{ Fatal(...any) }, login, plain, expr string) policy.SeedField {
	text := people + fmt.Sprintf("seed \"a.person\" {\n  on = reinit\n  records = [{ login = %q, password = %s }]\n}\n", login, expr)
	p, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, policy.Options{Vars: []string{"secret=" + plain}})
	if diags != nil {
		t.Fatal(diags.Err())
	}
	return p.Seeds[0].Records[0].Fields[1]
}

func value(t interface{ Fatal(...any) }, f policy.SeedField) string {
	l, diags := f.Value()
	if diags != nil || l.Kind != schema.StringLiteral {
		t.Fatal("no text", diags.Err())
	}
	return l.Text
}

// verifies does what Django's check_password does with such a hash: it takes
// iterations and salt from it, runs PBKDF2 (one block of HMAC-SHA256, as the
// hash is as long as the digest) and compares.
func verifies(plain, stored string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 4 || parts[0] != "pbkdf2_sha256" {
		return false
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(plain))
	mac.Write([]byte(parts[2] + "\x00\x00\x00\x01"))
	u := mac.Sum(nil)
	sum := append([]byte(nil), u...)
	for range n - 1 {
		mac.Reset()
		mac.Write(u)
		u = mac.Sum(u[:0])
		for i := range sum {
			sum[i] ^= u[i]
		}
	}
	return base64.StdEncoding.EncodeToString(sum) == parts[3]
}

func TestTheHashIsDjangosOwn(t *testing.T) {
	// The value that Django 4.2's own tests expect.
	const want = "pbkdf2_sha256$600000$seasalt$OAXyhAQ/4ZDA9V5RMExt3C1OwQdUpLZ99vm1McFlLRA="
	got, err := policy.Encode("lètmein", "seasalt")
	if err != nil || got != want {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
}

func TestAPasswordVerifies(t *testing.T) {
	stored := value(t, password(t, "root", "correct horse", "django_password(var.secret)"))
	if !regexp.MustCompile(`^pbkdf2_sha256\$600000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$`).MatchString(stored) {
		t.Errorf("%s is not as Django stores it", stored)
	}
	if !verifies("correct horse", stored) {
		t.Error("the password does not verify")
	}
	if verifies("correct horses", stored) {
		t.Error("another password verifies")
	}
	if again := value(t, password(t, "root", "correct horse", "django_password(var.secret)")); again != stored {
		t.Error("the same record has two hashes")
	}
}

func TestTheSaltIsTheRecordsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "a"), rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "b")
		x, y := policy.Letters("users.user", a), policy.Letters("users.user", b)
		if (x == y) != (a == b) {
			t.Fatalf("%q and %q have %s and %s", a, b, x, y)
		}
		if policy.Letters("users.role", a) == x || policy.Letters("users.user", a, "") == x {
			t.Fatal("two models or keys share a salt")
		}
		if len(x) != 22 {
			t.Fatalf("the salt %s has %d characters", x, len(x))
		}
	})
}

// A salt stands in the database in clear: made of the password, it would let
// guesses be tested without the cost of the hash.
func TestTheSaltTellsNothingOfThePassword(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes two hashes")
	}
	salts := map[string]bool{}
	for _, plain := range []string{"one", "two"} {
		salts[strings.Split(value(t, password(t, "root", plain, "django_password(var.secret)")), "$")[2]] = true
	}
	if len(salts) != 1 {
		t.Error("the salt follows the password")
	}
}

func TestAHashIsMadeOnceAndNotBeforeItIsAskedFor(t *testing.T) {
	if f := password(t, "root", "x", `"${django_password(var.secret)}"`); !policy.Pending(f) {
		t.Error("the hash was made when the policy was read")
	}
	if f := password(t, "root", "x", `django_unusable_password()`); policy.Pending(f) {
		t.Error("what is at hand is not there")
	}
	if f := password(t, "root", "x", `var.secret == "" ? django_password("${var.secret}x") : "!"`); policy.Pending(f) {
		t.Error("a hash is made that is not part of the value")
	}
	var made atomic.Int32
	f := policy.Lazy(func() (schema.Literal, diag.List) {
		made.Add(1)
		return text("hash"), nil
	})
	var wait sync.WaitGroup
	for range 8 {
		copied := f
		wait.Go(func() {
			if v, diags := copied.Value(); diags != nil || v.Text != "hash" {
				t.Error("no hash", diags.Err())
			}
		})
	}
	wait.Wait()
	if made.Load() != 1 {
		t.Errorf("it was made %d times", made.Load())
	}
}

func TestAnUnusablePasswordIsTheRecordsOwn(t *testing.T) {
	form := regexp.MustCompile(`^![A-Za-z0-9]{40}$`)
	seen := map[string]string{}
	for _, login := range []string{"root", "ada", "grace"} {
		stored := value(t, password(t, login, "x", "django_unusable_password()"))
		if !form.MatchString(stored) {
			t.Errorf("%s is not unusable", stored)
		}
		if before, ok := seen[stored]; ok {
			t.Errorf("%s and %s share one", before, login)
		}
		seen[stored] = login
		if value(t, password(t, login, "y", `var.secret == "" ? django_password(var.secret) : django_unusable_password()`)) != stored {
			t.Error("the same record has two")
		}
	}
}

func TestAPasswordIsGivenAndSecret(t *testing.T) {
	for name, c := range map[string]struct{ secret, expr, summary string }{
		"an empty one":                     {"", "django_password(var.secret)", "django_password failed"},
		"none":                             {"x", `django_password(var.secret == "x" ? null : var.secret)`, "django_password failed"},
		"one that stands in the policy":    {"x", `django_password("hunter2")`, "The password stands in the policy or in a variable that is not sensitive"},
		"a variable that is not sensitive": {"x", `django_password(var.site)`, "The password stands in the policy or in a variable that is not sensitive"},
		"taken apart":                      {"x", `django_password(var.secret) + 1`, "Invalid operand"},
	} {
		t.Run(name, func(t *testing.T) {
			text := people + "seed \"a.person\" {\n  on = reinit\n  records = [{ login = \"a\", password = " + c.expr + " }]\n}\n"
			_, diags := policy.Parse([]policy.File{{Name: "p.hcl", Content: []byte(text)}}, policy.Options{Vars: []string{"secret=" + c.secret}})
			if len(diags) != 1 || diags[0].Summary != c.summary || diags[0].Remedy == "" {
				t.Errorf("got %+v", diags)
			}
		})
	}
}
