# Each target makes what it needs: python3 and make are enough to begin with.
#
#     make test                          in .venv, with python3
#     make quick PYTHON=python3.13       in .venv-3.13; also a Python of pyenv that is not switched on
PYTHON := python3
ifeq ($(PYTHON),python3)
  INTERPRETER := python3
  VENV := .venv
else
  INTERPRETER := $(shell .ci/interpreter $(PYTHON))
  ifeq ($(INTERPRETER),)
    $(error no $(PYTHON) runs here, on PATH or among pyenv's versions)
  endif
  VENV := .venv-$(shell $(INTERPRETER) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile -c constraints.txt
# What is installed is compiled once, on all cores and without its tests: a start takes a third of the time.
BYTECODE := $(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib

.PHONY: demo atlas evidence test slow thorough quick mutants posterior fuzz lint clean

demo: $(VENV)/base.stamp
	$(BIN)/armsflow runs=64 out=results/demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto

# The tests that `make test` leaves out, since each takes long: browsers, launchers, clusters, kills.
slow: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto --slow

# What supports the model and what does not: docs/evidence.md. Half an hour of two cores; what is done is kept.
evidence: $(VENV)/dev.stamp
	$(BIN)/python -m experiments.calibration data=$(DATA) out=results/calibration
	$(BIN)/python -m experiments.hindcast data=$(DATA) out=results/hindcast
	$(BIN)/python -m experiments.patterns data=$(DATA) out=results/patterns
	$(BIN)/python -m experiments.counterfactual question=all workers=2 write=true
	$(BIN)/python -m experiments.robustness workers=2 out=results/robustness
	$(BIN)/python -m experiments.evidence write=true

# Worlds with sliders, one file each in results/atlas, for a class that installs nothing.
atlas: $(VENV)/base.stamp
	$(BIN)/python -m experiments.atlas

# All tests, also those of which the other two run a small form: longer by far.
thorough: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto --thorough

# A minute's worth of tests of every part.
quick: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto -m quick

# Do the tests of rules and desks notice a changed rule? MUTANTS=60 takes two minutes.
MUTANTS := 300
mutants: $(VENV)/dev.stamp
	$(BIN)/python -m experiments.mutants mutants=$(MUTANTS)

# The second line: pyproject ignores F821 for the shapes of jaxtyping, and with it names that do not exist.
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff check --isolated --select F821 .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The default scenario's posterior again, after a change of its rules or priors: two minutes.
DATA := ../shared/data
posterior: $(VENV)/dev.stamp
	$(BIN)/python -m experiments.calibration data=$(DATA) posterior=configs/posterior/northeast_asia_2023.json

# Bad input at every door. INPUTS=2000 takes a minute.
INPUTS := 100000
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m experiments.fuzz inputs=$(INPUTS)

clean:
	rm -rf .venv .venv-3.* build dist *.egg-info results/demo
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(INTERPRETER) -m venv $(VENV)

$(VENV)/base.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[fast]'
	$(BYTECODE)
	touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[app,data,dev,evidence,fast,games,sweep]'
	$(BYTECODE)
	touch $(VENV)/base.stamp $@
