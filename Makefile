# What one does with the chat. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINUTES := 10

# What was compiled is kept, whatever the environment says: it is started, and tested, often.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help chat server client test test-quick test-loaded check format bench bench-quick \
	bench-micro bench-client soak attack fuzz torture pictures clean

# What has neither server nor screen, and so waits for nothing: the rules, and all that reads or
# writes lines. One worker for each core does it fastest.
QUICK := $(addprefix tests/,protocol rules doors/test_lines.py delivery \
	connection/test_rate_limit.py server/test_settings.py project/test_documents.py \
	project/test_routes.py) $(filter-out $(addprefix tests/client/test_,connection.py cuts.py \
	heard.py return.py),$(wildcard tests/client/test_*.py))
# Where something waits, times out or races: everything that a busy machine could change.
LOADED := $(addprefix tests/,connection delivery journal/test_sequencer.py server/test_server.py \
	screen/test_notifications.py programs/test_client.py programs/test_hostile.py \
	programs/test_order.py)
# What takes any input there is.
FUZZED := tests/protocol/test_commands.py::test_parser_takes_any_text \
	tests/protocol/test_commands.py::test_parser_takes_any_arguments \
	tests/doors/test_lines.py::test_any_bytes_in_any_chunks_are_the_same_lines \
	tests/doors/test_lines.py::test_no_line_has_a_forbidden_character
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

help: ## list what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

chat: $(VENV)/ready ## chat: a server if none is there, and the client
	@$(BIN)/python example_client.py --start-server

server: $(VENV)/ready ## run the server alone
	@$(BIN)/python example_server.py

client: $(VENV)/ready ## run the client alone
	@$(BIN)/python example_client.py

test: $(VENV)/ready-to-test ## run every test, on all cores
	$(PYTEST)

test-quick: $(VENV)/ready-to-test ## run the tests of the rules, the parsers and the wire
	$(PYTEST) -n $$(getconf _NPROCESSORS_ONLN) $(QUICK)

test-loaded: $(VENV)/ready-to-test ## run the tests that wait, while other programs use every core
	$(BIN)/python -m tests.support.loaded $(PYTEST) $(LOADED)

check: $(VENV)/ready-to-check ## format, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

format: $(VENV)/ready-to-check ## put the sources into their format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/ready-to-check ## measure everything, beside other servers: a quarter of an hour
	rm -f build/bench.jsonl
	$(BIN)/python -m benchmarks.fanout
	$(BIN)/python -m benchmarks.fanout text limit --people 10000
	$(BIN)/python -m benchmarks.picture
	$(BIN)/python -m benchmarks.latency
	$(BIN)/python -m benchmarks.idle
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.durable
	$(BIN)/python -m benchmarks.schedule
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m pytest benchmarks/test_micro.py

bench-quick: $(VENV)/ready-to-check ## measure what changes with everyday work: two minutes
	$(BIN)/python -m benchmarks.fanout text limit inspircd --rounds 2 --seconds 0.5 \
		--out build/bench-quick.jsonl
	$(BIN)/python -m pytest benchmarks/test_micro.py

bench-micro: $(VENV)/ready-to-check ## measure what one message costs, part by part
	$(BIN)/python -m pytest benchmarks/test_micro.py

soak: $(VENV)/ready-to-check ## load the server for MINUTES=10, and see whether its memory grows
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

attack: $(VENV)/ready-to-check ## attack the server in fourteen ways while fifty people chat, and count what they miss
	$(BIN)/python -m benchmarks.attack --beside inspircd

bench-client: $(VENV)/ready-to-check ## measure the client, beside weechat and irssi if they are installed
	$(BIN)/python -m benchmarks.client

fuzz: $(VENV)/ready-to-test ## tell 10 000 stories to the models, and a million inputs to the parsers
	FUZZ_STORIES=10000 $(PYTEST) -q tests/rules/test_model.py \
		tests/rules/test_accounts_model.py tests/rules/test_moderation_model.py
	$(PYTEST) -q --hypothesis-profile=fuzz $(FUZZED)

torture: $(VENV)/ready-to-test ## kill the server 20 times while people talk, and count what is lost
	$(BIN)/python -m tests.support.torture 20

pictures: $(VENV)/ready-to-check ## take the pictures of the README and of the tests anew
	$(BIN)/python -m tools.pictures
	RENEW_PICTURES=1 $(BIN)/python -m pytest -q tests/screen/test_pictures.py

clean: ## remove what make has made
	rm -rf $(VENV) .venvs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Whether the environment is of a Python that is there, and of the one that is asked for.
VERSION := -I -S -c 'import sys; print("%d.%d" % sys.version_info[:2])'
MADE_FOR := $(shell $(BIN)/python $(VERSION) 2>/dev/null)
WANTED := $(if $(filter file,$(origin PYTHON)),$(MADE_FOR),$(shell $(PYTHON) $(VERSION) 2>/dev/null))
IS_FIT := $(and $(filter $(WANTED),$(MADE_FOR)),$(wildcard $(VENV)/lib/python$(MADE_FOR)/site-packages/pip))
SET_UP = $(PYTHON) tools/set_up.py $(if $(IS_FIT),,--anew)
ifeq ($(IS_FIT),)
.PHONY: $(VENV)/ready
endif

$(VENV)/ready: requirements.txt
	@$(SET_UP) $(VENV) $< $@

$(VENV)/ready-to-test: requirements-test.txt $(VENV)/ready
	@$(PYTHON) tools/set_up.py $(VENV) $< $@

$(VENV)/ready-to-check: requirements-dev.txt $(VENV)/ready-to-test
	@$(PYTHON) tools/set_up.py $(VENV) $< $@
