package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// launchWord as the first argument makes this program run the command that
// follows and print its sample.
//
// Linux counts a process's most resident memory from the fork, when it shares
// its parent's. The program that has generated the rows would so give a measured
// command its own size; one that has just started has little to give.
const launchWord = "launch"

func launch(args []string) int {
	// The command ends with the thread that started it.
	runtime.LockOSThread()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = endWithUs()
	start := time.Now()
	err := cmd.Run()
	out := sample{Wall: time.Since(start)}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	out.Memory = resident(cmd.ProcessState)
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
