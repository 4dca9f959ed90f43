package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planstest"
	"github.com/edmsplan/edmsplan/schema/diag"
)

// attacks are texts that do something where they are not escaped.
func attacks() []string {
	const act = `window.attacked=1`
	return []string{
		"<script>" + act + "</script>", "</script><script>" + act + "</script>", "<!--<script>" + act + "-->", "<img src=x onerror=" + act + ">",
		`" onmouseover="` + act + `" x="`, `' onfocus='` + act + `' autofocus x='`, "javascript:" + act, "{{" + act + "}}", "${" + act + "}",
		"</title><svg onload=" + act + ">", "</style><script>" + act + "</script>", "]]><svg/onload=" + act + ">", "\u2028" + act + "\u2029", "`+" + act + "+`",
	}
}

// hostile is a plan in which everything that a package or a database decides
// is an attack.
func hostile() *plans.Plan {
	var records []*plans.Record
	var accounting []plans.Accounting
	var remaps []plans.Remapping
	var problems diag.List
	for i, a := range attacks() {
		model, key := "app."+a, "["+quoteText(a)+"]"
		long := quoteText(strings.Repeat("word ", 60) + a)
		accounting = append(accounting, plans.Accounting{
			Model: model, Table: a, Package: 3, Added: 1, Changed: 2, Live: 3, Destroyed: 1, Kept: 2,
			References: []plans.Reference{{Field: a, Model: "app." + attacks()[0]}}, Links: []plans.Links{{Field: a}},
			Discarded: map[string]int{a: 1}, KeptBy: []plans.KeptBy{{Reason: a, Count: 1}},
		})
		object := func(v plans.Value) plans.Value { return "{" + quoteText(a) + ":" + v + "}" }
		records = append(records,
			&plans.Record{Model: model, Key: key, Action: plans.Destroy, Reason: a, Rule: diag.Range{File: a, Start: diag.Pos{Line: 1}}},
			&plans.Record{Model: model, Key: "[" + quoteText(a+" added") + "]", Action: plans.Add, PrimaryKey: quoteText(a), Content: "ab"},
			&plans.Record{Model: model, Key: key, OldKey: key, Action: plans.Change, Fields: []plans.Field{
				{Name: a, Before: quoteText("x"), After: quoteText(a)},
				{Name: "long", Before: long, After: long[:len(long)-1] + ` more"`},
				{Name: "json", Before: object("1"), After: object(quoteText(a))},
				{Name: "list", Before: manyOf(a, 12), After: manyOf(a, 13)},
				{Name: "secret", Before: quoteText(planstest.Secret), After: quoteText(a + planstest.Secret), Sensitive: true},
			}})
		remaps = append(remaps, plans.Remapping{Model: model, Key: key, Field: a, Package: quoteText(a), Live: quoteText(a)})
		problems = append(problems, diag.Diagnostic{
			Severity: diag.Severity(i % 2), Summary: a, Detail: a, Remedy: a, Source: a, Range: diag.Range{File: a, Start: diag.Pos{Line: 1, Column: 1}},
			Record: &diag.Record{Model: model, Key: a, Member: a},
		})
	}
	h := planstest.Header()
	all := strings.Join(attacks(), " ")
	h.Target, h.Package, h.Policy, h.ID, h.Version, h.Options = all, all, all, all, all, map[string]string{plans.OptionTarget: all}
	p := planstest.New(h, accounting, remaps, records)
	p.Diagnostics, p.Untouched = problems, attacks()
	for _, a := range attacks() {
		p.Skips = append(p.Skips, plans.Skip{Model: a, Key: "[" + quoteText(a) + "]", Reason: a})
	}
	return p
}

func manyOf(s string, n int) plans.Value {
	var all []string
	for i := range n {
		all = append(all, string(quoteText(fmt.Sprint(s, i))))
	}
	return plans.Value("[" + strings.Join(all, ",") + "]")
}

func TestNothingOfAPackageRunsInThePage(t *testing.T) {
	b := startBrowser(t)
	page := rendering(t, hostile(), HTML)
	if strings.Contains(page, planstest.Secret) {
		t.Error("the page holds a sensitive value")
	}
	// Without the page's own policy the escaping alone must do.
	policy := page[strings.Index(page, "<meta http-equiv"):]
	policy = policy[:strings.Index(policy, ">")+1]
	for name, p := range map[string]string{"with its policy": page, "without its policy": strings.Replace(page, policy, "", 1)} {
		b.open(p, 1200, 900, "light")
		records := eval[int](b, `document.getElementById("data").textContent.split("\n").length - 2`)
		b.run(chromedp.Click(chromedp.ID("group")), chromedp.Focus(chromedp.ID("list")))
		if want := 3 * len(attacks()); records != want {
			t.Errorf("%s: the page holds %d records, want %d", name, records, want)
		}
		for range records {
			b.run(chromedp.KeyEvent("j"))
		}
		b.expect(`document.querySelector(".row[aria-selected=true]").getAttribute("aria-posinset") === "` + fmt.Sprint(records) + `"`)
		for _, a := range attacks() { // found as the text that it is
			if a = strings.Trim(a, "\u2028\u2029"); !strings.Contains(a, "\\") {
				b.do(fmt.Sprintf(`q.value = %q; q.dispatchEvent(new Event("input"))`, a))
				b.expect(`/^[1-9]\d* of /.test(document.getElementById("status").textContent) && document.querySelectorAll(".row").length > 0`)
			}
		}
		b.do(`for (const e of document.querySelectorAll("*")) for (const k of ["mouseover", "mouseenter", "focus"]) e.dispatchEvent(new Event(k))`)
		if eval[bool](b, `"attacked" in window`) {
			t.Errorf("%s: a text of the plan was executed", name)
		}
		for what, want := range map[string]int{"script": 2, "img, iframe, object, embed, link, base, [src], [onerror], [onload], [onfocus], [onmouseover]": 0} {
			if n := eval[int](b, fmt.Sprintf(`document.querySelectorAll(%q).length`, what)); n != want {
				t.Errorf("%s: there are %d of %s, want %d", name, n, what, want)
			}
		}
	}
	b.clean()
}

// A page with a hundred thousand changes answers: it is drawn in parts, and
// what takes long is done in slices. How long a slice takes is the machine's
// matter; that the work is cut into them is looked at here, and the bounds on
// time are those of a page that nobody would wait for.
func TestThePageOfAHundredThousandChangesDoesNotFreeze(t *testing.T) {
	b := startBrowser(t)
	text := rendering(t, planstest.Large(100_000), HTML)
	start := time.Now()
	b.open(text, 1280, 900, "dark")
	ready := time.Since(start)
	paint := firstPaint(b)
	t.Logf("%d bytes, first paint after %.0f ms, ready after %d ms", len(text), paint, ready.Milliseconds())
	if paint > 3000 || ready > 15*time.Second || len(text) > 4<<20 {
		t.Error("the page is too slow or too large")
	}
	b.expect(`document.getElementById("status").textContent.startsWith("100,000 records in ")`)
	b.do(`document.getElementById("group").click()`)
	// A text is not searched for at a stretch: the page says that it is busy, and
	// other tasks run before it is not.
	between := eval[int](b, `new Promise((done) => {
		let n = 0;
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => { n++; if (document.getElementById("status").dataset.busy) port2.postMessage(0); else done(n); };
		q.value = "working days";
		q.form.requestSubmit();
		port2.postMessage(0);
	})`, chromedp.EvalAwaitPromise)
	if between < 2 {
		t.Error("nothing else ran until it was done")
	}
	b.expect(`document.getElementById("status").textContent === "1,448 of 100,000 records."`)
	b.do(`q.value = ""; q.form.requestSubmit(); list.focus()`)
	b.expect(`document.getElementById("status").textContent === "100,000 records."`)
	b.run(chromedp.KeyEvent(kb.End))
	b.expect(`document.getElementById("detail").textContent.includes("SOP-099999")`)
	for _, at := range []float64{0, 0.3, 0.99} { // wherever it is scrolled to
		b.do(fmt.Sprintf(`list.scrollTop = %g * list.scrollHeight`, at))
		b.expect(fmt.Sprintf(`Math.abs(+list.querySelector(".row").getAttribute("aria-posinset") / 100000 - %g) < 0.02`, at))
		if rows, all := eval[int](b, `document.querySelectorAll(".row").length`), eval[int](b, `document.querySelectorAll("*").length`); rows > 60 || all > 3000 {
			t.Errorf("%d rows and %d elements are there at a time", rows, all)
		}
	}
	// A later text overtakes one that is still searched for.
	b.do(`for (const x of ["e", "working", "SOP-099998"]) { q.value = x; q.form.requestSubmit(); }`)
	b.expect(`document.getElementById("status").textContent === "1 of 100,000 records."`)
	b.clean()
}

func TestThePageSaysThatItsRecordsCannotBeUnpacked(t *testing.T) {
	b := startBrowser(t)
	whole := rendering(t, planstest.Large(packedFrom), HTML)
	const end = "</script>"
	middle := strings.Index(whole, `id="data">`) + 1_000
	for name, page := range map[string]string{"damaged": whole[:middle] + strings.Repeat("A", 400) + whole[middle+400:], "cut": whole[:middle] + whole[middle+strings.Index(whole[middle:], end):]} {
		b.open(page, 1280, 900, "light")
		if !eval[bool](b, `document.getElementById("browser").hidden && document.querySelector("main").innerText.includes("The records cannot be unpacked")`) {
			t.Errorf("%s: the page does not say that its records are not there", name)
		}
	}
	b.open(whole, 1280, 900, "light")
	if !eval[bool](b, `document.getElementById("packed").hidden`) {
		t.Error("the page says that its records are not there")
	}
	b.clean()
}

func TestThePageIsUsedByKeyboard(t *testing.T) {
	b := startBrowser(t)
	b.open(rendering(t, planstest.Example(), HTML), 1280, 900, "light")
	active := func(id string) { t.Helper(); b.expect(fmt.Sprintf(`document.activeElement.id === %q`, id)) }
	b.run(chromedp.KeyEvent("/"))
	active("q")
	b.do(`q.value = ""`) // the made-up key press types its / all the same
	b.run(chromedp.KeyEvent("SOP-0044"))
	b.expect(`document.getElementById("status").textContent.startsWith("1 of ")`)
	b.run(chromedp.KeyEvent(kb.Enter))
	active("list")
	b.expect(`document.getElementById("detail").textContent.includes("292 → 311 characters")`)
	b.run(chromedp.KeyEvent(kb.Enter))
	active("detail")
	b.run(chromedp.KeyEvent(kb.Escape))
	active("list")
	b.run(chromedp.KeyEvent("/"))
	active("q")
	b.run(chromedp.KeyEvent(kb.Escape))
	active("list")
	b.expect(`q.value === ""`)
	b.run(chromedp.KeyEvent("j"))
	b.expect(`document.querySelector(".row[aria-selected=true]").textContent.includes("12 records")`)
	rows := eval[string](b, `list.querySelector(".row").getAttribute("aria-setsize")`)
	b.run(chromedp.KeyEvent(kb.Enter)) // lists the group
	b.expect(`list.querySelector(".row").getAttribute("aria-setsize") == ` + rows + ` + 12`)
	b.run(chromedp.KeyEvent("k"))
	b.expect(`document.querySelector(".row[aria-selected=true]").textContent.includes("temp01")`)
	// The picture's models are buttons.
	b.run(chromedp.Focus(chromedp.CSS(`.node[aria-label^="documents.document;"]`)), chromedp.KeyEvent(kb.Enter))
	active("list")
	b.expect(`document.getElementById("status").textContent.startsWith("4 of ")`)
	b.run(chromedp.Click(chromedp.ID("theme")), chromedp.Click(chromedp.ID("theme")))
	b.expect(`getComputedStyle(document.documentElement).colorScheme === "dark" && theme.textContent === "Theme: dark"`)
	b.clean()
}

// readable lists the texts whose contrast with what is behind them is less
// than 4.5, controls without a name, and what is wider than the window.
const readable = `(() => {
	const wrong = [];
	const rgb = (s) => s.match(/[\d.]+/g).map(Number);
	const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length || e.closest("script, svg, option, .away")) continue;
		const a = light(rgb(getComputedStyle(e).color).slice(0, 3)), b = light(behind(e)), c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (c < 4.5) wrong.push("contrast " + c.toFixed(2) + ": " + e.className + " " + e.textContent.slice(0, 40));
	}
	for (const t of document.querySelectorAll("svg.graph text")) {
		const box = t.parentElement.querySelector("rect"), a = light(rgb(getComputedStyle(t).fill)), b = light(rgb(getComputedStyle(box).fill)), c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (c < 4.5) wrong.push("contrast " + c.toFixed(2) + " in the picture: " + t.textContent);
	}
	// What is no text, but says something: 3 to 1, by its frame if not by itself.
	for (const e of document.querySelectorAll(".meter, .key, input[type=search], select, .chip")) {
		if (!e.getClientRects().length) continue;
		const s = getComputedStyle(e), a = light(rgb(s.borderTopColor)), b = light(behind(e.parentElement)), c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (c < 3 || s.borderTopStyle === "none") wrong.push("frame " + c.toFixed(2) + ": " + e.outerHTML.slice(0, 60));
	}
	for (const e of document.querySelectorAll(".seg.destroy, .seg.change")) if (!e.nextElementSibling || !e.nextElementSibling.getAttribute("fill")) wrong.push("told apart by its colour alone: " + e.outerHTML);
	// What is wider than its place, where that does not scroll.
	for (const e of document.querySelectorAll("main *, header *")) {
		if (!e.getClientRects().length || e.closest(".away, .picture, .scroll, pre, nav, .list, .detail.open, svg, option")) continue;
		const r = e.getBoundingClientRect();
		if (r.right > innerWidth + 1 || r.left < -1) wrong.push("out of the window by " + (r.right - innerWidth).toFixed(0) + ": " + e.outerHTML.slice(0, 80));
	}
	for (const e of document.querySelectorAll(".detail, .card")) if (e.scrollWidth > e.clientWidth + 1) wrong.push("its content is wider: " + e.className + " " + e.scrollWidth + " in " + e.clientWidth);
	for (const e of document.querySelectorAll("table")) if (innerWidth > 1000 && e.offsetWidth > e.parentElement.clientWidth) wrong.push("a table is wider than its place: " + e.offsetWidth);
	for (const e of document.querySelectorAll("input, select, button, a, [role], [tabindex]")) {
		const by = document.getElementById(e.getAttribute("aria-labelledby"));
		const name = e.getAttribute("aria-label") || (by && by.textContent) || (e.labels && e.labels.length ? e.labels[0].textContent : "") || e.textContent;
		if (!name.trim() && e.getAttribute("role") !== "status") wrong.push("no name: " + e.outerHTML.slice(0, 80));
	}
	for (const tag of ["header", "nav", "main", "h1", "html[lang]"]) if (document.querySelectorAll(tag).length !== 1) wrong.push("not one " + tag);
	if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the window: " + document.documentElement.scrollWidth);
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id).filter((x, i, all) => all.indexOf(x) !== i);
	if (ids.length) wrong.push("twice: " + ids);
	return wrong;
})()`

func TestThePageIsReadableInBothThemesAndOnAPhone(t *testing.T) {
	b := startBrowser(t)
	for name, p := range map[string]*plans.Plan{"example": planstest.Example(), "reinit": planstest.Reinit(), "wide": wide(), "empty": planstest.New(planstest.Header(), nil, nil, nil)} {
		page := rendering(t, p, HTML)
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				b.open(page, width, 844, scheme)
				if got := eval[string](b, `getComputedStyle(document.documentElement).colorScheme`); got != scheme {
					t.Errorf("the page is %s, want %s", got, scheme)
				}
				b.do(`document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
				for n := range 12 { // each record's detail
					b.do(fmt.Sprintf(`const r = document.getElementById("row-%d"); if (r) r.click()`, n))
					for _, w := range eval[[]string](b, readable) {
						t.Errorf("%s, %s, %d wide, record %d: %s", name, scheme, width, n, w)
					}
					if t.Failed() {
						return
					}
				}
			}
		}
	}
	b.clean()
}

// wide is a plan in which everything is long and nothing has a space to break
// at.
func wide() *plans.Plan {
	long := strings.Repeat("Wide", 60)
	h := planstest.Header()
	h.Target, h.Package, h.LiveURL = long, "packages/"+long+".tar.gz", "postgres://edms@"+long+":5432/edms"
	model, key := "app."+long[:70], "["+quoteText(long)+","+quoteText(long)+"]"
	accounting := []plans.Accounting{{
		Model: model, Table: long, Package: 1_234_567_890, Added: 1_234_567_890, Changed: 1, Live: 1_234_567_890, Destroyed: 1_234_567_890, Remapped: 1, Skipped: 1,
		References: []plans.Reference{{Field: long, Model: model}}, Links: []plans.Links{{Field: long, Package: 5, Added: 5}},
		KeptBy: []plans.KeptBy{{Reason: long, Count: 1}},
	}}
	p := planstest.New(h, accounting, []plans.Remapping{{Model: model, Key: key, Field: long, Package: quoteText(long), Live: quoteText(long)}}, []*plans.Record{
		{Model: model, Key: key, Action: plans.Destroy, Reason: long, Rule: diag.Range{File: long, Start: diag.Pos{Line: 1}}},
		{Model: model, Key: key, OldKey: key, Action: plans.Change, Fields: []plans.Field{
			{Name: long, Before: quoteText(long), After: quoteText("Wider" + long)},
			{Name: "json", Before: "{" + quoteText(long) + ":1}", After: "{" + quoteText(long) + ":2}"},
			{Name: "list", Before: manyOf(long, 12), After: manyOf(long, 13)},
		}},
		{Model: model, Key: "[" + quoteText("new"+long) + "]", Action: plans.Add, Content: strings.Repeat("ab", 32)},
	})
	p.Skips = []plans.Skip{{Model: model, Key: key, Number: 7, Reason: long}}
	p.Untouched = []string{long, long}
	p.Diagnostics = diag.List{{
		Severity: diag.Error, Summary: long, Detail: long, Remedy: long, Source: long, Range: diag.Range{File: long, Start: diag.Pos{Line: 1, Column: 1}},
		Record: &diag.Record{Model: model, Key: string(key), Member: long},
	}}
	return p
}

// The keyboard comes to every control of the page and out of it again, and what
// it is at can be seen.
func TestTheKeyboardComesToEveryControlAndIsSeen(t *testing.T) {
	b := startBrowser(t)
	for _, width := range []int64{1280, 390} {
		b.open(rendering(t, planstest.Example(), HTML), width, 844, "light")
		want := eval[int](b, `[...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")].filter((e) => e.getClientRects().length && !e.disabled).length`)
		seen := map[string]bool{}
		for range want + 5 {
			b.run(chromedp.KeyEvent(kb.Tab))
			at := eval[[]string](b, `(() => {
				const e = document.activeElement, shape = e.closest(".node") ? e.querySelector("rect") : e, s = getComputedStyle(shape), r = e.getBoundingClientRect();
				if (e === document.body) return ["", ""];
				const all = [...document.querySelectorAll("*")];
				const ring = shape !== e ? parseFloat(s.strokeWidth) >= 3 : s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
				const inside = r.right > 0 && r.left < innerWidth && r.bottom > 0 && r.top < innerHeight;
				return [String(all.indexOf(e)), (ring ? "" : "no ring ") + (inside ? "" : "out of sight ") + (ring && inside ? "" : e.outerHTML.slice(0, 80))];
			})()`)
			if at[0] == "" {
				break // out of the page
			}
			if at[1] != "" {
				t.Errorf("%d wide: %s", width, at[1])
			}
			seen[at[0]] = true
		}
		if len(seen) != want {
			t.Errorf("%d wide: the keyboard came to %d of %d controls", width, len(seen), want)
		}
	}
	// A record that covers the page keeps the keyboard until it is closed.
	b.run(chromedp.Focus(chromedp.ID("list")), chromedp.KeyEvent(kb.Enter))
	for _, key := range []string{kb.Tab, kb.Tab, kb.Tab} {
		b.run(chromedp.KeyEvent(key))
		b.expect(`document.activeElement.className === "close"`)
	}
	b.run(chromedp.KeyEvent(kb.Escape))
	b.expect(`document.activeElement.id === "list" && !document.querySelector(".detail.open")`)
	b.run(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
	b.expect(`location.hash === "#changes"`)
	b.named()
	b.clean()
}

// Without its script the page has everything but each record's difference, and
// no control that does nothing.
func TestThePageIsReadWithoutItsScript(t *testing.T) {
	b := startBrowser(t)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	for _, width := range []int64{1280, 390} {
		b.load(rendering(t, planstest.Example(), HTML), width, 844, "light", "main")
		text := eval[string](b, `document.body.innerText`)
		for _, want := range []string{
			"13 records will be destroyed", "Plan: 2 to remap, 43 to add, 4816 to change, 13 to destroy.", "Reference leads to no record",
			`users.user["temp01"]`, `documents.document["SOP-0042"] title, author, password, due_date`, "4,672 more than these are not listed",
			`["SOP-0050"]`, "Digest of the change set",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if n := eval[int](b, `[...document.querySelectorAll("button, input, select")].filter((e) => e.getClientRects().length).length`); n != 0 {
			t.Errorf("there are %d controls, which do nothing", n)
		}
		for _, w := range eval[[]string](b, readable) {
			t.Errorf("%d wide: %s", width, w)
		}
	}
	b.clean()
}
