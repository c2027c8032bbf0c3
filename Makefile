# A thin front door: every target is one line, the logic is in scripts/, CMake and frontend/package.json.
.DEFAULT_GOAL := help
PYTHON ?= /usr/bin/python3
export PYTHON
# scripts/test is Python, which a fresh machine may not have yet, or without its library (python3-minimal).
TEST := $(PYTHON) -c 'import http.client, xml.etree.ElementTree' 2>/dev/null || scripts/setup build run test || { echo '0 passed, 1 failed'; exit 1; }; scripts/test

.PHONY: help run stop test build test-unit test-component test-contract test-cluster test-e2e test-fidelity test-browser test-frontend test-client lint format \
	bench soak simulate schedules screenshots chaos sandbox-probes images deploy-kind clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## install what is missing, build, start everything, run an example (page: http://localhost:8000)
	@scripts/run

stop: ## stop what `make run` started
	@scripts/stop

test: ## install what is missing and run every suite; the last line is `N passed, N failed`
	@$(TEST)

build: ## build the programs (build/release) and the page (frontend/dist)
	@scripts/build

test-unit: ## test decisions: no sockets, no clock, no database
	@$(TEST) unit

test-component: ## test conversations: real libraries over real sockets
	@$(TEST) component

test-contract: ## test every implementation of the store with one suite
	@$(TEST) contract

test-frontend: ## test the page's modules
	@$(TEST) frontend

test-client: ## test the Python client
	@$(TEST) client

test-cluster: ## test that the embedded cluster starts, stops and recovers
	@$(TEST) cluster

test-e2e: ## test the whole system on the real cluster
	@$(TEST) e2e

test-fidelity: ## compare programs run by the service and by local Python, byte for byte
	@$(TEST) fidelity

test-browser: ## test the page in a real browser
	@$(TEST) browser

lint: ## check formatting, includes, unused code, documents, shell and the page; clang-tidy
	@$(TEST) lint

format: ## format the sources as the linters require
	@scripts/format

bench: ## measure the running system and what it is compared with (.oneshot/bench.json); BENCH=quick tries it
	@scripts/bench

soak: ## half an hour (SOAK_MINUTES) of half the sustainable load, then two minutes of ten times as much (.oneshot/bench.json)
	@scripts/bench --only soak,overload

simulate: ## measure the controller alone against a simulated cluster, up to 10,000 queued runs
	@scripts/bench --simulation

schedules: ## try to break promises by simulation: SCHEDULES (100000) schedules from SEED on (.oneshot/schedules.json)
	@scripts/schedules

screenshots: ## take the pictures of the documentation from the running system (docs/screenshots)
	@npm --silent --prefix frontend run screenshots

chaos: ## break every part of the running system by a seeded schedule, and check what was promised: CHAOS_MINUTES (5), CHAOS_SEED
	@scripts/chaos

sandbox-probes: ## send every hostile program of tests/sandbox, warm and cold, and show in a weakened pod that it is able (.oneshot/probes.json)
	@scripts/sandbox-probes

images: ## build the images and load them into the cluster
	@images/build all

deploy-kind: ## run everything on a kind cluster
	@ONESHOT_ENGINE=docker scripts/run

clean: ## stop everything and delete what was built and stored in this checkout
	@scripts/clean
