package envelope

import (
	"strconv"
	"strings"
	"time"
)

// Comment is what a signature says of the file and vouches for: minisign's
// trusted comment. It is readable by anyone.
type Comment struct {
	// Time is when it was signed, to the second.
	Time time.Time
	// File is the file's name, without folders.
	File string
	// Digest is the package's digest, empty when it says nothing: that of an
	// encrypted package must not be told, as it confirms a guess at the content.
	Digest string
}

// String is the comment as minisign writes its own, with the digest behind it.
// Whatever is not printable ASCII in a name is escaped, as minisign demands and
// lest a name look like a further field.
func (c Comment) String() string {
	fields := []string{"timestamp:" + strconv.FormatInt(c.Time.Unix(), 10), "file:" + escape(c.File), "hashed"}
	if c.Digest != "" {
		fields = append(fields, "digest:"+escape(c.Digest))
	}
	return strings.Join(fields, "\t")
}

// parseComment finds what there is of a Comment in a trusted comment of
// whatever program.
func parseComment(text string) Comment {
	var c Comment
	for _, field := range strings.Split(text, "\t") {
		name, value, _ := strings.Cut(field, ":")
		switch name {
		case "timestamp":
			if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds >= 0 && seconds < 1<<37 {
				c.Time = time.Unix(seconds, 0).UTC()
			}
		case "file":
			c.File = unescape(value)
		case "digest":
			c.Digest = unescape(value)
		}
	}
	return c
}

func escape(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func unescape(s string) string {
	if raw, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`); err == nil {
		return raw
	}
	return s
}
