package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// binaries finds the folder of initdb and postgres. Where there is none and the
// tests run as root on a Debian, it installs the distribution's server.
func binaries() (string, error) {
	dir, err := find()
	if err == nil {
		return dir, nil
	}
	apt, lookErr := exec.LookPath("apt-get")
	if lookErr != nil || os.Getuid() != 0 {
		return "", err
	}
	if err := install(apt); err != nil {
		return "", err
	}
	return find()
}

// find looks in PATH first, then for the newest of Debian's versions.
func find() (string, error) {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		// A link may lead to the folder that has postgres too.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	versions, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(versions, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range append(dirs, versions...) {
		if executable(dir, "initdb") && executable(dir, "postgres") {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

// version is the 15 of /usr/lib/postgresql/15/bin.
func version(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

func executable(dir, name string) bool {
	_, err := exec.LookPath(filepath.Join(dir, name))
	return err == nil
}

// install installs Debian's server. Other test binaries may do the same now.
func install(apt string) error {
	steps := [][]string{
		{"-o", "DPkg::Lock::Timeout=300", "update"},
		{"-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", "postgresql"},
	}
	for _, args := range steps {
		cmd := exec.Command(apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %v: %w\n%s", args, err, out)
		}
	}
	return nil
}
