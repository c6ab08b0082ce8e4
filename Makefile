# make help lists the targets. Everything lives in .venv; PYTHON chooses its interpreter.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := uv==0.13.9

# Stamps in .venv say how far it was set up, and with which Python. A new interpreter or a new way
# to compile durable_rules makes it anew; other pins are only brought up to date.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
EMPTY   := $(VENV)/empty-$(VERSION)
RUNTIME := $(VENV)/runtime-$(VERSION)
DEV     := $(VENV)/dev-$(VERSION)
BROWSER := $(VENV)/browser-$(VERSION)
LINKS   := build/dev/wayout

.DEFAULT_GOAL := help
.PHONY: help setup demo test browser-test postgres-test lint format wheel-check bench load pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile
	@echo "  PYTHON=...         the interpreter to set up with: 3.11, 3.12 or 3.13 (now: $(PYTHON))"

setup: $(DEV) | $(LINKS) ## set up .venv with everything for development

demo: $(RUNTIME) | $(LINKS) ## diagnose the shipped example: a pod without a way out
	@echo '$$ wayout diagnose shop/api-0 --to 203.0.113.10:443 -f examples/no-snat'
	@$(BIN)/wayout diagnose shop/api-0 --to 203.0.113.10:443 -f examples/no-snat \
	  || test $$? -eq 1  # 1 means blocked, which this pod is

test: $(DEV) | $(LINKS) ## run all tests; ARGS are handed to pytest
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

browser-test: $(BROWSER) | $(LINKS) ## test both pages in Chromium, installed with apt-get when missing
	@.ci/chromium
	$(BIN)/pytest tests/browser $(ARGS)

postgres-test: $(DEV) | $(LINKS) ## run the tests that need PostgreSQL, on a server of their own
	@.ci/postgres
	$(BIN)/pytest tests/postgres $(ARGS)

lint: $(DEV) | $(LINKS) ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(DEV) ## let ruff tidy up
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel-check: $(DEV) ## build sdist and wheel, look inside, use the wheel outside the repository
	$(BIN)/python .ci/wheel_check.py

bench: $(DEV) | $(LINKS) ## measure against the budgets
	$(BIN)/python -m benchmarks

load: $(DEV) | $(LINKS) ## 200 clients against the service for a minute, every answer compared
	$(BIN)/python -m benchmarks.load $(ARGS)

pins: $(DEV) ## choose the pinned versions anew from pyproject.toml
	$(BIN)/python -m pip install --quiet $(UV)
	$(BIN)/python .ci/pin.py

clean: ## remove .venv, builds and caches
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(EMPTY): .ci/install requirements/durable-rules.txt
	@command -v $(PYTHON) >/dev/null \
	  || { echo "There is no interpreter $(PYTHON); choose one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) .ci/preflight.py
	@echo "setting up $(VENV) with Python $(VERSION); durable_rules is compiled, allow half a minute"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUNTIME): $(EMPTY) pyproject.toml .ci/dev_links.py requirements/build.txt requirements/runtime.txt
	@.ci/install $(VENV) runtime
	@$(BIN)/python -m pip --quiet --quiet install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@.ci/install $(VENV) dev
	@touch $@

$(BROWSER): $(DEV) requirements/browser.txt
	@.ci/install $(VENV) browser
	@touch $@

$(LINKS): .ci/dev_links.py | $(RUNTIME)
	@$(BIN)/python .ci/dev_links.py
	@touch $@
