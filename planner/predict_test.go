package planner

import (
	"strings"
	"testing"
)

// single is a policy of one model over one table.
func single(key, attributes string) string {
	return "model \"t.row\" {\n table = rows\n natural_key = [" + key + "]\n" + attributes + "\n}\n"
}

func TestPredictions(t *testing.T) {
	const codes = "rows: id serial, code text ! unique, slot text unique, size varchar(3), n int, at ts, doc json !"
	cases := map[string]referenceCase{
		"two records of the package would have the same": {
			tables: "rows: id serial, code text ! unique, slot text unique", policy: single("code", ""),
			pkg: `t.row {"pk":1,"code":"a","slot":"s"}
				t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{
				changes:  []string{`+ t.row ["a"] pk 1 code "a" slot "s"`, `+ t.row ["b"] pk 2 code "b" slot "s"`},
				problems: []string{`error predicted.unique.rows_slot t.row ["b"]`},
			},
		},
		"a live row has it and keeps it": {
			tables: "rows: id serial, code text ! unique, slot text unique", policy: single("code", ""),
			live: `rows {"id":1,"code":"a","slot":"s"}`,
			pkg:  `t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{
				changes:  []string{`+ t.row ["b"] pk 2 code "b" slot "s"`},
				problems: []string{`error predicted.unique.rows_slot t.row ["b"]`},
			},
		},
		"nulls are distinct": {
			tables: "rows: id serial, code text ! unique, slot text unique", policy: single("code", ""),
			live: `rows {"id":1,"code":"a","slot":null}`,
			pkg: `t.row {"pk":2,"code":"b","slot":null}
				t.row {"pk":3,"code":"c","slot":null}`,
			want: wants{changes: []string{`+ t.row ["b"] pk 2 code "b" slot null`, `+ t.row ["c"] pk 3 code "c" slot null`}},
		},
		"a row that changes lets go of it": {
			tables: "rows: id serial, code text ! unique, slot text unique now", policy: single("code", ""),
			live: `rows {"id":1,"code":"a","slot":"s"}`,
			pkg: `t.row {"pk":1,"code":"a","slot":"t"}
				t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{changes: []string{`~ t.row ["a"] slot "s" -> "t"`, `+ t.row ["b"] pk 2 code "b" slot "s"`}},
		},
		"a row that is destroyed lets go of it": {
			tables: "rows: id serial, code text ! unique, slot text unique now", policy: single("code", "absent = destroy"),
			live: `rows {"id":1,"code":"a","slot":"s"}`,
			pkg:  `t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{changes: []string{`- t.row ["a"] id 1 code "a" slot "s"`, `+ t.row ["b"] pk 2 code "b" slot "s"`}},
		},
		"two rows change places, the constraint waits": {
			tables: "rows: id serial, code text ! unique, slot text unique", policy: single("code", ""),
			live: `rows {"id":1,"code":"a","slot":"s"}
				rows {"id":2,"code":"b","slot":"t"}`,
			pkg: `t.row {"pk":1,"code":"a","slot":"t"}
				t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{changes: []string{`~ t.row ["a"] slot "s" -> "t"`, `~ t.row ["b"] slot "t" -> "s"`}},
		},
		"two rows change places, the constraint does not wait": {
			tables: "rows: id serial, code text ! unique, slot text unique now", policy: single("code", ""),
			live: `rows {"id":1,"code":"a","slot":"s"}
				rows {"id":2,"code":"b","slot":"t"}`,
			pkg: `t.row {"pk":1,"code":"a","slot":"t"}
				t.row {"pk":2,"code":"b","slot":"s"}`,
			want: wants{
				changes:  []string{`~ t.row ["a"] slot "s" -> "t"`, `~ t.row ["b"] slot "t" -> "s"`},
				problems: []string{`error predicted.unique.rows_slot t.row ["b"]`, `error predicted.unique.rows_slot t.row ["a"]`},
			},
		},
		"nulls, lengths, ranges and types": {
			tables: codes, policy: single("code", ""),
			pkg: `t.row {"pk":1,"code":"a","size":"toolong","doc":{}}
				t.row {"pk":2,"code":"b","n":4294967296,"doc":{}}
				t.row {"pk":3,"code":"c","doc":{},"at":"2025-01-02"}
				t.row {"pk":4,"code":"d"}
				t.row {"pk":5,"code":"e","n":"x","doc":{}}
				t.row {"pk":6,"code":"f\u0000","doc":{}}
				t.row {"pk":7,"code":"g","size":"éèà","doc":null}`,
			want: wants{
				changes: []string{
					`+ t.row ["a"] pk 1 code "a" size "toolong" doc {}`,
					`+ t.row ["d"] pk 4 code "d"`,
					`+ t.row ["f\u0000"] pk 6 code "f\u0000" doc {}`,
					`+ t.row ["g"] pk 7 code "g" size "éèà" doc null`,
				},
				problems: []string{
					`error package.value.n t.row`, `error package.value.at t.row`, `error package.value.n t.row`,
					`error predicted.value.size t.row ["a"]`, `error predicted.value.doc t.row ["d"]`, `error predicted.value.code t.row ["f\u0000"]`,
				},
			},
		},
		"a truncated time does not overwrite, a real difference does": {
			tables: codes, policy: single("code", ""),
			live: `rows {"id":1,"code":"a","at":"2025-01-02T03:04:05.123456Z","doc":{}}
				rows {"id":2,"code":"b","at":"2025-01-02T03:04:05.123456Z","doc":{}}
				rows {"id":3,"code":"c","at":"2025-01-02T03:04:05.123456Z","doc":{}}`,
			pkg: `t.row {"pk":1,"code":"a","at":"2025-01-02T03:04:05.123Z"}
				t.row {"pk":2,"code":"b","at":"2025-01-02T03:04:05.124Z"}
				t.row {"pk":3,"code":"c","at":"2025-01-02T03:04:05.123457Z"}`,
			want: wants{changes: []string{
				`~ t.row ["b"] at "2025-01-02 03:04:05.123456+00" -> "2025-01-02 03:04:05.124+00"`,
				`~ t.row ["c"] at "2025-01-02 03:04:05.123456+00" -> "2025-01-02 03:04:05.123457+00"`,
			}},
		},
		"JSON is compared by meaning": {
			tables: codes, policy: single("code", ""),
			live: `rows {"id":1,"code":"a","doc":{"x":1,"y":[1,2]}}`,
			pkg:  `t.row {"pk":1,"code":"a","doc":{"y":[1,2],"x":1}}`,
		},
		"the greatest number is kept and no new one can follow": {
			tables: "rows: id serial, code text ! unique", policy: single("code", ""),
			pkg: `t.row {"pk":2147483647,"code":"a"}
				t.row {"code":"b"}`,
			want: wants{changes: []string{`+ t.row ["a"] pk 2147483647 code "a"`}, problems: []string{`error key.primary t.row ["b"]`}},
		},
		"a primary key that only a sequence could give": {
			tables: "rows: id int pk, code text ! unique", policy: single("code", ""),
			pkg:  `t.row {"code":"a"}`,
			want: wants{problems: []string{`error key.primary t.row ["a"]`}},
		},
		"a uuid as primary key is made where the package's is taken or lacking": {
			tables: "rows: id uuid pk default, code text ! unique", policy: single("code", ""),
			live: `rows {"id":"` + one + `","code":"a"}`,
			pkg: `t.row {"pk":"` + one + `","code":"b"}
				t.row {"code":"c"}
				t.row {"pk":"` + three + `","code":"d"}`,
			want: wants{changes: []string{
				`+ t.row ["b"] pk "` + newUUID("t.row", "id", "\x01b") + `" code "b"`,
				`+ t.row ["c"] pk "` + newUUID("t.row", "id", "\x01c") + `" code "c"`,
				`+ t.row ["d"] pk "` + three + `" code "d"`,
			}},
		},
		"rows elsewhere still refer to what is destroyed": {
			tables: "rows: id serial, code text ! unique\nother: id serial, row_id int -> rows",
			policy: single("code", "absent = destroy"),
			live: `rows {"id":1,"code":"a"}
				other {"id":1,"row_id":1}
				other {"id":2,"row_id":null}`,
			want: wants{changes: []string{`- t.row ["a"] id 1 code "a"`}, problems: []string{`error predicted.reference.other.row_id`}},
		},
		"nothing elsewhere refers to what is destroyed": {
			tables: "rows: id serial, code text ! unique\nother: id serial, row_id int -> rows",
			policy: single("code", "absent = destroy"),
			live: `rows {"id":1,"code":"a"}
				rows {"id":2,"code":"b"}
				other {"id":1,"row_id":2}`,
			pkg:  `t.row {"pk":2,"code":"b"}`,
			want: wants{changes: []string{`- t.row ["a"] id 1 code "a"`}},
		},
		"rows elsewhere refer by several columns to what is destroyed": {
			tables: "rows: a int pk, b int pk, code text ! unique\nother: id serial, x int, y int, fk(x, y) -> rows(a, b)",
			policy: single("code", "absent = destroy"),
			live: `rows {"a":1,"b":2,"code":"x"}
				rows {"a":1,"b":3,"code":"y"}
				other {"id":1,"x":1,"y":2}`,
			want: wants{
				changes:  []string{`- t.row ["x"] a 1 b 2 code "x"`, `- t.row ["y"] a 1 b 3 code "y"`},
				problems: []string{`error predicted.reference.other.x.y`},
			},
		},
		"destroying is prevented": {
			tables: "rows: id serial, code text ! unique",
			policy: single("code", "absent = destroy\nprevent_destroy = true"),
			live:   `rows {"id":1,"code":"a"}`,
			want:   wants{changes: []string{`- t.row ["a"] id 1 code "a"`}, problems: []string{`error destroy.prevented t.row ["a"]`}},
		},
		"several live rows of one key are not destroyed": {
			tables: "rows: id serial, code text !",
			policy: single("code", "absent = destroy"),
			live: `rows {"id":1,"code":"a"}
				rows {"id":2,"code":"a"}`,
			want: wants{problems: []string{`error key.duplicate_live t.row ["a"]`}},
		},
		"a table without a model block and unlisted = refuse": {
			tables: "rows: id serial, code text ! unique\nother: id serial, n int\nempty: id serial",
			policy: "policy {\n name = \"x\"\n unlisted = refuse\n}\n" + single("code", ""),
			live:   `other {"id":1,"n":1}`,
			want:   wants{problems: []string{`error unlisted`}},
		},
		"absent = destroy where models share the table": {
			tables: "rows: id serial, code text ! unique",
			policy: single("code", "absent = destroy") + strings.ReplaceAll(single("code", ""), "t.row", "t.other"),
			want:   wants{problems: []string{`error policy.absent`}},
		},
		"models that share a table share its primary keys": {
			tables: "rows: id serial, code text ! unique",
			policy: single("code", "") + strings.ReplaceAll(single("code", ""), "t.row", "t.other"),
			live:   `rows {"id":1,"code":"z"}`,
			pkg: `t.other {"pk":1,"code":"a"}
				t.row {"pk":2,"code":"b"}
				t.row {"pk":1,"code":"c"}`,
			want: wants{changes: []string{`+ t.other ["a"] code "a"`, `+ t.row ["b"] code "b"`, `+ t.row ["c"] code "c"`}},
		},
		"a sensitive part of the natural key, by another name": {
			tables: "users: id serial, login text ! unique\nrows: id serial, user_id int -> users",
			policy: "model \"t.user\" {\n table = users\n natural_key = [login]\n}\n" + single("user", "sensitive = [user_id]"),
			want:   wants{problems: []string{`error policy.sensitive`}},
		},
		"the natural key leads back to itself": {
			tables: "rows: id serial, code text !, up_id int -> rows",
			policy: single("code, up", ""),
			want:   wants{problems: []string{`error policy.circular_key`}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}
