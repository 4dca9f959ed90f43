package native

import (
	"context"
	"io"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// unpacking is a chunk that is read, compared with its digests, decompressed
// and judged. Its buffers are used again for a later one.
type unpacking struct {
	scan  *scan
	chunk *chunkMember
	name  string

	stored, plain []byte
	rows          chunkRows
	err           error // instead of the rows
	done          chan struct{}
}

// What is read ahead of who uses it: as many chunks as processors can be at
// work on, as long as they are not larger than chunks are.
const (
	maxAhead      = 4
	maxAheadBytes = 8 << 20
	maxKept       = 2 * maxChunkSize // greater buffers are not kept
)

// ahead unpacks chunks, each in a goroutine of its own, and hands them out in
// their order.
type ahead struct {
	ctx   context.Context
	p     *Package
	next  func() (*scan, *chunkMember) // nil at the end
	queue []*unpacking                 // begun, in order
	more  *unpacking                   // what was next and would have been too much
	used  *unpacking                   // handed out last
	bytes int64                        // of the queue
}

// take returns the next chunk, nil at the end. It is valid until the next call.
func (a *ahead) take() *unpacking {
	if a.used != nil {
		a.p.rest(a.used)
		a.used = nil
	}
	a.fill()
	if len(a.queue) == 0 {
		return nil
	}
	u := a.queue[0]
	a.queue = a.queue[1:]
	a.bytes -= u.chunk.Size
	a.fill() // while this one is used
	<-u.done
	a.used = u
	return u
}

// fill begins what may be begun.
func (a *ahead) fill() {
	for len(a.queue) < min(maxAhead, runtime.GOMAXPROCS(0)) && a.ctx.Err() == nil {
		u := a.more
		if a.more = nil; u == nil {
			s, c := a.next()
			if c == nil {
				return
			}
			u = a.p.unpacking(s, c)
		}
		if len(a.queue) > 0 && a.bytes+u.chunk.Size > maxAheadBytes {
			a.more = u
			return
		}
		a.queue = append(a.queue, u)
		a.bytes += u.chunk.Size
		go u.run(a.p)
	}
}

// stop waits for what was begun and is not wanted any more.
func (a *ahead) stop() {
	for _, u := range a.queue {
		<-u.done
		a.p.rest(u)
	}
	for _, u := range []*unpacking{a.used, a.more} {
		if u != nil {
			a.p.rest(u)
		}
	}
	a.queue, a.used, a.more = nil, nil, nil
}

// unpacking takes the buffers of one that is not in use any more.
func (p *Package) unpacking(s *scan, c *chunkMember) *unpacking {
	u := &unpacking{}
	if n := len(p.idle); n > 0 {
		u, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	u.scan, u.chunk, u.name, u.err = s, c, rowsName(s.model.Label, c.Digest), nil
	u.done = make(chan struct{})
	return u
}

// rest keeps the buffers for another chunk.
func (p *Package) rest(u *unpacking) {
	if cap(u.plain) > maxKept {
		u.plain = nil
	}
	if cap(u.stored) > maxKept {
		u.stored = nil
	}
	u.rows.forget()
	p.idle = append(p.idle, u)
}

func (u *unpacking) run(p *Package) {
	defer close(u.done)
	c := u.chunk
	var b []byte
	b, u.err = p.content(u.name, c.Size, c.Stored, c.StoredDigest, c.Digest, &u.stored, &u.plain)
	if u.err == nil {
		u.rows.read(b, u.scan, c.Records, p.limits.Record)
	}
}

// content returns a member's content, found here or in a parent, in the buffers
// where those are large enough. It may be called from several goroutines.
func (p *Package) content(name string, size, stored int64, storedDigest, want digest, raw, plain *[]byte) ([]byte, error) {
	if _, own := p.store.size(name); !own {
		if p.parent == nil {
			return nil, missing(name)
		}
		return p.parent.content(name, size, stored, storedDigest, want, raw, plain)
	}
	r, c, err := p.store.open(name)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	*raw = atLeast(*raw, stored)
	b := (*raw)[:stored]
	if n, err := r.ReadAt(b, 0); n < len(b) {
		if err != io.EOF {
			return nil, err
		}
		return nil, badMember(name, errStored)
	}
	if sha(b) != storedDigest {
		return nil, badMember(name, errStored)
	}
	*plain = atLeast(*plain, size)
	out := (*plain)[:size]
	if err := decompress(p.dec, b, out, want); err != nil {
		return nil, badMember(name, err)
	}
	return out, nil
}

// newDecoder decompresses into buffers of the caller's and no further. So many
// goroutines may use it at once.
func newDecoder() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(min(maxAhead, runtime.GOMAXPROCS(0))),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxWindow(maxWindow))
}
