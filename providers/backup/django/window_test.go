package django

import (
	"strings"
	"testing"
)

// A record that is cut off anywhere is read on, never taken for a whole one.
func TestBuildKnowsACutRecord(t *testing.T) {
	const text = ` , {"model": "a.b", "pk": 12, "fields": {"x": "q\"}}\\", "y": [1, {"z": "}"}], "n": null, "t": true, "f": -1.5e3, "o": {"p": "é", "q": {}}}} `
	whole := strings.TrimRight(text, " ")
	var b builder
	for n := range len(whole) {
		if rec, used, ok := b.build([]byte(whole[:n]), "a.b"); ok || used > 0 {
			t.Errorf("%s is taken for %v, %d bytes", whole[:n], rec, used)
		}
	}
	rec, used, ok := b.build([]byte(text+`, {"model": "a.b"`), "a.b")
	if !ok || used != len(whole) || len(rec.Fields) != 6 || rec.PK.Text != "12" {
		t.Errorf("%v, %d of %d bytes, %v", rec, used, len(whole), ok)
	}
	if _, used, ok := b.build([]byte(text), "a.c"); ok || used == 0 {
		t.Error("another model's record is taken")
	}
}
