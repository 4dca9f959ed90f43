package s3

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Scheme begins the URL of a store.
const Scheme = "s3://"

// awsEndpoint is where S3 is when the environment names no other server.
const awsEndpoint = "s3.amazonaws.com"

// maxRetries is how often the driver sends a request that fails for a reason
// that may pass; with its pauses this is some seconds.
const maxRetries = 5

// parseURL takes s3://bucket/prefix apart. What may be a secret is not quoted.
func parseURL(text string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return "", "", fmt.Errorf("the URL does not begin with %s", Scheme)
	}
	if strings.ContainsAny(rest, "@?#") {
		return "", "", errors.New("the URL is " + Scheme + "bucket/prefix and has no @, ? and #: " +
			"credentials, region and endpoint belong in the environment (AWS_ACCESS_KEY_ID and the others)")
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	if err := s3utils.CheckValidBucketNameStrict(bucket); err != nil {
		return "", "", fmt.Errorf("the bucket %q in the URL: %w", bucket, err)
	}
	if prefix != "" {
		prefix = strings.TrimSuffix(prefix, "/")
		if err := storage.CheckName(prefix); err != nil {
			return "", "", fmt.Errorf("the prefix in the URL: %w", err)
		}
	}
	return bucket, prefix, nil
}

// variables reads the environment; an empty variable is one that is not set.
type variables func(string) (string, bool)

// first returns the first of the variables that is set, or "".
func (env variables) first(names ...string) string {
	for _, name := range names {
		if value, ok := env(name); ok && value != "" {
			return value
		}
	}
	return ""
}

// options reads where the server is, how it is to be used and who asks.
func options(env variables) (endpoint string, o *minio.Options, err error) {
	o = &minio.Options{Secure: true, MaxRetries: maxRetries, Region: env.first("AWS_REGION", "AWS_DEFAULT_REGION")}
	endpoint = awsEndpoint
	if given := env.first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"); given != "" {
		if endpoint, o.Secure, err = parseEndpoint(given); err != nil {
			return "", nil, err
		}
		if o.Region == "" {
			o.Region = "us-east-1" // what servers that have no regions want to be called
		}
	}
	if o.Creds, err = who(env); err != nil {
		return "", nil, err
	}
	return endpoint, o, nil
}

// parseEndpoint returns the host. The URL is not quoted: somebody may have put
// a password there.
func parseEndpoint(text string) (host string, secure bool, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false, errors.New("AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is not of the form https://host:port")
	}
	return u.Host, u.Scheme == "https", nil
}

// who returns the credentials: those of the environment, or those of the
// shared credentials file.
func who(env variables) (*credentials.Credentials, error) {
	id, secret := env.first("AWS_ACCESS_KEY_ID"), env.first("AWS_SECRET_ACCESS_KEY")
	switch {
	case id != "" && secret != "":
		return credentials.NewStaticV4(id, secret, env.first("AWS_SESSION_TOKEN")), nil
	case id != "" || secret != "":
		return nil, errors.New("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set")
	}
	file := env.first("AWS_SHARED_CREDENTIALS_FILE")
	if home := env.first("HOME", "USERPROFILE"); file == "" && home != "" {
		file = filepath.Join(home, ".aws", "credentials")
	}
	if _, err := os.Stat(file); err != nil {
		return nil, errors.New("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials")
	}
	profile := env.first("AWS_PROFILE")
	if profile == "" {
		profile = "default" // or the driver would look in its own environment
	}
	return credentials.NewFileAWSCredentials(file, profile), nil
}
