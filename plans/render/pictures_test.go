package render

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/edmsplan/edmsplan/plans"
	"github.com/edmsplan/edmsplan/plans/planfile"
	"github.com/edmsplan/edmsplan/plans/planstest"
)

var (
	picturesDir   = flag.String("pictures", "", "the folder to write pictures of pages to, and the figures")
	picturesPlans = flag.String("plans", "", "the saved plans to take pictures of, separated by commas")
)

// TestPictures takes pictures of pages as people see them, in both themes, on a
// desk and on a phone, and measures how fast they are. make pictures asks for
// those of plans that the program made; without it, an example shows that it
// would work.
func TestPictures(t *testing.T) {
	dir, all := *picturesDir, map[string]*plans.Plan{}
	if dir == "" {
		dir = t.TempDir()
	}
	if *picturesPlans == "" {
		all["example"] = planstest.Example()
	}
	for _, path := range strings.FieldsFunc(*picturesPlans, func(r rune) bool { return r == ',' }) {
		f, err := planfile.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // only read
		all[strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))] = f.Plan()
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	table := "| plan | records | size of the page | first paint | ready | longest block | filter, slowest | longest block meanwhile | heap | elements |\n|---" +
		strings.Repeat("|---:", 9) + "|\n"
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := rendering(t, all[name], HTML)
		b := startBrowser(t)
		table += figures(b, name, text, 1) + figures(b, name+", a CPU four times slower", text, 4)
		call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 1})
		for _, scheme := range []string{"light", "dark"} {
			for shape, width := range map[string]int64{"desk": 1280, "phone": 390} {
				b.open(text, width, 844, scheme)
				for part, picture := range pictures(b) {
					file := filepath.Join(dir, strings.Join([]string{name, shape, scheme, part}, "-")+".png")
					if c, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || c.Width > int(width) || c.Height == 0 {
						t.Errorf("%s: %v, %d x %d", file, err, c.Width, c.Height)
					}
					if err := os.WriteFile(file, picture, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		b.clean()
	}
	t.Log("\n" + table)
	if err := os.WriteFile(filepath.Join(dir, "figures.md"), []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pictures are those of the open page: what is seen first, and each section.
func pictures(b *browser) map[string][]byte {
	b.t.Helper()
	take := func(action chromedp.Action[[]byte]) []byte {
		b.t.Helper()
		out, err := chromedp.Run(b.ctx, action)
		if err != nil {
			b.t.Fatal(err)
		}
		return out
	}
	all := map[string][]byte{"top": take(chromedp.CaptureScreenshot())}
	b.do(`document.querySelector(".top").style.position = "static"`) // it would lie over sections
	section := func(id, as string) {
		b.t.Helper()
		// A very long section is seen in part, as it is in a window.
		b.do(fmt.Sprintf(`document.getElementById(%q).scrollIntoView({behavior: "instant"})`, id))
		if eval[float64](b, fmt.Sprintf(`document.getElementById(%q).offsetHeight`, id)) > 3000 {
			all[as] = take(chromedp.CaptureScreenshot())
			return
		}
		all[as] = take(chromedp.Screenshot(chromedp.ID(id)))
	}
	for _, id := range eval[[]string](b, `[...document.querySelectorAll("main section[id]")].map((s) => s.id)`) {
		section(id, id)
	}
	b.do(`q.value = "no record holds this"; q.form.requestSubmit()`)
	b.expect(`!document.getElementById("status").dataset.busy`)
	section("changes", "empty")
	// The record with the most to read of some, and where the keyboard is.
	b.do(`q.value = ""; q.form.requestSubmit()`)
	b.expect(`!document.getElementById("status").dataset.busy`)
	b.run(chromedp.Focus(chromedp.ID("list")))
	size := eval[int](b, `+(list.querySelector(".row")?.getAttribute("aria-setsize") ?? 0)`)
	choose := func(n int) {
		b.t.Helper()
		b.do(fmt.Sprintf(`list.scrollTop = 52 * %d - 104`, n))
		b.expect(fmt.Sprintf(`document.getElementById("row-%d") !== null`, n))
		if !eval[bool](b, fmt.Sprintf(`document.getElementById("row-%d").ariaSelected === "true"`, n)) { // else a group is listed
			b.do(fmt.Sprintf(`document.getElementById("row-%d").click()`, n))
		}
	}
	most, best := 0, 0
	for i := range min(size, 60) {
		n := i * size / min(size, 60)
		choose(n)
		score := eval[int](b, `document.getElementById("detail").querySelectorAll("del, ins, .cut").length + 9 * document.getElementById("detail").querySelectorAll(".text").length`)
		if score > most && eval[bool](b, fmt.Sprintf(`!/^[▸▾]/.test(document.querySelector("#row-%d .key1").textContent)`, n)) {
			most, best = score, n
		}
		b.do(`document.querySelector(".close")?.click()`)
	}
	if size > 0 {
		choose(best)
		b.run(chromedp.KeyEvent(kb.Enter))
	}
	if eval[bool](b, `innerWidth < 700`) {
		all["record"] = take(chromedp.CaptureScreenshot())
	} else {
		section("changes", "record")
	}
	return all
}

// watch lists the tasks that take the page more than 50 ms, in which it does
// not answer.
const watch = `window.blocks = [];
new PerformanceObserver((l) => { for (const e of l.getEntries()) blocks.push(e.duration); }).observe({ type: "longtask", buffered: true });`

// filtering is how long it takes from a text's last letter until the records
// that hold it are seen.
const filtering = `(async (text) => {
	const status = document.getElementById("status"), start = performance.now();
	q.value = text;
	q.dispatchEvent(new Event("input"));
	await new Promise((done) => new MutationObserver((_, o) => { if (!status.dataset.busy) { o.disconnect(); done(); } }).observe(status, { childList: true, characterData: true, subtree: true, attributes: true }));
	await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
	return performance.now() - start;
})`

// figures is a page's line of the table.
func figures(b *browser, name, text string, slower float64) string {
	b.t.Helper()
	call(b, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slower})
	call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	b.open(text, 1280, 844, "light")
	ready := eval[float64](b, `performance.getEntriesByName("ready")[0]?.startTime ?? performance.now()`)
	paint := firstPaint(b)
	longest := func() float64 {
		return eval[float64](b, `new Promise((r) => setTimeout(() => r(Math.max(0, ...blocks.splice(0))), 200))`, chromedp.EvalAwaitPromise)
	}
	start := longest()
	var filter float64
	for _, typed := range []string{"e", "working days", "no record holds this", "documents", `"qa"`, "head", "zz"} {
		filter = max(filter, eval[float64](b, fmt.Sprintf("%s(%q)", filtering, typed), chromedp.EvalAwaitPromise))
	}
	call(b, heapprofiler.CollectGarbage, cdp.Empty{})
	heap := call(b, runtime.GetHeapUsage, cdp.Empty{})
	return fmt.Sprintf("| %s | %s | %.1f MB | %.0f ms | %.0f ms | %.0f ms | %.0f ms | %.0f ms | %.0f MB | %s |\n", name,
		eval[string](b, `document.querySelector("#h-changes .dim").textContent`), float64(len(text))/1e6, paint, ready, start, filter, longest(),
		(heap.UsedSize+heap.BackingStorageSize)/1e6, eval[string](b, `document.querySelectorAll("*").length.toLocaleString("en")`))
}

func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// firstPaint is when the open page was first seen, in milliseconds.
func firstPaint(b *browser) float64 {
	b.t.Helper()
	b.expect(`performance.getEntriesByName("first-contentful-paint").length === 1`)
	return eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
}
