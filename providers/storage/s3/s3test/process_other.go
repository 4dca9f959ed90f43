//go:build !linux

package s3test

import "os/exec"

func withTests(*exec.Cmd) {}

// stop ends the server at once; its files are about to be removed.
func stop(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
