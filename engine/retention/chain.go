package retention

import "fmt"

// judge finds for each package why it cannot be restored, if it cannot: it is
// not good, or something that it is built on is not.
func (s *set) judge() {
	s.problems = make([]string, len(s.decisions))
	judged := make([]bool, len(s.decisions))
	for i := range s.decisions {
		// Up to what is judged already or has no parent to be judged first, then
		// down again. Chains may be long, so this does not recurse.
		var path []int
		onPath := map[int]bool{}
		at, there := i, true
		for there && !judged[at] && !onPath[at] {
			path, onPath[at] = append(path, at), true
			at, there = s.parent(at)
		}
		circle := there && onPath[at]
		for len(path) > 0 {
			last := path[len(path)-1]
			path = path[:len(path)-1]
			s.problems[last], judged[last] = s.problem(last, circle), true
		}
	}
}

// parent returns the index of the parent, if there is one in the set.
func (s *set) parent(i int) (int, bool) {
	p, ok := s.byName[s.decisions[i].Parent]
	return p, ok
}

// problem is why a package whose parent is judged cannot be restored, or "".
func (s *set) problem(i int, circle bool) string {
	const look = "kept, look at it"
	d := s.decisions[i]
	parent, there := s.parent(i)
	switch {
	case d.Problem != "":
		return fmt.Sprintf("not readable (%s): %s", d.Problem, look)
	case !d.Good:
		return "not readable: " + look
	case circle:
		return "not restorable: its chain of parents has no end: " + look
	case d.Parent == "":
		return ""
	case !there:
		return fmt.Sprintf("not restorable: its parent %s is missing: %s", d.Parent, look)
	case s.problems[parent] != "":
		return fmt.Sprintf("not restorable: its parent %s is not good: %s", d.Parent, look)
	}
	return ""
}

// keepPossible keeps what a package that could not be opened may be an
// incremental to: whoever has its key would find it without its parent.
func (s *set) keepPossible() {
	var unknown Decision
	for _, d := range s.decisions {
		if d.Written.After(unknown.Written) {
			unknown = d
		}
	}
	for i := range s.decisions {
		if d := &s.decisions[i]; unknown.Name != "" && !d.Keep && !d.Created.After(unknown.Written) {
			d.keep(fmt.Sprintf("%s, which is not readable, may be built on it", unknown.Name))
		}
	}
}

// keepAncestors keeps what kept packages are incrementals to.
func (s *set) keepAncestors() {
	for i, d := range s.decisions {
		if !d.Keep {
			continue
		}
		// What is kept already has its ancestors kept, or will have them.
		for at, there := s.parent(i); there && !s.decisions[at].Keep; at, there = s.parent(at) {
			s.decisions[at].Keep = true
		}
	}
	children := make([][]string, len(s.decisions))
	for i, d := range s.decisions {
		if parent, there := s.parent(i); there && d.Keep {
			children[parent] = append(children[parent], d.Name)
		}
	}
	for i, names := range children {
		switch len(names) {
		case 0:
		case 1:
			s.decisions[i].keep(fmt.Sprintf("its incremental %s is kept", names[0]))
		default:
			s.decisions[i].keep(fmt.Sprintf("its incremental %s is kept, and %d more", names[0], len(names)-1))
		}
	}
}
