package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func readExample(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root(t), "examples"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parseYAML(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func TestTheWorkflowOfGitHub(t *testing.T) {
	type step struct {
		Uses, Run, If string
		With          map[string]any
	}
	var w struct {
		On struct {
			PullRequest struct{ Types []string } `yaml:"pull_request"`
		}
		Permissions map[string]string
		Env         map[string]string
		Jobs        map[string]struct {
			If          string
			RunsOn      string `yaml:"runs-on"`
			Environment string
			Permissions map[string]string
			Env         map[string]string
			Steps       []step
		}
	}
	parseYAML(t, readExample(t, "github", "edmsplan.yml"), &w)
	if w.Permissions == nil || len(w.Permissions) > 0 {
		t.Error("a job must ask for each permission that it has")
	}
	if len(w.Jobs) != 2 || len(w.On.PullRequest.Types) != 4 {
		t.Errorf("%d jobs, types %v", len(w.Jobs), w.On.PullRequest.Types)
	}
	for name, j := range w.Jobs {
		commands, kept := "", false
		for _, s := range j.Steps {
			commands += s.Run + "\n"
			kept = kept || strings.HasPrefix(s.Uses, "actions/upload-artifact@") && s.If == "always()" && s.With["path"] == "edmsplan.plan" && s.With["name"] == "edmsplan"
		}
		if !strings.Contains(commands, "edmsplan/review "+name+"\n") && !strings.Contains(commands, "edmsplan/review "+name+" #") {
			t.Errorf("the job %s runs %q", name, commands)
		}
		if kept != (name == "plan") || j.Environment != "edmsplan-"+name || j.RunsOn == "" {
			t.Errorf("the job %s: artifact kept %t, environment %q", name, kept, j.Environment)
		}
		if j.Permissions["pull-requests"] != "write" || j.Permissions["actions"] != "read" || j.Env["EDMSPLAN_LIVE"] == "" {
			t.Errorf("the job %s may %v", name, j.Permissions)
		}
		if !strings.Contains(j.If, "head.repo.full_name == github.repository") || strings.Contains(j.If, "merged") != (name == "apply") {
			t.Errorf("the job %s runs if %s", name, j.If)
		}
	}
}

func TestTheWorkflowOfGitLab(t *testing.T) {
	type job struct {
		Script        []string
		Stage         string
		Extends       string
		Rules         []struct{ If string }
		ResourceGroup string `yaml:"resource_group"`
		Artifacts     struct {
			When  string
			Paths []string
		}
	}
	var w struct {
		Stages    []string
		Variables map[string]string
		Common    job `yaml:".edmsplan"`
		Plan      job `yaml:"edmsplan-plan"`
		Apply     job `yaml:"edmsplan-apply"`
	}
	parseYAML(t, readExample(t, "gitlab", ".gitlab-ci.yml"), &w)
	if w.Common.ResourceGroup == "" || w.Variables["EDMSPLAN_JOB"] != "edmsplan-plan" {
		t.Errorf("%+v", w)
	}
	for name, j := range map[string]job{"plan": w.Plan, "apply": w.Apply} {
		if j.Stage != name || j.Extends != ".edmsplan" || len(j.Script) != 1 || !strings.HasPrefix(j.Script[0], "edmsplan/review "+name) || len(j.Rules) != 1 {
			t.Errorf("the job %s: %+v", name, j)
		}
	}
	if w.Plan.Artifacts.When != "always" || len(w.Plan.Artifacts.Paths) != 1 || w.Plan.Artifacts.Paths[0] != "edmsplan.plan" {
		t.Errorf("the plan is kept so: %+v", w.Plan.Artifacts)
	}
}

// The README of the script has each variable that it reads, and no other.
func TestTheForgeReadmeListsTheVariables(t *testing.T) {
	script, readme := readExample(t, "forge", "review"), readExample(t, "forge", "README.md")
	read := map[string]bool{"FORGE": true}
	for _, m := range regexp.MustCompile(`\$\{(EDMSPLAN_\w+)`).FindAllStringSubmatch(script, -1) {
		read[m[1]] = true
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(readme, -1) {
		if !read[m[1]] {
			t.Errorf("the script does not read %s", m[1])
		}
		delete(read, m[1])
	}
	for name := range read {
		t.Errorf("the README lacks %s", name)
	}
}
