package policytest_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/edmsplan/edmsplan/providers/database/postgres/pgtest"
)

// server is this binary's PostgreSQL; it starts with the first test that needs
// it.
var server = pgtest.New()

// No test may leave a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		server.Stop()
		os.Exit(code)
	}))
}
