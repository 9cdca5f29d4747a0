# Two commands do all the set-up: `make demo` (core only) and `make test` (everything the tests need).
# Both work in a virtual environment of their own and need no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# uv leaves compiling to Python, which keeps what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-fast bench lint typecheck release-model pins image-check clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "crumple needs Python 3.11, 3.12 or 3.13; this is %d.%d: set PYTHON=python3.12, say" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# One stamp per install, so that a second run starts at once and a changed pyproject.toml installs again.
$(VENV)/.core: $(BIN)/python pyproject.toml
	$(PIP) -e .
	@touch $@

# uv installs in half a minute what takes pip three. Where there is none, or it does not reach the packages, pip does it.
$(VENV)/.dev: $(BIN)/python pyproject.toml
	$(PIP) --upgrade pip uv && $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[dev]' || $(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.core

demo: $(VENV)/.core ## assess the sample photos with the model that ships
	$(BIN)/crumple demo --out demo-report

test: lint typecheck ## every test there is, and which twenty take longest
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=20 # tests/conftest.py has the order

test-fast: $(VENV)/.dev ## the tests that are not marked slow
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

# The first run exports the networks that ours is compared with, which takes minutes; they are kept in runs/real_time.
bench: $(VENV)/.dev ## what crumple takes on this machine, and beside the usual Mask R-CNN
	$(BIN)/crumple bench
	$(BIN)/python benchmarks/real_time.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(VENV)/.dev
	$(BIN)/mypy

# Needs the data that recipes/data.yaml names; on two cores it takes many hours. Each of RUNS starts from the one before,
# the seventh runs all from the sixth, and the eighth from their average.
RUNS := 1-first 2-more-damage 3-longer 4-at-512 5-mosaics 6-longer
SEVENTH := 7a-seed-30 7b-seed-31 7c-more-rois 7d-smaller-scales 7e-nothing-pasted
LAST := 8-places 9-places-stronger 10-new-parts 11-places-longer
MADE := runs/crumple-lite0
release-model: $(VENV)/.dev
	set -e; for run in $(RUNS) $(SEVENTH); do $(BIN)/crumple train recipes/crumple-lite0/$$run.yaml --out $(MADE)/$$run; done
	$(BIN)/python recipes/average_checkpoints.py $(MADE)/7-average $(SEVENTH:%=$(MADE)/%/last)
	set -e; for run in $(LAST); do $(BIN)/crumple train recipes/crumple-lite0/$$run.yaml --out $(MADE)/$$run; done
	$(BIN)/python recipes/release_model.py $(MADE)/11-places-longer/last recipes/data.yaml

# Anew after a change of dependencies: the versions that the images hold.
pins: $(VENV)/.dev
	$(BIN)/python -m crumple.deploy.container.pins

image-check: $(VENV)/.dev ## what the training image holds, installed as the Dockerfile does it, trains and serves; gigabytes
	$(BIN)/python -m pytest tests/deploy/image_check.py

clean:
	rm -rf $(VENV) demo-report
