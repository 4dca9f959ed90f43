package schema_test

import (
	"strings"
	"testing"
)

func TestParseOfJSONAndArrays(t *testing.T) {
	checkParse(t, map[string]parseCase{
		"an object as it is written": {typ: document, in: object(`{"b": 1.50, "a": []}`), want: `{"b": 1.50, "a": []}`},
		"a list":                     {typ: document, in: list(`[1,2]`), want: `[1,2]`},
		"a string is quoted":         {typ: document, in: str("a \"b\" <c>\n"), want: `"a \"b\" <c>\n"`},
		"a string that looks like JSON is still quoted": {typ: document, in: str("{}"), want: `"{}"`},
		"a number":               {typ: document, in: num("1.0"), want: "1.0"},
		"a bool":                 {typ: document, in: truth("true"), want: "true"},
		"a whole surrogate pair": {typ: document, in: list(`["\ud83d\ude00"]`), want: `["\ud83d\ude00"]`},

		"an array of integers":                      {typ: integers, in: list("[1, 2.0, null]"), want: "{1,2,NULL}"},
		"an array in a string":                      {typ: integers, in: str(`["1", "2"]`), want: "{1,2}"},
		"no elements":                               {typ: integers, in: list("[]"), want: "{}"},
		"a nested array":                            {typ: integers, in: list("[[1,2],[3,4]]"), want: "{{1,2},{3,4}}"},
		"a nested array dumped as strings":          {typ: integers, in: str(`["[\"1\", \"2\"]", "[\"3\", \"4\"]"]`), want: "{{1,2},{3,4}}"},
		"a nested array by its type":                {typ: matrix, in: list("[[1],[2]]"), want: "{{1},{2}}"},
		"nested lists without a value":              {typ: matrix, in: list("[[],[]]"), want: "{}"},
		"elements are quoted as PostgreSQL does":    {typ: texts, in: list(`["a", "", "null", "NULL", "b c", "d,e", "f\"g", "h\\i", "{", "é"]`), want: `{a,"","null","NULL","b c","d,e","f\"g","h\\i","{",é}`},
		"a text that looks like a list is a text":   {typ: texts, in: list(`["[1]"]`), want: `{[1]}`},
		"instants in an array are cut together":     {typ: instants, in: list(`["2025-12-10T08:19:38.545Z"]`), want: `{"2025-12-10 08:19:38.545+00"}`, digits: 3},
		"a list within an array of JSON is a value": {typ: documents, in: list(`[[1, 2], {"a": "b"}]`), want: `{"[1, 2]","{\"a\": \"b\"}"}`},
	})
}

func TestParseRefusesJSONAndArrays(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"a member twice":                       {typ: document, in: object(`{"secret":1,"secret":2}`), say: "duplicate object member name"},
		"half a surrogate pair":                {typ: document, in: list(`["\ud800"]`), say: "half a surrogate pair"},
		"invalid UTF-8":                        {typ: document, in: list("[\"\xff\"]"), say: "not valid UTF-8"},
		"invalid UTF-8 in a string":            {typ: document, in: str("\xff"), say: "not valid UTF-8"},
		"no JSON":                              {typ: document, in: object(`{"secret"}`), say: "expected JSON"},
		"two documents":                        {typ: document, in: object(`{} {}`), say: "expected JSON"},
		"Python's NaN":                         {typ: document, in: list(`[NaN]`), say: "expected JSON"},
		"a string that holds no list":          {typ: integers, in: str("{1,2}"), say: "expected JSON"},
		"a string that holds an object":        {typ: integers, in: str("{}"), say: "expected a list"},
		"an object for an array":               {typ: integers, in: object("{}"), say: "found an object"},
		"an element of another kind":           {typ: integers, in: list(`["a"]`), say: "expected an integer"},
		"lists of different lengths":           {typ: integers, in: list("[[1],[2,3]]"), say: "differ in length"},
		"lists beside values":                  {typ: integers, in: list("[1,[2]]"), say: "differ in length"},
		"lists nested deeper than an array is": {typ: integers, in: list("[[[[[[[1]]]]]]]"), say: "nested deeper"},
		"a list without end":                   {typ: integers, in: list("[1"), say: "expected JSON"},
		"a million brackets":                   {typ: integers, in: list(strings.Repeat("[", 1<<20)), say: "expected JSON"},
	})
}

func TestErrorsOfJSONDoNotNameMembers(t *testing.T) {
	for _, in := range []string{`{"hunter2":1,"hunter2":2}`, `{"hunter2"}`, `{"hunter2":}`, `{"hunter2":"\ud800"}`, "{\"hunter2\":\"\xff\"}"} {
		_, err := document.Parse(object(in))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", in, err)
		}
	}
}
