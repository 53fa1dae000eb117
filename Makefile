# Every target sets up what it needs. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= .casualty
export CASUALTY_HOME := $(HOME_DIR)
PACKAGES := casualty_pipeline assets checks tests benchmarks

.PHONY: help report ui test lint audit types unit long docs format lock dictionary bits lineage wheel bench bench-linkage fuzz clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

# uv installs in seconds what pip installs in a minute; where it can't reach the index that pip is set up for, pip does it.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements/installer.txt

INSTALL = $(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode $(1) || \
	$(BIN)/pip install -q --require-hashes -r $(1)
EDITABLE = { $(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . || \
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .; } && \
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q casualty_pipeline assets checks

$(VENV)/run.stamp: requirements/run.txt requirements/installer.txt pyproject.toml | $(BIN)/python
	@echo "installing the locked packages ..." >&2
	@test -e $(VENV)/test.stamp || { $(call INSTALL,requirements/run.txt); }
	@$(EDITABLE)
	@touch $@

$(VENV)/test.stamp: requirements/test.txt requirements/installer.txt pyproject.toml | $(BIN)/python
	@echo "installing the locked packages, those for development too ..." >&2
	@$(call INSTALL,requirements/test.txt)
	@$(EDITABLE)
	@touch $@ $(VENV)/run.stamp

report: $(VENV)/run.stamp  ## the main job: sample captures -> March 2020 report, English and Arabic
	@$(BIN)/casualty sample
	@$(BIN)/casualty run --month 2020-01 --through 2020-03

ui: $(VENV)/run.stamp  ## Dagster on the home that `make report` filled
	@$(BIN)/casualty ui

test: $(VENV)/test.stamp  ## lint, types and tests
	@$(MAKE) --no-print-directory --output-sync -j2 lint types
	@$(MAKE) --no-print-directory unit

lint: $(VENV)/test.stamp  ## ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint -q --processes 2 sql

audit: $(VENV)/test.stamp  ## bandit, secrets in the tree, known holes in the locked packages
	@.ci/audit $(BIN)

types: $(VENV)/test.stamp  ## mypy, strict
	$(BIN)/mypy

# The browser test wants Debian's chromium. Where it can't be installed, that test is skipped and says so.
BROWSER = command -v chromedriver >/dev/null || \
	{ echo "installing chromium for the browser test ..." >&2; \
	  apt-get update -qq && apt-get install -y -qq chromium chromium-driver; } >/dev/null 2>&1 || \
	{ echo "no chromium to be had: the browser test will be skipped" >&2; export CASUALTY_NO_BROWSER=1; }

# A process more than there are cores: a part of the tests waits for servers, locks and browsers. In the order of the
# folders: the whole programs come first, so that no process is left alone with one of them at the end.
PYTEST = $(BIN)/pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 5 --dist loadfile --no-loadscope-reorder

# The tests of Dagster's storage want a real server: Debian's, likewise.
DATABASE = ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	{ echo "installing PostgreSQL for the tests of Dagster's storage ..." >&2; \
	  apt-get update -qq && apt-get install -y -qq postgresql; } >/dev/null 2>&1 || \
	{ echo "no PostgreSQL to be had: the tests that need it will be skipped" >&2; export CASUALTY_NO_POSTGRES=1; }

unit: $(VENV)/test.stamp  ## pytest
	@$(BROWSER); $(DATABASE); $(PYTEST) -m "not long"

long: $(VENV)/test.stamp  ## the suites that take minutes: the walk through, random histories, kills, whole runs that repeat what others show
	@$(PYTEST) -m long

docs: $(VENV)/test.stamp  ## the documentation site, in site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q && echo "site/index.html"

format: $(VENV)/test.stamp  ## let the formatters decide
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix -q sql

dictionary: $(VENV)/run.stamp  ## docs/data-dictionary.md from the table declarations
	$(BIN)/python -m casualty_pipeline.dictionary > docs/data-dictionary.md

bits: $(VENV)/run.stamp  ## the table of bits in docs/linkage.md from the linkage model
	$(BIN)/python -m casualty_pipeline.linkage.bits_table docs/linkage.md

lineage: $(VENV)/test.stamp  ## column lineage anew from sql/
	$(BIN)/python -m casualty_pipeline.orchestration.lineage > .lineage.tmp
	mv .lineage.tmp casualty_pipeline/orchestration/lineage.json

LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header
BUILT = pyproject.toml requirements/build.in requirements/installer.in

lock: $(VENV)/test.stamp  ## requirements/*.txt anew, with hashes and no index address
	$(LOCK) requirements/installer.in -o requirements/installer.txt
	$(LOCK) $(BUILT) -o requirements/run.txt
	$(LOCK) $(BUILT) --extra postgres --extra encrypted -c requirements/run.txt -o requirements/production.txt
	$(LOCK) $(BUILT) --group dev --extra postgres --extra encrypted -c requirements/run.txt -o requirements/test.txt
	$(LOCK) requirements/peers.in -o requirements/peers.txt

wheel: $(VENV)/test.stamp  ## build the wheel, install it into an empty environment, run the sample with it
	rm -rf dist && $(BIN)/python -m build --wheel -q --no-isolation -o dist .
	$(BIN)/uv venv -q --clear --python $(PYTHON) dist/empty
	$(BIN)/uv pip install -q --compile-bytecode --python dist/empty/bin/python -c requirements/run.txt dist/*.whl
	cd dist && CASUALTY_HOME=home empty/bin/casualty sample && CASUALTY_HOME=home empty/bin/casualty run --month 2020-03

bench: $(VENV)/test.stamp  ## speed and memory, printed as a table
	$(BIN)/python -m benchmarks.spine

# Splink wants another DuckDB than ours: it gets an environment of its own.
PEERS := .venv-peers

$(PEERS)/peers.stamp: requirements/peers.txt $(VENV)/test.stamp
	$(BIN)/uv venv -q --clear --python $(BIN)/python $(PEERS)
	$(BIN)/uv pip sync -q --python $(PEERS)/bin/python --require-hashes --compile-bytecode requirements/peers.txt
	@touch $@

bench-linkage: $(PEERS)/peers.stamp  ## linkage beside Splink: quality, speed, growth (half an hour; reads EVALUATION_DATA)
	$(BIN)/python -m benchmarks.linkage quality --splink
	$(BIN)/python -m benchmarks.linkage speed
	$(BIN)/python -m benchmarks.linkage growth

fuzz: $(VENV)/test.stamp  ## 100,000 damaged and hostile files for every connector: hours on one core
	$(BIN)/python -m benchmarks.fuzz --connector all --inputs 100000 --seed 1

clean:  ## remove the environment and the home
	rm -rf $(VENV) $(PEERS) $(HOME_DIR) dist
