# make run test lint check bench loadtest model fuzz mutations timing screenshots image-test
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OWN    := $(VENV)/.own

.PHONY: run test test-parts test-served lint check bench loadtest model fuzz mutations timing screenshots image-test lock clean

run: $(VENV)/.serve $(OWN)
	@exec $(BIN)/activation demo

# Two halves at a time: one computes while the other waits for processes. Each is printed when it is done.
test: $(VENV)/.develop $(OWN)
	$(BIN)/coverage erase
	@echo "Testing in two halves; each is told when it is done, after some minutes."
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going test-parts test-served
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

test-parts:
	@$(BIN)/coverage run -m pytest --ignore tests/http --ignore tests/acceptance --ignore tests/browser

test-served:
	@$(BIN)/coverage run -m pytest tests/http tests/browser tests/acceptance

lint: $(VENV)/.develop $(OWN)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint test

bench: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m loadtest.bench

loadtest: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m loadtest.run

# The server beside a plain model of the rules: RUNS runs of STEPS steps.
model: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m tests.model.long --runs $(or $(RUNS),5000) --steps $(or $(STEPS),50)

# Every parser, for MINUTES in all.
fuzz: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m tests.fuzz.fuzzing --minutes $(or $(MINUTES),10)

# COUNT changed certificates, and a tenth as many of every other token: none may be accepted.
mutations: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m tests.fuzz.mutations --count $(or $(COUNT),1000000)

# Who is known and who is not, compared by the clock: SAMPLES of each question.
timing: $(VENV)/.develop $(OWN)
	@$(BIN)/python -m tests.timing.long --samples $(or $(SAMPLES),20000)

# Pictures of the console's pages into docs/console/ (docs/console/pages.toml); PAGES names some alone.
screenshots: $(VENV)/.develop $(OWN)
	@$(BIN)/python docs/make_screenshots.py $(PAGES)

# The Dockerfile built and its image tried beside a PostgreSQL of its own (docs/deploy.md).
image-test: $(VENV)/.develop $(OWN)
	@$(BIN)/python deploy/image_test.py

# The locks name packages and hashes, and no index: pip asks whichever it is set up for.
lock: $(VENV)/.develop
	$(PIP) uv
	$(BIN)/uv pip compile $(LOCK) --extra build pyproject.toml -o requirements/serve.lock
	$(BIN)/uv pip compile $(LOCK) --extra build --extra load --extra pictures --extra develop pyproject.toml -o requirements/develop.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: $(VENV)/bin/python requirements/serve.lock
	$(PIP) --require-hashes -r requirements/serve.lock
	@touch $@

$(VENV)/.develop: $(VENV)/.serve requirements/develop.lock
	$(PIP) --require-hashes -r requirements/develop.lock
	@touch $@

# A path file and an entry point are all that an installation from the source tree is; no build is needed.
$(OWN): $(VENV)/.serve pyproject.toml
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache
