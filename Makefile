# Everything runs in a virtual environment of the project's own; the first target that needs it makes it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-fast test-sanitize lint format bench docs clean

demo: $(STAMP)
	$(BIN)/endcap demo

test: $(STAMP)
	$(BIN)/pytest -n auto

test-fast: $(STAMP)
	$(BIN)/pytest -n auto -m "not heavy"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror native/*.cpp native/*.hpp
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i native/*.cpp native/*.hpp

$(STAMP): pyproject.toml CMakeLists.txt $(wildcard native/*.cpp native/*.hpp)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $@

clean:
	rm -rf build dist site $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
