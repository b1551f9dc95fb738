# Onebook: `make demo` and `make test` do all set-up themselves. `make help` lists the rest.
#
#   PYTHON=…      a Python 3.11 or newer, where the first one found isn't wanted
#   WHEELHOUSE=…  a folder of packages, JARS_FROM=… a folder of the Delta jars: set-up without a network
#   IVY_SETTINGS=…  an Ivy settings file that names the bank's own mirror for the jars

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PYTHON WHEELHOUSE JARS_FROM IVY_SETTINGS LANES

BIN := .venv/bin
PACKAGES := conf dags expectations jobs models
SOURCES := $(PACKAGES) setup tests $(if $(wildcard bench/*.py),bench)

CUSTOMERS ?= 20000

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup:  ## environment, Java, Delta jars, the onebook command; offline once done
	@setup/run

.PHONY: demo
demo: setup  ## the whole book on a bank of our own making
	@$(BIN)/python -m setup.demo $(CUSTOMERS)

.PHONY: test
test: setup  ## every test but the long ones; PYTEST=… chooses among them, LANES=1 takes one process at a time
ifdef PYTEST
	$(BIN)/python -m pytest -m "not long" $(PYTEST)
else
	@$(BIN)/python -m setup.tests
endif

.PHONY: test-long
test-long: setup  ## whole books: ten days against one pass, a cluster, the daily DAG, the notebook
	$(BIN)/python -m pytest -m long $(PYTEST)

.PHONY: check
check: setup  ## lint, types, import direction, generated files fresh, configuration and images valid
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-cache
	$(BIN)/onebook graph --check
	$(BIN)/python -m jobs.docs --check
	for bank in conf/banks/*/; do $(BIN)/onebook validate --bank "$$(basename "$$bank")" || exit 1; done
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yml

.PHONY: format
format: setup  ## format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: airflow
airflow: setup  ## Airflow on this clone; prints its address, ends with Ctrl-C
	@$(BIN)/python -m setup.airflow

.PHONY: airgap
airgap: setup  ## prove that a run needs no network: the jars folder alone
	@$(BIN)/python -m setup.airgap

.PHONY: wheelhouse
wheelhouse: setup  ## gather everything that an installation without a network takes, into wheelhouse/
	@$(BIN)/python -m setup.wheelhouse

.PHONY: bench
bench: setup  ## how well and how fast, against the demonstration bank's truth
	$(BIN)/python bench/headline.py

.PHONY: lock
lock: setup  ## resolve the dependencies anew; UPGRADE=--upgrade lifts what isn't pinned
	@setup/lock $(UPGRADE)

.PHONY: clean
clean:  ## remove what is computed: data, caches, Airflow's home; keeps the environment
	rm -rf data .airflow .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache spark-warehouse
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: pristine
pristine: clean  ## remove the environment too
	rm -rf .venv .uv .java .jars .cache
