//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// screenOf is the size of a terminal, zero if it does not tell.
func screenOf(f *os.File) screen {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return screen{}
	}
	return screen{columns: int(size.Col), rows: int(size.Row)}
}
