# Every command does its own set-up; a stamp file says what is up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# The pip that comes with an older Python is slow at resolving: nothing else is wrong with it.
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Two processes for the tests, a file at a time; those in a browser stay last (tests/conftest.py says why).
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
PACKAGING := pyproject.toml package.json yarn.lock install.json tsconfig.json
FRONTEND := $(shell find labextension/src labextension/schema labextension/style -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help install model lab test test-python test-typescript lint format wire clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

$(VENV)/stamp/python:
	@echo "→ making $(VENV) (1 of 3)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(@D) && touch $@

$(VENV)/stamp/install: $(VENV)/stamp/python $(PACKAGING) $(FRONTEND)
	@echo "→ installing and building the front end (2 of 3; one to three minutes the first time)"
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' \
	  || { echo "Node 20.19 or newer is needed to build the front end (found: $$(node --version 2>/dev/null || echo none))"; exit 1; }
	$(PIP) install --progress-bar on -e '.[cpu,lab]'
	@touch $@

install: $(VENV)/stamp/install ## install everything that lab and test both need into .venv

model: install ## fetch and prepare the embedded model (94 MB)
	@echo "→ preparing the embedded model (3 of 3)"
	$(BIN)/jupyter starcoder models get smollm2-135m-instruct

lab: model ## open JupyterLab on the tour; make lab ARGS="--no-browser --port 8899"
	$(BIN)/jupyter lab examples/tour.ipynb $(ARGS)

$(VENV)/stamp/test: $(VENV)/stamp/install
	@echo "→ installing what the tests need"
	$(PIP) install -e '.[test]'
	@touch $@

test: $(VENV)/stamp/test model lint test-typescript test-python ## run every check: lint, types, TypeScript, Python, browser

lint: $(VENV)/stamp/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/jlpm lint

test-typescript: $(VENV)/stamp/test
	$(BIN)/jlpm test

test-python: $(VENV)/stamp/test
	$(BIN)/pytest $(TOGETHER) $(ARGS)

format: $(VENV)/stamp/test ## put every file into our layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/jlpm format

wire: install ## write the TypeScript types of the HTTP interface again
	$(BIN)/python -m jupyter_starcoder.typescript > labextension/src/wire.ts

clean: ## remove what was built and installed
	rm -rf $(VENV) node_modules labextension/lib jupyter_starcoder/labextension tsconfig.tsbuildinfo
