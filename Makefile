# Two commands set everything up on a fresh machine: `make forecast` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
NIGHTLY := .venv-nightly
# Tests trace small graphs, which keeps one core busy; two at a time, each file by one.
WORKERS := -n 2 --dist loadfile
FORECAST := out/air_passengers
# These five take nearly as long as all others together.
SLOW_NOTEBOOKS := notebooks/06_classify_texts.ipynb notebooks/07_language_model.ipynb notebooks/08_tagging.ipynb \
	notebooks/15_article_seq2seq.ipynb notebooks/17_many_series_and_what_is_known.ipynb
QUICK_NOTEBOOKS = $(filter-out $(SLOW_NOTEBOOKS),$(wildcard notebooks/*.ipynb))
TESTS_ON_JAX := tests/layers tests/insight/test_gates.py tests/insight/test_gradients.py \
	tests/recurrent tests/task/test_decoding.py tests/task/test_plain_fit.py \
	tests/forecasting/test_many_series.py tests/forecasting/test_bounded.py tests/forecasting/test_channels.py \
	tests/forecasting/test_explain.py tests/forecasting/test_gaps_told.py tests/forecasting/test_calendar.py \
	tests/forecasting/test_series_intervals.py tests/forecasting/test_judged_members.py \
	tests/classification/test_classifier_network.py \
	tests/classification/test_classifier_on_any_backend.py tests/regression/test_regressor_network.py \
	tests/pretraining/test_network.py tests/pretraining/test_pretrained_forecast.py

.DELETE_ON_ERROR:
.PHONY: help forecast test test-all test-browser test-jax test-nightly check notebooks quick-notebooks run-notebooks \
	pictures docs package clean

help:
	@echo "make forecast      install and forecast data/air_passengers.csv into out/"
	@echo "make test          install, lint, types, import direction, tests, quick notebooks"
	@echo "make test-all      the same with slow tests, coverage and all notebooks, and layers and models of numbers on JAX"
	@echo "make test-browser  the tests that open reports in Chromium (Debian: chromium, chromium-driver)"
	@echo "make test-nightly  the tests on keras-nightly, in a virtual environment of its own"
	@echo "make run-notebooks run the notebooks in place and keep their outputs, to be committed"
	@echo "make pictures      draw README's pictures anew, to be committed"
	@echo "make docs          build the documentation site in out/docs/, to be opened in a browser"
	@echo "make package       build and check sdist and wheel, and try the wheel in a fresh environment"
	@echo "make clean         remove the virtual environment, out/ and every cache"

forecast: $(VENV)/.installed
	mkdir -p out
	$(BIN)/python -m seqkit forecast data/air_passengers.csv --horizon 12 \
		--force --output $(FORECAST).csv --plot $(FORECAST).png --export $(FORECAST)_model

test: check
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not browser"
	$(MAKE) --no-print-directory quick-notebooks

test-all: check test-jax test-browser
	$(BIN)/python -m pytest $(WORKERS) -m "not browser" --cov=seqkit
	$(MAKE) --no-print-directory notebooks

check: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy seqkit
	$(BIN)/lint-imports

# One after the other: a browser takes both cores while it opens a page.
test-browser: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m browser tests/reports

test-jax: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet -e '.[test,jax]'
	KERAS_BACKEND=jax $(BIN)/python -m pytest $(TESTS_ON_JAX)

# Both packages are called keras when imported, so the one takes the place of the other.
test-nightly: $(NIGHTLY)/bin/python
	$< -m pip install --quiet -e '.[test]'
	$< -m pip uninstall --quiet --yes keras keras-nightly
	$< -m pip install --quiet --upgrade keras-nightly
	$< -c "import keras, tensorflow; print('keras', keras.__version__, 'tensorflow', tensorflow.__version__)"
	$< -m pytest $(WORKERS) -m "not slow and not browser"

$(NIGHTLY)/bin/python: | $(BIN)/python
	$(BIN)/python -m venv $(NIGHTLY)

notebooks: $(VENV)/.installed-test
	TQDM_DISABLE=1 $(BIN)/python -m pytest $(WORKERS) --nbmake notebooks

quick-notebooks: $(VENV)/.installed-test
	TQDM_DISABLE=1 $(BIN)/python -m pytest $(WORKERS) --nbmake $(QUICK_NOTEBOOKS)

# One after the other, so that the times it says are a notebook's own. `make notebooks` checks them and keeps nothing.
run-notebooks: $(VENV)/.installed-test
	$(BIN)/python notebooks/run.py

pictures: $(VENV)/.installed
	$(BIN)/python notebooks/pictures.py

# Warnings are errors. Nothing is fetched: the notebooks are shown as they are committed.
docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -b html -W --keep-going -q -d out/doctrees docs out/docs
	@echo "$$(find out/docs -name '*.html' | wc -l) pages; open out/docs/index.html"

package: $(VENV)/.installed-package
	$(BIN)/python tests/check_package.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else \
		"seqkit needs Python 3.11 to 3.13, got " + sys.version.split()[0] + \
		". Name another one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# The stamps make a second run quick; a changed dependency list installs again.
$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(VENV)/.installed-test: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-package: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[test,package]'
	@touch $@ $(VENV)/.installed-test $(VENV)/.installed

clean:
	rm -rf $(VENV) $(NIGHTLY) out build dist *.egg-info .coverage .hypothesis .import_linter_cache
	rm -rf docs/api/names docs/notebooks/*.ipynb
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
