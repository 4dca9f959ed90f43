package main

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// kind is a column's type.
type kind uint8

const (
	text kind = iota
	integer
	boolean
	guid
	instant // microseconds since the epoch
	day
	object // JSON
	link   // a foreign key: the target's row number
)

// cell is one value. A link's target is the column's.
type cell struct {
	kind kind
	null bool
	text string
	n    int64
}

type column struct {
	name   string // as the database has it
	kind   kind
	target *table // of a link
}

// table is one model's rows. Row i is a function of the table and i alone, so
// that whatever refers to it can make its natural key again.
type table struct {
	name  string
	model string // "" for a join table
	field string // of a join table: the many-to-many field that it is
	rows  int
	// columns are without id, which is the row's number, from 1.
	columns []column
	// members are the many-to-many fields: the join tables whose first column
	// leads here.
	members []*table
	fill    func(i int, r *row)
	// key is the natural key of row i as Django spells it in JSON.
	key func(i int) string
	// owned gives the rows of a join table that belong to one owner.
	owned func(owner int) (first, count int)
}

// row collects a row's cells.
type row struct {
	seed  uint64
	cells []cell
	// changed makes the package's row differ from the database's.
	changed bool
}

func (r *row) add(c cell)                 { r.cells = append(r.cells, c) }
func (r *row) text(s string)              { r.add(cell{kind: text, text: s}) }
func (r *row) json(s string)              { r.add(cell{kind: object, text: s}) }
func (r *row) int(n int64)                { r.add(cell{kind: integer, n: n}) }
func (r *row) link(target int)            { r.add(cell{kind: link, n: int64(target)}) }
func (r *row) null(k kind)                { r.add(cell{kind: k, null: true}) }
func (r *row) uuid()                      { r.add(cell{kind: guid, text: r.hex(16)}) }
func (r *row) at(i int, of int)           { r.add(cell{kind: instant, n: moment(i, of, r.next())}) }
func (r *row) bool(v bool)                { r.add(cell{kind: boolean, n: map[bool]int64{true: 1}[v]}) }
func (r *row) of(n int) int               { return int(r.next() % uint64(n)) }
func (r *row) sha() string                { return r.hex(32) }
func (r *row) pick(words []string) string { return words[r.of(len(words))] }

// next is splitmix64.
func (r *row) next() uint64 {
	r.seed += 0x9e3779b97f4a7c15
	z := r.seed
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hex is n random bytes.
func (r *row) hex(n int) string {
	b := make([]byte, 0, 32)
	for len(b) < n {
		x := r.next()
		b = append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56))
	}
	return hex.EncodeToString(b[:n])
}

// words is a sentence of n words.
func (r *row) words(n int) string {
	var b []byte
	for range n {
		b = append(b, vocabulary[r.of(len(vocabulary))]...)
		b = append(b, ' ')
	}
	return string(b[:len(b)-1])
}

// moment spreads of rows over two years, with some noise, in their order.
func moment(i, of int, noise uint64) int64 {
	const span = 2 * 365 * 24 * int64(time.Hour/time.Microsecond)
	start := time.Date(2024, 1, 8, 7, 0, 0, 0, time.UTC).UnixMicro()
	return start + int64(float64(i)/float64(of)*float64(span)) + int64(noise%60_000_000)
}

var (
	vocabulary = []string{
		"document", "procedure", "approved", "review", "revision", "effective", "quality", "batch", "record", "instruction", "the", "of", "and",
		"training", "deviation", "change", "control", "supplier", "audit", "sample", "release", "für", "Prüfung", "template", "signature", "pending",
	}
	states  = []string{"DRAFT", "PENDING_REVIEW", "UNDER_REVIEW", "REVIEWED", "PENDING_APPROVAL", "APPROVED_PENDING_EFFECTIVE", "EFFECTIVE", "OBSOLETE"}
	actions = []string{"DOC_CREATE", "DOC_UPDATE", "DOC_VIEW", "DOC_DOWNLOAD", "WORKFLOW_TRANSITION", "LOGIN_SUCCESS", "SIGNATURE_APPLIED"}
	agents  = []string{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"}
	apps    = [][2]string{
		{"contenttypes", "contenttype"},
		{"auth", "permission"},
		{"auth", "group"},
		{"users", "user"},
		{"users", "role"},
		{"users", "userrole"},
		{"documents", "document"},
		{"documents", "documentversion"},
		{"documents", "documentaccesslog"},
		{"workflows", "documentworkflow"},
		{"workflows", "documenttransition"},
		{"audit", "audittrail"},
		{"audit", "databasechangelog"},
	}
)

// documentType is the row of documents.document in apps.
const documentType = 6

func quoted(parts ...string) string {
	out := "["
	for i, p := range parts {
		if i > 0 {
			out += ", "
		}
		out += strconv.Quote(p)
	}
	return out + "]"
}

// tables are those of some rows in all, mostly audit trail, versions and
// transitions, parents first.
func tables(rows int) []*table {
	to := func(name string, t *table) column { return column{name, link, t} }
	documents := max(rows*4/100, 2)

	types := &table{name: "django_content_type", model: "contenttypes.contenttype", rows: len(apps), columns: []column{{"app_label", text, nil}, {"model", text, nil}}}
	types.fill = func(i int, r *row) { r.text(apps[i][0]); r.text(apps[i][1]) }
	types.key = func(i int) string { return quoted(apps[i][0], apps[i][1]) }

	verbs := []string{"add", "change", "delete", "view"}
	codename := func(i int) string { return verbs[i%4] + "_" + apps[i/4][1] }
	permissions := &table{name: "auth_permission", model: "auth.permission", rows: 4 * len(apps), columns: []column{{"name", text, nil}, to("content_type_id", types), {"codename", text, nil}}}
	permissions.fill = func(i int, r *row) {
		r.text("Can " + verbs[i%4] + " " + apps[i/4][1])
		r.link(i / 4)
		r.text(codename(i))
	}
	permissions.key = func(i int) string { return quoted(codename(i), apps[i/4][0], apps[i/4][1]) }

	groups := &table{name: "auth_group", model: "auth.group", rows: 5, columns: []column{{"name", text, nil}}}
	groupName := func(i int) string { return fmt.Sprintf("Group %d", i+1) }
	groups.fill = func(i int, r *row) { r.text(groupName(i)) }
	groups.key = func(i int) string { return quoted(groupName(i)) }
	grants := joinTable("auth_group_permissions", "permissions", column{"group_id", link, groups}, column{"permission_id", link, permissions}, 10)
	groups.members = []*table{grants}

	users := &table{name: "users", model: "users.user", rows: max(rows/1000, 20), columns: []column{
		{"uuid", guid, nil},
		{"username", text, nil},
		{"password", text, nil},
		{"first_name", text, nil},
		{"last_name", text, nil},
		{"email", text, nil},
		{"department", text, nil},
		{"is_active", boolean, nil},
		{"date_joined", instant, nil},
	}}
	username := func(i int) string { return fmt.Sprintf("user%05d", i) }
	users.fill = func(i int, r *row) {
		r.uuid()
		r.text(username(i))
		r.text("pbkdf2_sha256$390000$" + r.hex(11) + "$" + r.hex(22))
		r.text(r.pick(vocabulary))
		r.text(r.pick(vocabulary))
		r.text(username(i) + "@example.test")
		r.text(r.words(2))
		r.bool(i%17 != 0)
		r.at(i, users.rows)
	}
	users.key = func(i int) string { return quoted(username(i)) }
	memberships := joinTable("users_groups", "groups", column{"user_id", link, users}, column{"group_id", link, groups}, 2)
	users.members = []*table{memberships}

	roles := &table{name: "roles", model: "users.role", rows: 7, columns: []column{{"uuid", guid, nil}, {"name", text, nil}, {"description", text, nil}, {"permissions", object, nil}, {"created_at", instant, nil}}}
	roleName := func(i int) string { return fmt.Sprintf("Role %d", i+1) }
	roles.fill = func(i int, r *row) {
		r.uuid()
		r.text(roleName(i))
		r.text(r.words(8))
		r.json(`{"level": ` + strconv.Itoa(i) + `, "module": "O1"}`)
		r.at(i, roles.rows)
	}
	roles.key = func(i int) string { return quoted(roleName(i)) }

	holders := &table{name: "user_roles", model: "users.userrole", rows: 2 * users.rows, columns: []column{
		to("user_id", users), to("role_id", roles), to("assigned_by_id", users), {"assigned_at", instant, nil}, {"is_active", boolean, nil},
	}}
	holders.fill = func(i int, r *row) {
		r.link(i / 2)
		r.link((i/2 + i%2*3) % 7)
		r.link(0)
		r.at(i, holders.rows)
		r.bool(true)
	}

	docs := &table{name: "documents", model: "documents.document", rows: documents, columns: []column{
		{"uuid", guid, nil},
		{"document_number", text, nil},
		{"title", text, nil},
		{"description", text, nil},
		{"status", text, nil},
		{"version_major", integer, nil},
		to("author_id", users), to("reviewer_id", users),
		{"file_checksum", text, nil},
		{"metadata", object, nil},
		{"created_at", instant, nil},
		{"effective_date", day, nil},
	}}
	number := func(i int) string { return fmt.Sprintf("SOP-%d-%07d", 2024+i%3, i) }
	docs.fill = func(i int, r *row) {
		r.uuid()
		r.text(number(i))
		r.text(r.words(5))
		r.changeable(r.words(20))
		r.text(r.pick(states))
		r.int(int64(1 + i%4))
		r.link(r.of(users.rows))
		if i%3 == 0 {
			r.null(link)
		} else {
			r.link(r.of(users.rows))
		}
		r.text(r.sha())
		r.json(`{"pages": ` + strconv.Itoa(r.of(90)) + `, "keywords": ["` + r.pick(vocabulary) + `", "` + r.pick(vocabulary) + `"]}`)
		r.at(i, docs.rows)
		if i%5 == 0 {
			r.null(day)
		} else {
			r.add(cell{kind: day, n: moment(i, docs.rows, 0)})
		}
	}
	docs.key = func(i int) string { return quoted(number(i)) }

	versions := &table{name: "document_versions", model: "documents.documentversion", rows: 3 * documents, columns: []column{
		{"uuid", guid, nil}, to("document_id", docs), {"version", text, nil}, {"comment", text, nil}, to("created_by_id", users), {"file_checksum", text, nil}, {"file_size", integer, nil}, {"created_at", instant, nil},
	}}
	versions.fill = func(i int, r *row) {
		r.uuid()
		r.link(i / 3)
		r.text(fmt.Sprintf("%02d.%02d", 1+i%3, 0))
		r.changeable(r.words(10))
		r.link(r.of(users.rows))
		r.text(r.sha())
		r.int(int64(r.of(5_000_000)))
		r.at(i, versions.rows)
	}

	views := &table{name: "document_access_logs", model: "documents.documentaccesslog", rows: rows * 10 / 100, columns: []column{
		{"uuid", guid, nil}, to("document_id", docs), to("user_id", users), {"access_type", text, nil}, {"ip_address", text, nil}, {"user_agent", text, nil}, {"accessed_at", instant, nil}, {"success", boolean, nil},
	}}
	views.fill = func(i int, r *row) {
		r.uuid()
		r.link(r.of(docs.rows))
		r.link(r.of(users.rows))
		r.text(r.pick([]string{"VIEW", "DOWNLOAD", "PRINT"}))
		r.text(fmt.Sprintf("10.0.%d.%d", r.of(256), r.of(256)))
		r.changeable(r.pick(agents))
		r.at(i, views.rows)
		r.bool(true)
	}

	flows := &table{name: "document_workflows", model: "workflows.documentworkflow", rows: documents, columns: []column{
		{"uuid", guid, nil}, to("document_id", docs), {"workflow_type", text, nil}, {"state", text, nil}, to("initiated_by_id", users), {"workflow_data", object, nil}, {"created_at", instant, nil},
	}}
	flows.fill = func(i int, r *row) {
		r.uuid()
		r.link(i)
		r.text("REVIEW")
		r.changeable(r.pick(states))
		r.link(r.of(users.rows))
		r.json(`{"note": "` + r.words(4) + `", "priority": ` + strconv.Itoa(r.of(5)) + `}`)
		r.at(i, flows.rows)
	}
	flows.key = docs.key

	steps := &table{name: "document_transitions", model: "workflows.documenttransition", rows: rows * 20 / 100, columns: []column{
		{"uuid", guid, nil}, to("workflow_id", flows), {"from_state", text, nil}, {"to_state", text, nil}, to("transitioned_by_id", users), {"transitioned_at", instant, nil}, {"comment", text, nil}, {"transition_data", object, nil},
	}}
	steps.fill = func(i int, r *row) {
		r.uuid()
		r.link(r.of(flows.rows))
		r.text(r.pick(states))
		r.text(r.pick(states))
		r.link(r.of(users.rows))
		r.at(i, steps.rows)
		r.changeable(r.words(8))
		r.json(`{"ip": "10.1.2.` + strconv.Itoa(r.of(256)) + `", "confirmed": true}`)
	}

	trail := &table{name: "audit_trail", model: "audit.audittrail", rows: rows * 40 / 100, columns: []column{
		{"uuid", guid, nil},
		{"timestamp", instant, nil},
		{"action", text, nil},
		{"severity", text, nil},
		to("user_id", users),
		{"user_display_name", text, nil},
		{"session_id", text, nil},
		to("content_type_id", types),
		{"object_id", text, nil},
		{"object_representation", text, nil},
		{"field_changes", object, nil},
		{"description", text, nil},
		{"request_path", text, nil},
		{"checksum", text, nil},
		{"is_tampered", boolean, nil},
	}}
	trail.fill = func(i int, r *row) {
		user, doc := r.of(users.rows), r.of(docs.rows)
		r.uuid()
		r.at(i, trail.rows)
		r.text(r.pick(actions))
		r.text("INFO")
		r.link(user)
		r.text(username(user))
		if i%4 == 0 {
			r.null(text)
		} else {
			r.text(r.hex(16))
		}
		if i%10 == 0 {
			r.null(link)
			r.null(text)
		} else {
			r.link(documentType)
			r.text(strconv.Itoa(doc + 1))
		}
		r.text(number(doc) + " " + r.words(2))
		r.json(`{"status": {"new": "` + r.pick(states) + `", "old": "` + r.pick(states) + `"}, "comment": "` + r.words(3) + `"}`)
		r.changeable(r.words(9))
		r.text("/api/v1/documents/" + strconv.Itoa(doc+1) + "/workflow/")
		r.text(r.sha())
		r.bool(false)
	}

	changes := &table{name: "database_change_log", model: "audit.databasechangelog", rows: rows * 94 / 1000, columns: []column{
		{"uuid", guid, nil}, {"timestamp", instant, nil}, to("user_id", users), to("content_type_id", types), {"object_id", text, nil}, {"old_values", object, nil}, {"new_values", object, nil}, {"integrity_hash", text, nil},
	}}
	changes.fill = func(i int, r *row) {
		doc := r.of(docs.rows)
		r.uuid()
		r.at(i, changes.rows)
		r.link(r.of(users.rows))
		r.link(documentType)
		r.text(strconv.Itoa(doc + 1))
		r.json(`{"title": "` + r.words(5) + `", "status": "` + r.pick(states) + `", "version_major": 1}`)
		r.json(`{"title": "` + r.words(5) + `", "status": "` + r.pick(states) + `", "version_major": 2}`)
		hash := r.sha()
		if r.changed {
			hash = "0" + hash[1:]
		}
		r.text(hash)
	}
	return []*table{types, permissions, groups, grants, users, memberships, roles, holders, docs, versions, views, flows, steps, trail, changes}
}

// changeable is a text that a changed package has otherwise.
func (r *row) changeable(s string) {
	if r.changed {
		s += " (amended)"
	}
	r.text(s)
}

// joinTable holds per members of each owner.
func joinTable(name, field string, owner, member column, per int) *table {
	t := &table{name: name, field: field, rows: owner.target.rows * per, columns: []column{owner, member}}
	t.fill = func(i int, r *row) {
		r.link(i / per)
		r.link((i/per + i%per) % member.target.rows)
	}
	t.owned = func(o int) (first, count int) { return o * per, per }
	return t
}

// make fills a row. Every hundredth of the tables that grow is changed.
func (t *table) make(i int, r *row, changed bool) {
	r.seed = uint64(len(t.name))<<56 ^ uint64(t.name[0])<<48 ^ uint64(t.name[len(t.name)-1])<<40 ^ uint64(i)*0x2545f4914f6cdd1d
	r.cells = r.cells[:0]
	r.changed = changed && i%100 == 50
	t.fill(i, r)
}
