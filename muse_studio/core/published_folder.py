"""A published cascade's folder, in the layout of the diffusers library: what it says of itself, checked.

model_index.json, and a folder for each part: transformer, vqvae, text_encoder, tokenizer. What the files must be is
told by the note of our own download, or by the Hub cache that they lie in, or by nobody. Knows no torch; what loads the
weights checks every tensor's name and shape again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muse_studio.core import limits
from muse_studio.core.cascade_facts import CascadeFacts, FileRecord, Proof, StagePlanFacts
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.fetched import read_note
from muse_studio.core.files import printable
from muse_studio.core.folder_files import bad_model, hub_cache_of, open_inside, read_inside
from muse_studio.core.published_needs import PARTS, TRANSFORMER

INDEX_NAME = "model_index.json"
CARD_NAME = "README.md"
CELL_PX = 16
"""Of a published cascade: a token stands for a square of this side."""

_PART_WEIGHTS = {
    "transformer": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "vqvae": ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors"),
    "text_encoder": ("model.safetensors", "model.fp16.safetensors"),
}
"""Of each part the file that holds its weights, and the one of half precision that will do."""

_TOKENIZERS = (("tokenizer/tokenizer.json",), ("tokenizer/vocab.json", "tokenizer/merges.txt"))
_OTHERS = ("tokenizer/tokenizer_config.json", "tokenizer/special_tokens_map.json", "scheduler/scheduler_config.json")
_SHA256, _BLOB = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LICENCE = re.compile(r"^licen[sc]e:[ \t]*[\"']?([^\s\"'#]{1,80})", re.MULTILINE)
_LICENCE_NAME = re.compile(r"^license_name:[ \t]*[\"']?([^\s\"'#]{1,80})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a transformer's configuration makes of a folder.

    sizes: sides in px, its own first; the networks take any that the program makes, and are best at their own.
    """

    family: str
    sizes: tuple[int, ...]
    plan: StagePlanFacts


def is_published(folder: Path) -> bool:
    """Whether the folder looks like one of this layout."""
    return (folder / INDEX_NAME).exists()


def read_published(folder: Path) -> CascadeFacts:
    """What the folder says. MuseStudioError(BAD_MODEL) names the first thing that is missing or wrong."""
    shown = printable(folder.name)
    index = read_table(folder, INDEX_NAME)
    architecture = {part: read_table(folder, f"{part}/config.json") for part in PARTS}
    kind = kind_of(shown, index, architecture[TRANSFORMER])
    note = read_note(folder)
    files = note.files if note is not None else _files_here(folder)
    for part in _PART_WEIGHTS:
        weights_of(folder, part, files)
    if not any(all(name in files for name in names) for names in _TOKENIZERS):
        raise bad_model(f"“{shown}” has no tokenizer: tokenizer/tokenizer.json is missing. Fetch the cascade again.")
    name, licence = (note.name, note.licence) if note is not None else (_name(folder), _licence(folder))
    if note is not None:
        proof = Proof.PUBLISHED
    else:
        proof = Proof.CACHE if all(file.sha256 or file.blob for file in files.values()) else Proof.NONE
    return CascadeFacts(name, licence, files, kind.plan, None, architecture, kind.sizes, kind.family, proof)


def kind_of(shown: str, index: Mapping[str, Any], transformer: Mapping[str, Any]) -> Kind:
    """Which of the published cascades it is. MuseStudioError(BAD_MODEL) where it is none of those that can run here.

    Guidance is the paper's t, one less than the scale that is published. Of the small aMUSEd it is the authors' own
    measurement, not their pipeline's default.
    """
    name = transformer.get("_class_name")
    if name == "UVit2DModel":
        grid = transformer.get("sample_size", 16)
        if type(grid) is not int or not 1 <= grid <= limits.TOKEN_GRID_LIMIT:
            raise bad_model(f"The transformer/config.json of “{shown}” is damaged. Fetch the cascade again.")
        small = grid <= 16
        plan = StagePlanFacts(12, 3.0 if small else 19.0, 2.0)
        return Kind("aMUSEd", (256, 512, 1024) if small else (512, 256, 1024), plan)
    if name == "Transformer2DModel" and "codebook_size" in transformer and "joint_attention_dim" in transformer:
        plan = StagePlanFacts(48, 8.0, 2.0)
        if transformer.get("downsample"):
            return Kind("Meissonic", (1024, 512, 256), plan)
        return Kind("Monetico", (512, 256, 1024), plan)
    made_for = index.get("_class_name")
    made_for = f" It is made for {printable(made_for, 60)}." if isinstance(made_for, str) and made_for else ""
    raise bad_model(
        f"“{shown}” is not one of the published cascades that run here, which are aMUSEd, Meissonic and "
        f"Monetico.{made_for}"
    )


def weights_of(folder: Path, part: str, files: Mapping[str, FileRecord]) -> str:
    """The name of the file with a part's weights. MuseStudioError(BAD_MODEL) where only other formats are there."""
    for name in _PART_WEIGHTS[part]:
        if f"{part}/{name}" in files:
            return f"{part}/{name}"
    here = sorted(path.name for path in (folder / part).iterdir()) if (folder / part).is_dir() else []
    if any(name.endswith(".safetensors.index.json") for name in here):
        raise bad_model(f"The weights of “{part}” are split into several files. Fetch the cascade where they are one.")
    if here and any(name.endswith((".bin", ".pt", ".ckpt", ".pth", ".msgpack", ".h5")) for name in here):
        raise bad_model(
            f"“{part}” has no safetensors, only files that can run code when they are opened. They are never opened: "
            "ask whoever made this cascade for safetensors."
        )
    raise bad_model(f"“{part}/{_PART_WEIGHTS[part][0]}” is missing. Fetch the cascade again.")


def read_table(folder: Path, name: str) -> dict[str, Any]:
    """A small JSON object. MuseStudioError(BAD_MODEL)."""
    try:
        table = json.loads(read_inside(folder, name, limits.CASCADE_JSON_LIMIT_BYTES))
        if not isinstance(table, dict):
            raise TypeError("no object")
    except (OSError, ValueError, TypeError, RecursionError) as fault:
        raise bad_model(f"“{name}” is damaged. Fetch the cascade again.", repr(fault)) from fault
    return table


def snapshot_in(folder: Path) -> Path:
    """The snapshot that a repository's folder in the Hub cache means, `models--OWNER--NAME`; any other folder as it is.

    MuseStudioError(BAD_MODEL) where the cache holds none, or several and does not say which.
    """
    snapshots = folder / "snapshots"
    if not folder.name.startswith("models--") or not snapshots.is_dir():
        return folder
    known = sorted(path for path in snapshots.iterdir() if path.is_dir())
    try:
        main = (folder / "refs" / "main").read_text("ascii").strip()[:80]
    except (OSError, ValueError):
        main = ""
    chosen = [path for path in known if path.name == main] or known
    if len(chosen) != 1:
        message = f"“{printable(folder.name)}” holds {len(known)} snapshots. Choose the one in its folder “snapshots”."
        raise bad_model(message)
    return chosen[0]


def split_card(text: str) -> tuple[str, str]:
    """What a model card says of itself for machines, between lines of three dashes at its top, and the card."""
    found = _FRONT.match(text)
    return ("", text) if found is None else (found[1], text[found.end() :].lstrip("\n"))


def _files_here(folder: Path) -> dict[str, FileRecord]:
    """The files that are used, as they are; with hashes where the Hub cache calls them by theirs."""
    wanted = [INDEX_NAME, *(name for names in _TOKENIZERS for name in names), *_OTHERS]
    for part, names in _PART_WEIGHTS.items():
        here = [name for name in names if (folder / part / name).exists()]
        wanted += [f"{part}/config.json", *(f"{part}/{name}" for name in here[:1])]
    if (folder / CARD_NAME).exists():
        wanted.append(CARD_NAME)
    return {name: _record_here(folder, name) for name in wanted if (folder / name).exists()}


def _record_here(folder: Path, name: str) -> FileRecord:
    with open_inside(folder, name) as file:
        size = file.seek(0, 2)
    cache, real = hub_cache_of(folder), (folder / name).resolve()
    called = real.name if cache is not None and real.parent == cache / "blobs" else ""
    sha256 = called if _SHA256.fullmatch(called) else ""
    return FileRecord(sha256, size, called if _BLOB.fullmatch(called) else "")


def _name(folder: Path) -> str:
    """Of a cache's snapshot the repository's name, else the folder's."""
    cache = hub_cache_of(folder)
    name = cache.name.removeprefix("models--").rpartition("--")[2] if cache is not None else ""
    return printable(name or folder.resolve().name, 80)


def _licence(folder: Path) -> str:
    """As the model card names it; "" where it does not."""
    try:
        text = read_inside(folder, CARD_NAME, limits.MODEL_CARD_LIMIT_BYTES).decode("utf-8", "replace")
    except (MuseStudioError, OSError):
        return ""
    front, _ = split_card(text)
    found = _LICENCE.search(front)
    other = _LICENCE_NAME.search(front) if found is not None and found[1] == "other" else None
    return printable((other or found)[1]) if found is not None else ""
