# `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NEXT := .venv-next
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
UV := $(BIN)/uv --quiet
COMPILE := $(UV) pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade

.PHONY: help install run test coverage lint bench browser screenshots certify lock clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "relais: $(PYTHON) not found: install Python 3.11, or say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "relais: $(PYTHON) is too old: Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "relais: $(PYTHON) cannot create a virtual environment: install its venv module" >&2; exit 1; }

# uv installs in seconds what takes pip minutes; where it cannot reach the index, pip does it.
$(BIN)/uv: requirements-uv.txt | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements-uv.txt && touch $@

define install_into_venv
	@echo "Installing $(1) into $(VENV) (once)…"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --require-hashes -r $(2) || $(PIP) install --require-hashes -r $(2)
	@$(PIP) install --no-deps --no-build-isolation --editable .
endef

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/uv
	$(call install_into_venv,what Relais needs,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/uv
	$(call install_into_venv,what the tests need,requirements-dev.txt)
	@touch $@ $(VENV)/.run

install: $(VENV)/.run ## Create .venv and install Relais into it

run: $(VENV)/.run ## Start web, worker, beat and the demonstration LMS; Ctrl-C stops them
	@$(BIN)/relais run

browser: $(VENV)/.dev
	@$(BIN)/python -m tests.browser

test: $(VENV)/.dev lint browser ## Everything: lint, unit, properties, journeys, browser
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

coverage: $(VENV)/.dev browser ## The same tests, and the lines they miss (slower)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --cov --cov-report=term:skip-covered

lint: $(VENV)/.dev ## ruff, mypy, import-linter, djlint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint --lint --quiet lti_app

bench: $(VENV)/.dev ## Speed through gunicorn on SQLite and PostgreSQL (figures, not a test)
	@$(BIN)/python -m tests.bench

screenshots: $(VENV)/.dev browser ## Make the pictures of docs/ again
	@$(BIN)/python -m tests.screenshots

# PyLTI1p3 and its fork are the same package by name: the fork needs an environment of its own.
$(NEXT)/.dev: requirements-dev.txt | $(BIN)/uv
	@$(BIN)/python -m venv $(NEXT)
	@VIRTUAL_ENV=$(CURDIR)/$(NEXT) $(UV) pip install --require-hashes -r requirements-dev.txt
	@VIRTUAL_ENV=$(CURDIR)/$(NEXT) $(UV) pip uninstall PyLTI1p3
	@VIRTUAL_ENV=$(CURDIR)/$(NEXT) $(UV) pip install "pylti1p3next>=2.0.2"
	@touch $@

certify: $(VENV)/.dev $(NEXT)/.dev ## Certification cases on PyLTI1p3 (required) and on pylti1p3next (reported)
	@$(BIN)/python -m pytest --quiet --numprocesses 2 tests/certification
	@echo "On pylti1p3next:"
	@-$(NEXT)/bin/python -m pytest --quiet --numprocesses 2 -p no:cacheprovider tests/certification

lock: $(VENV)/.dev ## Pin the newest versions allowed by pyproject.toml
	@echo uv | $(COMPILE) - --no-annotate --output-file requirements-uv.txt
	@$(COMPILE) pyproject.toml --extra build --output-file requirements.txt
	@$(COMPILE) pyproject.toml --extra build --extra dev --output-file requirements-dev.txt
	@$(BIN)/pip-audit --requirement requirements.txt --require-hashes --disable-pip || true

clean: ## Remove what was installed and built (not instance/)
	@rm -rf $(VENV) $(NEXT) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .coverage*
