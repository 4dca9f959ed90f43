package render

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/go-json-experiment/json"
)

// browser is a real Chromium of one test.
type browser struct {
	t   *testing.T
	ctx context.Context
	dir string

	mu       sync.Mutex
	errors   []string // what the pages' scripts complained of
	requests []string // what the pages asked for
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser: skipped with -short")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium: apt-get install chromium")
	}
	b := &browser{t: t, dir: t.TempDir()}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file://"+b.dir) {
			b.requests = append(b.requests, e.Request.URL)
		}
	}
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open shows a page in a window of that size, until its script has run.
func (b *browser) open(page string, width, height int64, scheme string) {
	b.t.Helper()
	b.load(page, width, height, scheme, "html[data-ready]")
}

// load shows a page until a part of it is there.
func (b *browser) load(page string, width, height int64, scheme, part string) {
	b.t.Helper()
	path := filepath.Join(b.dir, "plan.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		b.t.Fatal(err)
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	b.run(chromedp.EmulateViewport(width, height), chromedp.Navigate("file://"+path), chromedp.WaitReady(chromedp.CSS(part)))
}

// eval gives an expression's value.
func eval[T any](b *browser, expression string, opts ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, opts...))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// do runs statements.
func (b *browser) do(statements string) {
	b.t.Helper()
	eval[bool](b, "(() => { "+statements+"; return true })()")
}

// expect waits until an expression holds.
func (b *browser) expect(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(5*time.Second))); err != nil {
		b.t.Fatalf("%s: %v; the page says %q and shows %q", expression, err,
			eval[string](b, `document.getElementById("status").textContent`), eval[string](b, `document.getElementById("detail").textContent`))
	}
}

// clean fails if a page's script failed or asked for anything.
func (b *browser) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 || len(b.requests) > 0 {
		b.t.Errorf("errors %q, requests %q", b.errors, b.requests)
	}
}

// named fails if something of the page that one uses, or is told of, has no
// name for who does not see it.
func (b *browser) named() {
	b.t.Helper()
	of := func(v *accessibility.Value) string {
		var s string
		if v != nil && json.Unmarshal(v.Value, &s) != nil {
			b.t.Fatalf("not a text: %s", v.Value)
		}
		return s
	}
	roles := map[string]int{}
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		role := of(n.Role)
		if n.Ignored || !slices.Contains([]string{"button", "link", "searchbox", "combobox", "checkbox", "listbox", "option", "image", "navigation", "region", "search", "group", "heading"}, role) {
			continue
		}
		roles[role]++
		if role != "group" && strings.TrimSpace(of(n.Name)) == "" {
			b.t.Errorf("a %s has no name", role)
		}
	}
	for _, role := range []string{"button", "link", "searchbox", "combobox", "checkbox", "listbox", "option", "image", "region", "heading"} {
		if roles[role] == 0 {
			b.t.Errorf("there is no %s: %v", role, roles)
		}
	}
}
