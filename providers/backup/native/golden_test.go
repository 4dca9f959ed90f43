package native_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/native"
	"github.com/edmsplan/edmsplan/schema"
)

var writePackages = flag.Bool("write-packages", false, "write testdata/packages anew; packages that were released must stay as they are")

// packages is where packages are kept that must be readable for ever.
func packages(name string) string {
	return filepath.Join("..", "..", "..", "testdata", "packages", name)
}

// later is the sample some time after it.
func later() state {
	s := sample()
	users := s.header.Models[0]
	s.records[users.Label] = append(s.records[users.Label], user(users, 11, "later"))
	s.files = append(s.files, file{"storage/üz", "new"})
	return s
}

func TestOldPackagesStayReadable(t *testing.T) {
	if *writePackages {
		writeGolden(t)
	}
	for _, name := range []string{"full.edmspkg", "folder", "incremental.edmspkg"} {
		t.Run(name, func(t *testing.T) {
			p, err := backup.Open(context.Background(), packages(name), native.Formats(), backup.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			want, err := os.ReadFile(packages(strings.Replace(name, "folder", "full.edmspkg", 1) + ".txt"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), spell(t, p.(*native.Package))); diff != "" {
				t.Errorf("the package (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPackageOfALaterVersionIsRefused(t *testing.T) {
	for _, name := range []string{"future.edmspkg", "future-folder"} {
		_, err := backup.Open(context.Background(), packages(name), native.Formats(), backup.DefaultLimits())
		if !errors.Is(err, backup.ErrRefused) || !strings.Contains(err.Error(), "version 2") || !strings.Contains(err.Error(), "newer edmsplan") {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := os.ReadFile(packages("future.edmspkg"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := native.Salvage(context.Background(), bytes.NewReader(b), nil, backup.DefaultLimits()); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("salvage: %v", err)
	}
}

// spell is all that a package says, as text.
func spell(t *testing.T, p *native.Package) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "digest %s\n", p.Info().Digest)
	for _, f := range p.Info().Facts {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	for _, m := range p.Models() {
		fmt.Fprintf(&b, "%s in %s\n", m.Label, m.Table)
		for r, err := range p.Scan(context.Background(), schema.Selection{Model: m.Label}) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "\t%d", r.Number)
			for _, f := range r.Fields {
				fmt.Fprintf(&b, " %s=%d%q", f.Name, f.Value.Kind, f.Value.Text)
			}
			fmt.Fprintln(&b)
		}
	}
	for _, tab := range p.Catalogue().Tables {
		for _, c := range tab.Columns {
			fmt.Fprintf(&b, "%s.%s %s %s\n", tab.Name, c.Name, c.Type.Kind, c.Type.Native)
		}
	}
	for _, f := range files(t, p) {
		stored, _ := p.Stored(f.name)
		fmt.Fprintf(&b, "%s %o %s %x\n", f.name, stored.Mode, stored.ModTime.UTC(), sha256.Sum256([]byte(f.content)))
	}
	return b.String()
}

func writeGolden(t *testing.T) {
	t.Helper()
	write := func(name string, content []byte) {
		if err := os.WriteFile(packages(name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.RemoveAll(packages("")), os.MkdirAll(packages("future-folder"), 0o755)); err != nil {
		t.Fatal(err)
	}
	full := sample().pack(t, native.WriterOptions{})
	parent := mustOpen(t, full, options())
	write("full.edmspkg", full)
	write("full.edmspkg.txt", []byte(spell(t, parent)))
	w, err := native.NewFolderWriter(packages("folder"), sample().header, native.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sample().fill(w); err != nil {
		t.Fatal(err)
	}
	incremental := later().pack(t, native.WriterOptions{Parent: parent, ParentName: "full.edmspkg"})
	write("incremental.edmspkg", incremental)
	o := options()
	o.Parent = native.Beside(packages("incremental.edmspkg"), backup.DefaultLimits())
	write("incremental.edmspkg.txt", []byte(spell(t, mustOpen(t, incremental, o))))
	list := split(t, full)
	list[0] = list[0].resized([]byte(`{"format":"edmspkg","version":2,"rows":"somewhere else"}` + "\n"))
	list[0].header[100] = '7' // no more of it is understood
	list[0].sum()
	write("future.edmspkg", join(list[:3]))
	write(filepath.Join("future-folder", "edmspkg.json"), list[0].content)
}
