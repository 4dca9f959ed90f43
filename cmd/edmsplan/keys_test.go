package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/edmsplan/edmsplan/providers/backup/envelope"
)

func TestKeyFlagsSayWhereKeysComeFrom(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want envelope.Keys
	}{
		"none": {nil, envelope.Keys{}},
		"reading": {
			[]string{"-identity", "a", "-identity", "b,c", "-passphrase-file", "p", "-public-key", "RW1", "-public-key", "k.pub"},
			envelope.Keys{IdentityFiles: []string{"a", "b,c"}, PassphraseFile: "p", PublicKeys: []string{"RW1", "k.pub"}},
		},
		"writing": {
			[]string{"-recipient", "age1x", "-recipient=age1y", "-recipients-file", "team", "-sign-key", "s", "-sign-password-file", "w"},
			envelope.Keys{Recipients: []string{"age1x", "age1y"}, RecipientFiles: []string{"team"}, SignKeyFile: "s", SignPasswordFile: "w"},
		},
		"with a passphrase": {[]string{"-passphrase"}, envelope.Keys{Passphrase: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var f keyFlags
			flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
			f.addReading(flags)
			f.addWriting(flags)
			if err := flags.Parse(doubleDashes(c.args)); err != nil {
				t.Fatal(err)
			}
			got := f.keys(streams{env: func(string) (string, bool) { return "of the environment", true }})
			if value, ok := got.Env("X"); !ok || value != "of the environment" {
				t.Errorf("the environment is not asked: %q", value)
			}
			got.Env = nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			encrypts := c.want.Passphrase || len(c.want.Recipients) > 0
			if f.encrypts() != encrypts {
				t.Errorf("encrypts: %v", f.encrypts())
			}
		})
	}
}

// A passphrase is never the value of a flag: -passphrase takes none, so that one
// behind it is refused as an argument.
func TestNoFlagTakesASecret(t *testing.T) {
	for _, command := range newRoot(streams{noColor: new(bool)}).Commands() {
		for _, name := range []string{"passphrase", "sign-password"} {
			if f := command.Flags().Lookup(name); f != nil && f.Value.Type() != "bool" {
				t.Errorf("edmsplan %s -%s takes a %s", command.Name(), name, f.Value.Type())
			}
		}
	}
	r := runCommand(t, "backup", "-policy", "p", "-out", "o", "-passphrase", "hunter2")
	if r.code != exitError {
		t.Errorf("exit code %d\n%s", r.code, r.err)
	}
}
