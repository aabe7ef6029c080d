# 帮办. `make run` and `make test` need git, make and Python >= 3.11, nothing else.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
ENV = .venv/bin/python
.PHONY: run test environment test-environment lock lint bench bench-matching docs clean

run: environment  ## make the environment, build the catalogue if it is stale, start the assistant
	@$(ENV) bot.py

test: test-environment  ## all tests
	@$(ENV) -m pytest

environment:
	@$(if $(PYTHON),,echo '需要 Python 3.11 或更新的版本，例如：sudo apt install python3 python3-venv（Debian、Ubuntu），brew install python（macOS）。 Python 3.11 or newer is needed, for example: sudo apt install python3 python3-venv, or brew install python.' >&2; exit 1)
	@$(PYTHON) deploy/environment.py requirements.lock

test-environment:
	@$(if $(PYTHON),,echo '需要 Python 3.11 或更新的版本。 Python 3.11 or newer is needed.' >&2; exit 1)
	@$(PYTHON) deploy/environment.py requirements-dev.lock

lock:  ## resolve the lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group dev -o requirements-dev.lock

lint: test-environment  ## style, types, import contracts
	@$(ENV) -m ruff check .
	@$(ENV) -m ruff format --check .
	@$(ENV) -m mypy -p bot -p handlers -p knowledge
	@$(ENV) -m mypy bot.py
	@.venv/bin/lint-imports

bench: test-environment  ## start-up, memory, a question end to end, webhook updates a second
	@$(ENV) bench/run.py

bench-matching: test-environment  ## the matcher beside its peers: accuracy, latency, index, calibration, ablation
	@$(ENV) bench/matching.py

docs: test-environment  ## write the generated reference anew
	@$(ENV) docs/generate.py

clean:
	rm -rf .venv build var
