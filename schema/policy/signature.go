package policy

import (
	"encoding/base64"
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/edmsplan/edmsplan/schema/diag"
)

// A minisign public key is 42 bytes in base64: "Ed", the key's id of 8 bytes,
// and the Ed25519 key.
const (
	publicKeyLength = 56
	publicKeyBytes  = 42
	publicKeyMark   = "Ed"
	signatureRemedy = `Write require_signature = ["RW…"]: the last line of the file minisign.pub.`
)

// publicKeys reads a list of minisign public keys. They are texts and not
// expressions: what a policy trusts stands in it, where it is reviewed.
func (r *reader) publicKeys(a *hclsyntax.Attribute) []Name {
	if a == nil {
		return nil
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok || len(list.Exprs) == 0 {
		r.notOfType(a, cty.NilVal, "a list of public keys", signatureRemedy)
		return nil
	}
	var keys []Name
	first := map[string]diag.Range{}
	for _, e := range list.Exprs {
		k, ok := r.bare(e)
		switch before, twice := first[k.Text]; {
		case !ok || !isQuoted(e) || !isPublicKey(k.Text):
			if len(k.Text) > publicKeyLength {
				// It may be the secret key.
				r.sources.secrets = append(r.sources.secrets, e.Range())
			}
			r.fail(e.Range(), diag.Diagnostic{
				Code: "policy.value", Summary: "This is not a minisign public key",
				Detail: fmt.Sprintf("Such a key is a text of %d characters in base64 that begins with RW.", publicKeyLength), Remedy: signatureRemedy,
			})
		case twice:
			r.fail(e.Range(), diag.Diagnostic{
				Code: "policy.duplicate", Summary: "require_signature names one key twice",
				Detail: fmt.Sprintf("The first is at %s.", before), Remedy: "Remove one of them.",
			})
		default:
			first[k.Text] = k.Range
			keys = append(keys, k)
		}
	}
	return keys
}

func isPublicKey(text string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && len(text) == publicKeyLength && len(raw) == publicKeyBytes && string(raw[:2]) == publicKeyMark
}
