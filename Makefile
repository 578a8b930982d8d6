# Doorplate: `make help` lists what can be made.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev packages dev-packages demo test check lint docs bench faults fuzz soak views doors pictures lock clean

PYTHON := .venv/bin/python
# Stamps: what is older than the list it was made from is made again.
VENV := .venv/.made
DEV_VENV := .venv/.made-dev
VENDOR := web/static/vendor/.made

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

demo: setup  ## set up, load the demonstration district, serve it
	$(PYTHON) app.py demo

setup: packages $(VENV) $(VENDOR)  ## install what is missing to run the registry

test: setup-dev  ## the whole suite, on a throw-away cluster
	$(PYTHON) -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup \
		--no-loadscope-reorder

check: setup-dev lint test  ## what continuous integration runs

lint: setup-dev  ## style, types, and who may import whom
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: setup-dev  ## the pages of docs/ that a run makes
	$(PYTHON) -m tests.reports.reference
	$(PYTHON) -m tests.reports.imports
	$(PYTHON) -m tests.reports.grants

bench: setup-dev  ## the benchmarks against their peers
	$(PYTHON) -m tests.bench

faults: setup-dev  ## 50 kills, a full disk, two imports at once; writes docs/faults.md
	$(PYTHON) -m tests.faults

fuzz: setup-dev  ## the API asked at random from its own description, 22,000 times
	$(PYTHON) -m tests.fuzzing

soak: setup-dev  ## an hour's scripted work on the map of a running `make demo`, its memory told
	$(PYTHON) -m tests.bench.soak

views: setup-dev  ## how soon the map of a running `make demo` is useful
	$(PYTHON) -m tests.bench.views

doors: setup-dev  ## 1,000 doors asked for on the map of a running `make demo`, each the one chosen
	$(PYTHON) -m tests.bench.doors

pictures: setup-dev  ## docs/pictures of every level, from a running `make demo`
	$(PYTHON) -m tests.reports.pictures

lock: setup-dev  ## resolve requirements*.in anew into the locked lists
	$(PYTHON) -m pip install --quiet uv
	$(UV) requirements.in -o requirements.txt
	$(UV) requirements-dev.in -o requirements-dev.txt
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean:  ## remove what set-up made; data in DOORPLATE_HOME stays
	rm -rf .venv node_modules web/static/vendor .mypy_cache .ruff_cache .pytest_cache

UV := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header

setup-dev: dev-packages $(DEV_VENV) $(VENDOR)

packages:
	@.ci/setup packages

dev-packages: packages
	@.ci/setup dev-packages

$(VENV): requirements.txt | packages
	@.ci/setup venv
	@touch $@

$(DEV_VENV): requirements.txt requirements-dev.txt | dev-packages
	@.ci/setup dev-venv
	@touch $@ $(VENV)

$(VENDOR): package-lock.json .ci/setup | packages
	@.ci/setup vendor
	@touch $@
