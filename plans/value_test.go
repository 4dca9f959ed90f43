package plans_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/plans"
)

func TestParts(t *testing.T) {
	tests := map[string]struct {
		value plans.Value
		want  []plans.Value
	}{
		"a key of one part":            {`["SOP-0042"]`, []plans.Value{`"SOP-0042"`}},
		"a composite key":              {`["viewer01", 17, ["a","b"]]`, []plans.Value{`"viewer01"`, "17", `["a","b"]`}},
		"an empty list has no parts":   {`[]`, []plans.Value{}},
		"a text is no list":            {`"[1]"`, nil},
		"an unterminated list is none": {`["a",`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.value.Parts()); diff != "" {
				t.Errorf("parts differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutPassword(t *testing.T) {
	tests := map[string]struct{ live, want string }{
		"a URL":                            {"postgres://u:hunter2@h:5432/db?sslmode=disable", "postgres://u@h:5432/db?sslmode=disable"},
		"a URL without one":                {"postgres://u@h/db", "postgres://u@h/db"},
		"a parameter":                      {"postgres://h/db?password=hunter2&sslmode=disable", "postgres://h/db?sslmode=disable"},
		"a parameter that does not decode": {"postgres://h/db?password=hunter2%zz", "postgres://h/db"},
		"a # in the password":              {"postgres://u:hunter2#x@h/db", "postgres://u@h/db"},
		"a ? after digits":                 {"postgres://u:12?hunter2@h/db", "postgres://u@h/db"},
		"a % in the password":              {"postgres://u:hunter2%@h/db", "postgres://u@h/db"},
		"an @ in the password":             {"postgres://u:hunter2@hunter2@h/db", "postgres://u@h/db"},
		"a connection string":              {"host=h password='hunter2 \\' x' dbname=d", "host=h dbname=d"},
		"a file":                           {"sqlite:/var/lib/edms.db", "sqlite:/var/lib/edms.db"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := plans.WithoutPassword(tt.live)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("the password is still there")
			}
		})
	}
}
