package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// resident is the most memory that the process had, in bytes.
func resident(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

// endWithUs makes a command end when this process is killed.
func endWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// memory is the machine's, in bytes; 0 where it is not known.
func memory() int64 {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var kilobytes int64
	if _, after, found := bytes.Cut(content, []byte("MemTotal:")); found {
		_, _ = fmt.Sscan(string(after), &kilobytes)
	}
	return kilobytes << 10
}
