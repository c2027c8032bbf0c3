# A thin front door: every target is one line, the logic is in scripts/, CMake and frontend/package.json.
.DEFAULT_GOAL := help
PYTHON ?= /usr/bin/python3
export PYTHON
# scripts/test is Python, which a fresh machine may not have yet.
TEST := test -x $(PYTHON) || scripts/setup build run test || { echo '0 passed, 1 failed'; exit 1; }; scripts/test

.PHONY: help run stop test build test-unit test-component test-contract test-cluster test-e2e test-fidelity test-browser test-frontend lint format \
	bench simulate images deploy-kind clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up, build, start everything and run an example; the page is then at http://localhost:8000
	@scripts/run

stop: ## end what `make run` started
	@scripts/stop

test: ## set up what is missing and run every suite; the last line is `N passed, N failed`
	@$(TEST)

build: ## build the programs (build/release) and the page (frontend/dist)
	@scripts/build

test-unit: ## decisions: no sockets, no clock, no database
	@$(TEST) unit

test-component: ## conversations: real libraries over real sockets
	@$(TEST) component

test-contract: ## one suite for every implementation of the store
	@$(TEST) contract

test-frontend: ## the page's own tests
	@$(TEST) frontend

test-cluster: ## the embedded cluster's start, end and recovery
	@$(TEST) cluster

test-e2e: ## the whole system on the real cluster
	@$(TEST) e2e

test-fidelity: ## programs by the service and by local Python, compared to the byte
	@$(TEST) fidelity

test-browser: ## the page in a real browser
	@$(TEST) browser

lint: ## formatting, clang-tidy, include directions, shell, page
	@$(TEST) lint

format: ## rewrite the sources the way the linters want them
	@scripts/format

bench: ## measure the running system beside what it is compared with (.oneshot/bench.json); BENCH=quick to try it
	@scripts/bench

simulate: ## the controller alone against a simulated cluster, up to 10,000 queued runs
	@scripts/bench --simulation

images: ## build the images and give them to the cluster
	@images/build all

deploy-kind: ## run everything on a kind cluster
	@ONESHOT_ENGINE=docker scripts/run

clean: ## stop everything and delete what was built and stored in this checkout
	@scripts/clean
