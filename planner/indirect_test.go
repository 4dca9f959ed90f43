package planner

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestIdsAreRewrittenInDocumentsWithDoubleNames(t *testing.T) {
	out, err := rewrite(jsontext.Value(`{"paper":1,"paper":2,"x":"\ud800"}`), []jsonPath{{path: []string{"paper"}}}, func(*model, string) (string, bool) { return "7", true })
	if want := `{"paper":7,"paper":7,"x":"\ud800"}`; err != nil || string(out) != want {
		t.Errorf("%s, %v", out, err)
	}
}

func TestIndirectReferences(t *testing.T) {
	const tables = `
types: id serial, app_label text !, model text !, unique(app_label, model)
papers: id serial, number text ! unique
marks: id serial, code text ! unique, type_id int -> types, object_id text, doc json
`
	const pol = `
model "c.type" {
  table = types
  natural_key = [app_label, model]
}
model "d.paper" {
  table = papers
  natural_key = [number]
}
model "d.mark" {
  table = marks
  natural_key = [code]
  generic_reference "object" {
    type = type
    id   = object_id
    PAPER
  }
  json_reference "doc" {
    paths = { paper = d.paper, "items.*.paper" = d.paper }
    VERSION
  }
}`
	const live = `types {"id":8,"app_label":"d","model":"paper"}
		papers {"id":31,"number":"A"}
		papers {"id":1,"number":"Z"}`
	cases := map[string]referenceCase{
		"identified: rewritten to the record": {
			live: live,
			pkg: `d.paper {"pk":1,"number":"A"}
				d.paper {"pk":2,"number":"B"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"1"}
				d.mark {"pk":2,"code":"b","type":["d","paper"],"object_id":"2"}`,
			want: wants{
				changes: []string{
					`<> d.paper ["A"]`, `+ d.paper ["B"] pk 2 number "B"`,
					`+ d.mark ["a"] pk 1 code "a" type ["d","paper"] object_id ["A"]`,
					`+ d.mark ["b"] pk 2 code "b" type ["d","paper"] object_id ["B"]`,
				},
				remaps: []string{`d.paper ["A"] id 1 is 31, 1`},
			},
		},
		"unidentified: the id stays, with a warning": {
			live: live,
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"77"}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" type ["d","paper"] object_id "77"`},
				problems: []string{`warning generic.unidentified`},
			},
		},
		"unidentified, and a live row has the id: refused": {
			live: live,
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"1"}`,
			want: wants{
				problems: []string{`error generic.wrong_record d.mark ["a"]`, `warning generic.unidentified`},
			},
		},
		"unidentified, and a live row has the id, but the policy keeps it": {
			live: live, paper: "on_missing = keep",
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"1"}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" type ["d","paper"] object_id "1"`},
				problems: []string{`warning generic.unidentified`},
			},
		},
		"unidentified: what the live row has stays": {
			live: live + "\nmarks {\"id\":1,\"code\":\"a\",\"type_id\":8,\"object_id\":\"31\"}\nmarks {\"id\":2,\"code\":\"b\",\"type_id\":8,\"object_id\":\"99\"}",
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"5"}
				d.mark {"pk":2,"code":"b","type":["d","paper"],"object_id":"6"}`,
			want: wants{problems: []string{`warning generic.unidentified`}},
		},
		"lost where the package was made: the id stays": {
			live: live,
			pkg: `d.paper {"pk":31,"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"77"}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" type ["d","paper"] object_id "77"`},
				problems: []string{`warning generic.lost`},
			},
		},
		"lost, and the live row has the same id": {
			live: live + "\nmarks {\"id\":1,\"code\":\"a\",\"type_id\":8,\"object_id\":\"31\"}",
			pkg: `d.paper {"pk":5,"number":"Z"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"31"}`,
			want: wants{
				changes:  []string{`<> d.paper ["Z"]`},
				remaps:   []string{`d.paper ["Z"] id 5 is 1, 0`},
				problems: []string{`warning generic.lost`},
			},
		},
		"unidentified and unset: what the live row has stays": {
			live: live + "\nmarks {\"id\":1,\"code\":\"a\",\"type_id\":8,\"object_id\":\"31\"}", paper: "on_missing = unset",
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"5"}
				d.mark {"pk":2,"code":"b","type":["d","paper"],"object_id":"5"}`,
			want: wants{
				changes:  []string{`+ d.mark ["b"] pk 2 code "b" type ["d","paper"] object_id null`},
				problems: []string{`warning generic.unset`},
			},
		},
		"a reference to its own model cannot be rewritten": {
			live: live + "\ntypes {\"id\":9,\"app_label\":\"d\",\"model\":\"mark\"}",
			pkg: `d.mark {"pk":1,"code":"a"}
				d.mark {"pk":2,"code":"b","type":["d","mark"],"object_id":"1"}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a"`},
				problems: []string{`error generic.wrong_record d.mark ["b"]`, `warning generic.unidentified`},
			},
		},
		"unset": {
			live: live + "\nmarks {\"id\":2,\"code\":\"b\",\"type_id\":8,\"object_id\":\"99\"}", paper: "on_missing = unset",
			pkg: `d.paper {"pk":31,"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"77"}
				d.mark {"pk":2,"code":"b","type":["d","paper"],"object_id":"77"}`,
			want: wants{
				changes: []string{
					`+ d.mark ["a"] pk 1 code "a" type ["d","paper"] object_id null`,
					`~ d.mark ["b"] object_id "99" -> null`,
				},
				problems: []string{`warning generic.unset`},
			},
		},
		"skip": {
			live: live, paper: "on_missing = skip",
			pkg:  `d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"77"}`,
			want: wants{skips: []string{`d.mark ["a"]: its generic reference object leads to no record, and on_missing = skip`}},
		},
		"fail": {
			live: live, paper: "on_missing = fail",
			pkg:  `d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"77"}`,
			want: wants{problems: []string{`error generic.missing d.mark ["a"]`}},
		},
		"a model without a block": {
			live: live,
			pkg: `c.type {"pk":9,"app_label":"x","model":"y"}
				d.mark {"pk":1,"code":"a","type":9,"object_id":"77"}`,
			want: wants{
				changes: []string{
					`+ c.type ["x","y"] pk 9 app_label "x" model "y"`,
					`+ d.mark ["a"] pk 1 code "a" type ["x","y"] object_id "77"`,
				},
				problems: []string{`warning generic.unlisted`},
			},
		},
		"ids inside JSON are rewritten": {
			live: live,
			pkg: `d.paper {"pk":1,"number":"A"}
				d.mark {"pk":1,"code":"a","doc":{"paper":1,"x":1,"items":[{"paper":"1"},{"paper":[1,9]}]}}`,
			want: wants{
				changes: []string{
					`<> d.paper ["A"]`,
					`+ d.mark ["a"] pk 1 code "a" doc {"paper":31,"x":1,"items":[{"paper":"31"},{"paper":[31,9]}]}`,
				},
				remaps:   []string{`d.paper ["A"] id 1 is 31, 3`},
				problems: []string{`warning generic.json`},
			},
		},
		"ids inside JSON that lead nowhere are unset": {
			live: live, version: "on_missing = unset",
			pkg: `d.mark {"pk":1,"code":"a","doc":{"paper":1}}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" doc {"paper":null}`},
				problems: []string{`warning generic.json_unset`},
			},
		},
		"ids inside JSON that lead nowhere leave the record out": {
			live: live, version: "on_missing = skip",
			pkg: `d.paper {"pk":1,"number":"A"}
				d.mark {"pk":1,"code":"a","doc":{"paper":9}}
				d.mark {"pk":2,"code":"b","doc":{"items":[{"paper":1},{"paper":null}]}}`,
			want: wants{
				changes: []string{`<> d.paper ["A"]`, `+ d.mark ["b"] pk 2 code "b" doc {"items":[{"paper":31},{"paper":null}]}`},
				remaps:  []string{`d.paper ["A"] id 1 is 31, 1`},
				skips:   []string{`d.mark ["a"]: an id in its doc leads to no d.paper, and on_missing = skip`},
			},
		},
		"ids inside JSON of records without primary keys": {
			live: live,
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","doc":{"paper":7}}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" doc {"paper":7}`},
				problems: []string{`warning generic.json_unidentified`},
			},
		},
		"ids inside JSON that are another live row's are refused": {
			live: live + "\nmarks {\"id\":2,\"code\":\"b\",\"doc\":{}}\nmarks {\"id\":3,\"code\":\"c\",\"doc\":{\"paper\":1}}",
			pkg: `d.paper {"pk":5,"number":"A"}
				d.mark {"pk":1,"code":"a","doc":{"items":[{"paper":[5,1]}]}}
				d.mark {"pk":2,"code":"b","doc":{"paper":"31"}}
				d.mark {"pk":3,"code":"c","doc":{"paper":1}}`,
			want: wants{
				changes:  []string{`<> d.paper ["A"]`},
				remaps:   []string{`d.paper ["A"] id 5 is 31, 1`},
				problems: []string{`error json.wrong_record d.mark ["a"]`, `error json.wrong_record d.mark ["b"]`, `warning generic.json`},
			},
		},
		"ids inside JSON that are another live row's, but the policy keeps them": {
			live: live, version: "on_missing = keep",
			pkg: `d.paper {"number":"A"}
				d.mark {"pk":1,"code":"a","doc":{"paper":1}}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" doc {"paper":1}`},
				problems: []string{`warning generic.json_unidentified`},
			},
		},
		"lost where the package was made, and another live row has the id": {
			live: live + "\nmarks {\"id\":1,\"code\":\"a\",\"type_id\":8,\"object_id\":\"31\"}",
			pkg: `d.paper {"pk":5,"number":"A"}
				d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"1"}`,
			want: wants{
				changes:  []string{`<> d.paper ["A"]`},
				remaps:   []string{`d.paper ["A"] id 5 is 31, 0`},
				problems: []string{`error generic.wrong_record d.mark ["a"]`, `warning generic.lost`},
			},
		},
		"ids inside JSON that lead nowhere fail": {
			live: live, version: "on_missing = fail",
			pkg: `d.mark {"pk":1,"code":"a","doc":{"paper":1}}`,
			want: wants{
				changes:  []string{`+ d.mark ["a"] pk 1 code "a" doc {"paper":1}`},
				problems: []string{`error json.missing d.mark ["a"]`},
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.tables, c.policy = tables, pol
			c.run(t)
		})
	}
}

func TestRecordsThatNameSkippedOnesInsideJSONAreSkippedToo(t *testing.T) {
	referenceCase{
		tables: "papers: id serial, number text ! unique, parent_id int -> papers, doc json",
		policy: `
model "d.paper" {
  table = papers
  natural_key = [number]
  reference "parent" { on_missing = skip }
  json_reference "doc" {
    paths      = { next = d.paper }
    on_missing = skip
  }
}`,
		pkg: `d.paper {"pk":1,"number":"A","doc":{"next":2}}
			d.paper {"pk":2,"number":"B","parent":["none"]}
			d.paper {"pk":3,"number":"C","doc":{"next":3}}`,
		want: wants{
			changes: []string{`+ d.paper ["C"] pk 3 number "C" doc {"next":3}`},
			skips: []string{
				`d.paper ["A"]: an id in its doc leads to no d.paper, and on_missing = skip`,
				`d.paper ["B"]: its reference parent leads to no record, and on_missing = skip`,
			},
		},
	}.run(t)
}

func TestGenericReferencesThatThePackageTakesFromDestroyedRecordsAreNotCounted(t *testing.T) {
	referenceCase{
		tables: "types: id serial, app_label text !, model text !, unique(app_label, model)\npapers: id serial, number text ! unique\nmarks: id serial, code text ! unique, type_id int -> types, object_id text",
		policy: `
model "c.type" {
  table = types
  natural_key = [app_label, model]
}
model "d.paper" {
  table = papers
  natural_key = [number]
  absent = destroy
}
model "d.mark" {
  table = marks
  natural_key = [code]
  generic_reference "object" {
    type = type
    id   = object_id
  }
}`,
		live: `types {"id":8,"app_label":"d","model":"paper"}
			papers {"id":1,"number":"A"}
			papers {"id":2,"number":"B"}
			marks {"id":1,"code":"a","type_id":8,"object_id":"2"}`,
		pkg: `d.paper {"pk":1,"number":"A"}
			d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"1"}`,
		want: wants{changes: []string{`- d.paper ["B"] id 2 number "B"`, `~ d.mark ["a"] object_id ["B"] -> ["A"]`}},
	}.run(t)
}

func TestLiveIDsThatComeToNameOtherRecordsAreCounted(t *testing.T) {
	const tables = `
types: id serial, app_label text !, model text !, unique(app_label, model)
papers: id serial, number text ! unique
marks: id serial, code text ! unique, type_id int -> types, object_id text, doc json
`
	const pol = `
model "c.type" {
  table = types
  natural_key = [app_label, model]
}
model "d.paper" {
  table = papers
  natural_key = [number]
  PAPER
}
model "d.mark" {
  table = marks
  natural_key = [code]
  USER
  generic_reference "object" {
    type = type
    id   = object_id
  }
  json_reference "doc" {
    paths = { paper = d.paper }
  }
}`
	const types = `types {"id":8,"app_label":"d","model":"paper"}
		types {"id":9,"app_label":"d","model":"mark"}
		`
	cases := map[string]struct {
		referenceCase
		detail string // of the first problem
	}{
		"an id that leads to no record comes to lead to an added one": {
			referenceCase{
				live: types + `papers {"id":5,"number":"Z"}
					marks {"id":1,"code":"a","type_id":8,"object_id":"2"}
					marks {"id":2,"code":"b","type_id":8,"object_id":"5"}
					marks {"id":3,"code":"c","type_id":9,"object_id":"2"}
					marks {"id":4,"code":"d","object_id":"2","doc":{"paper":2}}
					marks {"id":5,"code":"e","type_id":8,"object_id":"3"}`,
				pkg: `d.paper {"pk":2,"number":"B"}`,
				want: wants{
					changes:  []string{`+ d.paper ["B"] pk 2 number "B"`},
					problems: []string{"warning generic.adopted", "warning json.adopted"},
				},
			},
			"Found in d.mark.object 1. Their ids stay as they are. They lead to other records now, or to none.",
		},
		"into an empty table": {
			referenceCase{
				live: types + `marks {"id":1,"code":"a","type_id":8,"object_id":"2"}
					marks {"id":2,"code":"b","type_id":8,"object_id":"2"}`,
				pkg: `d.paper {"pk":2,"number":"B"}
					d.paper {"pk":3,"number":"C"}`,
				want: wants{
					changes:  []string{`+ d.paper ["B"] pk 2 number "B"`, `+ d.paper ["C"] pk 3 number "C"`},
					problems: []string{"warning generic.adopted"},
				},
			},
			"Found in d.mark.object 2. Their ids stay as they are. They lead to other records now, or to none.",
		},
		"with new primary keys": {
			referenceCase: referenceCase{
				live: types + `papers {"id":5,"number":"Z"}
					marks {"id":1,"code":"a","type_id":8,"object_id":"2"}`,
				pkg: `d.paper {"pk":2,"number":"B"}`, paper: "primary_key = new",
				want: wants{changes: []string{`+ d.paper ["B"] number "B"`}},
			},
		},
		"the package says that the id is of the added record": {
			referenceCase: referenceCase{
				live: types + `marks {"id":1,"code":"a","type_id":8,"object_id":"2","doc":{"paper":3}}`,
				pkg: `d.paper {"pk":2,"number":"B"}
					d.mark {"pk":1,"code":"a","type":["d","paper"],"object_id":"2","doc":{"paper":2}}`,
				want: wants{changes: []string{
					`+ d.paper ["B"] pk 2 number "B"`,
					`~ d.mark ["a"] doc {"paper":3} -> {"paper":2}`,
				}},
			},
		},
		"rows that go with what they name": {
			referenceCase: referenceCase{
				live: types + `papers {"id":2,"number":"Y"}
					marks {"id":1,"code":"a","type_id":8,"object_id":"2","doc":{"paper":2}}`,
				pkg: `d.paper {"pk":5,"number":"B"}
					d.mark {"pk":2,"code":"b"}`, paper: "absent = destroy", user: "absent = destroy",
				want: wants{changes: []string{
					`- d.mark ["a"] id 1 code "a" type ["d","paper"] object_id ["Y"] doc {"paper":2}`, `- d.paper ["Y"] id 2 number "Y"`,
					`+ d.paper ["B"] pk 5 number "B"`, `+ d.mark ["b"] pk 2 code "b"`,
				}},
			},
		},
		"the record that they name goes": {
			referenceCase{
				live: types + `papers {"id":2,"number":"Y"}
					papers {"id":3,"number":"Z"}
					marks {"id":1,"code":"a","type_id":8,"object_id":"2"}
					marks {"id":2,"code":"b","type_id":8,"object_id":"3","doc":{"paper":3}}
					marks {"id":3,"code":"c","type_id":8,"object_id":"3"}`,
				pkg: `d.paper {"pk":2,"number":"B"}`, paper: "absent = destroy", // its primary key is not free
				want: wants{
					changes: []string{
						`- d.paper ["Y"] id 2 number "Y"`, `- d.paper ["Z"] id 3 number "Z"`, `+ d.paper ["B"] number "B"`,
					},
					problems: []string{"warning generic.destroyed", "warning json.destroyed"},
				},
			},
			"Found in d.mark.object 3. Their ids stay as they are.",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.tables, c.policy = tables, pol
			if o := c.run(t); c.detail != "" && o.result.Diagnostics[0].Detail != c.detail {
				t.Errorf("%s", o.result.Diagnostics[0].Detail)
			}
		})
	}
}
