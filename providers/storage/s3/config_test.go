package s3

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edmsplan/edmsplan/providers/storage"
)

const secret = "hunter2-hunter2"

func environment(pairs ...string) variables {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestAURLNamesABucketAndAPrefix(t *testing.T) {
	for text, want := range map[string]struct{ bucket, prefix string }{
		"s3://backups":               {"backups", ""},
		"s3://backups/":              {"backups", ""},
		"s3://backups/edms":          {"backups", "edms"},
		"s3://backups/edms/2026/":    {"backups", "edms/2026"},
		"s3://backups/a b/%41":       {"backups", "a b/%41"}, // nothing is decoded
		"s3://my.backups-1/Ärchiv":   {"my.backups-1", "Ärchiv"},
		"s3://backups/.edmsplan":     {"backups", ".edmsplan"},
		"s3://backups/a/.../b-c_d+e": {"backups", "a/.../b-c_d+e"},
	} {
		bucket, prefix, err := parseURL(text)
		if err != nil || bucket != want.bucket || prefix != want.prefix {
			t.Errorf("%s: %q, %q, %v, want %+v", text, bucket, prefix, err, want)
		}
	}
}

func TestOtherURLsAreRefusedWithoutTheirSecrets(t *testing.T) {
	for what, text := range map[string]string{
		"another scheme":     "https://backups/edms",
		"no bucket":          "s3://",
		"no bucket but more": "s3:///edms",
		"credentials":        "s3://key:" + secret + "@backups/edms",
		"a query":            "s3://backups/edms?secret=" + secret,
		"a fragment":         "s3://backups/edms#" + secret,
		"a bad bucket":       "s3://Backups_/edms",
		"a way out":          "s3://backups/../edms",
		"two slashes":        "s3://backups//edms",
		"a hidden prefix":    "s3://backups/" + storage.HiddenPrefix + "stage",
		"a NUL":              "s3://backups/a\x00",
	} {
		_, err := Open(context.Background(), text, environment())
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want an error without secrets", what, err)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"s3://backups/edms", "s3://a@b", "s3://", "s3://backups/..", "s3://backups/a//", "s3://000//", "s3://bücher/x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bucket, prefix, err := parseURL(text)
		if err != nil {
			return
		}
		if bucket == "" || strings.Contains(bucket, "/") {
			t.Errorf("the bucket is %q", bucket)
		}
		if prefix != "" && storage.CheckName(prefix) != nil {
			t.Errorf("the prefix is %q", prefix)
		}
		if again := strings.TrimSuffix(Scheme+bucket+"/"+prefix, "/"); again != strings.TrimSuffix(text, "/") {
			t.Errorf("%q was read as %q", text, again)
		}
	})
}

func TestTheEnvironmentSaysWhere(t *testing.T) {
	keys := []string{"AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY", secret}
	for name, tt := range map[string]struct {
		env              []string
		endpoint, region string
		secure           bool
	}{
		"nothing is Amazon":         {nil, awsEndpoint, "", true},
		"a region":                  {[]string{"AWS_REGION", "eu-central-1", "AWS_DEFAULT_REGION", "x"}, awsEndpoint, "eu-central-1", true},
		"the default region":        {[]string{"AWS_DEFAULT_REGION", "eu-west-1"}, awsEndpoint, "eu-west-1", true},
		"another server":            {[]string{"AWS_ENDPOINT_URL", "https://s3.example.test:9000/"}, "s3.example.test:9000", "us-east-1", true},
		"another server, open":      {[]string{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"}, "127.0.0.1:9000", "us-east-1", false},
		"the one of S3 comes first": {[]string{"AWS_ENDPOINT_URL", "http://a", "AWS_ENDPOINT_URL_S3", "https://b"}, "b", "us-east-1", true},
		"empty is not set":          {[]string{"AWS_ENDPOINT_URL", "https://a", "AWS_ENDPOINT_URL_S3", "", "AWS_REGION", ""}, "a", "us-east-1", true},
	} {
		endpoint, o, err := options(environment(append(tt.env, keys...)...))
		if err != nil || endpoint != tt.endpoint || o.Region != tt.region || o.Secure != tt.secure {
			t.Errorf("%s: %q, %+v, %v, want %+v", name, endpoint, o, err, tt)
		}
	}
}

func TestABadEnvironmentIsRefusedWithoutItsSecrets(t *testing.T) {
	for name, env := range map[string][]string{
		"no credentials":                  {"HOME", t.TempDir()},
		"half of the credentials":         {"AWS_SECRET_ACCESS_KEY", secret},
		"the other half":                  {"AWS_ACCESS_KEY_ID", "key"},
		"an endpoint without a scheme":    {"AWS_ENDPOINT_URL", "example.test:9000", "AWS_ACCESS_KEY_ID", "key", "AWS_SECRET_ACCESS_KEY", secret},
		"an endpoint with credentials":    {"AWS_ENDPOINT_URL", "https://key:" + secret + "@example.test"},
		"an endpoint that is none at all": {"AWS_ENDPOINT_URL", "https://" + secret + "%zz"},
		"an endpoint with a path":         {"AWS_ENDPOINT_URL", "https://example.test/" + secret},
	} {
		if _, _, err := options(environment(env...)); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want an error without secrets", name, err)
		}
	}
}

func TestTheSharedCredentialsFileIsRead(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".aws", "credentials")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "[default]\naws_access_key_id = one\naws_secret_access_key = " + secret + "\n" +
		"[other]\naws_access_key_id = two\naws_secret_access_key = " + secret + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_PROFILE", "wrong") // only what is passed counts
	for want, env := range map[string][]string{
		"one":   {"HOME", home},
		"two":   {"AWS_SHARED_CREDENTIALS_FILE", file, "AWS_PROFILE", "other"},
		"three": {"HOME", home, "AWS_ACCESS_KEY_ID", "three", "AWS_SECRET_ACCESS_KEY", "x"},
	} {
		creds, err := who(environment(env...))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := creds.GetWithContext(nil); err != nil || got.AccessKeyID != want {
			t.Errorf("%v: %q, %v, want %q", env, got.AccessKeyID, err, want)
		}
	}
}
