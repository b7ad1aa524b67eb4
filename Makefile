# `make help` says what there is. Each target does the set-up that it needs first; the second time that is quick.
.DEFAULT_GOAL := help
CARGO ?= cargo
.PHONY: help run test build check bench ui node setup-run setup-test fmt clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup-run ui ## open the window; without a display, do the same job in the terminal
	$(CARGO) run --quiet --bin startline

test: setup-test ui node ## everything: unit, property, golden, practice, real servers, the real webview
	xtask/test.sh

build: setup-run ## the release programs: target/release/startline, target/node/x86_64/startline-node
	$(CARGO) run --quiet -p xtask -- ui --release
	$(CARGO) build --release --bin startline
	$(CARGO) run --quiet -p xtask -- node --release

check: setup-run ui ## quick: formatting and lints, no tests
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) clippy -p xtask --all-targets -- -D warnings
	$(CARGO) clippy -p ui --target wasm32-unknown-unknown -- -D warnings

bench: setup-test build ## the promises of speed, measured: a table on standard output
	$(CARGO) bench --features peer --bench speed
	$(CARGO) bench -p executor -p pacer -p zookeeper-server -p mesos-server --bench start --bench deploy --bench scale

ui: ## the webview's part: ui/dist
	$(CARGO) run --quiet -p xtask -- ui --release

node: ## the program for a cluster's machines, built quickly: target/node/x86_64/startline-node
	$(CARGO) run --quiet -p xtask -- node

setup-run:
	@xtask/setup.sh run

setup-test:
	@xtask/setup.sh test

fmt: ## format everything
	$(CARGO) fmt

clean: ## remove what was built
	$(CARGO) clean
	rm -rf ui/dist gen ci-output
