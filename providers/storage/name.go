package storage

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxName is the greatest length of a name in bytes: what object stores
	// allow.
	MaxName = 1024
	// MaxElement is the greatest length of a part between slashes in bytes:
	// what disks allow.
	MaxElement = 255
	// HiddenPrefix begins the elements that belong to edmsplan itself.
	HiddenPrefix = ".edmsplan-"
	// StageFolder holds files that are staged. Only package stage writes there.
	StageFolder = HiddenPrefix + "stage"
)

// CheckName returns an error that wraps ErrName unless the name may be a
// file's. Names are relative paths with slashes as fs.ValidPath has them, of
// valid UTF-8 without control characters and backslashes, within MaxName and
// MaxElement. Elements that begin with HiddenPrefix, in small letters or large
// ones, are edmsplan's own: only StageFolder may be one, as the first of
// several. Names differ if their bytes differ: nothing is folded or
// normalised.
func CheckName(name string) error {
	if problem := nameProblem(name); problem != "" {
		return fmt.Errorf("%s: %w: %s", quote(name), ErrName, problem)
	}
	return nil
}

// CheckFolder is CheckName for the folder that List is given: it may also be
// empty or StageFolder.
func CheckFolder(folder string) error {
	if folder == "" || folder == StageFolder {
		return nil
	}
	return CheckName(folder)
}

// Hidden reports whether an element of the name is edmsplan's own.
func Hidden(name string) bool {
	for element := range strings.SplitSeq(name, "/") {
		if hiddenElement(element) {
			return true
		}
	}
	return false
}

// hiddenElement ignores case because some disks do.
func hiddenElement(element string) bool {
	return len(element) >= len(HiddenPrefix) && strings.EqualFold(element[:len(HiddenPrefix)], HiddenPrefix)
}

func nameProblem(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case len(name) > MaxName:
		return fmt.Sprintf("it has %d bytes, and %d are allowed", len(name), MaxName)
	case !utf8.ValidString(name):
		return "it is not valid UTF-8"
	case strings.ContainsRune(name, '\\'):
		return "it has a backslash"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "it has a control character"
	case name == "." || !fs.ValidPath(name):
		return "it is not a plain relative path"
	}
	rest, staged := strings.CutPrefix(name, StageFolder+"/")
	if !staged {
		rest = name
	}
	for element := range strings.SplitSeq(rest, "/") {
		if len(element) > MaxElement {
			return fmt.Sprintf("a part of it has %d bytes, and %d are allowed", len(element), MaxElement)
		}
		if hiddenElement(element) {
			return fmt.Sprintf("names that begin with %s are reserved", HiddenPrefix)
		}
	}
	return ""
}

// quote cuts a name that is too long for a message.
func quote(name string) string {
	const most = 120
	if len(name) > most {
		return fmt.Sprintf("%q...", name[:most])
	}
	return fmt.Sprintf("%q", name)
}
