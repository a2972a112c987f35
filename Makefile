# Everything a person types. `make help` says what each command does.

PYTHON ?= python3
STAGE ?= dev
PORT ?= 8000
CLOUD_PORT ?= 4566
MAILBOX_PORT ?= 8025
KEEP ?=
DEMO ?=
READ_MODEL ?= off
CONFIRM ?=
EMAIL ?=

# Tests and the local cloud start many processes; without byte code each compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

# The environment of the app and its tools; another one for another Python: make inner PYTHON=python3.13 VENV=.venv-3.13
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := install --quiet --require-hashes --no-compile --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test inner check format bench package deploy delete admin migrate config lock clean python environments browser

help: ## say what each command does
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

run: environments ## run the whole system here: local cloud, IAM enforced, API on port 8000 (KEEP=1 keeps its data, DEMO=1 shows a life, READ_MODEL=postgres)
	@PORT=$(PORT) CLOUD_PORT=$(CLOUD_PORT) MAILBOX_PORT=$(MAILBOX_PORT) KEEP=$(KEEP) DEMO=$(DEMO) READ_MODEL=$(READ_MODEL) exec $(BIN)/python -m tools.run

test: environments ## every test that CI runs, from a clean clone
	@$(BIN)/python -m tools.test

inner: $(VENV)/ready ## the quick tests: unit and functional
	@$(BIN)/python -m pytest -n 2 -m "not slow" tests/unit tests/functional

check: .venv/ready .venv-check/ready ## format, lint, types, architecture rules, and the packaged templates of all stages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.lint

format: .venv/ready ## put the code into shape
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

bench: environments ## measure: cold starts, requests, imports, hashes, each against a plain baseline
	@$(BIN)/python -m benchmarks

package: .venv/ready ## make build/STAGE/sam.json and deployment.zip (STAGE=local, dev or prod)
	@$(BIN)/python -m tools.package $(STAGE)

deploy: ## deploy STAGE with chalice deploy, or with MODE=package its packaged template
	@./rollcall deploy --stage $(STAGE) $(if $(filter package,$(MODE)),--package)

delete: ## delete what deploy made for STAGE; its data only with CONFIRM=yes
	@./rollcall delete --stage $(STAGE) $(if $(filter yes,$(CONFIRM)),--data --yes)

admin: ## make the first administrator of STAGE (EMAIL=you@example.com), and print the password once
	@./rollcall admin --stage $(STAGE) -- "$(EMAIL)"

migrate: ## bring the read model's tables of STAGE to the version of its code
	@./rollcall read-model migrate --stage $(STAGE)

config: .venv/ready ## write .chalice/config.json anew, after a change of .chalice/stages.json or of infra/
	@$(BIN)/python -m infra.render

lock: .venv/ready .venv-check/ready ## pin every library anew, with hashes
	@$(BIN)/python -m tools.lock

clean: ## remove environments, caches and everything made
	@rm -rf .venv .venv-cloud .venv-check .venv-cli .venv-3.* build .run .chalice/rendered .chalice/deployments \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

environments: python
	@$(MAKE) --no-print-directory -j2 .venv/ready .venv-cloud/ready

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "error: Rollcall needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "       Name another one: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3.12" >&2; exit 1; }

.venv/ready: requirements/dev.txt | python
	$(call environment,.venv,requirements/dev.txt,the app and its tools)

.venv-3.%/ready: requirements/dev.txt | python
	$(call environment,.venv-3.$*,requirements/dev.txt,the app and its tools)

.venv-cloud/ready: requirements/cloud.txt | python
	$(call environment,.venv-cloud,requirements/cloud.txt,the local cloud)

.venv-cli/ready: requirements/cli.txt | python
	$(call environment,.venv-cli,requirements/cli.txt,the program rollcall)

.venv-check/ready: requirements/check.txt | python
	$(call environment,.venv-check,requirements/check.txt,the template checks)

# A half-made environment must not pass for a whole one, so the stamp is written last.
define environment
	@echo "  making $(1), the environment of $(3) (once, about a minute) …"
	@rm -rf $(1) && $(PYTHON) -m venv $(1) 2>$(1).log || { cat $(1).log; rm -f $(1).log; \
		echo "error: $(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(1)/bin/pip $(PIP_INSTALL) -r $(2) 2>$(1).log || { tail -n 5 $(1).log >&2; rm -f $(1).log; \
		echo "error: pip could not install $(2): is there a network, and does it reach PyPI?" >&2; exit 1; }
	@rm -f $(1).log && touch $@
endef
