package django_test

import (
	"io"
	"testing"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/providers/backup/backuptest"
	"github.com/edmsplan/edmsplan/providers/backup/django"
)

func TestTheWriterPassesTheSuite(t *testing.T) {
	for name, o := range map[string]django.Options{"x.json": {}, "x.json.gz": {Gzip: true}} {
		t.Run(name, func(t *testing.T) {
			backuptest.RunWriter(t, backuptest.WriterAdapter{
				Format: django.Formats()[0], Name: name,
				Create: func(path string, h backup.Header) (backup.Writer, error) {
					return backuptest.InFile(path, func(w io.Writer) (backup.Writer, error) { return django.NewWriter(w, h, o) })
				},
			})
		})
	}
}
