package engine

import "errors"

// errRehearsed ends a rehearsal before its commit.
var errRehearsed = errors.New("rehearsed")
