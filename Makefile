# Kerb: `make help` lists what there is. Everything fetched or built goes to build/.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := build/venv
BIN := $(VENV)/bin
MICROPYTHON := build/micropython/micropython
UMQTT := build/lib/umqtt/simple.py
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# ---- set-up: each product is made once; a repeat costs nothing and needs no network

.PHONY: setup
setup: $(READY) $(UMQTT) $(MICROPYTHON) ## fetch what is missing (the other targets do it by themselves)

$(READY): requirements.lock pyproject.toml host_tools/setup/environment.py
	@$(PYTHON) host_tools/setup/environment.py
	@touch $@

$(UMQTT): | $(READY)
	@$(BIN)/python -m host_tools.setup.umqtt

# Without it `run` goes on with CPython and `test` skips or, in CI, fails: the command says which.
$(MICROPYTHON):
	@$(PYTHON) -m host_tools.setup.micropython || true

.PHONY: lock
lock: ## resolve pyproject.toml's requirements anew into requirements.lock
	$(PYTHON) host_tools/setup/environment.py --lock

# ---- use

.PHONY: run
run: setup $(if $(filter rpi_pico,$(BOARD)),emulator) ## a street light on MicroPython, live in the terminal (APP=parking: a lot; APP=crosswalk: a crossing; RADIO=lora: by LoRaWAN; BOARD=rpi_pico: emulated; FOR=seconds, JSON=1, ARGS=...)
	@$(if $(filter rpi_pico,$(BOARD)),$(BIN)/kerb firmware --board rpi_pico_ppp >&2)
	@$(BIN)/kerb street $(if $(APP),--app $(APP)) $(if $(BOARD),--board $(BOARD)) $(if $(RADIO),--radio $(RADIO)) $(if $(FOR),--for $(FOR)) $(if $(JSON),--json) $(ARGS)

.PHONY: flash
flash: $(READY) $(UMQTT) ## the firmware onto a board (BOARD=rpi_pico_w APP=light PORT=... CONFIG=... SECRETS=...)
	@$(BIN)/kerb flash $(if $(BOARD),--board $(BOARD)) $(if $(APP),--app $(APP)) \
	  $(if $(PORT),--port $(PORT)) $(if $(CONFIG),--config $(CONFIG)) \
	  $(if $(SECRETS),--secrets $(SECRETS)) $(ARGS)

# ---- images to flash (as root it installs the compiler, 410 MB, where that is missing)

.PHONY: firmware
firmware: $(READY) $(UMQTT) ## an image with Kerb frozen into it (BOARD=rpi_pico; other boards: MPY_DIR=...)
	@$(BIN)/kerb firmware $(if $(BOARD),--board $(BOARD)) $(if $(MPY_DIR),--mpy-dir $(MPY_DIR)) $(ARGS)

# ---- checks

# What this machine lacks (exits.MISSING) is forgiven, for the tests that need it skip with the
# reason; but not in CI. A failed build or an exceeded budget never is.
MISSING_HERE = { [ $$? = 7 ] && [ "$$CI" != true ]; }

.PHONY: test
test: setup emulator lora-packet ## every test on every runtime (ARGS=... goes to pytest)
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: emulator
emulator: $(READY) ## fetch the emulated RP2040 (needs node 18 and npm)
	@$(BIN)/python -m host_tools.setup.emulator || $(MISSING_HERE)

.PHONY: lora-packet
lora-packet: $(READY) ## fetch npm's lora-packet, which LoRaWAN frames are held to (needs node 18 and npm)
	@$(BIN)/python -m host_tools.setup.lora_packet || $(MISSING_HERE)

.PHONY: test-emulated
test-emulated: setup emulator ## the firmware on an emulated RP2040: MicroPython's rp2 build, its pins (ARGS=...)
	@$(BIN)/kerb firmware --board rpi_pico --bare || $(MISSING_HERE)
	@$(BIN)/kerb firmware --board rpi_pico || $(MISSING_HERE)
	@$(BIN)/kerb firmware --board rpi_pico_ppp || $(MISSING_HERE)
	@$(MAKE) --no-print-directory -j2 --output-sync=target emulated-units emulated-pins

# Two processes, for two cores; each tells what it did when it is done.
.PHONY: emulated-units emulated-pins
emulated-units:
	@$(BIN)/python -m pytest --emulated -m rp2 tests/firmware $(ARGS)
emulated-pins:
	@$(BIN)/python -m pytest --emulated -m emulated tests/emulated $(ARGS)

.PHONY: test-lora-driver
test-lora-driver: setup ## the LoRa radio on micropython-lib's own drivers (MICROPYTHON_LIB=checkout)
	@MICROPYTHON_LIB="$(abspath $(MICROPYTHON_LIB))" $(BIN)/python -m pytest tests/lora_driver $(ARGS)

.PHONY: coverage
coverage: setup ## the tests on CPython, with the lines that none of them reaches
	@$(BIN)/coverage run -m pytest -m "not micropython" -q $(ARGS)
	@$(BIN)/coverage report

.PHONY: bench-uplink
bench-uplink: setup ## the uplink's speed and memory as ratios (PEERS=folder of its peers' checkouts)
	@PEERS="$(PEERS)" $(BIN)/python tests/bench/bench_uplink.py $(ARGS)

.PHONY: bench-lorawan
bench-lorawan: setup emulator ## a LoRaWAN uplink's cost and the stack's memory (PEERS=folder of its peers' checkouts)
	@$(BIN)/kerb firmware --board rpi_pico --bare >&2
	@PEERS="$(PEERS)" $(BIN)/python tests/bench/bench_lorawan.py $(ARGS)

.PHONY: bench-tracker
bench-tracker: setup emulator ## what reading a satellite receiver's sentences costs (PEERS=folder of its peers' checkouts)
	@$(BIN)/kerb firmware --board rpi_pico --bare >&2
	@PEERS="$(PEERS)" $(BIN)/python tests/bench/bench_tracker.py $(ARGS)

.PHONY: bench-sun
bench-sun: setup ## the sun's errors by latitude and its cost (PEERS=folder of its peer's checkout)
	@PEERS="$(PEERS)" $(BIN)/python tests/bench/bench_sun.py $(ARGS)

.PHONY: bench-light
bench-light: $(READY) ## simulated years of street lights with faults (ARGS="--seeds 3 --days 365")
	@$(BIN)/python tests/bench/bench_light.py $(ARGS)

.PHONY: bench-parking
bench-parking: $(READY) ## simulated parking bays under every trouble, against a plain detector (ARGS="--seeds 7")
	@$(BIN)/python tests/bench/bench_parking.py $(ARGS)

.PHONY: bench-crosswalk
bench-crosswalk: $(READY) ## 6,000 simulated encounters at crossings, against a plain rule, with a picture (ARGS="--seeds 500")
	@$(BIN)/python tests/bench/bench_crosswalk.py $(ARGS)

.PHONY: bench-poles
bench-poles: setup emulator ## how far apart two poles begin to flash over a bad radio (ARGS="--starts 5000")
	@$(BIN)/python tests/bench/bench_poles.py $(ARGS)

.PHONY: bench-wear
bench-wear: $(READY) ## what ten years of a lamp's writes do to the flash (ARGS="--years 10 --kb 128")
	@$(BIN)/python tests/bench/bench_wear.py $(ARGS)

.PHONY: bench-memory
bench-memory: setup emulator ## flash and RAM of each app on the emulated Pico (HOURS=1 of use), held to budgets
	@$(BIN)/python tests/bench/bench_memory.py $(if $(HOURS),--hours $(HOURS)) $(ARGS)

.PHONY: bench-timing
bench-timing: setup emulator ## timing at the pins of an emulated Pico, with a picture (MINUTES=1 of a pattern)
	@$(BIN)/kerb firmware --board rpi_pico >&2
	@$(BIN)/kerb firmware --board rpi_pico_ppp >&2
	@$(BIN)/python tests/bench/bench_timing.py $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: bench-rangers
bench-rangers: setup emulator ## a distance's error and cost on the emulated Pico (PEERS=folder of its peer's checkout)
	@$(BIN)/kerb firmware --board rpi_pico --bare >&2
	@PEERS="$(PEERS)" $(BIN)/python tests/bench/bench_rangers.py $(ARGS)

.PHONY: lint
lint: $(READY) ## ruff with MicroPython's rules, and every board file through mpy-cross
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m host_tools.setup.compiles firmware boards

.PHONY: format
format: $(READY) ## put the code into the house's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: clean
clean: ## remove everything that was built or fetched
	rm -rf build *.egg-info .pytest_cache .ruff_cache .hypothesis
