"""Runs as files of a project, and back: one JSON, and for each run its tokens, thumbnails and last previews.

Files come back from strangers, so reading trusts nothing: what is damaged is left out, run by run, and counted. Knows
nothing of the archive that the files are kept in. Both functions may be called by any thread.

`runs.json` describes everything but bytes. Beside it, in a folder of each run's id: `tokens.bin` (zlib; for each step
its grid's tokens as uint32, what is decided as bits, its confidence as uint8, and the base tokens below it where they
are others than those of the step before), `thumbs.bin` (WebP after WebP), `last-N.webp` (variation N's last picture),
and `picture.png` and `mask.png` of the request.
"""

from __future__ import annotations

import io
import json
import logging
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.canvas_transform import UNCHANGED, transform_from_json, transform_to_json
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.job_state import JobState
from muse_studio.core.pictures import decode_picture, encode_png
from muse_studio.core.request import EditRequest, Reached
from muse_studio.core.run_pictures import StepPicture, develop
from muse_studio.core.runs import Branch, Run, RunStep, RunTree
from muse_studio.core.tokens import TokenGrid, TokenState, tokens_from_json, tokens_to_json

log = logging.getLogger(__name__)

FORMAT = 1
INDEX = "runs.json"

_ID = re.compile(r"[0-9a-f]{32}")
_STAGES = ("base", "superres")
_TOKEN_BYTES = 4

Files = dict[str, bytes]


def runs_to_files(runs: RunTree | Sequence[Run]) -> Files:
    """Every file by its name, folders with a slash. In another thread than the tree's: give its `snapshot`."""
    runs = runs.snapshot() if isinstance(runs, RunTree) else runs
    files: Files = {}
    described = []
    for run in runs:
        developed = [[replace(step, picture=develop(step.picture)) for step in row] for row in run.steps]
        described.append(_described(run, developed))
        files |= {f"{run.id}/{name}": data for name, data in _files_of(run, developed).items()}
    files[INDEX] = json.dumps({"format": FORMAT, "runs": described}, separators=(",", ":")).encode()
    return files


def runs_from_files(files: Mapping[str, bytes]) -> RunTree:
    """The tree whose files these are; without an index an empty one. Damaged runs are left out: `left_out` counts them.

    MuseStudioError(BAD_REQUEST) where the index is no index, or one of a newer program.
    """
    tree = RunTree()
    if INDEX not in files:
        return tree
    for described in _index(files[INDEX]):
        try:
            run = _run(described, files, limits.RUNS_LIMIT_BYTES - tree.size_bytes)
            if tree.get(run.id) is not None:
                raise ValueError("two runs of one id")
            tree.adopt(run)
        except (KeyError, TypeError, ValueError, AttributeError, zlib.error, MuseStudioError) as fault:
            log.warning("a run is left out: %r", fault)
            tree.left_out += 1
    return tree


# Out ----------------------------------------------------------------------------------------------------------------


def _described(run: Run, steps: list[list[RunStep]]) -> dict[str, Any]:
    frame, parent, tokens, reached = run.frame, run.parent, run.request.tokens, run.request.reached
    return {
        "id": run.id,
        "name": run.name,
        "model": run.model,
        "begun": run.begun,
        "state": run.state.value,
        "frame": [frame.x, frame.y, frame.width, frame.height],
        "transform": transform_to_json(run.noted.transform),
        "parent": None if parent is None else [parent.run, parent.variation, parent.step],
        "request": run.request.settings(),
        "tokens": None if tokens is None else tokens_to_json(tokens),
        "reached": None if reached is None else _described_reached(reached),
        "notes": list(run.notes),
        "results": {str(variation): round(seconds, 3) for variation, seconds in run.results.items()},
        "steps": [_described_row(row) for row in steps],
    }


def _described_reached(reached: Reached) -> dict[str, Any]:
    return {"iterations": int(reached.iterations), "tokens": tokens_to_json(TokenState.whole(reached.tokens, None))}


def _described_row(row: list[RunStep]) -> list[dict[str, Any]]:
    described, base = [], None
    for step in row:
        own = _own_base(step, base)
        described.append(
            {
                "stage": step.stage,
                "at": [step.index, step.total, step.job_index, step.job_total],
                "seconds": round(step.seconds, 3),
                "side": len(step.confidence),
                "tokens": step.tokens is not None,
                "base": 0 if own is None else len(own),
                "thumb": len(step.picture.thumb),
            }
        )
        base = _base_of(step)
    return described


def _files_of(run: Run, steps: list[list[RunStep]]) -> Files:
    files = _pixels_of(run)
    tokens = run.kept_files.get("tokens.bin") or zlib.compress(b"".join(_packed(row) for row in steps))
    if run.state.is_end:
        run.kept_files["tokens.bin"] = tokens
    files["tokens.bin"] = tokens
    files["thumbs.bin"] = b"".join(step.picture.thumb for row in steps for step in row)
    for variation, row in enumerate(steps):
        if row and row[-1].picture.preview is not None:
            files[f"last-{variation}.webp"] = row[-1].picture.preview
    return files


def _pixels_of(run: Run) -> Files:
    """The request's picture and mask, encoded once in a run's life."""
    kept, request = run.kept_files, run.request
    if request.picture is not None and "picture.png" not in kept:
        kept["picture.png"] = encode_png(request.picture)
    if request.mask is not None and "mask.png" not in kept:
        stream = io.BytesIO()
        Image.fromarray(request.mask).save(stream, "PNG")
        kept["mask.png"] = stream.getvalue()
    return {name: kept[name] for name in ("picture.png", "mask.png") if name in kept}


def _packed(row: list[RunStep]) -> bytes:
    parts, base = [], None
    for step in row:
        own, grid = _own_base(step, base), step.grid
        if grid is not None:
            parts += [grid.tokens.astype("<u4").tobytes(), np.packbits(grid.decided).tobytes()]
        parts.append(step.confidence.tobytes())
        if own is not None:
            parts.append(own.astype("<u4").tobytes())
        base = _base_of(step)
    return b"".join(parts)


def _base_of(step: RunStep) -> NDArray[np.int32] | None:
    """The base tokens that the next step of detail most likely lies above."""
    return None if step.tokens is None else step.tokens.base.tokens


def _own_base(step: RunStep, before: NDArray[np.int32] | None) -> NDArray[np.int32] | None:
    """The base tokens below a step of detail, unless they are those of the step before."""
    if step.stage == "base" or step.tokens is None:
        return None
    base = step.tokens.base.tokens
    return None if before is not None and np.array_equal(base, before) else base


# In -----------------------------------------------------------------------------------------------------------------


def _index(data: bytes) -> list[Any]:
    try:
        if len(data) > limits.RUNS_JSON_LIMIT_BYTES:
            raise ValueError(f"{len(data)} bytes of index")
        index = json.loads(data)
        runs = index["runs"]
        if index["format"] != FORMAT or not isinstance(runs, list) or len(runs) > limits.RUNS_LIMIT:
            raise ValueError(f"format {index['format']!r}")
        return runs
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        message = "The steps kept in this project cannot be read: they are damaged or of a newer Muse Studio."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, repr(fault)) from fault


def _reached(described: Mapping[str, Any] | None) -> Reached | None:
    if described is None:
        return None
    return Reached(tokens_from_json(described["tokens"]).base.tokens, described["iterations"])


def _run(described: Mapping[str, Any], files: Mapping[str, bytes], room_bytes: int) -> Run:
    """One run. Any of the faults that `runs_from_files` names, on anything that is not as it was written."""
    run_id, name = described["id"], described["name"]
    if not isinstance(run_id, str) or not _ID.fullmatch(run_id) or not isinstance(name, str):
        raise ValueError("no id")
    request = EditRequest.from_settings(
        described["request"],
        picture=_png(files, f"{run_id}/picture.png", 3),
        mask=_png(files, f"{run_id}/mask.png", 1),
        tokens=None if described["tokens"] is None else tokens_from_json(described["tokens"]),
        reached=_reached(described.get("reached")),  # projects of before there were any have none
    )
    begun = _text(described["begun"], 40)
    transform = (
        transform_from_json(described["transform"]) if "transform" in described else UNCHANGED
    )  # not in older projects
    run = Run(run_id, request, _frame(described["frame"]), _parent(described["parent"]), begun, transform=transform)
    run.name = _text(name, limits.RUN_NAME_LIMIT_CHARACTERS)
    run.model = _text(described.get("model", ""), limits.RUN_NAME_LIMIT_CHARACTERS)
    run.notes = tuple(_text(note, 1000) for note in described["notes"][:8])
    run.results = {_whole(int(key), 0, request.count - 1): _number(s) for key, s in described["results"].items()}
    state = JobState(described["state"])
    run.state = state if state.is_end else JobState.LOST  # whoever ran it is gone
    rows = described["steps"]
    if len(rows) != request.count or max(map(len, rows)) > limits.RUN_STEPS_LIMIT:
        raise ValueError("not as many rows of steps as variations, or too many steps")
    _Reader(rows, files, run_id, room_bytes).read_into(run)
    return run


class _Reader:
    """Cuts a run's blobs into steps, after checking that they are exactly as long as described."""

    def __init__(self, rows: list[Any], files: Mapping[str, bytes], run_id: str, room_bytes: int) -> None:
        length = sum(_step_bytes(step) for row in rows for step in row)
        if length > room_bytes:
            raise ValueError(f"{length} bytes of tokens")
        self._tokens = _inflated(files[f"{run_id}/tokens.bin"], length)
        thumbs = sum(_whole(step["thumb"], 0, limits.STEP_PICTURE_LIMIT_BYTES) for row in rows for step in row)
        self._thumbs = files[f"{run_id}/thumbs.bin"]
        if len(self._thumbs) != thumbs:
            raise ValueError(f"{len(self._thumbs)} bytes of thumbnails where {thumbs} belong")
        self._last = [files.get(f"{run_id}/last-{variation}.webp") for variation in range(len(rows))]
        self._rows = rows
        self._token_at = self._thumb_at = 0

    def read_into(self, run: Run) -> None:
        for variation, row in enumerate(self._rows):
            base: NDArray[np.int32] | None = None
            for described in row:
                step = self._step(described, base)
                base = _base_of(step)
                run.steps[variation].append(step)
            last = self._last[variation]
            if run.steps[variation] and last is not None and len(last) <= limits.STEP_PICTURE_LIMIT_BYTES:
                step = run.steps[variation][-1]
                run.steps[variation][-1] = replace(step, picture=replace(step.picture, preview=bytes(last)))

    def _step(self, described: Mapping[str, Any], base: NDArray[np.int32] | None) -> RunStep:
        side, stage = described["side"], described["stage"]
        grid = self._grid(side) if described["tokens"] else None
        confidence = np.frombuffer(self._take(side * side), np.uint8).reshape(side, side)
        below = self._own_tokens(described["base"]) if described["base"] else base
        thumb = self._thumbs[self._thumb_at : self._thumb_at + described["thumb"]]
        self._thumb_at += described["thumb"]
        index, total, job_index, job_total = (_whole(value, 0, 2**20) for value in described["at"])
        picture = StepPicture(bytes(thumb))
        tokens = _state(stage, grid, below)
        return RunStep(
            stage, index, total, job_index, job_total, tokens, confidence, _number(described["seconds"]), picture
        )

    def _grid(self, side: int) -> TokenGrid:
        tokens = self._own_tokens(side)
        bits = np.frombuffer(self._take((side * side + 7) // 8), np.uint8)
        return TokenGrid(tokens, np.unpackbits(bits, count=side * side).astype(np.bool_).reshape(side, side))

    def _own_tokens(self, side: int) -> NDArray[np.int32]:
        raw = np.frombuffer(self._take(_TOKEN_BYTES * side * side), "<u4")
        if int(raw.max()) > limits.TOKEN_LIMIT:
            raise ValueError(f"a token {raw.max()}")
        return raw.astype(np.int32).reshape(side, side)

    def _take(self, count: int) -> bytes:
        self._token_at += count
        return self._tokens[self._token_at - count : self._token_at]


def _state(stage: str, grid: TokenGrid | None, base: NDArray[np.int32] | None) -> TokenState | None:
    if grid is None:
        return None
    if stage == "base":
        return TokenState(grid)
    if base is None:
        raise ValueError("detail above no base tokens")
    return TokenState(TokenGrid.whole(base), grid)


def _step_bytes(described: Mapping[str, Any]) -> int:
    side, base = (_whole(described[name], 0, limits.TOKEN_GRID_LIMIT) for name in ("side", "base"))
    if side == 0 or described["stage"] not in _STAGES or not isinstance(described["tokens"], bool):
        raise ValueError(f"no step: {described!r:.200}")
    cells = side * side
    tokens = _TOKEN_BYTES * cells + (cells + 7) // 8 if described["tokens"] else 0
    return tokens + cells + _TOKEN_BYTES * base * base


def _inflated(data: bytes, length: int) -> bytes:
    """Exactly `length` bytes; never more memory than that, whatever the file claims."""
    raw = zlib.decompressobj().decompress(data, length + 1)
    if len(raw) != length:
        raise ValueError(f"{len(raw)} bytes of tokens where {length} belong")
    return raw


def _png(files: Mapping[str, bytes], name: str, channels: int) -> NDArray[np.uint8] | None:
    if name not in files:
        return None
    pixels = decode_picture(files[name], name).pixels
    return np.ascontiguousarray(pixels[..., :3] if channels == 3 else pixels[..., 0])


def _frame(values: Sequence[Any]) -> Rect:
    most = 2 * limits.PICTURE_SIDE_LIMIT_PX
    x, y = (_whole(value, -most, most) for value in values[:2])
    width, height = (_whole(value, 1, most) for value in values[2:])
    return Rect(x, y, width, height)


def _parent(values: Sequence[Any] | None) -> Branch | None:
    if values is None:
        return None
    run, variation, step = values
    if not isinstance(run, str) or not _ID.fullmatch(run):
        raise ValueError("a branch from no run")
    most = limits.VARIATIONS_LIMIT - 1
    return Branch(run, _whole(variation, 0, most), _whole(step, 0, limits.RUN_STEPS_LIMIT - 1))


def _whole(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r:.40} is not from {least} to {most}")
    return value


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise ValueError(f"{value!r:.40} are no seconds")
    return float(value)


def _text(value: object, limit_characters: int) -> str:
    """One line, made printable: it may be shown as it is."""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return "".join(character if character.isprintable() else " " for character in value)[:limit_characters]
