//go:build !unix

package main

import "os"

// terminalWidth is 0: the terminal breaks lines as it likes.
func terminalWidth(*os.File) int { return 0 }
