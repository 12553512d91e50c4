# One command per need, the same here and in CI. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all coverage mutants check bench fix gallery lock
BIN := .venv/bin
# The checks load the settings, which make a data folder: not the installation's own.
CHECKING := env -u DATABASE_URL DATA_DIR=$(CURDIR)/var/check

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/'

demo:  ## install everything, seed the demo centre, serve it with sign-ins printed
	@scripts/setup demo
	@scripts/demo

test:  ## install everything, run every test on SQLite, on PostgreSQL what the engine can decide (ARGS="-k word" narrows)
	@scripts/setup test
	@scripts/test $(ARGS)

test-all:  ## every test on both, but browser and PDF tests on SQLite only
	@scripts/setup test
	@scripts/test --all $(ARGS)

coverage:  ## every test on SQLite, with the branches of the code that none of them takes
	@scripts/setup test
	COVERAGE_FILE=var/branches $(BIN)/python -m pytest --numprocesses auto --maxprocesses 6 --cov --cov-branch --cov-report=term-missing

mutants:  ## change the code on purpose and show what no test notices (MODULE=units/coverage.py TESTS=tests/units)
	@scripts/setup test
	$(BIN)/python scripts/mutants.py $(MODULE) $(TESTS)

check:  ## format, lint, types, missing migrations, imports between rooms, templates
	@scripts/setup check
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check .
	$(CHECKING) $(BIN)/python manage.py makemigrations --check --dry-run
	$(CHECKING) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet .

bench:  ## measure the pages people live on, write benchmarks/*.md
	@scripts/setup check
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.gate
	$(BIN)/python -m benchmarks.verify

fix:  ## put right what can be put right by machine
	@scripts/setup check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gallery:  ## pictures of every page, as everybody, with an index, in var/gallery
	@scripts/setup test
	$(BIN)/python -m tests.gallery.shoot

lock:  ## pin every dependency of pyproject.toml with hashes
	scripts/uv pip compile -q --universal --generate-hashes --python-version 3.12 --no-header --no-emit-index-url pyproject.toml -o requirements/base.txt
	scripts/uv pip compile -q --universal --generate-hashes --python-version 3.12 --no-header --no-emit-index-url --group dev pyproject.toml -o requirements/dev.txt
