package policy

import (
	"bytes"
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format is the policy's text in HCL's canonical form: indented by two, the
// equals signs of neighbouring lines one below the other. It changes no more
// than spaces. A text that is not HCL is returned as it is, with an error.
func Format(text []byte) ([]byte, error) {
	if _, diags := hclsyntax.ParseConfig(text, "policy.hcl", hcl.InitialPos); diags.HasErrors() {
		return text, errors.New("not formatted, as it is not HCL: " + diags.Error())
	}
	return append(bytes.TrimSpace(hclwrite.Format(text)), '\n'), nil
}
