# Two commands: `make demo` serves a running city, `make test` runs the gate. Both install what they need.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 5000
BUILT := pyproject.toml buurtbegroot/core/tally/kernel.c $(wildcard translations/*/LC_MESSAGES/*.po) \
         $(shell find buurtbegroot/frontend -type f -not -path '*/node_modules/*' -not -path '*/__pycache__/*')

.PHONY: demo demo-reset test install catalogs lock clean

demo demo-reset: export BUURTBEGROOT_DEMO = true

demo: .venv/.runtime
	@$(BIN)/buurtbegroot demo serve --host $(HOST) --port $(PORT)

demo-reset: .venv/.runtime
	@$(BIN)/buurtbegroot demo reset
	@$(BIN)/buurtbegroot demo serve --host $(HOST) --port $(PORT)

test: .venv/.develop
	$(BIN)/python -m tests.run

install: .venv/.develop

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: .venv/bin/python .ci/runtime.txt $(BUILT)
	@echo "Installing the pinned packages…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/runtime.txt
	@echo "Building the front end, the catalogs and the counting kernel…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.develop: .venv/.runtime .ci/develop.txt .ci/peers.txt
	@echo "Installing the pinned development packages…"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/develop.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .ci/peers.txt
	@touch $@

catalogs: .venv/.develop
	$(BIN)/python -m tests.catalogs

lock:  # needs uv; run after changing a dependency
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group build -o .ci/runtime.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group build --group test -c .ci/runtime.txt -o .ci/develop.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-deps -o .ci/peers.txt .ci/peers.in

clean:
	rm -rf .venv instance instance-keys buurtbegroot/static/dist buurtbegroot/core/tally/kernel.so buurtbegroot/frontend/node_modules
