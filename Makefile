# The two that matter: `make chat` and `make test`.  Both set up what they need first.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
PYTEST_ARGS ?=
INDEX ?= indexes/default
SAMPLE ?= seeds/articles
# The version of torch that `make lock` starts from.
TORCH ?= 2.13.0

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup chat test lint format docs lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything in it (done again only when the pins change)

# torch goes first and alone.  A bare requirement for it takes the newest release, with
# gigabytes of GPU libraries; asked for by its pinned version, a CPU build that the machine
# offers is taken, and what depends on torch then finds it there.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) --version 2>/dev/null) || found="not found"; \
	  echo "newsqa needs Python 3.11 or newer, and '$(PYTHON)' is $$found." >&2; \
	  echo "Name another one: make setup PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet "$$(grep '^torch==' constraints.txt)"
	$(PIP) install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

chat: setup ## Serve the chat page, over the sample archive if there is no index yet
	@test -e $(INDEX)/newsqa.db || $(BIN)/newsqa build $(SAMPLE) --index $(INDEX)
	$(BIN)/python app.py

# The browser tests skip by name where there is no Chromium and none can be installed.
test: setup ## Run the tests (PYTEST_ARGS="-k name" narrows them)
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq -y --no-install-recommends chromium chromium-driver >/dev/null; } \
	  || echo "Chromium could not be installed: the browser tests will be skipped." >&2; fi
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

lint: setup ## Check style, types, import contracts and that the docs are not stale
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: setup ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## Write docs/cli.md and docs/settings.md from the code
	$(BIN)/python docs/generate.py

# In an environment of its own, so that nothing installed by hand gets into the lock.  A
# local version ("+cpu") names one machine's build and is cut off; what a GPU build of torch
# brings along is left to torch's own pins.
lock: ## Resolve every dependency anew and write constraints.txt
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet "torch==$(TORCH)"
	build/lock/bin/python -m pip install --quiet --editable ".[dev]"
	{ echo "# Every package of the environment, as tested.  Written by 'make lock'."; \
	  build/lock/bin/python -m pip list --format=freeze --exclude-editable --exclude pip \
	  | sed -E 's/\+[^ ]*$$//' | grep -Ev '^(nvidia|triton|cuda)[-=]'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/lock

clean: ## Remove the environment, caches and build outputs (indexes stay)
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .gradio
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
