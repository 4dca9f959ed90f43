package draft

import (
	"strings"
	"unicode"
)

// words splits a name at underscores and where a capital begins, in lower
// case.
func words(name string) []string {
	var b strings.Builder
	previous := rune(0)
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(previous) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// singular is one word without the ending of a plural, as far as English is
// regular.
func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "shes"):
		return word[:len(word)-2]
	case strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "us"), strings.HasSuffix(word, "is"):
		return word
	case strings.HasSuffix(word, "s") && len(word) > 2:
		return word[:len(word)-1]
	}
	return word
}

// plain is a name without underscores, each of its words in the singular.
func plain(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		b.WriteString(singular(w))
	}
	return b.String()
}

// How well a table's name says that it is a model's.
const (
	exactName  = 100 // Django's own: app_model
	goodName   = 90  // the model's name in the plural, with or without the application's
	partOfName = 60  // the model's name and something else
)

// nameScore says how well the table's name fits the label.
func nameScore(table, label string) int {
	app, model, ok := strings.Cut(label, ".")
	if !ok {
		app, model = "", label
	}
	relation := strings.ToLower(table)
	if contributed(label) == relation {
		return exactName
	}
	if relation == strings.ToLower(app+"_"+model) || app == "" && relation == strings.ToLower(model) {
		return exactName
	}
	t, m, a := plain(table), singular(strings.ToLower(model)), singular(strings.ToLower(app))
	switch {
	case t == m, t == a+m:
		return goodName
	case strings.TrimPrefix(t, a) == m, strings.TrimSuffix(t, a) == m:
		return goodName
	case len(m) > 4 && (strings.HasSuffix(t, m) || strings.HasPrefix(t, m)):
		return partOfName
	case strings.HasPrefix(m, a) && len(m) > len(a)+2 && t == strings.TrimPrefix(m, a):
		return partOfName
	}
	return 0
}

// contributed is the table of a model of Django's own applications that is not
// called after the application.
func contributed(label string) string {
	switch label {
	case contentTypeLabel:
		return "django_content_type"
	case logEntryLabel:
		return "django_admin_log"
	case sessionLabel:
		return "django_session"
	case "sites.site", "redirects.redirect", "flatpages.flatpage":
		_, model, _ := strings.Cut(label, ".")
		return "django_" + model
	}
	return ""
}
