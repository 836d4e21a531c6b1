# Everything runs from .venv, which the first target makes from the lock and keeps up to date.
# Needs python3 (3.11 to 3.14) with venv, make and git.

PYTHON ?= python3
# Of the tests: one more than there are processors, since each waits for a third of its time.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, (os.cpu_count() or 1) + 1))')
ORDER ?= 1  # of the tests: a number for one that comes again, `default` for a new one each time
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready

# A folder of real histories beside the checkout is used when there is one.
CHANGEGATE_REAL_DATA ?= $(abspath $(wildcard ../shared/data))
ifneq ($(CHANGEGATE_REAL_DATA),)
export CHANGEGATE_REAL_DATA
endif

# Trust whom the machine trusts, where it says so: a proxy may stand before the package indexes.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt
endif

export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV
unexport PYTHONDONTWRITEBYTECODE  # tests start many processes: each would compile the code anew

.DEFAULT_GOAL := help
.PHONY: help install serve test test-slow check bench schema migration requirements format lock clean

help:  ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' Makefile

install: $(READY)  ## make .venv from the lock; .venv/bin/changegate is the command

serve: $(READY)  ## start the service with a demo organisation on SQLite
	@$(RUN)/changegate demo --serve --database var/changegate-demo.sqlite

test: $(READY)  ## run every test on SQLite and on PostgreSQL 18 (ORDER=default in a new order)
	$(RUN)/python -m pytest -q -n $(WORKERS) --dist worksteal --randomly-seed=$(strip $(ORDER))

test-slow: $(READY)  ## run fuzzing, long properties, races, and PostgreSQL 16
	$(RUN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m slow --hypothesis-profile long
	CHANGEGATE_TEST_POSTGRES=16 $(RUN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: $(READY)  ## check format, lint, types, layers, schema and migration drift
	$(RUN)/ruff format --check --quiet .
	$(RUN)/ruff check --quiet .
	$(RUN)/mypy
	$(RUN)/python -m pytest -q tests/test_layers.py tests/test_requirements.py \
	    tests/test_dependencies.py tests/test_drift.py
	$(RUN)/changegate schema --check

bench: $(READY)  ## print the benchmarks' ratios (SIZE=full for more)
	$(RUN)/python -m benchmarks

schema: $(READY)  ## write frontend-schema and docs/commands.md from the code
	$(RUN)/changegate schema
	$(RUN)/python -m api.reference

migration: $(READY)  ## write a revision from what the tables became (m="what it does")
	@test -n "$(m)" || { echo 'say what it does: make migration m="..."' >&2; exit 1; }
	$(RUN)/python -m migrations "$(m)"

requirements: $(READY)  ## print which requirements the tests cover
	@$(RUN)/python -m tests.requirements

format: $(READY)  ## format the code and mend what lint can mend
	$(RUN)/ruff check --quiet --fix-only .
	$(RUN)/ruff format --quiet .

lock: $(READY)  ## resolve the dependencies anew, none younger than a week
	$(RUN)/uv lock --upgrade
	$(RUN)/uv export --quiet --frozen --only-group bootstrap --no-emit-project --no-annotate \
	    --no-header --output-file .ci/uv.txt

clean:  ## remove what was made; data in var stays
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name node_modules -prune -o -name __pycache__ -exec rm -rf {} +

$(READY): pyproject.toml uv.lock .ci/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	    { echo "$(PYTHON) is missing or not between 3.11 and 3.14; name another: make PYTHON=..." >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$(PYTHON) cannot make environments; on Debian: apt-get install python3-venv" >&2; \
	    exit 1; }
	@$(RUN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    --requirement .ci/uv.txt
	$(RUN)/uv sync --locked --quiet
	@touch $@
