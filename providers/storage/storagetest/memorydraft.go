package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/edmsplan/edmsplan/providers/storage"
)

// Draft implements storage.Drafter.
func (m *Memory) Draft(ctx context.Context, name string, ifAbsent bool) (storage.Draft, error) {
	if err := storage.CheckName(name); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("draft %q: %w", name, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.files[name]; taken && ifAbsent {
		return nil, fmt.Errorf("draft %q: %w", name, storage.ErrExists)
	}
	return &memoryDraft{m: m, name: name, ifAbsent: ifAbsent}, nil
}

type memoryDraft struct {
	m        *Memory
	name     string
	ifAbsent bool
	content  []byte
	ended    bool
}

var errEnded = errors.New("the draft was published or closed")

func (d *memoryDraft) Write(p []byte) (int, error) {
	if d.ended {
		return 0, errEnded
	}
	d.content = append(d.content, p...)
	return len(p), nil
}

func (d *memoryDraft) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(d.content).ReadAt(p, off)
}

func (d *memoryDraft) Size() int64 { return int64(len(d.content)) }

func (d *memoryDraft) Publish(ctx context.Context) (storage.Info, error) {
	if d.ended {
		return storage.Info{}, errEnded
	}
	info, err := d.m.Create(ctx, d.name, bytes.NewReader(d.content), storage.CreateOptions{IfAbsent: d.ifAbsent})
	d.ended = err == nil
	return info, err
}

func (d *memoryDraft) Close() error {
	d.ended = true
	return nil
}
