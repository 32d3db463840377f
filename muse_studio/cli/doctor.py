"""`muse-studio doctor`: what this machine, installation and model can do, and what to do about the rest.

Looks, and changes nothing but to remember which numbers are faster here, as the first job would. Knows nothing of Qt:
whether its libraries are there is asked of the system's loader.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from muse_studio import __version__
from muse_studio.cli import qt_libraries
from muse_studio.cli.options import add_model_options, add_output_options, model_folder
from muse_studio.cli.progress import amount
from muse_studio.core.cascade_folder import read_cascade, verify
from muse_studio.core.errors import ErrorKind, MuseStudioError

PACKAGES = ("torch", "transformers", "safetensors", "tokenizers", "numpy", "Pillow", "msgspec", "PySide6-Essentials")
OPTIONAL_PACKAGES = ("accelerate", "matplotlib", "pyvips")
GIB = 1024**3
MEMORY_NEEDED_BYTES = int(1.5 * GIB)
"""What the default model's worker takes at most."""
EXIT_PROBLEM, EXIT_BAD_MODEL = 1, 3


@dataclass(slots=True)
class Findings:
    """What was found, for a program; what is wrong, for a person; the exit code for both."""

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    exit_code: int = 0

    def problem(self, text: str, exit_code: int = EXIT_PROBLEM) -> None:
        self.problems.append(text)
        self.exit_code = max(self.exit_code, exit_code)


def add_doctor(parser: argparse.ArgumentParser) -> None:
    add_model_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=doctor)


def doctor(options: argparse.Namespace) -> int:
    """Print the findings: 0 all well, 1 something is missing, 3 the model cannot be used."""
    findings = Findings()
    look_at_program(findings)
    look_at_memory(findings)
    look_at_model(findings, model_folder(options))
    look_at_device(findings, model_folder(options), options.device, options.dtype)
    look_at_display(findings)
    if options.json:
        print(json.dumps({**findings.facts, "problems": findings.problems}))
    else:
        print(as_text(findings))
    return findings.exit_code


def look_at_program(findings: Findings) -> None:
    findings.facts["program"] = {
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "frozen": bool(getattr(sys, "frozen", False)),
    }
    versions = {name: installed_version(name) for name in (*PACKAGES, *OPTIONAL_PACKAGES)}
    findings.facts["packages"] = versions
    absent = [name for name in PACKAGES if versions[name] is None]
    if absent and not getattr(sys, "frozen", False):  # a frozen program carries packages without their metadata
        findings.problem(f"Not installed: {', '.join(absent)}. Run make setup, or pip install -c constraints.txt -e .")


def installed_version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def look_at_memory(findings: Findings) -> None:
    memory = psutil.virtual_memory()
    findings.facts["memory"] = {
        "total_bytes": memory.total,
        "free_bytes": memory.available,
        "processors": os.cpu_count(),
        "disk_free_bytes": shutil.disk_usage(os.curdir).free,
    }
    if memory.available < MEMORY_NEEDED_BYTES:
        findings.problem(
            f"Only {memory.available / GIB:.1f} GiB of memory is free; the default model takes up to "
            f"{MEMORY_NEEDED_BYTES / GIB:.1f} GiB. Close other programs."
        )


def look_at_device(findings: Findings, folder: Path, wanted: str, dtype: str | None = None) -> None:
    """What would compute, and whether the model loads there. The only part that imports torch."""
    facts: dict[str, Any] = {"asked": wanted, "loads": False}
    findings.facts["device"] = facts
    try:
        from muse_studio.worker.session import Session
    except ImportError as fault:
        findings.problem(f"torch cannot be imported ({fault}). Install it again: pip install -c constraints.txt torch")
        return
    session, started = Session(), time.monotonic()
    try:
        session.load(folder, wanted, dtype=dtype)
        facts.update(loads=True, load_seconds=round(time.monotonic() - started, 2), plan=session.plan_facts())
    except MuseStudioError as fault:
        if fault.kind is not ErrorKind.BAD_MODEL:
            findings.problem(fault.message)
        elif findings.exit_code != EXIT_BAD_MODEL:  # else its files have been named already
            findings.problem(fault.message, EXIT_BAD_MODEL)
        if fault.kind is ErrorKind.DEVICE:
            return
    info = session.device_info()
    facts.update(name=info.name, kind=info.kind, total_bytes=info.total_bytes, free_bytes=info.free_bytes)


def look_at_model(findings: Findings, folder: Path) -> None:
    """Whether the files are those that cascade.json promises. Torch is not waited for: a model may not load at all."""
    model: dict[str, Any] = {"folder": str(folder), "verified": False}
    findings.facts["model"] = model
    try:
        facts = read_cascade(folder)
    except MuseStudioError as error:
        findings.problem(f"Model: {error.message}", EXIT_BAD_MODEL)
        return
    problems = verify(folder, facts)
    model |= {"name": facts.name, "licence": facts.licence, "files": len(facts.files), "bytes": facts.size_bytes}
    model["verified"] = not problems
    for problem in problems:
        findings.problem(f"Model: {problem}", EXIT_BAD_MODEL)


def look_at_display(findings: Findings) -> None:
    """Whether a window could open. A machine without a display is no problem, one that lacks libraries is."""
    needs = qt_libraries.missing()
    shown = has_display()
    findings.facts["display"] = {
        "available": shown,
        "x11": os.environ.get("DISPLAY") or None,
        "wayland": os.environ.get("WAYLAND_DISPLAY") or None,
        "missing_libraries": [*needs.fatal, *needs.window],
        "fonts": not needs.fonts,
    }
    if needs.fatal or needs.fonts or (shown and needs.window):
        lacking = [*needs.fatal, *needs.window, *(["a scalable font"] if needs.fonts else [])]
        findings.problem(f"The window needs {', '.join(lacking)}. On Debian or Ubuntu: {needs.command}")


def has_display() -> bool:
    """Windows and macOS always have one, as far as can be told from here."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def as_text(findings: Findings) -> str:
    """The findings as a page: a line for each fact, then what is wrong."""
    facts = findings.facts
    program, memory, model, display = facts["program"], facts["memory"], facts["model"], facts["display"]
    packages = (f"{name} {version}" for name, version in facts["packages"].items() if version is not None)
    rows = [
        ("muse-studio", f"{program['version']}, Python {program['python']}, {program['system']}"),
        ("packages", ", ".join(packages)),
        ("processors", f"{memory['processors']}"),
        ("memory", f"{memory['free_bytes'] / GIB:.1f} GiB free of {memory['total_bytes'] / GIB:.1f} GiB"),
        ("device", device_line(facts["device"])),
        *facts["device"].get("plan", {}).items(),
        ("model", model_line(model)),
        ("", model["folder"]),
        ("display", display_line(display)),
    ]
    lines = [f"{name:<13} {text}".rstrip() for name, text in rows]
    if findings.problems:
        lines += ["", *(f"! {problem}" for problem in findings.problems)]
    else:
        lines += ["", "All well."]
    return "\n".join(lines)


def device_line(device: dict[str, Any]) -> str:
    if "name" not in device:
        return f"{device['asked']}: not usable"
    total, free = device["total_bytes"], device["free_bytes"]
    room = f", {free / GIB:.1f} GiB free of {total / GIB:.1f} GiB" if total and free else ""
    loads = f"; the model loads in {device['load_seconds']:.1f} s" if device["loads"] else ""
    return f"{device['kind']}: {device['name']}{room}{loads}"


def model_line(model: dict[str, Any]) -> str:
    if not model["verified"]:
        return "cannot be used"
    return f"{model['name']} ({model['licence']}), {model['files']} files, {amount(model['bytes'])}, all verified"


def display_line(display: dict[str, Any]) -> str:
    if not display["available"]:
        return "none: the command line, make demo and make test work; the window needs one"
    return display["wayland"] or display["x11"] or "yes"
