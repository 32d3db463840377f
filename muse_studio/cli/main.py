"""The command line: reads the words, runs one command, turns what went wrong into a sentence and an exit code.

Knows nothing of how a command works. `--help` imports neither torch nor Qt.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from muse_studio import __version__
from muse_studio.cli import rooms
from muse_studio.cli.doctor import add_doctor
from muse_studio.cli.generate import add_generate
from muse_studio.cli.inpaint import add_inpaint
from muse_studio.cli.models import add_models
from muse_studio.cli.outpaint import add_outpaint
from muse_studio.cli.progress import speaker
from muse_studio.cli.remake import add_edit, add_reroll, add_retexture
from muse_studio.core.errors import ErrorKind, MuseStudioError

EXIT_OK = 0
EXIT_INTERNAL = 1
EXIT_USAGE = 2
EXIT_BAD_MODEL = 3
EXIT_OUT_OF_MEMORY = 4
EXIT_DISK = 5
EXIT_NETWORK = 6
EXIT_INTERRUPTED = 128 + signal.SIGINT

EXIT_CODES = {
    ErrorKind.BAD_PICTURE: EXIT_USAGE,
    ErrorKind.BAD_MASK: EXIT_USAGE,
    ErrorKind.BAD_PROMPT: EXIT_USAGE,
    ErrorKind.BAD_REQUEST: EXIT_USAGE,
    ErrorKind.DEVICE: EXIT_USAGE,
    ErrorKind.BAD_MODEL: EXIT_BAD_MODEL,
    ErrorKind.OUT_OF_MEMORY: EXIT_OUT_OF_MEMORY,
    ErrorKind.DISK: EXIT_DISK,
    ErrorKind.NETWORK: EXIT_NETWORK,
}
COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("generate", "make a picture from a prompt", add_generate),
    ("inpaint", "regenerate the part of a picture that a mask marks", add_inpaint),
    ("outpaint", "extend a picture beyond its edges", add_outpaint),
    ("edit", "change a picture by a prompt alone, without a mask", add_edit),
    ("reroll", "make anew what the model is least sure of in a picture", add_reroll),
    ("retexture", "give a picture new detail and keep what it shows", add_retexture),
    ("models", "list, check, add, remove and fetch cascades", add_models),
    ("doctor", "what this machine, installation and model can do", add_doctor),
    ("studio", "open the window; so does no command at all", rooms.add_studio),
    ("demo", "drive the window off screen and leave its pictures", rooms.add_demo),
    ("selfcheck", "prove that this installation works: window, jobs, recovery", rooms.add_selfcheck),
)
SELF_PARSING = {
    "bench": ("measure how fast this machine is", rooms.bench),
    "evaluate": ("measure how good a model's pictures are, as a report", rooms.evaluate),
    "train": ("make a cascade from drawings", rooms.train),
}
EPILOG = """exit codes: 0 done, 1 a fault of ours, 2 something asked for is not possible, 3 the model cannot be used,
4 not enough memory, 5 the disk refused, 6 the network failed, 130 interrupted"""


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code. Never raises."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old console that lacks × must not end the job
    try:
        return _run(_with_command(list(argv)))
    except SystemExit as ending:  # argparse: --help, --version, a wrong word
        return ending.code if isinstance(ending.code, int) else EXIT_USAGE
    except KeyboardInterrupt:
        print("\nmuse-studio: interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `muse-studio … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_INTERNAL


def build_parser() -> argparse.ArgumentParser:
    """Every command, with those that other rooms parse named for the help."""
    parser = argparse.ArgumentParser(
        prog="muse-studio",
        description="Paint a mask, type a prompt, watch every step. Without a command the studio opens.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"muse-studio {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, sentence, add in COMMANDS:
        add(commands.add_parser(name, help=sentence, description=sentence.capitalize() + ".", epilog=EPILOG))
    for name, (sentence, _) in SELF_PARSING.items():
        commands.add_parser(name, help=sentence, add_help=False)
    return parser


def _with_command(arguments: list[str]) -> list[str]:
    """No command, or a picture's name where one belongs, means the studio: so `Open with…` works."""
    if not arguments or (not arguments[0].startswith("-") and _is_picture(arguments[0])):
        return ["studio", *arguments]
    return arguments


def _is_picture(word: str) -> bool:
    known = {name for name, _, _ in COMMANDS} | SELF_PARSING.keys()
    return word not in known and Path(word).is_file()


def _run(arguments: list[str]) -> int:
    """Parse and run, with every fault but an interruption turned into an exit code."""
    as_json = verbose = False
    try:
        if arguments[0] in SELF_PARSING:
            return SELF_PARSING[arguments[0]][1](arguments[1:])
        options = build_parser().parse_args(arguments)
        as_json, verbose = getattr(options, "json", False), getattr(options, "verbose", False)
        return int(options.run(options))
    except MuseStudioError as fault:
        words = [offer.option for offer in fault.offers]
        speaker(as_json).failed(fault.kind.value, fault.message, fault.detail if as_json or verbose else "", words)
        return EXIT_CODES.get(fault.kind, EXIT_INTERNAL)
    except MemoryError:
        message = "There is not enough memory for this. Close other programs, or try --size 256 or a smaller picture."
        speaker(as_json).failed(ErrorKind.OUT_OF_MEMORY.value, message, "")
        return EXIT_OUT_OF_MEMORY
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as fault:  # noqa: BLE001 - the last door: a person gets a sentence, --verbose the rest
        message = f"Something went wrong that should not have ({type(fault).__name__}: {fault})."
        hint = traceback.format_exc() if verbose or as_json else "Run it again with --verbose for the details."
        speaker(as_json).failed(ErrorKind.INTERNAL.value, message, hint)
        return EXIT_INTERNAL
