package s3test

import (
	"os/exec"
	"syscall"
)

// withTests makes the server end with the tests even when they are killed.
func withTests(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// stop ends the server at once; its files are about to be removed.
func stop(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
