package main

import "github.com/spf13/pflag"

// scopeFlags narrow a plan.
type scopeFlags struct {
	scope   string
	target  []string
	exclude []string
}

func (f *scopeFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.scope, "scope", "", "plan only what the policy's scope `NAME` holds")
	flags.StringArrayVar(&f.target, "target", nil, "plan only this `MODEL`, such as users.user or documents.*; may be repeated")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "leave this `MODEL` out, such as audit.*; may be repeated")
}
