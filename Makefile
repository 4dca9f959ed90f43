# demo: the main job on an embedded SQLite database: plan, review, apply, plan again.
# test: all tests.  lint: all quality gates.
.PHONY: demo test lint build

build:
	CGO_ENABLED=0 go build -o bin/edmsplan ./cmd/edmsplan

test:
	./.ci/test

lint:
	./.ci/lint

demo: build
	./examples/edms/demo
