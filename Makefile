# Two commands are all the set-up: make test, make benchmark. Both make the environment first, once.
# make test-minutes adds what takes minutes: every method learns 64 pictures, every method trains at paper size.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
BIN := .venv/bin
SUITE ?= suites/quick.yaml

.PHONY: setup test test-minutes reliability lint schema simulate benchmark clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found; install one, or: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable '.[dev]'
	touch $@

test: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile -m "not minutes"

test-minutes: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile -m minutes

# About ten minutes on two idle cores: kills, damage, hostile inputs; goes on where it was stopped. LOOP_MINUTES adds a loop.
LOOP_MINUTES ?= 120
reliability: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.reliability docs/reliability.md --loop-minutes $(LOOP_MINUTES)

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

simulate: .venv/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m c2seg_bench.pages.statistics docs/statistics.md

schema: .venv/.ready
	$(BIN)/python -m c2seg_bench.pages.schema docs/schema.md

benchmark: .venv/.ready
	$(BIN)/c2seg-bench run $(SUITE)

# One GPU, half an hour. GPU_SECONDS=540 stops after nine minutes; the next call goes on after the last finished epoch.
GPU_SECONDS ?= 36000
gpu: .venv/.ready
	timeout --signal=TERM $(GPU_SECONDS) $(BIN)/c2seg-bench run suites/gpu-30min.yaml || { code=$$?; \
		test $$code -ne 124 || echo "stopped after $(GPU_SECONDS) s; run make gpu again to go on"; exit $$code; }

clean:
	rm -rf .venv results build *.egg-info
