# demo: the main job on an embedded SQLite database.  test: everything.
.PHONY: demo test lint build

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

build:
	CGO_ENABLED=0 go build -o bin/edmsplan ./cmd/edmsplan

test:
	./.ci/test

lint:
	./.ci/lint

demo: build
	./examples/edms/demo
