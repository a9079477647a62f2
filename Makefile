# The task list of this repository. `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
CONFIGURATION ?= Release

.PHONY: doctor-score doctor-fix-score help build run test quick check format publish bench clean setup

help: ## list the tasks
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

build: ## build the executable: out/tieline
	dotnet build src/Tieline.Cli -c $(CONFIGURATION) -o out -v quiet

run: build app-once ## run the server with its chat app on http://127.0.0.1:8000 and print what to do next
	@scripts/run

app: ## build the chat app into out/app (Node 20); the server serves it at /
	@scripts/app

.PHONY: app app-once
app-once:
	@scripts/app --once

setup: ## install what the tests need from Debian's packages
	@scripts/setup

test: ## everything: install what is missing, build, run all tests
	@scripts/test

quick: ## the inner loop: unit and server tests only
	@scripts/test --quick

check: ## format, analyzers, generated files
	@scripts/check

publish: ## one native binary: out/native/tieline
	@scripts/publish

.PHONY: deb
deb: publish app ## a Debian package of the native binary and the chat app: out/tieline_*_amd64.deb
	@scripts/deb

doctor-score: ## score the doctor over its cases in four modes, a table per proxy (TIELINE_DOCTOR_SCORE=nginx for a part)
	dotnet build tests/Tieline.Doctor.Tests -c Release -v quiet
	TIELINE_DOCTOR_SCORE=$${TIELINE_DOCTOR_SCORE:-all} TIELINE_DOCTOR_TABLE=$(CURDIR)/artifacts/doctor-score.txt \
	  artifacts/bin/Tieline.Doctor.Tests/release/Tieline.Doctor.Tests --filter-method '*The_score_is_printed*' --no-ansi; \
	  status=$$?; cat artifacts/doctor-score.txt; exit $$status

doctor-fix-score: ## let the doctor mend every case whose fix is in the proxy's file, a table per proxy (TIELINE_DOCTOR_FIX=nginx for a part)
	dotnet build tests/Tieline.Doctor.Tests -c Release -v quiet
	TIELINE_DOCTOR_FIX=$${TIELINE_DOCTOR_FIX:-all} TIELINE_DOCTOR_TABLE=$(CURDIR)/artifacts/doctor-fix-score.txt \
	  artifacts/bin/Tieline.Doctor.Tests/release/Tieline.Doctor.Tests --filter-method '*The_score_of_mends_is_printed*' --no-ansi; \
	  status=$$?; cat artifacts/doctor-fix-score.txt; exit $$status

bench: ## measure against others, side by side
	bench/run

.PHONY: screens bench-app
screens: ## take the pictures in docs/screens anew, of the app in out/app
	cd clients/js && node apps/chat/scripts/screens.mjs

bench-app: ## the chat app in Chromium: bytes, first content, 10,000 messages, send to bubble
	cd clients/js && node apps/chat/scripts/bench.mjs

.PHONY: bench-group bench-growth bench-clients bench-nodes chaos simulate soak
bench-growth: ## list, history, unread, search and sync at 10 thousand and at 1 million stored messages, side by side
	dotnet build bench/Tieline.Growth -c $(CONFIGURATION) -v quiet
	artifacts/bin/Tieline.Growth/release/Tieline.Growth

bench-group: ## what one message costs in a group of a thousand
	dotnet build bench/Tieline.Groups -c $(CONFIGURATION) -v quiet
	artifacts/bin/Tieline.Groups/release/Tieline.Groups

bench-nodes: publish ## what 1, 2 and 3 nodes carry on one PostgreSQL, and what each part costs
	dotnet build bench/Tieline.Nodes -c $(CONFIGURATION) -v quiet
	artifacts/bin/Tieline.Nodes/release/Tieline.Nodes

simulate: ## what 1 million and 100 million people would need, from what a message costs here
	dotnet build bench/Tieline.Scale -c $(CONFIGURATION) -v quiet
	artifacts/bin/Tieline.Scale/release/Tieline.Scale

bench-clients: ## first message stored, in Chromium and Firefox, over a table of faults
	cd clients/js && npm ci --no-audit --no-fund && npm run bench

chaos: ## three nodes, PostgreSQL, nginx, and everything that can go wrong, mixed, for ten minutes; needs root (SECONDS_LONG=60 SEED=1 for another length or the same again)
	dotnet build tests/Tieline.EndToEnd.Tests -c $(CONFIGURATION) -v quiet
	TIELINE_CHAOS=$${SECONDS_LONG:-600} TIELINE_CHAOS_SEED=$(SEED) TIELINE_CHAOS_TABLE=$(CURDIR)/artifacts/chaos.txt \
	  artifacts/bin/Tieline.EndToEnd.Tests/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/Tieline.EndToEnd.Tests --filter-class '*ChaosTests' --no-ansi; \
	  status=$$?; cat artifacts/chaos.txt; exit $$status

soak: build ## the clients' chaos at full size: 5,000 sends through cuts, kills and crashes
	cd clients/js && npm ci --no-audit --no-fund && npm run soak
	TIELINE_SOAK=1700 dotnet test --project tests/Tieline.Client.Tests -c $(CONFIGURATION) --filter-class Tieline.Client.Tests.Connections.ChaosTests

clean: ## remove everything that was built
	rm -rf artifacts out
