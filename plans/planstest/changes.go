package planstest

import (
	"fmt"
	"strings"

	"github.com/edmsplan/edmsplan/plans"
)

const (
	longBefore = "This procedure describes how complaints are received, recorded and answered by the quality department. " +
		"Each complaint gets a number. The head of quality decides within five working days whether an investigation " +
		"is needed, and writes the reasons into the record. Copies are kept for ten years."
	longAfter = "This procedure describes how complaints are received, recorded and answered by the quality department. " +
		"Each complaint gets a number. The head of quality decides within three working days whether an investigation " +
		"is needed, and writes the reasons into the record. Copies are kept for twelve years in the archive."
)

func exampleChanges() []*plans.Record {
	records := []*plans.Record{
		{
			Model: "users.user", Key: `["temp01"]`, Action: plans.Destroy,
			Reason: "the policy clears users.user on reinit", Rule: At(31, 3, 20),
			Fields: []plans.Field{{Name: "password", Before: `"` + Secret + `"`, Sensitive: true}},
		},
	}
	for i := range 12 {
		records = append(records, &plans.Record{
			Model: "users.userrole", Key: plans.Value(fmt.Sprintf(`["temp%02d","Viewer"]`, i)), Action: plans.Destroy,
			Reason: "the package lacks it and absent is destroy", Rule: At(44, 3, 19),
		})
	}
	records = append(records, exampleUsers()...)
	records = append(records, exampleDocuments()...)
	return append(records, exampleGroups()...)
}

func exampleUsers() []*plans.Record {
	return []*plans.Record{
		{
			Model: "users.user", Key: `["author03"]`, Action: plans.Add, PrimaryKey: "2308",
			Content: strings.Repeat("d4", 32),
			Fields: []plans.Field{
				{Name: "username", After: `"author03"`},
				{Name: "password", After: `"` + Secret + `"`, Sensitive: true},
			},
		},
		{
			Model: "users.user", Key: `["ghost"]`, Action: plans.Add, Stub: true,
			Reason: `audit.audittrail refers to it and the package lacks it`, Rule: At(88, 5, 24),
			Fields: []plans.Field{
				{Name: "username", After: `"ghost"`},
				{Name: "is_active", After: "false"},
				{Name: "password", After: `"` + Secret + `"`, Sensitive: true},
			},
		},
		{
			Model: "users.user", Key: `["reviewer01"]`, OldKey: `["reviewer1"]`, Action: plans.Change, Hidden: 1,
			Fields: []plans.Field{
				{Name: "username", Before: `"reviewer1"`, After: `"reviewer01"`},
				{Name: "phone_number", Before: "null", After: `""`},
			},
		},
	}
}

func exampleDocuments() []*plans.Record {
	return []*plans.Record{
		{
			Model: "documents.document", Key: `["SOP-0042"]`, Action: plans.Change, Hidden: 27,
			Fields: []plans.Field{
				{Name: "title", Before: `"Old"`, After: `"New"`},
				{Name: "author", Before: `["author01"]`, After: `["author02"]`},
				{Name: "password", Before: `"` + Secret + `"`, After: `"` + Secret + `!"`, Sensitive: true},
				{Name: "due_date", Before: `"2026-01-11"`, After: "null"},
			},
		},
		{Model: "documents.document", Key: `["SOP-0043"]`, Action: plans.Add, Content: strings.Repeat("e5", 32)},
		{
			Model: "documents.document", Key: `["SOP-0044"]`, Action: plans.Change, Hidden: 24,
			Fields: []plans.Field{
				{Name: "description", Before: quote(longBefore), After: quote(longAfter)},
				{Name: "metadata", Before: `{"a":{"b":1,"c":true},"x":[1,2]}`, After: `{"x":[1,2],"a":{"c":true,"b":2}}`},
				{
					Name: "settings", Before: plans.Value(`{"a.b":1,"kept":null,"gone":"` + strings.Repeat("long ", 30) + `"}`),
					After: `{"a.b":2,"kept":null,"list":[{"deep":true}]}`,
				},
				{Name: "reviewers", Before: manyUsers(0, 20), After: manyUsers(1, 21)},
				{Name: "keywords", Before: "null", After: quote(strings.Repeat("keyword ", 40))},
			},
		},
		{
			// Everything here comes from a hostile package.
			Model: "documents.document", Key: `["evil\u001b[31m<script>|` + "`" + `"]`, Action: plans.Change,
			Fields: []plans.Field{{
				Name: "title", Before: `"` + "\u009b2J\u202egnp.exe\u2066" + `"`,
				After: `"` + "```\\n</details><img src=x> @everyone | [x](http://example.test) \u007f" + `"`,
			}},
		},
	}
}

func exampleGroups() []*plans.Record {
	var records []*plans.Record
	for i := range 4812 {
		records = append(records, &plans.Record{
			Model: "users.userrole", Key: plans.Value(fmt.Sprintf(`["viewer%04d","Document Author"]`, i)),
			Action: plans.Change, Hidden: 3,
			Fields: []plans.Field{{Name: "role", Before: "3", After: "17"}},
		})
	}
	for i := range 40 {
		records = append(records, &plans.Record{
			Model: "audit.audittrail", Key: plans.Value(fmt.Sprintf(`["00000000-0000-4000-8000-%012d"]`, i)),
			Action: plans.Add, Content: strings.Repeat("f6", 32),
		})
	}
	return records
}

func manyUsers(from, to int) plans.Value {
	var users []string
	for i := from; i < to; i++ {
		users = append(users, fmt.Sprintf(`["reviewer%02d"]`, i))
	}
	return plans.Value("[" + strings.Join(users, ",") + "]")
}

func quote(s string) plans.Value { return plans.Value(`"` + s + `"`) }
