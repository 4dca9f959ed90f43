package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edmsplan/edmsplan/schema"
)

// verifyHashes computes the checksums that the application keeps beside its
// audit rows and its change log. They are made over integer ids and
// microseconds, so they verify only where a restore preserves both.
func verifyHashes(t *testing.T, s *state, audits, entries int) {
	t.Helper()
	good := 0
	for id, r := range s.rows["audit_trail"] {
		if sum := r["checksum"].Text; sum == auditByText(t, r) || sum == auditByFields(t, r) {
			good++
		} else {
			t.Errorf("the checksum of audit row %s does not verify", id)
		}
	}
	if good != audits || len(s.rows["audit_trail"]) != audits {
		t.Errorf("%d of %d audit checksums verify, want %d", good, len(s.rows["audit_trail"]), audits)
	}
	good = 0
	for id, r := range s.rows["database_change_log"] {
		if r["integrity_hash"].Text == changeHash(t, r) {
			good++
		} else {
			t.Errorf("the hash of change log row %s does not verify", id)
		}
	}
	if good != entries || len(s.rows["database_change_log"]) != entries {
		t.Errorf("%d of %d change log hashes verify, want %d", good, len(s.rows["database_change_log"]), entries)
	}
}

// auditByText is the hash of rows that signal handlers wrote.
func auditByText(t *testing.T, r row) string {
	t.Helper()
	return sum("None" + r["action"].Text + r["user_id"].Text + r["object_id"].Text + pythonJSON(document(t, r["field_changes"])))
}

// auditByFields is the hash of rows that views wrote.
func auditByFields(t *testing.T, r row) string {
	t.Helper()
	return sum(pythonJSON(map[string]any{
		"user_id": id(r["user_id"]), "action": r["action"].Text, "content_type_id": id(r["content_type_id"]),
		"object_id": textOrNil(r["object_id"]), "description": r["description"].Text, "timestamp": isoformat(t, r["timestamp"]),
		"ip_address": textOrNil(r["ip_address"]), "metadata": document(t, r["metadata"]),
	}))
}

func changeHash(t *testing.T, r row) string {
	t.Helper()
	return sum(pythonJSON(map[string]any{
		"content_type_id": id(r["content_type_id"]), "object_id": id(r["object_id"]), "action": r["action"].Text,
		"user_id": id(r["user_id"]), "timestamp": isoformat(t, r["timestamp"]),
		"old_values": document(t, r["old_values"]), "new_values": document(t, r["new_values"]),
	}))
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func id(l schema.Literal) any {
	if l.Kind == schema.NullLiteral {
		return nil
	}
	return json.Number(l.Text)
}

func textOrNil(l schema.Literal) any {
	if l.Kind == schema.NullLiteral {
		return nil
	}
	return strings.TrimSuffix(l.Text, "/32")
}

// isoformat is a time as Python writes it.
func isoformat(t *testing.T, l schema.Literal) string {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.999999999Z07", strings.Replace(l.Text, " ", "T", 1))
	must(t, err)
	return at.UTC().Format("2006-01-02T15:04:05.000000") + "+00:00"
}

func document(t *testing.T, l schema.Literal) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(l.Text))
	d.UseNumber()
	var v any
	must(t, d.Decode(&v))
	return v
}

// pythonJSON is what json.dumps(v, sort_keys=True) gives.
func pythonJSON(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = pythonJSON(k) + ": " + pythonJSON(v[k])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = pythonJSON(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return pythonText(v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return "null"
}

// pythonText escapes all that is not ASCII, and nothing for HTML's sake.
func pythonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err.Error()
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		switch {
		case r < 0x80:
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}
