package backup

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// Open opens the package with the first format that recognises it. The error
// wraps ErrUnknown when none does, and says what was found instead.
func Open(ctx context.Context, path string, formats []Format, l Limits) (Package, error) {
	for _, f := range formats {
		ok, err := f.Sniff(path)
		if err != nil {
			return nil, fmt.Errorf("looking at package %s: %w", path, err)
		}
		if !ok {
			continue
		}
		p, err := f.Open(ctx, path, l)
		if err != nil {
			return nil, fmt.Errorf("package %s (%s): %w", path, f.Name, err)
		}
		return p, nil
	}
	found, err := describe(path)
	if err != nil {
		return nil, fmt.Errorf("looking at package %s: %w", path, err)
	}
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	return nil, fmt.Errorf("%w: %s is %s; the formats that are read are %s",
		ErrUnknown, path, found, strings.Join(names, ", "))
}

// describe says what the file or folder is.
func describe(path string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if st.IsDir() {
		return "a folder without database/database_backup.json", nil
	}
	if !st.Mode().IsRegular() {
		return "neither a file nor a folder", nil
	}
	head, err := Head(path, 4096)
	if err != nil {
		return "", err
	}
	return Identify(head), nil
}
