package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/edmsplan/edmsplan/providers/backup/native"
)

// output is where a backup goes, and in which format.
type output struct {
	format string
	out    string
}

// The formats that are written.
const (
	formatNative = native.FormatName
	formatFolder = native.FolderFormatName
	formatDjango = "django"
	formatEDMS   = "edms"
)

// output finds the format, and refuses what it cannot do.
func (o *backupOptions) output() (*output, error) {
	if o.out == "" {
		return nil, errors.New("no package is named: give it with -out")
	}
	t := &output{format: o.format, out: o.out}
	if t.format == "" {
		t.format = formatOf(o.out)
	}
	switch t.format {
	case formatNative, formatFolder, formatEDMS, formatDjango:
	default:
		return nil, fmt.Errorf("there is no format %q: %s, %s, %s or %s", t.format, formatNative, formatFolder, formatDjango, formatEDMS)
	}
	if err := o.checkKind(t.holdsFiles()); err != nil {
		return nil, err
	}
	if t.format != formatNative && o.encrypts() {
		return nil, fmt.Errorf("edmsplan encrypts %s files only: encrypt a package of the format %s with age itself", native.Extension, t.format)
	}
	if !t.native() && o.parent != "" {
		return nil, fmt.Errorf("-parent is for the format %s: a package of the format %s stands alone", formatNative, t.format)
	}
	if t.isFolder() && isBucket(t.out) {
		return nil, fmt.Errorf("a folder cannot be published in a bucket as a whole: take the format %s", formatNative)
	}
	return t, nil
}

// formatOf tells the format by the name.
func formatOf(name string) string {
	name = strings.TrimSuffix(name, ".gz")
	switch filepath.Ext(name) {
	case ".json":
		return formatDjango
	case ".tar":
		return formatEDMS
	}
	return formatNative
}

func (t *output) native() bool     { return t.format == formatNative || t.format == formatFolder }
func (t *output) holdsFiles() bool { return t.format != formatDjango }

// isFolder reports whether the package is a folder.
func (t *output) isFolder() bool {
	return t.format == formatFolder || t.format == formatEDMS && !strings.HasSuffix(strings.TrimSuffix(t.out, ".gz"), ".tar")
}

// readers is how many models may be written at the same time.
func (t *output) readers(n int) int {
	if t.native() {
		return n
	}
	return 1 // these formats have an order
}
