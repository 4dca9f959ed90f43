package render

import "github.com/edmsplan/edmsplan/plans"

// painter colours text, or leaves it as it is.
type painter struct{ on bool }

func (p painter) paint(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string   { return p.paint("1", s) }
func (p painter) red(s string) string    { return p.paint("31", s) }
func (p painter) green(s string) string  { return p.paint("32", s) }
func (p painter) yellow(s string) string { return p.paint("33", s) }
func (p painter) dim(s string) string    { return p.paint("2", s) }

// mark is an action's mark in three columns.
func (p painter) mark(a plans.Action) string {
	switch a {
	case plans.Add:
		return "  " + p.green("+")
	case plans.Change:
		return "  " + p.yellow("~")
	case plans.Destroy:
		return "  " + p.red("-")
	case plans.Remap:
		return " " + p.paint("36", "<>")
	}
	return "   "
}
