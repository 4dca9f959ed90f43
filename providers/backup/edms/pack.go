package edms

import (
	"context"
	"iter"

	"github.com/edmsplan/edmsplan/providers/backup"
	"github.com/edmsplan/edmsplan/schema"
)

// pack is an opened migration package: its fixture's records under the
// package's name.
type pack struct {
	tree    *tree
	records backup.Package
	info    backup.Info
}

// Name is the member that holds the records.
func (p *pack) Name() string { return fixtureName }

// Info says what the package is.
func (p *pack) Info() backup.Info { return p.info }

// Contents lists the models of the fixture.
func (p *pack) Contents() []schema.Content { return p.records.Contents() }

// Scan yields the fixture's records of the model.
func (p *pack) Scan(ctx context.Context, s schema.Selection) iter.Seq2[*schema.Record, error] {
	return p.records.Scan(ctx, s)
}

// Close closes the fixture and removes what was unpacked.
func (p *pack) Close() error {
	var err error
	if p.records != nil {
		err = p.records.Close()
	}
	if e := p.tree.close(); err == nil {
		err = e
	}
	return err
}
