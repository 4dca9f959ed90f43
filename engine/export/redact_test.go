package export

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/schema"
)

// redacted selects everything of the standard world and returns what leaves.
func redacted(t *testing.T, key string, inside map[string]string) (*Selection, map[string][]string) {
	t.Helper()
	w, models, tables := standard()
	return redactedOf(t, w, models, tables, key, inside)
}

func redactedOf(t *testing.T, w world, models []*schema.Model, tables []*schema.Table, key string, inside map[string]string) (*Selection, map[string][]string) {
	t.Helper()
	s, err := Select(context.Background(), Input{
		Policy: worldPolicy(t, inside, ""), Models: models, Tables: tables, Dialect: "postgres", Scan: w.scan, Redact: true, Key: []byte(key),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{} // "w.person.mail" to its values
	if s.Diagnostics.HasErrors() {
		return s, out
	}
	for _, m := range models {
		for r, err := range s.Records(context.Background(), m.Label) {
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Fields {
				text := f.Value.Text
				if f.Value.Kind == schema.NullLiteral {
					text = "-"
				}
				out[m.Label+"."+f.Name] = append(out[m.Label+"."+f.Name], text)
			}
		}
	}
	return s, out
}

func TestHowFieldsLeave(t *testing.T) {
	short := func(text string) string { return pseudonym([]byte(secret), text, 20) }
	long := func(text string) string { return pseudonym([]byte(secret), text, 26) }
	for name, c := range map[string]struct {
		inside map[string]string
		want   map[string]string // of some fields, all values joined by commas
	}{
		"a sensitive field that may be null leaves as null, others as the policy says": {
			map[string]string{"w.person": "export {\n" + silent + "\n}"},
			map[string]string{"w.person.token": "-,-,-,-", "w.person.pin": "!,!,!,!", "w.person.age": "36,-,41,41"},
		},
		"keep lets a sensitive field leave": {
			map[string]string{"w.person": "export { keep = [pin, token] }"},
			map[string]string{"w.person.token": "token-of-ada,-,-,-", "w.person.pin": "pin-of-ada,pin-of-bob,pin-of-cyd,pin-of-dan"},
		},
		"unset writes null, or the empty text where there is no null": {
			map[string]string{"w.person": "export { unset = [pin, mail, age, boss_id] }"},
			map[string]string{"w.person.pin": ",,,", "w.person.mail": ",,,", "w.person.age": "-,-,-,-", "w.person.boss": "-,-,-,-"},
		},
		"replacements are made of the original, in the column's form": {
			map[string]string{"w.person": `export {
				replace "pin" { value = "!" }
				replace "mail" { value = "${self.login}@x.test" }
				replace "login" { value = "u${self.id}" }
				replace "age" { value = "042" == "" ? 1 : 7 }
				replace "active" { value = self.boss != "ada" }
			}`},
			map[string]string{
				"w.person.mail": "ada@x.test,bob@x.test,cyd@x.test,dan@x.test", "w.person.login": "u1,u2,u3,u4",
				"w.person.age": "7,7,7,7", "w.person.active": "t,f,t,t",
			},
		},
		"pseudonyms join what was equal, and neither null nor the empty text has one": {
			map[string]string{"w.person": "export {\n hash = [mail, token]\n" + silent + "\n}", "w.paper": "export { hash = [author_mail] }"},
			map[string]string{
				"w.person.mail":       strings.Join([]string{long("ada@real.test"), long("bob@real.test"), "", long("ada@real.test")}, ","),
				"w.person.token":      long("token-of-ada") + ",-,-,-",
				"w.paper.author_mail": strings.Join([]string{long("ada@real.test"), "", long("dan@real.test")}, ","),
			},
		},
		"references by value follow a hashed key": {
			map[string]string{"w.kind": "export { hash = [code] }", "w.person": "export {\n" + silent + "\n}"},
			map[string]string{"w.kind.code": short("SOP") + "," + short("POL"), "w.paper.kind": short("SOP") + "," + short("POL") + ",-"},
		},
		"members that are unset are none": {
			map[string]string{"w.paper": "export { unset = [readers] }", "w.person": "export {\n" + silent + "\n}"},
			map[string]string{"w.paper.readers": "[],[],[]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, all := redacted(t, secret, c.inside)
			if s.Diagnostics != nil {
				t.Fatal(said(s.Diagnostics))
			}
			got := map[string]string{}
			for field := range c.want {
				got[field] = strings.Join(all[field], ",")
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatMayNotBeDoneToAField(t *testing.T) {
	for name, c := range map[string]struct {
		inside map[string]string
		key    string
		want   []string
	}{
		"a sensitive field that is not named and takes no null": {
			nil, secret, []string{"export.sensitive: The policy does not say how the sensitive field pin of w.person leaves"},
		},
		"a hash without a key": {
			map[string]string{"w.person": "export {\n hash = [mail]\n" + silent + "\n}"},
			"",
			[]string{"export.key: There is no export key to hash mail of w.person with"},
		},
		"a hash with a short key": {
			map[string]string{"w.person": "export {\n hash = [mail]\n" + silent + "\n}"},
			"hunter2",
			[]string{"export.key: The export key is too short"},
		},
		"a hash of what is neither text nor uuid": {
			map[string]string{"w.person": "export {\n hash = [age]\n" + silent + "\n}"},
			secret,
			[]string{"export.hash: age of w.person cannot be hashed"},
		},
		"a hash and a replacement of a reference": {
			map[string]string{"w.person": "export {\n hash = [boss]\n" + silent + "\n}", "w.paper": `export {
				replace "kind" { value = "SOP" }
				hash = [readers]
			}`, "w.note": "export { hash = [object] }"},
			secret,
			[]string{
				"export.reference: boss of w.person is a reference", "export.reference: kind of w.paper is a reference",
				"export.reference: readers of w.paper is a reference", "export.reference: object of w.note is a reference",
			},
		},
		"a replacement of what references hold": {
			map[string]string{"w.kind": "export {\n replace \"code\" { value = \"X\" }\n}"},
			secret,
			[]string{"export.reference: References to w.kind hold its code"},
		},
		"what cannot be empty": {
			map[string]string{"w.person": "export { unset = [id, login, uuid, active, pin] }", "w.paper": "export { unset = [owner] }"},
			secret,
			[]string{
				"export.unset: id of w.person cannot be unset", "export.unset: login of w.person cannot be unset",
				"export.unset: uuid of w.person cannot be unset", "export.unset: active of w.person cannot be unset",
				"export.unset: owner of w.paper cannot be unset",
			},
		},
		"a replacement that would carry a secret": {
			map[string]string{"w.person": "export {\n" + silent + "\n replace \"mail\" { value = upper(self.token) }\n}"},
			secret,
			[]string{"export.sensitive: The replacement of mail uses the sensitive field token"},
		},
		"replacements that do not fit": {
			map[string]string{"w.person": `export {
				replace "pin" { value = self.age > 40 ? null : "x" }
				replace "mail" { value = "${self.login}-with-a-very-long-address@x.test" }
				replace "age" { value = self.login }
				include = self.login == "ada" || self.login == "dan"
				unset = [boss]
			}`, "w.paper": "export { include = false }", "w.note": "export { include = false }"},
			secret,
			[]string{
				`export.value: The replacement of mail of w.person does not fit @ live w.person ["ada"]`,
				`export.value: The replacement of age of w.person does not fit @ live w.person ["ada"]`,
				`export.value: The replacement of mail of w.person does not fit @ live w.person ["dan"]`,
				`export.value: The replacement of pin of w.person does not fit @ live w.person ["dan"]`,
				`export.value: The replacement of age of w.person does not fit @ live w.person ["dan"]`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := redacted(t, c.key, c.inside)
			if d := cmp.Diff(c.want, said(s.Diagnostics)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, d := range s.Diagnostics {
				if d.Detail == "" || d.Remedy == "" || d.Code != "export.key" && d.Range.IsZero() {
					t.Errorf("incomplete: %+v", d)
				}
				if text := d.Error(); strings.Contains(text, "pin-of") || strings.Contains(text, "real.test") || strings.Contains(text, "hunter2") {
					t.Errorf("a value is shown: %s", text)
				}
			}
		})
	}
}

func TestABlockIsCheckedWithoutRecords(t *testing.T) {
	_, models, tables := standard()
	in := Input{Policy: worldPolicy(t, map[string]string{"w.person": "export { unset = [active] }"}, ""), Models: models, Tables: tables, Redact: true}
	list, err := Check(in)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"export.unset: active of w.person cannot be unset"}, said(list)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAModelWithoutRecordsNeedsNoTreatment(t *testing.T) {
	w, models, tables := standard()
	delete(w, "w.person")
	delete(w, "w.paper")
	delete(w, "w.note")
	if s, _ := redactedOf(t, w, models, tables, "", map[string]string{"w.person": "export { hash = [mail] }"}); s.Diagnostics != nil {
		t.Error(said(s.Diagnostics))
	}
}

// A note names a kind by its code, which is hashed.
func TestGenericReferencesFollowAHashedKey(t *testing.T) {
	w, models, tables := standard()
	w.add(models, "w.type", "4|w|kind")
	w.add(models, "w.note", "6|4|SOP|-")
	inside := map[string]string{"w.kind": "export { hash = [code] }", "w.person": "export {\n" + silent + "\n}"}
	s, all := redactedOf(t, w, models, tables, secret, inside)
	if s.Diagnostics != nil {
		t.Fatal(said(s.Diagnostics))
	}
	notes := all["w.note.object"]
	if got, want := notes[len(notes)-1], all["w.kind.code"][0]; got != want || got == "SOP" {
		t.Errorf("the note names %q, the kind is %q", got, want)
	}
	if notes[0] != "2" {
		t.Errorf("another note names %q", notes[0])
	}
}

func TestPseudonyms(t *testing.T) {
	// Anybody who has the key can compute them:
	//   printf ada | openssl dgst -sha256 -mac HMAC -macopt key:0123456789abcdef0123456789abcdef -binary | base32
	const whole = "p4dboprctqm52utmv3lbylh67k"
	for name, c := range map[string]struct {
		text   string
		length int
		want   string
	}{
		"the empty text": {"", 26, ""},
		"a text":         {"ada", 26, whole},
		"a short column": {"ada", 16, whole[:16]},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pseudonym([]byte(secret), c.text, c.length); got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
	uuid := pseudonym([]byte(secret), "ada", 0)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(uuid) {
		t.Errorf("no version 8 uuid: %s", uuid)
	}
	if pseudonym([]byte(strings.ToUpper(secret)), "ada", 26) == whole {
		t.Error("the key makes no difference")
	}
	for name, c := range map[string]struct {
		t      schema.Type
		length int
		ok     bool
	}{
		"a text without bound":     {schema.Type{Kind: schema.Text}, 26, true},
		"a wide column":            {schema.Type{Kind: schema.Text, Length: 150}, 26, true},
		"a column of 80 bits":      {schema.Type{Kind: schema.Text, Length: 16}, 16, true},
		"a column of fewer":        {schema.Type{Kind: schema.Text, Length: 15}, 0, false},
		"a uuid":                   {schema.Type{Kind: schema.UUID}, 0, true},
		"a number":                 {schema.Type{Kind: schema.Integer, Bits: 64}, 0, false},
		"a text with fixed labels": {schema.Type{Kind: schema.Enum}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if n, ok := pseudonymLength(c.t); n != c.length || ok != c.ok {
				t.Errorf("got %d %v", n, ok)
			}
		})
	}
}
