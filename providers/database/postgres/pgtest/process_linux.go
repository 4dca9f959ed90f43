package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is whom the server runs as; PostgreSQL refuses to be root.
type account struct{ credential *syscall.Credential }

// serverUser chooses the account and gives it the folder.
func serverUser(dir string) (account, error) {
	if os.Getuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return account{}, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return account{}, err
		}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			return account{}, err
		}
		return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return account{}, errors.New("neither a user postgres nor nobody to run the server as")
}

// run makes the command run as the account, and end with the tests even when
// they are killed.
func (a account) run(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Pdeathsig: syscall.SIGQUIT}
}

// stop ends the server at once; its files are about to be removed.
func stop(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGQUIT)
	_ = cmd.Wait()
}
