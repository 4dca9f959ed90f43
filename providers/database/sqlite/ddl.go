package sqlite

import "strings"

// tableDef is what only the text of CREATE TABLE tells: the pragmas know
// neither names of constraints nor checks nor deferrability.
type tableDef struct {
	AutoIncrement bool
	ForeignKeys   []foreignKeyDef // in the order of the text
	Uniques       []uniqueDef
	Checks        []checkDef
}

type foreignKeyDef struct {
	Name       string
	Columns    []string
	Table      string
	RefColumns []string
	Deferrable bool
}

type uniqueDef struct {
	Name    string
	Columns []string
}

type checkDef struct {
	Name string
	// Expression is the text between the parentheses, and Tokens are its parts.
	Expression string
	Tokens     []token
}

// parseTable reads the text of a CREATE TABLE as sqlite_schema keeps it. It
// never fails: what it does not understand it passes over.
func parseTable(sql string) tableDef {
	p := &parser{sql: sql, tokens: tokenize(sql)}
	for p.pos < len(p.tokens) && !p.tokens[p.pos].punct("(") {
		p.pos++
	}
	p.pos++
	for p.pos < len(p.tokens) && !p.peek().punct(")") {
		p.item()
		if p.peek().punct(",") {
			p.pos++
		}
	}
	return p.def
}

// parser walks over the tokens of one CREATE TABLE.
type parser struct {
	sql    string
	tokens []token
	pos    int
	def    tableDef

	column string // the column whose definition is read, empty in a table constraint
	name   string // of the constraint that begins, from CONSTRAINT name
}

// peek is the token that comes next, the zero token at the end.
func (p *parser) peek() token {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return token{}
}

// accept passes over the keywords when they come next, all of them.
func (p *parser) accept(keywords ...string) bool {
	for i, k := range keywords {
		if p.pos+i >= len(p.tokens) || !p.tokens[p.pos+i].is(k) {
			return false
		}
	}
	p.pos += len(keywords)
	return true
}

// item reads a column's definition or a table constraint, up to the comma or
// the parenthesis that ends it. SQLite lets table constraints follow one
// another without commas, so all are read by the same loop.
func (p *parser) item() {
	p.column, p.name = "", ""
	if t := p.peek(); t.Kind != punctToken && !tableConstraint(t) {
		p.column = t.Text
		p.pos++
	}
	for p.pos < len(p.tokens) && !p.peek().punct(",") && !p.peek().punct(")") {
		p.clause()
	}
}

// tableConstraint reports whether a table constraint begins with the token.
func tableConstraint(t token) bool {
	return t.is("CONSTRAINT") || t.is("PRIMARY") || t.is("UNIQUE") || t.is("CHECK") || t.is("FOREIGN")
}

// clause reads one constraint, or passes over one token or parenthesis.
func (p *parser) clause() {
	switch {
	case p.accept("CONSTRAINT"):
		p.name = p.peek().Text
		p.pos++
		return // the name holds for what comes next
	case p.accept("CHECK"):
		p.check()
	case p.accept("UNIQUE"):
		p.def.Uniques = append(p.def.Uniques, uniqueDef{Name: p.name, Columns: p.columns(p.column)})
	case p.accept("FOREIGN", "KEY"):
		columns := p.names()
		if p.accept("REFERENCES") {
			p.references(columns)
		}
	case p.accept("REFERENCES"):
		p.references([]string{p.column})
	case p.accept("AUTOINCREMENT"):
		p.def.AutoIncrement = true
	case p.accept("DEFAULT"):
		p.value()
	case p.peek().punct("("):
		inner := p.group()
		// PRIMARY KEY (id AUTOINCREMENT) is allowed, too.
		for _, t := range inner {
			p.def.AutoIncrement = p.def.AutoIncrement || p.column == "" && t.is("AUTOINCREMENT")
		}
		return
	default:
		p.pos++
		return
	}
	p.name = ""
}

// value passes over the value of a DEFAULT, so that it is not taken for a
// constraint.
func (p *parser) value() {
	if p.peek().punct("(") {
		p.group()
		return
	}
	if p.peek().punct("+") || p.peek().punct("-") {
		p.pos++
	}
	p.pos++
}

// group passes over a parenthesis with all in it and returns that.
func (p *parser) group() []token {
	depth, start := 0, p.pos+1
	for ; p.pos < len(p.tokens); p.pos++ {
		switch t := p.tokens[p.pos]; {
		case t.punct("("):
			depth++
		case t.punct(")"):
			depth--
		}
		if depth == 0 {
			p.pos++
			return p.tokens[start : p.pos-1]
		}
	}
	return p.tokens[min(start, len(p.tokens)):]
}

// names reads a list of names in parentheses: the first token of each part.
func (p *parser) names() []string {
	if !p.peek().punct("(") {
		return nil
	}
	var out []string
	first := true
	for _, t := range p.group() {
		if first && t.Kind != punctToken {
			out = append(out, t.Text)
		}
		first = t.punct(",")
	}
	return out
}

// columns are the names in parentheses or, without any, the column itself.
func (p *parser) columns(column string) []string {
	if names := p.names(); names != nil || column == "" {
		return names
	}
	return []string{column}
}

func (p *parser) check() {
	if !p.peek().punct("(") {
		return
	}
	inner := p.group()
	if len(inner) == 0 {
		return
	}
	text := p.sql[inner[0].Start:inner[len(inner)-1].End]
	p.def.Checks = append(p.def.Checks, checkDef{Name: p.name, Expression: strings.TrimSpace(text), Tokens: inner})
}

// references reads what follows REFERENCES: the table, its columns, actions
// and deferrability.
func (p *parser) references(columns []string) {
	fk := foreignKeyDef{Name: p.name, Columns: columns, Table: p.peek().Text}
	p.pos++
	fk.RefColumns = p.names()
	for {
		switch {
		case p.accept("ON"), p.accept("MATCH"):
			p.pos++ // DELETE, UPDATE, or the name of the match
		case p.accept("SET", "NULL"), p.accept("SET", "DEFAULT"), p.accept("NO", "ACTION"),
			p.accept("CASCADE"), p.accept("RESTRICT"),
			p.accept("NOT", "DEFERRABLE"), p.accept("INITIALLY", "IMMEDIATE"), p.accept("INITIALLY", "DEFERRED"):
		case p.accept("DEFERRABLE"):
			fk.Deferrable = true
		default:
			p.def.ForeignKeys = append(p.def.ForeignKeys, fk)
			return
		}
	}
}

// jsonChecked reports whether one of the checks is JSON_VALID of the column,
// which is how Django declares a JSONField.
func (d tableDef) jsonChecked(column string) bool {
	for _, c := range d.Checks {
		for i := 0; i+3 < len(c.Tokens); i++ {
			t := c.Tokens[i:]
			if t[0].is("JSON_VALID") && t[1].punct("(") && strings.EqualFold(t[2].Text, column) && t[3].punct(")") {
				return true
			}
		}
	}
	return false
}

// predicate is the text after the WHERE of a CREATE INDEX, empty without one.
func predicate(sql string) string {
	depth := 0
	for _, t := range tokenize(sql) {
		switch {
		case t.punct("("):
			depth++
		case t.punct(")"):
			depth--
		case depth == 0 && t.is("WHERE"):
			return strings.TrimSpace(sql[t.End:])
		}
	}
	return ""
}
