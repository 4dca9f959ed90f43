package s3test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// version of versitygw. It is installed as a program of its own, so that none
// of its modules enter go.mod.
const version = "v1.8.0"

// install returns the path of the server's program. The first time it is built
// into the folder where .ci/lint keeps its tools too, which takes a minute or
// two.
func install() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	tools := filepath.Join(cache, "edmsplan-tools")
	name := "versitygw"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	program := filepath.Join(tools, "versitygw-"+version, name)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o750); err != nil {
		return "", err
	}
	// Another test binary may do the same now: each builds for itself, and a
	// program has its name when it is complete.
	dir, err := os.MkdirTemp(tools, "build-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("go", "install", "github.com/versity/versitygw/cmd/versitygw@"+version)
	build.Dir = dir
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install versitygw: %w\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(dir, name), program); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return program, nil
}
