package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUndoOfAPlan undoes what the planner itself planned: its images are the
// ones that undo lives on.
func TestUndoOfAPlan(t *testing.T) {
	in := world{
		tables: shop,
		policy: `
			model "a.person" {
				table       = "people"
				natural_key = [name]
				sensitive   = [password]
				ignore      = [at]
				absent      = destroy
			}
			model "a.group" {
				table       = "groups"
				natural_key = [name]
				absent      = destroy
			}
			model "a.document" {
				table       = "documents"
				natural_key = [title]
				absent      = destroy
			}`,
		live: `
			groups {"id": 1, "name": "readers"}
			groups {"id": 2, "name": "writers"}
			people {"id": 1, "name": "ann", "password": "hunter2 a"}
			people {"id": 2, "name": "bob", "boss": 1}
			people {"id": 3, "name": "cid", "boss": 2}
			people_groups {"id": 4, "people_id": 2, "group_id": 1}
			people_groups {"id": 5, "people_id": 1, "group_id": 1}
			documents {"id": 1, "title": "SOP", "owner": 2, "pages": 1.50}
			documents {"id": 2, "title": "POL", "owner": 1}`,
		pkg: `
			a.group {"pk": 1, "name": "readers"}
			a.group {"pk": 7, "name": "auditors"}
			a.person {"pk": 1, "name": "ann", "password": "hunter2 b", "groups": [7]}
			a.person {"pk": 2, "name": "dan", "boss": 1, "password": "hunter2 c", "groups": [1, 7]}
			a.person {"pk": 3, "name": "cid", "boss": 2, "groups": []}
			a.document {"pk": 1, "title": "SOP", "owner": 2, "pages": 2}
			a.document {"pk": 5, "title": "NEW", "owner": 3}`,
	}.input(t)
	live := in.Live.(*memoryLive)
	was := live.state()
	o := plan(t, in)
	if o.result.Diagnostics.HasErrors() {
		t.Fatal(describe(o.result.Diagnostics))
	}
	var imgs []Image
	for img, err := range o.result.Images() {
		if err != nil {
			t.Fatal(err)
		}
		imgs = append(imgs, *img)
	}
	if err := live.carryOut(o.result); err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(was, live.state()) {
		t.Fatal("the plan changed nothing")
	}
	back := undo(t, live, imgs)
	joins := 0
	for _, c := range back.changes {
		if strings.Contains(c, "a.person.groups") {
			joins++
		}
	}
	if joins != 5 {
		t.Errorf("join rows: %d\n%s", joins, strings.Join(back.changes, "\n"))
	}
	if err := restores(t, live, back, was); err != nil {
		t.Error(err)
	}
}
