# `make` or `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The interpreter to build the environment with: make setup PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
VENV35 := .venv-spark35
VENV_AIRFLOW := .venv-airflow
# How long the demo runs, in seconds (empty: until Ctrl-C), and where its books go.
DURATION ?=
JSON ?=
# The stand-in for a cloud that the demo's files go through: s3, azure or gcs (empty: a folder).
CLOUD ?=
# The clouds to stand in for beside the containers: aws, azure, gcs.
PROFILES ?=
# More for pytest: make test ARGS="-k embedded"; one test at a time: make test WORKERS=0
ARGS ?=
WORKERS ?= logical
# Java starts in a third of the time with Spark's classes in one file; made once for each environment.
# The built dashboard, and what its builder said when the demo had it built.
PAGES := dashboard/dist/browser/index.html
PAGES_LOG := .cache/dashboard.log
CLASSES = python -m tests.quick_java
# What of the heavy tests is about Spark itself: its connector for S3, state in a bucket, what it alone may read,
# a cluster of its own.
SLOW35 = tests/acceptance/test_buckets.py tests/acceptance/test_live.py tests/contract/test_stores.py \
	tests/acceptance/test_jobs_standalone.py \
	-k "(test_buckets and (s3 or S3)) or test_live or (test_stores and spark) or of_bare_pythons"
PYTEST = python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

# Real files of third parties, where they lie beside the repository; tests that need them skip without.
ifneq ($(wildcard ../shared/cases),)
export TRADEWIND_CASES ?= $(abspath ../shared/cases)
endif

.PHONY: help setup setup-spark35 setup-airflow pages demo test test-slow test-spark35 lint types dashboard wheel test-dashboard up down bench picture dev-lock clean

help: ## List these verbs
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## Make .venv with everything pinned: Spark 4.3, PostgreSQL, Java (works offline the second time)
	@PYTHON="$(PYTHON)" bash requirements/setup.sh $(VENV) requirements/spark-4-dev.txt

setup-spark35: ## Make .venv-spark35, the same with Spark 3.5
	@PYTHON="$(PYTHON)" bash requirements/setup.sh $(VENV35) requirements/spark-3.5-dev.txt

setup-airflow: ## Make .venv-airflow: Airflow 3.3 for the DAGs in airflow/dags, without Tradewind
	@PYTHON="$(PYTHON)" bash requirements/setup.sh $(VENV_AIRFLOW) requirements/airflow.txt alone

demo: setup pages ## Run the main job on files made for it, with its page: make demo DURATION=30 JSON=books.json CLOUD=s3
	@exec $(VENV)/bin/python $(if $(CLOUD),-m tests.clouds.demo $(CLOUD),cli_tool/run.py demo) $(if $(DURATION),--duration $(DURATION)) $(if $(JSON),--books "$(JSON)")

test: setup pages ## Run the tests (under 10 minutes on 2 cores)
	$(VENV)/bin/$(CLASSES)
	$(VENV)/bin/$(PYTEST) -m "not slow" $(ARGS)

test-slow: private WORKERS = 3 # they mostly wait: for queues, for holds to end, for what was killed to be missed
test-slow: setup setup-airflow pages test-spark35 ## Run the heavy tests, and the suite on Spark 3.5 (under 30 minutes on 2 cores)
	$(VENV)/bin/$(CLASSES)
	$(VENV35)/bin/$(PYTEST) -m slow $(SLOW35) $(ARGS)
	$(VENV)/bin/$(PYTEST) -m slow $(ARGS)

test-spark35: setup-spark35 pages ## Run the tests on Spark 3.5
	$(VENV35)/bin/$(CLASSES)
	$(VENV35)/bin/$(PYTEST) -m "not slow" $(ARGS)

lint: setup ## Check style and who imports whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

types: setup ## Check types, strictly
	$(VENV)/bin/mypy

dashboard: setup $(PAGES) ## Build the dashboard, which `tradewind serve` shows

# As far as they can be had: what needs them says so. Without a registry npm would try for more than a minute.
pages: export npm_config_fetch_retries = 1
pages: export npm_config_fetch_retry_mintimeout = 1000
pages: export npm_config_fetch_retry_maxtimeout = 1000
pages: setup
	@$(MAKE) --no-print-directory -q $(PAGES) || { echo "Building the dashboard …"; mkdir -p .cache; \
		$(MAKE) -s $(PAGES) >$(PAGES_LOG) 2>&1 || echo "The dashboard could not be built: $(PAGES_LOG) says why."; }

# Anew only when something of it has changed.
$(PAGES): $(shell find dashboard/src dashboard/public dashboard/*.json dashboard/.npmrc -type f)
	@bash dashboard/npm.sh $(VENV) run build
	@touch $@

wheel: dashboard ## Build the wheel with the dashboard in it, into dist/
	$(VENV)/bin/python -m build --wheel --no-isolation --outdir dist .

test-dashboard: setup ## Check the dashboard: style, types, tests
	@bash dashboard/npm.sh $(VENV) run lint
	@bash dashboard/npm.sh $(VENV) run types
	@bash dashboard/npm.sh $(VENV) run test

up: ## Run all of it in containers: make up PROFILES="aws azure gcs" adds stand-ins for clouds
	@bash docker/up.sh $(PROFILES)

down: ## End the containers; what they keep stays in their volumes
	@docker compose --file docker/compose.yaml --profile '*' down

bench: setup ## Measure, and write docs/benchmarks.md
	$(VENV)/bin/python -m benchmarks $(ARGS)

picture: setup ## Run the demo for a while, and write its screen to docs/terminal.svg
	$(VENV)/bin/python -m docs.picture

dev-lock: ## Pin the requirement files anew (needs the network)
	@PYTHON="$(PYTHON)" bash requirements/lock.sh

clean: ## Remove what was made here, but for .cache/: environments, caches, the demo's state
	rm -rf $(VENV) $(VENV35) $(VENV_AIRFLOW) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist demo-run
	rm -rf dashboard/node_modules dashboard/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf *.egg-info
