"""The doors from the command line to the other rooms. Each room is imported when its door is opened, never before.

Knows the name of each room's entrance and nothing behind it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from muse_studio import places
from muse_studio.cli.options import add_model_options, model_folder
from muse_studio.core.errors import ErrorKind, MuseStudioError


def add_studio(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", type=Path, metavar="PICTURE", help="a picture to open")
    add_model_options(parser)
    parser.set_defaults(run=studio, device=None)


def studio(options: argparse.Namespace) -> int:
    """Open the window; returns when it is closed. Model and device that are not named are those chosen there."""
    from muse_studio.core.settings import load_settings
    from muse_studio.gui.app import run

    settings = load_settings()
    named = options.model is not None or places.MODEL_VARIABLE in os.environ
    chosen = Path(settings.model or ".")
    is_there = any((chosen / name).is_file() for name in ("cascade.json", "model_index.json"))
    if not named and settings.model and is_there:
        options.model = chosen
    options.model = model_folder(options)
    options.device = options.device or settings.device
    return run(["muse-studio"], options)


def add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where to leave the pictures")
    parser.set_defaults(run=demo)


def demo(options: argparse.Namespace) -> int:
    """Drive the real window off screen and leave screenshots, previews and the exported picture."""
    from muse_studio.gui.demo import run_demo

    return run_demo(options.out)


def add_selfcheck(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=float, metavar="SECONDS", help="when it was asked for, in seconds since 1970")
    add_model_options(parser)
    parser.set_defaults(run=selfcheck)


def selfcheck(options: argparse.Namespace) -> int:
    """Open the window off screen, make pictures, lose a worker; says what was right."""
    from muse_studio.gui.selfcheck import run_selfcheck

    return run_selfcheck(model_folder(options), options.device, options.since)


def train(arguments: Sequence[str]) -> int:
    """The trainers have many options of their own, so they parse the rest of the command line themselves."""
    try:
        from muse_studio.training import commands

        parser = argparse.ArgumentParser(prog="muse-studio train", description="Make a cascade from drawings.")
        commands.add_arguments(parser)
        return commands.run(parser.parse_args(arguments))
    except ImportError as fault:
        raise not_here("Training", fault) from fault


def bench(arguments: Sequence[str]) -> int:
    """Measure this machine; as with training, the room knows its own options."""
    try:
        from muse_studio.evaluation import bench as room

        parser = argparse.ArgumentParser(prog="muse-studio bench", description="Measure how fast this machine is.")
        room.add_arguments(parser)
        return room.run(parser.parse_args(arguments))
    except ImportError as fault:
        raise not_here("Measuring", fault) from fault


def evaluate(arguments: Sequence[str]) -> int:
    """Measure a model; this room, too, knows its own options."""
    try:
        from muse_studio.evaluation import commands

        parser = argparse.ArgumentParser(
            prog="muse-studio evaluate", description="Measure how good a model's pictures are, and write a report."
        )
        commands.add_arguments(parser)
        return commands.run(parser.parse_args(arguments))
    except ImportError as fault:
        raise not_here("Evaluating", fault) from fault


def not_here(what: str, fault: ImportError) -> MuseStudioError:
    """The packaged program leaves some rooms out, and a plain install what they build on."""
    message = (
        f"{what} needs {fault.name or 'a package'}, which is not here. In a source checkout: pip install -e '.[train]'"
    )
    return MuseStudioError(ErrorKind.BAD_REQUEST, message, repr(fault))
