"""The probe on disk: fp16 safetensors and a probe.json with its words, its sha256 and how it was made.

Knows nothing of how it learned or whom it judges.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.evaluation.probe.network import AXES, Labels, Probe
from muse_studio.muse.checkpoint import read_tensors
from muse_studio.muse.folder import FileRecord, Folder

WEIGHTS_NAME = "probe.safetensors"
FACTS_NAME = "probe.json"
FORMAT = 1
WEIGHTS_LIMIT_BYTES = 2 * 2**20


def save_probe(folder: Path, probe: Probe, facts: dict[str, Any]) -> None:
    """Writes both files. facts: plain values for probe.json, beside the words and the sha256. MuseStudioError(DISK)."""
    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in probe.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    weights = save(state)
    if len(weights) > WEIGHTS_LIMIT_BYTES:
        raise ValueError(f"the probe has {len(weights)} bytes, more than {WEIGHTS_LIMIT_BYTES}")
    record = {
        "format": FORMAT,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "bytes": len(weights),
        "labels": asdict(probe.labels),
        **facts,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise MuseStudioError(
            ErrorKind.DISK, f"The folder “{folder}” for the probe cannot be made: {fault.strerror}. Choose another."
        ) from fault
    atomic_write(folder / WEIGHTS_NAME, weights)
    atomic_write(folder / FACTS_NAME, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())


def load_probe(folder: Path) -> tuple[Probe, dict[str, Any]]:
    """The probe, ready to judge, and its probe.json. MuseStudioError(BAD_MODEL) where a file is missing or changed."""
    try:
        facts = json.loads((folder / FACTS_NAME).read_bytes())
        if facts["format"] != FORMAT:
            raise ValueError(f"format {facts['format']!r} is not {FORMAT}")
        record = FileRecord(str(facts["sha256"]), int(facts["bytes"]))
        probe = Probe(Labels(**{axis: tuple(facts["labels"][axis]) for axis in AXES}))
        stored = read_tensors(Folder(folder, {WEIGHTS_NAME: record}), WEIGHTS_NAME)
        state = {name: value.float() for name, value in stored.items()}
        missing, unexpected = probe.load_state_dict(state, strict=False)
        problems = [name for name in missing if not name.endswith("num_batches_tracked")] + unexpected
        if problems:
            raise ValueError(f"weights missing or unknown: {', '.join(problems[:5])}")
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as fault:
        raise MuseStudioError(
            ErrorKind.BAD_MODEL,
            f"The probe in “{folder}” cannot be used. Make it anew: muse-studio evaluate probe --train",
            repr(fault),
        ) from fault
    return probe.eval().requires_grad_(False).to(memory_format=torch.channels_last), facts  # type: ignore[call-overload]
