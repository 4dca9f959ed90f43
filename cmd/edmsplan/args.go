package main

import "strings"

// doubleDashes lets long flags be written with one dash, as Terraform's are:
// -policy FILE becomes --policy FILE. What follows "--" is left alone.
func doubleDashes(args []string) []string {
	out := make([]string, 0, len(args))
	for i, a := range args {
		if a == "--" {
			return append(out, args[i:]...)
		}
		if len(a) > 2 && a[0] == '-' && a[1] != '-' && !strings.ContainsAny(a[1:2], "0123456789=.") {
			a = "-" + a
		}
		out = append(out, a)
	}
	return out
}
