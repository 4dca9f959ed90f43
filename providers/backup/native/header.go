package native

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// headerDocument is edmspkg.json.
type headerDocument struct {
	Format   string        `json:"format"`
	Version  int           `json:"version"`
	Kind     backup.Kind   `json:"kind"`
	Created  instant       `json:"created"`
	Snapshot instant       `json:"snapshot"`
	Program  string        `json:"program"`
	Source   originMember  `json:"source"`
	Policy   policyMember  `json:"policy"`
	Scope    string        `json:"scope"`
	Parent   *parentMember `json:"parent,omitempty"`
	Salvaged bool          `json:"salvaged,omitzero"`
}

type originMember struct {
	Dialect  string `json:"dialect"`
	Server   string `json:"server"`
	Identity string `json:"identity"`
	Name     string `json:"name"`
}

type policyMember struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// parentMember names the package that an incremental one builds on.
type parentMember struct {
	Name   string `json:"name"`
	Digest digest `json:"digest"`
}

// instant is a time at UTC in RFC 3339 with as many digits as it needs.
type instant struct{ time.Time }

// MarshalText implements encoding.TextMarshaler.
func (i instant) MarshalText() ([]byte, error) {
	t := i.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, errors.New("a time is out of range")
	}
	return t.AppendFormat(nil, time.RFC3339Nano), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *instant) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return errors.New("expected a time such as 2025-12-10T08:19:38.5Z")
	}
	i.Time = t.UTC()
	return nil
}

func headerOf(h backup.Header, parent *parentMember, salvaged bool) headerDocument {
	return headerDocument{
		Format: formatName, Version: Version, Kind: h.Kind,
		Created: instant{h.Created}, Snapshot: instant{h.Snapshot}, Program: h.Program,
		Source: originMember(h.Source), Policy: policyMember{h.Policy, h.PolicyDigest}, Scope: h.Scope,
		Parent: parent, Salvaged: salvaged,
	}
}

// header is the document as a Header without what the catalogue holds.
func (d *headerDocument) header() backup.Header {
	return backup.Header{
		Kind: d.Kind, Created: d.Created.Time, Snapshot: d.Snapshot.Time, Program: d.Program,
		Source: backup.Origin(d.Source), Policy: d.Policy.Name, PolicyDigest: d.Policy.Digest, Scope: d.Scope,
	}
}

// readHeaderDocument reads edmspkg.json. Of other versions it reads no more
// than which they are.
func readHeaderDocument(r *io.SectionReader) (h headerDocument, sum digest, err error) {
	var which struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.UnmarshalRead(r, &which); err != nil {
		if cause := readError(err); cause != nil {
			return h, sum, badDocument(headerName, cause)
		}
		return h, sum, badDocument(headerName, errDocument)
	}
	switch {
	case which.Format != formatName:
		return h, sum, badDocument(headerName, errDocument)
	case which.Version > Version:
		return h, sum, &backup.Refusal{
			Member: headerName, Code: "package.version",
			Summary: fmt.Sprintf("the package is of version %d of the format", which.Version),
			Detail:  fmt.Sprintf("This edmsplan reads packages of version %d.", Version),
			Remedy:  "Use a newer edmsplan.",
		}
	case which.Version < 1:
		return h, sum, badDocument(headerName, errDocument)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return h, sum, err
	}
	if sum, err = unmarshal(r, &h); err != nil {
		return h, sum, badDocument(headerName, err)
	}
	switch h.Kind {
	case backup.Full, backup.Database, backup.FilesOf, backup.Export:
	default:
		return h, sum, badDocument(headerName, fmt.Errorf("a package of the unknown kind %.40q", h.Kind))
	}
	if h.Parent != nil && !isBaseName(h.Parent.Name) {
		return h, sum, badDocument(headerName, errors.New("incremental, but its parent's name is not the name of a file"))
	}
	return h, sum, nil
}
