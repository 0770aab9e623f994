# `make run` and `make test` set up .venv on a bare machine with Python and then run the main job or the tests.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test setup

run: setup
	$(BIN)/python -m siamnas.run $(ARGS)

test: setup
	$(BIN)/python -m pytest $(ARGS)

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test]'
	touch $@
