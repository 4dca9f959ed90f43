# demo: the main job on an embedded SQLite database: plan, review, apply, plan again.
# test: all tests.  lint: all quality gates.
# bench: measures beside the databases' own tools, see docs/performance.md.
# pictures: pictures of plans as pages and how fast they are, see docs/page.md.
.PHONY: demo test lint build bench pictures

build:
	CGO_ENABLED=0 go build -o bin/edmsplan ./cmd/edmsplan

test:
	./.ci/test

lint:
	./.ci/lint

demo: build
	./examples/edms/demo

# A comma in a function's argument would begin the next one.
ROWS ?= 5000,100000,1000000
RUNS ?= 5
bench:
	go run ./testdata/bench -rows $(ROWS) -runs $(RUNS) -out testdata/bench/RESULTS.md

pictures: build
	./testdata/pictures/plans
	go test ./plans/render -run '^TestPictures$$' -count=1 -v -timeout 20m -pictures '$(CURDIR)/demo/pictures' \
		-plans '$(CURDIR)/demo/pictures/edms.plan,$(CURDIR)/demo/pictures/large.plan'
