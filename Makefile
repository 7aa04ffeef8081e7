# Every target sets up .venv by itself. `make` or `make help` lists them.

PY := .venv/bin/python
SOAK_SECONDS ?= 600
ARGS ?=
UV := uv>=0.13.8,<0.14

# The tools must see this project's .venv alone.
unexport PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench soak lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from requirements.lock (PYTHON=… names the interpreter)
	@PYTHON="$(PYTHON)" bash .ci/setup

run: setup ## the tour: the product does its job on a real file, offline
	@$(PY) -I notebooks/tour.py

test: setup ## the tests (ARGS=… adds options of pytest)
	@$(PY) -m pytest -m "not soak and not browser" -n logical --maxprocesses 4 --dist worksteal $(ARGS)

lint: setup ## ruff and mypy
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: setup ## start, round trip and memory of a kernel
	@$(PY) -m benchmarks.kernel --json

soak: setup ## the long tests, for about SOAK_SECONDS each; from SOAK_SEED on, or ever new ones
	@SOAK_SECONDS=$(SOAK_SECONDS) SOAK_SEED=$(SOAK_SEED) $(PY) -m pytest -m soak --timeout $$(($(SOAK_SECONDS) + 120)) $(ARGS) \
	  || { code=$$?; [ $$code -eq 5 ] && echo "There is no soak test to run." || exit $$code; }

lock: setup ## write requirements.lock anew from pyproject.toml (ARGS=--upgrade: newest versions)
	@test -x build/lock/bin/uv || { $(PY) -m venv build/lock && build/lock/bin/pip install -qq "$(UV)"; }
	@build/lock/bin/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --custom-compile-command "make lock" \
	  --quiet --output-file requirements.lock $(ARGS)

clean: ## remove what the targets made, .venv too
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
