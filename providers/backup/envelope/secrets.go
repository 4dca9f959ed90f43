package envelope

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// maxKeyFile is the greatest size of a file of keys in bytes; a thousand
// recipients need a tenth of it.
const maxKeyFile = 1 << 20

// readKeyFile reads a file of keys that the flag names. It may be a pipe. The
// error names the file, unless the name is a secret that was written in its
// place.
func readKeyFile(path, flag string) (string, error) {
	if looksSecret(path) {
		return "", fmt.Errorf("%s wants the name of a file and was given a secret key itself: put it into a file that only you can read; the command line is not private", flag)
	}
	text, err := readBounded(path)
	if err != nil {
		return "", fmt.Errorf("reading the file of %s: %w", flag, err)
	}
	return text, nil
}

func readBounded(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxKeyFile {
		return "", fmt.Errorf("it is larger than %d bytes and no file of keys", maxKeyFile)
	}
	return string(text), nil
}

// looksSecret reports whether the text is a secret key of age or minisign.
func looksSecret(text string) bool {
	if strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return true
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	return err == nil && len(raw) >= 128 && string(raw[:2]) == "Ed"
}

// secretLine is the first line of the file, or the variable when no file is
// named; empty when there is neither. The error does not name the file: what
// stands there may be the secret.
func (k *Keys) secretLine(path, flag, variable string) (string, error) {
	if path == "" {
		return k.env(variable), nil
	}
	text, err := readBounded(path)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return "", fmt.Errorf("reading the file of %s: %w", flag, err)
	}
	line, _, _ := strings.Cut(text, "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fmt.Errorf("the first line of the file of %s is empty", flag)
	}
	return line, nil
}

func (k *Keys) env(name string) string {
	if k.Env == nil {
		return ""
	}
	value, _ := k.Env(name)
	return value
}
