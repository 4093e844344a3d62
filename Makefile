PYTHON ?= python3
PY := .venv/bin/python
# `make run` has to be quick for a first look, so what only tests and checks need is left to the targets that use it.
LIST_IS = $(shell cat requirements-uv.txt requirements-$(1).txt | cksum | cut -d' ' -f1)
DEV := .venv/has-dev-$(call LIST_IS,dev)
RUN := $(if $(wildcard .venv/has-dev-*),$(DEV),.venv/has-run-$(call LIST_IS,run))

# Containers set it to stay small; here each process would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE

TEMPLATES := find identity onboarding passport vendors -name '*.html' -print0 | xargs -0

# What production would set, for the checks of settings.
# The mail server is left out, because the checks would connect to it.
PRODUCTION := env DEBUG=off TRUSTED_PROXY=on MEDIA_ROOT=$(CURDIR)/passport DATABASE_URL=postgres://passport@127.0.0.1/passport BASE_URL=https://passport.example.com \
	SECRET_KEY=kT3vYw0ZpQ8mRx5nLd7sHb2cJf9gUa4eXi6oVtNqWzByMrKhSl \
	FIELD_ENCRYPTION_KEYS=Y2hlY2tzLW9ubHktY2hlY2tzLW9ubHktY2hlY2tzLW8= \
	ENTRA_TENANT_ID=6d5a2f0e-3c1b-4f7a-9e8d-2b4c6a8e0f13 ENTRA_CLIENT_ID=0f9e8d7c-6b5a-4c3d-8e2f-1a0b9c8d7e6f \
	ENTRA_CLIENT_SECRET=checks-only ENTRA_AUTHORITY=https://login.microsoftonline.com GRAPH_URL=https://graph.microsoft.com \
	EMAIL_URL=consolemail:// DEFAULT_FROM_EMAIL=passport@example.com VM_EMAIL=vm@example.com

.PHONY: help install run web worker sandbox migrate test coverage quick audit bench soak check lint format types lock chromium

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: $(RUN) .env ## everything for a first look: database, web, worker, sandbox tenant with made-up people
	@exec $(PY) -m passport.run

web: $(RUN) .env ## only the web process
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@exec $(PY) -m gunicorn passport.wsgi

worker: $(RUN) .env ## only the worker
	@exec $(PY) manage.py worker

sandbox: $(RUN) .env ## only the sandbox tenant
	@exec $(PY) manage.py sandbox

migrate: $(RUN) .env ## bring the tables up to date
	@exec $(PY) manage.py migrate

test: install chromium ## all tests, including those in Chromium
	$(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal $(PYTEST)

coverage: install chromium ## all tests, and which lines and branches they miss
	@$(MAKE) test PYTEST=--cov

quick: install ## the tests of rules, forms, texts and files, in less than a minute: without a database, a browser or another process
	$(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal -m "not (database or browser or sandbox or processes)" $(PYTEST)

audit: install chromium ## check every page with axe on every screen: three widths, light and dark
	PASSPORT_AUDIT=1 PASSPORT_BROWSER_REQUIRED=1 $(PY) -m pytest -n auto --maxprocesses 4 --dist worksteal tests/browser

bench: install ## measure the few things that must be fast
	$(PY) -m pytest -o timeout=0 tests/benchmarks

soak: install ## both models for an hour, or SOAK_SECONDS, with different sequences of events each time
	env PASSPORT_SOAK_SECONDS=$${SOAK_SECONDS:-3600} $(PY) -m pytest -o timeout=0 -s --show-capture=no tests/models

check: lint types ## lint, types, production settings, migrations
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	env DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run

lint: install ## ruff and djade
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(TEMPLATES) .venv/bin/djade --check --target-version 5.2

format: install ## format code and templates as lint expects
	$(PY) -m ruff check --fix --quiet . || true
	$(PY) -m ruff format .
	$(TEMPLATES) .venv/bin/djade --target-version 5.2 || true

types: install ## mypy
	$(PY) -m mypy

lock: install ## make requirements-*.txt from requirements-*.in; LOCK="--upgrade" moves to newer versions where those allow it
	$(PY) passport/requirements.py lock $(LOCK)

install: $(DEV)

.venv/has-%:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Passport needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv --without-pip .venv
	@$(PY) passport/requirements.py install requirements-$(firstword $(subst -, ,$*))
	@rm -f .venv/has-*
	@touch $@

.env:
	@$(PYTHON) passport/first_run.py

chromium:
	@for name in "$$CHROMIUM" chromium-headless-shell chromium chromium-browser google-chrome; do command -v "$$name" >/dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		install="apt-get -qq install -y --no-install-recommends"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && { $$install chromium-headless-shell || $$install chromium; } >/dev/null; \
	fi || true
