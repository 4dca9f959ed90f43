//go:build !unix

package main

import "os"

// screenOf is zero: the terminal breaks lines as it likes, and nothing is paged.
func screenOf(*os.File) screen { return screen{} }
