package policy_test

import (
	"testing"

	"github.com/edmsplan/edmsplan/schema/policy"
)

func TestAnEmptyURLNamesNoLiveDatabase(t *testing.T) {
	for what, url := range map[string]string{
		"a variable of the environment that is not set": `env("EDMSPLAN_LIVE", "")`,
		"an empty text": `""`,
	} {
		t.Run(what, func(t *testing.T) {
			files := []policy.File{{Name: "a.hcl", Content: []byte(header + "live { url = " + url + " }")}}
			p, list := policy.Parse(files, policy.Options{})
			if err := list.Err(); err != nil {
				t.Fatal(err)
			}
			if p.LiveURL != "" {
				t.Errorf("the policy names %q", p.LiveURL)
			}
		})
	}
}
