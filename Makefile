# Muse Studio. Every target sets up what it needs in .venv first; a second call is instant.
#
#   make setup    Python packages in .venv, and on Debian or Ubuntu the system libraries that Qt needs
#   make run      open the studio (with no display: run the demo instead, and say so)
#   make test     format, lint, import directions, types, tests
#   make translations  gather every text into resources/translations, and compile what is translated
#   make demo     drive the real studio off screen; screenshots and pictures land in demo/
#   make bench    how fast this machine is, as a table
#   make screenshots  the window in each of its states, into docs/screenshots
#   make gallery  run the commands of docs/gallery.md and docs/modes.md again, for their pictures and figures
#   make package  a folder in dist/ that runs without Python, tried out
#   make install  put that folder, its menu entry and its file types under PREFIX (default ~/.local)
#   make clean    remove caches and build outputs (clean-all: .venv too)
#
# Variables: PYTHON (3.11 or newer), EXTRAS (default dev,train,evaluate), TEST_PROCESSES (default 2),
# and TORCH_INDEX for another build of torch, such as https://download.pytorch.org/whl/cpu.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
EXTRAS ?= dev,train,evaluate
TORCH_INDEX ?=
TEST_PROCESSES ?= 2
OUT ?= demo
SCREENS ?=
PREFIX ?= $(HOME)/.local
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
LIBRARIES := $(VENV)/.libraries
PIP := $(BIN)/python -m pip --disable-pip-version-check

export PYTHONUTF8 := 1

.DEFAULT_GOAL := setup
.PHONY: setup run test lint types check translations demo bench screenshots gallery package install clean clean-all

setup: $(STAMP) $(LIBRARIES)

# pip is the last thing a virtual environment gets: without it the folder is a half-made one.
$(BIN)/pip:
	@.ci/python_ready.sh "$(PYTHON)"
	"$(PYTHON)" -m venv --clear $(VENV)

# torch comes first and alone: a build already chosen (CPU, CUDA, ROCm) must not be replaced by another package's wish.
$(STAMP): pyproject.toml constraints.txt | $(BIN)/pip
	$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	$(PIP) install -c constraints.txt -e ".[$(EXTRAS)]"
	@$(BIN)/python -m compileall -q muse_studio  # or the first start would compile, which takes a third of a second
	@touch $@

$(LIBRARIES): .ci/system_libraries.py $(STAMP)
	@$(BIN)/python .ci/system_libraries.py --install
	@touch $@

run: setup
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "No display found (DISPLAY and WAYLAND_DISPLAY are empty): running 'make demo' instead."; \
		$(MAKE) --no-print-directory demo; \
	else \
		$(BIN)/muse-studio; \
	fi

test: lint types check

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

check: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal

translations: setup
	@$(BIN)/python .ci/translations.py

demo: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/muse-studio demo --out $(OUT)

bench: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/muse-studio bench

# With --fake it takes a minute and the pictures are coloured squares: SCREENS=--fake, or names of scenes.
screenshots: setup
	$(BIN)/python -m muse_studio.gui.screens $(SCREENS)

gallery: setup
	$(BIN)/python .ci/gallery.py

PACKAGER := $(VENV)/.packager

$(PACKAGER): pyproject.toml constraints.txt $(STAMP)
	$(PIP) install -c constraints.txt -e ".[package]"
	@touch $@

# Building and trying out take several minutes each.
package: setup $(PACKAGER)
	$(BIN)/python -m PyInstaller --noconfirm --log-level WARN muse_studio.spec
	$(BIN)/python .ci/frozen_check.py dist/muse-studio

install:
	@test -d dist/muse-studio || { echo "Run 'make package' first."; exit 1; }
	packaging/linux/install.sh dist/muse-studio "$(PREFIX)"

clean:
	rm -rf build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

clean-all: clean
	rm -rf $(VENV)
