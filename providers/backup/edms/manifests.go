package edms

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/edmsplan/edmsplan/providers/backup"
)

// manifestLimit bounds the documents that are read whole, in bytes.
const manifestLimit = 64 << 20

// readJSON reads a member into v. It returns false when there is no such
// member. Members of the object that v does not have are left out.
func readJSON(t *tree, name string, v any) (bool, error) {
	if _, ok := t.member(name); !ok {
		return false, nil
	}
	f, err := t.open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if err := json.UnmarshalRead(io.LimitReader(f, manifestLimit), v); err != nil {
		return false, notJSON(name, err)
	}
	return true, nil
}

func notJSON(name string, err error) error {
	return &backup.Refusal{
		Member: name, Code: "package.manifest", Summary: "it is not the JSON document that the export writes",
		Remedy: "Copy or export the package again.", Cause: err,
	}
}

// file is what a manifest says of one file.
type file struct {
	Name     string `json:"backup_name"`
	Size     int64  `json:"size"`
	Checksum string `json:"checksum"`
}

// checkConfiguration verifies the files that the configuration's manifest
// lists.
func checkConfiguration(ctx context.Context, t *tree) ([]string, error) {
	var manifest struct {
		Files []file `json:"config_files"`
	}
	if _, err := readJSON(t, configurationName, &manifest); err != nil {
		return nil, err
	}
	for _, f := range manifest.Files {
		if err := checkFile(ctx, t, configurationName, "configuration", f); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// checkFile verifies a file that a manifest lists relative to a folder.
func checkFile(ctx context.Context, t *tree, list, folder string, f file) error {
	clean, err := cleanName(f.Name)
	if err != nil {
		return backup.InMember(err, list)
	}
	name := folder + "/" + clean
	if _, ok := t.member(name); !ok {
		return missing(list, f.Name)
	}
	if f.Checksum == "" {
		return &backup.Refusal{
			Member: list, Code: "package.manifest", Summary: fmt.Sprintf("it has no checksum of %.100q", f.Name),
			Remedy: "Export the package again.",
		}
	}
	return verify(ctx, t, name, strings.ToLower(f.Checksum), list)
}

// checkStorage verifies the files that the storage manifest lists, one by one:
// there may be very many. Files that it does not list are a warning.
func checkStorage(ctx context.Context, t *tree) ([]string, error) {
	if _, ok := t.member(storageName); !ok {
		return nil, nil
	}
	f, err := t.open(storageName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	listed := 0
	err = eachFile(jsontext.NewDecoder(contextReader{ctx, f}), func(f file) error {
		listed++
		return checkFile(ctx, t, storageName, "storage", f)
	})
	if err != nil {
		return nil, err
	}
	if held := len(t.under("storage")) - 1; held > listed {
		return []string{fmt.Sprintf("%s does not list %d of the %d files beside it.", storageName, held-listed, held)}, nil
	}
	return nil, nil
}

// eachFile calls f for each member of the object "files" of a manifest:
// {"files": {"documents/x.docx": {"size": 1, "checksum": "…"}}}.
func eachFile(dec *jsontext.Decoder, f func(file) error) error {
	if t, err := dec.ReadToken(); err != nil || t.Kind() != '{' {
		return notJSON(storageName, err)
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return notJSON(storageName, err)
		}
		if name.String() == "files" && dec.PeekKind() == '{' {
			err = eachEntry(dec, f)
		} else if err = dec.SkipValue(); err != nil {
			err = notJSON(storageName, err)
		}
		if err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return notJSON(storageName, err)
	}
	return nil
}

func eachEntry(dec *jsontext.Decoder, f func(file) error) error {
	if _, err := dec.ReadToken(); err != nil {
		return notJSON(storageName, err)
	}
	for dec.PeekKind() == '"' {
		t, err := dec.ReadToken()
		if err != nil {
			return notJSON(storageName, err)
		}
		entry := file{}
		name := t.String()
		if err := json.UnmarshalDecode(dec, &entry); err != nil {
			return notJSON(storageName, err)
		}
		entry.Name = name
		if err := f(entry); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return notJSON(storageName, err)
	}
	return nil
}
