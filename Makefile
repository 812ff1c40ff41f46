# Each target makes what it needs: python3 and make are enough to begin with.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile -c constraints.txt
# What is installed is compiled once, on all cores and without its tests: a start takes a third of the time.
BYTECODE := $(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib

.PHONY: demo test lint clean

demo: $(VENV)/base.stamp
	$(BIN)/armsflow runs=64 out=results/demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build dist *.egg-info results/demo
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	python3 -m venv $(VENV)

$(VENV)/base.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[fast]'
	$(BYTECODE)
	touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev,fast,sweep]'
	$(BYTECODE)
	touch $(VENV)/base.stamp $@
