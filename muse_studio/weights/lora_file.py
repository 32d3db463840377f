"""LoRA files as they are published: small changes of a model's weights, one product of two thin matrices each.

Reads the layouts of diffusers and peft, and names every module as the published networks do. Knows no network: what
fits is the business of lora.py. Nothing is unpickled.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from muse_studio.muse.checkpoint import read_header, stream_tensors
from muse_studio.muse.folder import SHOWN_PROBLEMS, CheckpointError, Folder
from muse_studio.muse.safetensors_header import PREFIX_BYTES, header_length

PARTS = ("transformer", "text_encoder")
RANK_LIMIT = 4096
METADATA_KEY = "lora_adapter_metadata"

_ENDINGS = (
    (re.compile(r"\.lora_A(\.default)?\.weight\Z"), "down"),
    (re.compile(r"\.lora_B(\.default)?\.weight\Z"), "up"),
    (re.compile(r"\.(lora|lora_linear_layer)\.down\.weight\Z"), "down"),
    (re.compile(r"\.(lora|lora_linear_layer)\.up\.weight\Z"), "up"),
    (re.compile(r"\.alpha\Z"), "alpha"),
)
_PROCESSOR = re.compile(r"\.processor\.(to_q|to_k|to_v|to_out)_lora\.(down|up)\.weight\Z")
"""As diffusers wrote them before it used peft: the attention's processor held the matrices."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to one weight: scale * up @ down.

    down: float [rank, inputs] or, of a convolution, [rank, inputs, height, width]; up: [outputs, rank], or with ones.
    """

    down: Tensor
    up: Tensor
    scale: float

    @property
    def rank(self) -> int:
        return int(self.down.shape[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the weight that it changes."""
        return (int(self.up.shape[0]), *self.down.shape[1:])

    def product(self) -> Tensor:
        """float32, of that shape."""
        return (self.scale * (self.up.float().flatten(1) @ self.down.float().flatten(1))).view(self.shape)


@dataclass(frozen=True, slots=True)
class Lora:
    """A file's changes: by part, and within it by the dotted name of the module."""

    name: str
    parts: Mapping[str, Mapping[str, Change]]

    @property
    def count(self) -> int:
        """Weights that it changes."""
        return sum(len(changes) for changes in self.parts.values())


def read_lora(path: Path) -> Lora:
    """The changes in a safetensors file. Raises CheckpointError with one line for each problem."""
    if path.suffix.lower() != ".safetensors":
        raise CheckpointError(f"{path.name} is no safetensors file; LoRA files of other formats are never opened")
    folder = Folder(path.absolute().parent)
    pieces, strange = _sorted_pieces(read_header(folder, path.name))
    if strange:
        raise CheckpointError(f"{path.name} holds what is not read as a LoRA", tuple(strange))
    if not pieces:
        raise CheckpointError(f"{path.name} holds no LoRA: none of its tensors has such a name")
    tensors = dict(stream_tensors(folder, path.name))
    settings = _Settings(_metadata(folder, path.name), path.name)
    parts: dict[str, dict[str, Change]] = {}
    problems: list[str] = []
    for (part, module), names in sorted(pieces.items()):
        found = {kind: tensors[name] for kind, name in names.items()}
        problem = _problem(found)
        if problem:
            problems.append(f"{part}.{module}: {problem}")
            continue
        scale = settings.scale(part, found)
        parts.setdefault(part, {})[module] = Change(found["down"], found["up"], scale)
    if problems:
        raise CheckpointError(f"{path.name} is not a whole LoRA", tuple(problems))
    return Lora(path.stem, parts)


def _sorted_pieces(header: Mapping[str, Any]) -> tuple[dict[tuple[str, str], dict[str, str]], list[str]]:
    """Names of tensors by part and module, and by what they are; and a line for each that is nothing of the kind."""
    pieces: dict[tuple[str, str], dict[str, str]] = {}
    strange = []
    for name in header:
        part, _, rest = name.partition(".")
        place = _place(rest)
        if place is None or part not in PARTS:
            strange.append(f"{name}: {_why_strange(name, part)}")
            continue
        module, kind = place
        if kind in pieces.setdefault((part, module), {}):
            strange.append(f"{name}: a second one for this layer")
        pieces[part, module][kind] = name
    return pieces, strange[: SHOWN_PROBLEMS + 1]


def _place(name: str) -> tuple[str, str] | None:
    """The module, and down, up or alpha."""
    for ending, kind in _ENDINGS:
        found = ending.search(name)
        if found and found.start():
            return name[: found.start()], kind
    found = _PROCESSOR.search(name)
    if found:
        layer = "to_out.0" if found[1] == "to_out" else found[1]
        return f"{name[: found.start()]}.{layer}", found[2]
    return None


def _why_strange(name: str, part: str) -> str:
    if "magnitude" in name or "dora" in name:
        return "a DoRA's magnitudes, which are not computed here"
    if part not in PARTS:
        return f"of another kind of model; the parts here are {' and '.join(PARTS)}"
    return "no matrix of a LoRA that is known here"


def _problem(found: Mapping[str, Tensor]) -> str:
    """Why these tensors make no change; empty where they do."""
    if "down" not in found or "up" not in found:
        return f"its {'down' if 'up' in found else 'up'} matrix is missing"
    down, up = found["down"], found["up"]
    if not down.is_floating_point() or not up.is_floating_point():
        return "its matrices are not of floating point numbers"
    if down.ndim not in (2, 4) or up.ndim != down.ndim or any(side != 1 for side in up.shape[2:]):
        return f"shapes {list(down.shape)} and {list(up.shape)} are not two matrices"
    if down.shape[0] != up.shape[1]:
        return f"ranks {down.shape[0]} and {up.shape[1]} of its two matrices differ"
    if down.shape[0] > RANK_LIMIT:
        return f"rank {down.shape[0]} is over {RANK_LIMIT}"
    alpha = found.get("alpha")
    if alpha is not None and alpha.numel() != 1:
        return f"alpha is {alpha.numel()} numbers and not one"
    return ""


class _Settings:
    """What the file says of how its changes were scaled in training."""

    def __init__(self, table: Mapping[str, Any], name: str) -> None:
        self._table = table
        refused = [key for key in table if key.endswith((".use_dora", ".alpha_pattern")) and table[key]]
        if refused:
            told = tuple(f"{ascii(key)[:60]}: not computed here" for key in refused)
            raise CheckpointError(f"{name} is a LoRA of a kind that is not read", told)

    def scale(self, part: str, found: Mapping[str, Tensor]) -> float:
        """alpha / rank; 1 where the file says nothing of alpha, as everywhere."""
        rank = int(found["down"].shape[0])
        told = self._table.get(f"{part}.lora_alpha", rank)
        alpha = float(found["alpha"]) if "alpha" in found else float(told if isinstance(told, int | float) else rank)
        return alpha / (math.sqrt(rank) if self._table.get(f"{part}.use_rslora") is True else rank)


def _metadata(folder: Folder, name: str) -> Mapping[str, Any]:
    """The settings that diffusers writes beside the tensors; empty where there are none. The header was checked."""
    with folder.open(name) as (file, _, size):
        content = json.loads(file.read(header_length(file.read(PREFIX_BYTES), size)))
    try:
        table = json.loads(content.get("__metadata__", {}).get(METADATA_KEY, "{}"))
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
