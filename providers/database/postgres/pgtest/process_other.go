//go:build !linux

package pgtest

import (
	"os"
	"os/exec"
)

// account is whom the server runs as: here always who runs the tests.
type account struct{}

func serverUser(string) (account, error) { return account{}, nil }

func (account) run(*exec.Cmd) {}

// stop ends the server: by SIGINT, which is PostgreSQL's fast shutdown, where
// there is one.
func stop(cmd *exec.Cmd) {
	if cmd.Process.Signal(os.Interrupt) != nil {
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
}
