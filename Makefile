# make install   .venv/bin/spinecoder; needs Python 3.11, 3.12 or 3.13 and pip, touches nothing outside this folder
# make run       codes the shipped sample reports as of 2006-06-01
# make test      every check there is
# make audit     what is installed: known weaknesses, a list of all parts (build/sbom.json)
# make load      the service under load: 20,000 requests of 64 callers, then 150 a second, then drafts
# make endurance kill -9, canaries and schemathesis at full size
# make bench-rules   how long the rules take to load and to answer, in figures
# make score     the project's own corpus, or with REPORTS=folder any folder of reports.jsonl and gold.jsonl

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := install
MAKEFLAGS += --no-print-directory

OURS := extractor rules api corpus
BIN := .venv/bin
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && { echo $$python; break; }; done)
REPORTS ?=
FORMAT ?= text

.PHONY: install run test audit load endurance bench-rules score clean

install: .venv/installed
	@$(BIN)/python -m compileall -q $(OURS)

# Where Python comes without its own copy of pip (as on Debian), the machine's pip fills the environment.
# Byte code is compiled here because imports without it take three times as long and it may be switched off at run time.
ENVIRONMENTS := .venv .venv-3.11 .venv-3.12 .venv-3.13
$(ENVIRONMENTS:%=%/installed): pyproject.toml
	@test -n "$(PYTHON)" || { echo "spinecoder needs Python 3.11, 3.12 or 3.13; none was found."; exit 1; }
	@echo "$(@D): installing spinecoder for $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(@D) >/dev/null 2>&1 || { $(PYTHON) -m venv --clear --without-pip $(@D) \
		&& $(PYTHON) -m pip --python $(@D)/bin/python install -qq pip; }
	@$(@D)/bin/python -m pip install -qq --editable '.[service]'
	-@$(@D)/bin/python -m compileall -qq -j 2 $(@D)/lib
	@touch $@

.venv/installed-dev: .venv/installed
	@echo ".venv: installing what the checks need"
	@$(BIN)/python -m pip install -qq --editable '.[service,dev]'
	-@$(BIN)/python -m compileall -qq -j 2 .venv/lib
	@touch $@

run: install
	@$(BIN)/spinecoder code corpus/samples/*.txt --date-of-service 2006-06-01

test: .venv/installed-dev install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist worksteal
	$(BIN)/python tests/house/result_identity.py

audit: .venv/installed-dev
	$(BIN)/python -m pip check
	@mkdir -p build
	$(BIN)/cyclonedx-py environment .venv --output-format JSON --output-file build/sbom.json
	$(BIN)/pip-audit --local --skip-editable --progress-spinner off | tail -n 5

load: .venv/installed-dev install
	$(BIN)/python tests/load/load_service.py --requests 20000 --clients 64
	$(BIN)/python tests/load/load_service.py --requests 3000 --clients 64 --rate 150
	$(BIN)/python tests/load/load_service.py --address /v1/draft --requests 1000 --clients 16 --rate 20

endurance: .venv/installed-dev install
	SPINECODER_TEST_SUBMISSIONS=1000 SPINECODER_TEST_KILLS=8 SPINECODER_TEST_CANARIES=500 SPINECODER_TEST_EXAMPLES=60 \
		$(BIN)/pytest tests/service/test_kill.py tests/service/test_canaries.py tests/service/test_openapi.py

bench-rules: install
	@$(BIN)/python tests/house/bench_rules.py

score: install
	@$(BIN)/python -m corpus.score --format $(FORMAT) $(if $(REPORTS),--reports "$(REPORTS)")

clean:
	rm -rf .venv .venv-3.* build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(OURS) tests -name __pycache__ -prune -exec rm -rf {} +
