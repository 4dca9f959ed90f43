package policy

// testTopLevel is a file of tests.
var testTopLevel = &shape{noun: "test file", blocks: map[string]*shape{
	"database":  {once: true, required: []string{"schema"}},
	"locals":    {open: true},
	"variables": {once: true, open: true},
	"live":      testRows,
	"package":   testPackage,
	"files":     testFiles,
	"test": {
		label: "sentence", once: true, optional: []string{
			"live_from", "package_from", "reinit", "scope", "target", "exclude", "apply",
		},
		blocks: map[string]*shape{
			"variables": {once: true, open: true},
			"live":      testRows,
			"package":   testPackage,
			"files":     testFiles,
			"expect":    expectShape,
		},
	},
}}

var (
	testRows    = &shape{label: "app.name", once: true, required: []string{"rows"}}
	testPackage = &shape{label: "app.name", once: true, required: []string{"records"}}
	testFiles   = &shape{label: "name", once: true, optional: []string{"live", "package"}}
)

var expectShape = &shape{once: true, optional: []string{"no_changes", "partial"}, blocks: map[string]*shape{
	"add":        {label: "app.name", keyed: true, once: true, optional: []string{"after"}},
	"change":     {label: "app.name", keyed: true, once: true, optional: []string{"before", "after", "changed"}},
	"destroy":    {label: "app.name", keyed: true, once: true, optional: []string{"before", "reason"}},
	"remap":      {label: "app.name", keyed: true, once: true, optional: []string{"package", "live"}},
	"unchanged":  {label: "app.name", keyed: true, once: true},
	"skip":       {label: "app.name", keyed: true, once: true, optional: []string{"reason"}},
	"count":      {label: "app.name", unlabelled: true, once: true, optional: countedOutcomes()},
	"diagnostic": {label: "code", optional: []string{"text", "model", "count"}},
	"guard":      {label: "name", once: true, required: []string{"holds"}},
	"check":      {label: "name", once: true, required: []string{"holds"}},
}}

func countedOutcomes() []string {
	return []string{"add", "change", "destroy", "remap", "unchanged", "skip", "keep"}
}
