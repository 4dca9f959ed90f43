package plans

import (
	"net/url"
	"regexp"
	"strings"
)

// WithoutPassword is a database's URL or connection string as it may be shown
// and saved: without the password, wherever one can stand in it. What is not
// recognised as a URL is searched for password=… and returned without it.
func WithoutPassword(live string) string {
	u, err := url.Parse(live)
	if err != nil || u.Scheme == "" || u.Host+u.RawQuery == "" || strings.Contains(u.RawQuery+u.Fragment, "@") {
		return withoutPasswordText(live)
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q, changed := u.Query(), false
	for name := range q {
		if secretParameter(name) {
			q.Del(name)
			changed = true
		}
	}
	if changed {
		u.RawQuery = q.Encode()
	}
	// Query drops what it cannot read, and that may be the password.
	return withoutPasswordParameter(u.String())
}

// withoutPasswordText handles "host=h password='p q'" and URLs that do not
// parse, as with a % or a # in the password: everything up to the last @ of
// the authority goes.
func withoutPasswordText(live string) string {
	if scheme, rest, ok := strings.Cut(live, "://"); ok {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			user, _, _ := strings.Cut(rest[:at], ":")
			live = scheme + "://" + user + rest[at:]
		}
	}
	return withoutPasswordParameter(live)
}

func withoutPasswordParameter(live string) string {
	pair := regexp.MustCompile(`(?i)\b(?:ssl)?(?:password|passwd|pwd)\s*=\s*(?:'(?:[^'\\]|\\.)*'?|[^\s&]*)[\s&]?`)
	if !pair.MatchString(live) {
		return live
	}
	return strings.TrimRight(pair.ReplaceAllString(live, ""), " ?&")
}

func secretParameter(name string) bool {
	n := strings.ToLower(name)
	return n == "password" || n == "sslpassword" || n == "passwd" || n == "pwd"
}
