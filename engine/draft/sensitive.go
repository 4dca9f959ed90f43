package draft

import (
	"slices"
	"strings"

	"github.com/edmsplan/edmsplan/schema"
)

// secret reports whether a field's name, or the package, says that its values
// are secrets.
func (t *table) secret(f field) bool {
	if f.refers != "" {
		return false
	}
	if t.described != nil {
		if d := t.described.Field(f.name); d != nil && d.Sensitive {
			return true
		}
	}
	switch f.column.Type.Kind {
	case schema.Text, schema.Bytes, schema.JSON, schema.Array, schema.Other, schema.UUID, schema.Enum:
	default:
		return false // a flag, a count or a time tells of a secret, it is none
	}
	w := words(f.column.Name)
	for i, word := range w {
		switch singular(word) {
		case "password", "passwd", "passphrase", "pwd", "secret", "credential", "cvv", "pin", "ssn", "privatekey", "apikey":
			return true
		case "token", "otp", "totp", "hotp", "mfa", "2fa", "jwt":
			return true
		case "encryption", "encrypted":
			return true
		case "session":
			if i < len(w)-1 && slices.Contains([]string{"key", "id", "data", "token", "cookie"}, w[i+1]) {
				return true
			}
		case "key":
			if before := w[:i]; secretKey(before, t) {
				return true
			}
		case "code":
			if i > 0 && slices.Contains([]string{"backup", "recovery", "verification", "reset", "scratch"}, w[i-1]) {
				return true
			}
		}
	}
	return false
}

// secretKey reports whether a key is one that opens something, and none that
// identifies: a natural key, a foreign key, a key of a cache or a setting.
func secretKey(before []string, t *table) bool {
	opens := []string{"private", "secret", "api", "access", "signing", "encryption", "wrapped", "shared", "master", "auth", "activation", "reset", "license", "licence", "session"}
	if slices.ContainsFunc(before, func(w string) bool { return slices.Contains(opens, w) }) {
		return true
	}
	name := plain(t.label + "_" + t.Relation)
	return len(before) == 0 && (strings.Contains(name, "token") || strings.Contains(name, "secret") || strings.Contains(name, "apikey"))
}

// doubtful reports whether a key of unknown kind might be a secret.
func (t *table) doubtful(f field) bool {
	w := words(f.column.Name)
	if f.refers != "" || len(w) == 0 || singular(w[len(w)-1]) != "key" || f.column.Type.Kind != schema.Text {
		return false
	}
	known := []string{"natural", "foreign", "primary", "public", "cache", "object", "sort", "setting", "config", "translation", "message", "feature", "lookup", "group"}
	return len(w) == 1 || !slices.Contains(known, w[len(w)-2])
}

// volatile reports whether a column changes by mere use.
func volatile(column string) bool {
	switch column {
	case "last_login", "last_seen", "last_seen_at", "last_activity", "last_active", "last_access", "last_accessed", "last_accessed_at",
		"last_used", "last_used_at", "last_run", "last_run_at", "login_count", "hit_count", "view_count", "usage_count", "access_count", "total_run_count":
		return true
	}
	return false
}
