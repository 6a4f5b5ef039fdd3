# `make run` and `make test` need Python 3.11 or newer with pip and venv, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: run hall test test-all check format web screenshots reveal bench rehearse lock clean

run: $(VENV)/.run
	@$(BIN)/python run.py

hall: $(VENV)/.run  ## for everybody in the room: binds every interface
	@ROLLCALL_HOST=0.0.0.0 $(BIN)/python run.py

PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder

test: $(VENV)/.dev  ## all but browsers, deployments, fuzzing and crash loops, with fewer examples
	TEST_QUICK=1 $(PYTEST) -n 4 -m "not again and not browser and not crash and not deploy and not fuzz"

test-all: $(VENV)/.dev  ## every test; browsers mostly wait, so they run beside the others
	@$(MAKE) --no-print-directory -j2 -k --output-sync=target test-browser test-others

.PHONY: test-browser test-others
test-browser: $(VENV)/.dev
	$(PYTEST) -n 2 tests/browser -o cache_dir=.pytest_cache/browser

test-others: $(VENV)/.dev
	$(PYTEST) -n 4 --ignore=tests/browser

POSTGRES ?= tests/db/test_store_contract.py tests/db/postgres tests/http tests/live
.PHONY: test-postgres
test-postgres: $(VENV)/.dev  ## the store's tests, and servers that keep their data in PostgreSQL
	TEST_STORE=postgres $(PYTEST) -n 4 -m "not fuzz" --ignore tests/http/test_both_ways.py $(POSTGRES)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	$(BIN)/bandit -q -r api cli db schemas voting run.py
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-web; \
	else echo "check: the web's lint and types need Node 20 or newer: skipped"; test -z "$$CI"; fi

.PHONY: check-web
check-web: web/node_modules/.installed $(VENV)/.run
	npm --prefix web run types -- --check
	npm --prefix web run lint
	npm --prefix web run typecheck
	npm --prefix web test

.PHONY: docs
docs: $(VENV)-docs/.installed  ## the documentation's site, into build/site
	$(PYTHON) docs/site/gather.py build/docs
	NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build --strict
	@echo "Open build/site/index.html"

$(VENV)-docs/.installed: requirements/docs.txt
	@$(PYTHON) -m venv $(VENV)-docs
	@$(VENV)-docs/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/docs.txt
	@touch $@

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

web: web/node_modules/.installed $(VENV)/.run  ## rebuild the bundle that the server serves
	npm --prefix web run types
	npm --prefix web run build

screenshots: $(VENV)/.dev  ## take the documents' pictures again; needs Chromium
	$(BIN)/python -m tests.screenshots

reveal: $(VENV)/.dev  ## take the moving picture of the reveal again; needs Chromium
	$(BIN)/python -m tests.reveal

bench: $(VENV)/.dev bench/.venv/.installed bench/node_modules/.installed wrk
	$(BIN)/python -m bench

.PHONY: wrk
wrk:  ## the load's program, from Debian, outside the project
	@command -v wrk >/dev/null || $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -y -q wrk

VOTERS ?= 300
rehearse: $(VENV)/.dev  ## URL=… for a server that runs; KILL=1 or RESTART=1 ends an own one in the middle
	@$(BIN)/python -m cli rehearse --voters $(VOTERS) $(if $(URL),--url $(URL)) $(if $(KILL),--kill) $(if $(RESTART),--restart)

QUICK ?= $(addprefix tests/,wire httpd documents/test_openapi.py db/journal/test_tinydb_interface.py \
	$(patsubst %,unit/test_%.py,private_names flasks validation tokens passwords tables strings) \
	$(patsubst %,http/test_%.py,both_ways existing_frontends cors) live/test_handshakes.py live/test_wire.py)
.PHONY: next
next: $(BIN)/python  ## the quick tests with every library's newest release, pre-releases too, whatever the bounds
	$(BIN)/python -m venv --clear $(VENV)-next
	$(BIN)/python -m tests.newest > $(VENV)-next/asked.txt
	$(VENV)-next/bin/python -m pip --disable-pip-version-check -q install --pre --upgrade -r $(VENV)-next/asked.txt
	$(VENV)-next/bin/python -m pytest -q $(QUICK)

lock:  ## after a change of pyproject.toml; needs uv
	uv lock
	uv export -q --frozen --no-dev --no-emit-project -o requirements/run.txt
	uv export -q --frozen --only-dev --no-emit-project -o requirements/dev.txt
	uv export -q --frozen --only-group docs --no-emit-project -o requirements/docs.txt

clean:
	rm -rf $(VENV) $(VENV)-next $(VENV)-docs build bench/.venv bench/node_modules web/node_modules tests/js/node_modules tests/browser/frontend/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: on Debian, apt install python3-venv"; exit 1; }

$(VENV)/.run: requirements/run.txt | $(BIN)/python
	@echo "Setting up (once) …"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

bench/.venv/.installed: bench/requirements.txt
	@$(PYTHON) -m venv bench/.venv
	@bench/.venv/bin/python -m pip --disable-pip-version-check -q install -r bench/requirements.txt
	@touch $@

bench/node_modules/.installed: bench/package-lock.json
	@if command -v npm >/dev/null; then npm --prefix bench ci --no-audit --no-fund; \
	else echo "bench: Node is missing: its peers are left out"; mkdir -p $(@D); fi
	@touch $@

web/node_modules/.installed: web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	@touch $@
