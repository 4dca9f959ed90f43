package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profiled runs f and leaves profiles of it in the folder that EDMSPLAN_PROFILE
// names, for go tool pprof: cpu, and allocs when it is done.
func profiled(dir string, f func() int) (code int, err error) {
	if dir == "" {
		return f(), nil
	}
	cpu, err := os.Create(filepath.Join(dir, "cpu"))
	if err != nil {
		return 0, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return 0, errors.Join(err, cpu.Close())
	}
	code = f()
	pprof.StopCPUProfile()
	allocs, err := os.Create(filepath.Join(dir, "allocs"))
	if err == nil {
		err = errors.Join(pprof.Lookup("allocs").WriteTo(allocs, 0), allocs.Close())
	}
	return code, errors.Join(err, cpu.Close())
}
