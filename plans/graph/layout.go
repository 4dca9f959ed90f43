package graph

import (
	"cmp"
	"slices"
)

// Sizes of the picture in its own units, which are pixels at full size.
const (
	nodeWidth  = 184
	nodeHeight = 40
	bendHeight = 12 // of a place where an edge passes a column
	rowGap     = 10
	columnGap  = 56
	margin     = 16
	sweeps     = 12
)

// place is a spot in a column: of a node, or, where node is negative, of the
// edges that pass the column on their way to the same node.
type place struct {
	node   int
	column int
	y      float64 // of its middle
	// left are the places in the column before that it is tied to, right those
	// in the column behind.
	left, right []*place
}

func (p *place) height() float64 {
	if p.node < 0 {
		return bendHeight
	}
	return nodeHeight
}

// picture is a graph with its places: what is referred to stands left of what
// refers to it. Edges that pass columns share one bend in each with all others
// that lead to the same node, so that many references to one model read as one
// cord.
type picture struct {
	columns [][]*place
	nodes   []*place
	// bends are, by the node that they lead to and by column.
	bends         map[[2]int]*place
	width, height float64
}

func layOut(g *Graph, links []link) *picture {
	column, alone := columnsOf(len(g.Nodes), links)
	p := &picture{nodes: make([]*place, len(g.Nodes)), bends: map[[2]int]*place{}}
	for n, c := range column {
		if !alone[n] {
			p.nodes[n] = p.put(n, c)
		}
	}
	for _, l := range links {
		p.tie(l, column)
	}
	for i := range sweeps {
		p.order(i%2 == 0)
	}
	for i := range sweeps {
		p.settle(i%2 == 0)
	}
	p.measure()
	p.line(alone)
	return p
}

// line puts the nodes that nothing ties to others in lines below the rest.
func (p *picture) line(alone []bool) {
	most := max(len(p.columns), 4)
	column := 0
	top := p.height - margin
	for n, is := range alone {
		if !is {
			continue
		}
		if column%most == 0 {
			top += nodeHeight
			if p.height > 2*margin {
				top += rowGap
			}
			p.height = top + margin
		}
		p.nodes[n] = &place{node: n, column: column % most, y: top - nodeHeight/2}
		p.width = max(p.width, p.nodes[n].x()+nodeWidth+margin)
		column++
	}
}

func (p *picture) put(node, column int) *place {
	for len(p.columns) <= column {
		p.columns = append(p.columns, nil)
	}
	s := &place{node: node, column: column}
	p.columns[column] = append(p.columns[column], s)
	return s
}

// tie leads a link through the columns between its ends. One that runs against
// the order, in a circle of references, is drawn but decides nothing.
func (p *picture) tie(l link, column []int) {
	last := p.nodes[l.to]
	for c := column[l.to] + 1; c <= column[l.from]; c++ {
		next := p.nodes[l.from]
		if c < column[l.from] {
			next = p.bends[[2]int{l.to, c}]
			if next == nil {
				next = p.put(-1, c)
				p.bends[[2]int{l.to, c}] = next
			}
		}
		if !slices.Contains(last.right, next) {
			last.right = append(last.right, next)
			next.left = append(next.left, last)
		}
		last = next
	}
}

// columnsOf gives each node a column behind those of all it leads to, and as
// near as possible to what leads to it; and says which have no links. Links
// that would close a circle are left out, the later ones in the order of nodes.
func columnsOf(nodes int, links []link) (columns []int, alone []bool) {
	next := make([][]int, nodes)
	alone = make([]bool, nodes)
	for n := range alone {
		alone[n] = true
	}
	for _, l := range links {
		if l.from != l.to {
			next[l.from] = append(next[l.from], l.to)
			alone[l.from], alone[l.to] = false, false
		}
	}
	column, state := make([]int, nodes), make([]byte, nodes)
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for _, to := range next[n] {
			if state[to] == 0 {
				visit(to)
			}
			if state[to] == 2 {
				column[n] = max(column[n], column[to]+1)
			}
		}
		state[n] = 2
	}
	for n := range nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	return nearer(column, next), alone
}

// nearer moves each node up to the nearest of those that lead to it, from the
// last column on, so that no link is longer than it must be.
func nearer(column []int, next [][]int) []int {
	inOrder := make([]int, len(column))
	for n := range inOrder {
		inOrder[n] = n
	}
	slices.SortStableFunc(inOrder, func(a, b int) int { return column[b] - column[a] })
	nearest := make([]int, len(column)) // the column of the nearest that leads here, 0 for none
	for _, n := range inOrder {
		if nearest[n] > column[n] {
			column[n] = nearest[n] - 1
		}
		for _, to := range next[n] {
			if column[to] < column[n] && (nearest[to] == 0 || column[n] < nearest[to]) {
				nearest[to] = column[n]
			}
		}
	}
	return column
}

// order sorts each column by the mean position of what its places are tied to
// on one side; equal ones stay as they are.
func (p *picture) order(forward bool) {
	at := map[*place]float64{}
	for _, column := range p.columns {
		for i, s := range column {
			at[s] = float64(i) - float64(len(column))/2
		}
	}
	p.each(forward, func(column []*place, tied func(*place) []*place) {
		mean := map[*place]float64{}
		for _, s := range column {
			mean[s] = at[s]
			if list := tied(s); len(list) > 0 {
				sum := 0.0
				for _, t := range list {
					sum += at[t]
				}
				mean[s] = sum / float64(len(list))
			}
		}
		slices.SortStableFunc(column, func(a, b *place) int { return cmp.Compare(mean[a], mean[b]) })
		for i, s := range column {
			at[s] = float64(i) - float64(len(column))/2
		}
	})
}

func (p *picture) each(forward bool, visit func(column []*place, tied func(*place) []*place)) {
	for i := range p.columns {
		if forward {
			visit(p.columns[i], func(s *place) []*place { return s.left })
		} else {
			visit(p.columns[len(p.columns)-1-i], func(s *place) []*place { return s.right })
		}
	}
}

// settle moves the places of each column as near as possible to the mean height
// of what they are tied to, in their order and without touching.
func (p *picture) settle(forward bool) {
	p.each(forward, func(column []*place, tied func(*place) []*place) {
		wish := make([]float64, len(column))
		for i, s := range column {
			wish[i] = s.y
			if list := tied(s); len(list) > 0 {
				sum := 0.0
				for _, t := range list {
					sum += t.y
				}
				wish[i] = sum / float64(len(list))
			}
		}
		stack(column, wish)
	})
}

// stack places a column so that the squares of the distances to the wishes are
// least: places that would touch are pooled and share their mean.
func stack(column []*place, wish []float64) {
	type pool struct {
		sum float64
		n   int
	}
	offset := make([]float64, len(column)) // of a place below the first
	for i := 1; i < len(column); i++ {
		offset[i] = offset[i-1] + (column[i-1].height()+column[i].height())/2 + rowGap
	}
	var pools []pool
	for i := range column {
		pools = append(pools, pool{wish[i] - offset[i], 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum/float64(pools[k-1].n) >= pools[k].sum/float64(pools[k].n); k-- {
			pools[k-1] = pool{pools[k-1].sum + pools[k].sum, pools[k-1].n + pools[k].n}
			pools = pools[:k]
		}
	}
	i := 0
	for _, q := range pools {
		for range q.n {
			column[i].y = q.sum/float64(q.n) + offset[i]
			i++
		}
	}
}

// measure moves the picture to where it begins at its margin.
func (p *picture) measure() {
	top, bottom := 0.0, 0.0
	first := true
	for _, column := range p.columns {
		for _, s := range column {
			if first || s.y-s.height()/2 < top {
				top = s.y - s.height()/2
			}
			if first || s.y+s.height()/2 > bottom {
				bottom = s.y + s.height()/2
			}
			first = false
		}
	}
	for _, column := range p.columns {
		for _, s := range column {
			s.y += margin - top
		}
	}
	p.height = bottom - top + 2*margin
	p.width = float64(len(p.columns))*(nodeWidth+columnGap) - columnGap + 2*margin
}

func (s *place) x() float64 { return margin + float64(s.column)*(nodeWidth+columnGap) }
