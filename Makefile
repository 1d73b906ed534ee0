# Few commands, the same ones in CI. Each sets up what it needs, once.
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: demo test check bench clean help

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo:  ## run the simulated house: plain sentences in, acting devices and answers out
	@scripts/setup demo
	@.venv/bin/motewise demo

test:  ## run every test (a real broker, the real model, a real MicroPython)
	@scripts/setup test
	@$(PY) -m pytest -q

check:  ## style, types, direction of imports
	@scripts/setup test
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench:  ## the benchmarks of the runtime: latency and recovery
	@scripts/setup test
	@.venv/bin/motewise bench latency --no-cache --json
	@.venv/bin/motewise bench recovery --json

clean:  ## forget what was set up
	rm -rf .venv node_modules build *.egg-info var
