package main

import "os/user"

// actor is who the change log names: EDMSPLAN_ACTOR, else the system's user.
func actor(s streams) string {
	if name, ok := s.env("EDMSPLAN_ACTOR"); ok && name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
