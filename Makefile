# Every target works from a fresh clone with python3 and make: it makes .venv and installs what it needs,
# at the versions of constraints.txt. The second run installs nothing.
PYTHON ?= python3
ARGS ?=

VENV := .venv
RUN := $(VENV)/bin/python
# The frameworks have a virtual environment of their own: they are many packages, one of them with a plugin for pytest.
FRAMEWORKS := .cache/frameworks
PIP := $(RUN) -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
EDITABLE := $(PIP) --build-constraint constraints.txt --editable

.DEFAULT_GOAL := help
.PHONY: help demo collector dashboards test test-e2e test-stack lint check test-matrix test-frameworks mutate test-wheel bench bench-peers bench-micro bench-collector constraints clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
	@echo "ARGS='...' passes options on; PYTHON=python3.12 chooses the interpreter of a new .venv."

# COLLECTOR=1 puts the real Collector between the program and the terminal, and Helicone's stand-in beside it.
demo: $(VENV)/.demo $(if $(COLLECTOR),collector)  ## trace a small program that calls a fake Responses API, and show the spans
	@$(VENV)/bin/otel-responses demo $(if $(COLLECTOR),--collector) $(ARGS)

collector: $(VENV)/.demo  ## have an OpenTelemetry Collector: OTELCOL, otelcol-contrib, or one built here once
	@$(RUN) tools/collector.py $(ARGS)

test: $(VENV)/.dev  ## run the tests, with branch coverage
	@$(RUN) -m pytest --cov $(ARGS)

test-e2e: $(VENV)/.dev collector  ## run the tests that need a real Collector; builds it where there is none
	@OTEL_RESPONSES_REQUIRE_COLLECTOR=1 $(RUN) -m pytest tests/e2e $(ARGS)

test-stack: $(VENV)/.dev collector  ## prove every dashboard query on real Tempo, Prometheus and Loki, built where there is none
	@$(RUN) -m tools.stack
	@OTEL_RESPONSES_REQUIRE_STACK=1 $(RUN) -m pytest tests/stack $(ARGS)

dashboards: $(VENV)/.dev  ## build grafana/dashboards and kubernetes; ARGS=--check says whether they are current
	@$(VENV)/bin/basedpyright --project tools/dashboards/pyrightconfig.json
	@$(RUN) -m tools.dashboards $(ARGS)
	@$(RUN) -m tools.kubernetes $(ARGS)

lint: $(VENV)/.dev  ## check style, types and layers, without the tests
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check
	@$(RUN) -m basedpyright
	@$(VENV)/bin/lint-imports --no-logo
	@$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec grafana/compose.yaml
	@find src -name '*.py' -exec wc -l {} + | awk '$$1 > 350 && $$2 != "total" { print "warning: " $$2 " has " $$1 " lines; split it by a noun of the field" }'

check: lint test  ## everything that has to be right before a commit

test-matrix: $(VENV)/.dev  ## run the core scenarios over old and new versions of the openai SDK
	@$(RUN) tools/matrix.py $(ARGS)

test-frameworks: $(FRAMEWORKS)/.installed  ## run the tests with agent frameworks above us, and check their types
	@$(VENV)/bin/basedpyright --project tests/frameworks/pyrightconfig.json
	@$(FRAMEWORKS)/.venv/bin/python -m pytest tests/frameworks $(ARGS)

mutate: $(VENV)/.dev  ## change the mapping and the policy, and show what no test notices (20 minutes; ARGS='otel_responses.policy*' for a part)
	@$(RUN) tools/mutate.py $(ARGS)

test-wheel: $(VENV)/.dev  ## run the tests against the built wheel, with src out of reach
	@tools/test-wheel $(ARGS)

bench: $(VENV)/.bench  ## measure what a traced call costs, beside a bare one and a hand-written floor (20 minutes)
	@$(RUN) -m benchmarks $(ARGS)
	@$(RUN) -m benchmarks.page bench

bench-peers: $(VENV)/.bench  ## measure other instrumentations beside ours, each in an environment of its own (20 minutes)
	@$(RUN) -m benchmarks.comparison $(ARGS)
	@$(RUN) -m benchmarks.page peers

bench-micro: $(VENV)/.dev  ## count the instructions of our own functions, with Valgrind where there is one (2 minutes)
	@$(RUN) -m benchmarks.micro $(ARGS)
	@$(RUN) -m benchmarks.page micro

bench-collector: $(VENV)/.dev collector  ## measure the Collector, and count what each kind of outage costs (5 minutes)
	@$(RUN) -m benchmarks.collector

constraints: $(VENV)/.dev  ## move constraints.txt to the newest versions
	@$(VENV)/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.10 \
	  --extra all --group dev --group old-sdk --group neighbours --group frameworks --group bench \
	  --no-header --no-annotate --no-emit-index-url --output-file constraints.txt

clean:  ## remove .venv and everything else that was made here
	@rm -rf $(VENV) .cache .coverage .coverage.* .hypothesis .import_linter_cache .pytest_cache .ruff_cache build dist htmlcov mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.pip: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "otel-responses needs Python 3.10 or newer: make PYTHON=python3.12")'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu, install the package python3-venv."; exit 1; }
	@$(PIP) --upgrade pip
	@touch $@

$(VENV)/.demo: $(VENV)/.pip pyproject.toml
	@echo "Installing otel-responses[cli]"
	@$(EDITABLE) '.[cli]'
	@touch $@

$(VENV)/.dev: $(VENV)/.pip pyproject.toml
	@echo "Installing otel-responses[cli] and the tools for tests and checks (a minute or two)"
	@$(EDITABLE) '.[cli]' --group dev
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: $(VENV)/.dev
	@$(PIP) --group bench
	@touch $@

$(FRAMEWORKS)/.installed: $(VENV)/.dev
	@echo "Installing the agent frameworks in $(FRAMEWORKS)/.venv"
	@$(VENV)/bin/uv venv --quiet --clear --python $(RUN) $(FRAMEWORKS)/.venv
	@$(VENV)/bin/uv pip install --quiet --python $(FRAMEWORKS)/.venv --constraints constraints.txt \
	  --build-constraints constraints.txt --editable '.[instruments,otlp]' --group tests --group frameworks
	@touch $@
