package pgtest

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	restrictLine = regexp.MustCompile(`(?m)^\\(un)?restrict .*\n?`)
	// copyBlock is a COPY statement and its data up to the line \.
	copyBlock = regexp.MustCompile(`(?ms)^(COPY [^\n;]+ FROM stdin);\n(.*?)^\\\.$\n?`)
)

// load runs a dump in one session.
func load(url, text string) error {
	text = restrictLine.ReplaceAllString(text, "")
	return connected(url, func(ctx context.Context, c *pgconn.PgConn) error {
		from := 0
		for _, m := range copyBlock.FindAllStringSubmatchIndex(text, -1) {
			if err := c.Exec(ctx, text[from:m[0]]).Close(); err != nil {
				return err
			}
			data := strings.NewReader(text[m[4]:m[5]])
			if _, err := c.CopyFrom(ctx, data, text[m[2]:m[3]]); err != nil {
				return err
			}
			from = m[1]
		}
		return c.Exec(ctx, text[from:]).Close()
	})
}
