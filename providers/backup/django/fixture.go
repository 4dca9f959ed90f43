package django

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// fixture is an opened fixture.
type fixture struct {
	name   string
	syntax syntax
	limits backup.Limits
	info   backup.Info

	// data holds the records as JSON: the fixture itself, or a temporary file
	// with what was decompressed or converted from it. temp is the latter's
	// path. Size and modified are data's as they were when it was checked.
	data     *os.File
	temp     string
	size     int64
	modified time.Time

	models map[string]*model
	order  []*model
	window window
	record builder
}

// model is one model's part of the fixture.
type model struct {
	label   string
	records int
	runs    []run
	keys    keyOrder
}

// run is a stretch of records of one model without another's between them: 16
// bytes, however long it is.
type run struct {
	at     int64 // where the first record begins
	number uint32
	count  uint32
}

// Name is the file's name.
func (p *fixture) Name() string { return p.name }

// Info says what the fixture is.
func (p *fixture) Info() backup.Info { return p.info }

// Contents lists the models in the order of their first records.
func (p *fixture) Contents() []schema.Content {
	out := make([]schema.Content, len(p.order))
	for i, m := range p.order {
		out[i] = schema.Content{Model: m.label, Records: m.records}
	}
	return out
}

// Close closes the file and removes the temporary one.
func (p *fixture) Close() error {
	if p.data == nil {
		return nil
	}
	err := p.data.Close()
	p.data = nil
	if p.temp != "" {
		if e := os.Remove(p.temp); err == nil {
			err = e
		}
	}
	return err
}

// open reads and checks the fixture.
func open(ctx context.Context, path string, l backup.Limits, s syntax) (_ backup.Package, err error) {
	in, err := backup.OpenStream(ctx, path, l)
	if err != nil {
		return nil, err
	}
	c := newCheck(path, s, l)
	defer func() {
		if err != nil {
			_ = c.p.Close()
		}
		if c.p.data != in.File() {
			_ = in.Close()
		}
	}()
	if err := c.run(ctx, in); err != nil {
		return nil, err
	}
	st, err := c.p.data.Stat()
	if err != nil {
		return nil, err
	}
	c.p.size, c.p.modified = st.Size(), st.ModTime()
	if err := c.p.uniqueKeys(ctx); err != nil {
		return nil, err
	}
	return c.p, nil
}

// unchanged makes sure that the file is still the one that was checked.
func (p *fixture) unchanged() error {
	if p.data == nil {
		return fmt.Errorf("%s: %w", p.name, os.ErrClosed)
	}
	st, err := p.data.Stat()
	if err != nil {
		return err
	}
	if st.Size() != p.size || !st.ModTime().Equal(p.modified) {
		return fmt.Errorf("%s was changed while it was being read", p.name)
	}
	return nil
}
