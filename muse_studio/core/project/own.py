"""Our own folder in a project file: everything that OpenRaster has no words for, as one JSON table.

Knows nothing about zips or pixels: pictures are named by their part of the archive. Reading trusts nothing; what a
table claims is checked before any picture is opened.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import muse_studio
from muse_studio.core import limits
from muse_studio.core.canvas_transform import CanvasTransform, transform_from_json, transform_to_json
from muse_studio.core.containers import BadContainerError, check_extent
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import clean_name
from muse_studio.core.project.archive import BadArchiveError
from muse_studio.core.project.project import Project
from muse_studio.core.tokens import TokenState, tokens_from_json, tokens_to_json
from muse_studio.core.wishes import Wishes

FORMAT = 1  # raised when an older program would misunderstand it
FOLDER = "muse-studio/"
OWN_NAME = FOLDER + "document.json"
MASK_NAME = FOLDER + "mask.png"
RUNS_FOLDER = FOLDER + "runs/"
_ID_LIMIT = 2**53  # JSON's whole numbers end here in other readers


class NewerFormatError(Exception):
    """The table is of a format that only a newer version of this program understands."""


@dataclass(frozen=True, slots=True)
class VariationEntry:
    """source: the archive's part with its pixels."""

    source: str
    facts: Mapping[str, Any]
    tokens: TokenState | None


@dataclass(frozen=True, slots=True)
class LayerEntry:
    """A layer without its pixels; the fields are those of `core.layers.Layer`."""

    id: int
    name: str
    place: Rect
    visible: bool
    opacity: float
    chosen: int
    variations: tuple[VariationEntry, ...]


@dataclass(frozen=True, slots=True)
class OwnTable:
    """The table of our folder.

    stack:  digest of the layer stack that was written with it: another one was made by another program since.
    layers: bottom first.
    """

    stack: str
    extent: Extent
    frame: Rect
    transform: CanvasTransform
    active: int
    wishes: Wishes
    layers: tuple[LayerEntry, ...]
    title: str
    facts: Mapping[str, Any]


def own_to_json(project: Project, sources: Mapping[tuple[int, int], str], stack: str) -> bytes:
    """The table of a project. sources: the part's name of each (layer's id, number of the variation)."""
    state = project.state
    layers = [
        {
            "id": layer.id,
            "name": layer.name,
            "place": _numbers(layer.place),
            "visible": layer.visible,
            "opacity": layer.opacity,
            "chosen": layer.chosen,
            "variations": [
                {
                    "source": sources[layer.id, number],
                    "facts": dict(one.facts),
                    "tokens": None if one.tokens is None else tokens_to_json(one.tokens),
                }
                for number, one in enumerate(layer.variations)
            ],
        }
        for layer in state.layers
    ]
    table = {
        "format": FORMAT,
        "program": muse_studio.__version__,
        "stack": stack,
        "size": [state.extent.width, state.extent.height],
        "frame": _numbers(state.frame),
        "transform": transform_to_json(state.transform),
        "active": state.active,
        "wishes": state.wishes.settings(),
        "layers": layers,
        "title": project.title,
        "facts": dict(project.facts),
    }
    return json.dumps(table, ensure_ascii=True, sort_keys=True, default=str).encode("ascii")


def _numbers(rect: Rect) -> list[int]:
    return [rect.x, rect.y, rect.width, rect.height]


def own_from_json(data: bytes) -> OwnTable:
    """The table in these bytes. NewerFormatError by its number alone; BadArchiveError if it is damaged."""
    try:
        table = json.loads(data)
        number = table["format"]
        if type(number) is int and number > FORMAT:
            raise NewerFormatError(str(table.get("program", "")))
        if number != FORMAT:
            raise ValueError(f"format {number!r}")
        return _table(table)
    except BadArchiveError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, OverflowError, MuseStudioError) as fault:
        raise BadArchiveError("its own notes on the layers are damaged") from fault


def _table(table: Mapping[str, Any]) -> OwnTable:
    width, height = (_whole(side, limits.PICTURE_SIDE_LIMIT_PX, 1) for side in _list(table["size"], 2))
    extent = Extent(width, height)
    layers = tuple(map(_layer, _list(table["layers"], None)))
    ids = [layer.id for layer in layers]
    if len(layers) > limits.LAYERS_LIMIT or len(set(ids)) < len(ids):
        raise ValueError(f"{len(layers)} layers, ids {ids[:9]}")
    try:
        check_extent(extent)
        for layer in layers:
            check_extent(layer.place.extent)
    except BadContainerError as fault:
        raise BadArchiveError(str(fault)) from fault
    claimed = {one.source: layer.place.area for layer in layers for one in layer.variations}
    if sum(claimed.values()) > limits.LAYERS_LIMIT_BYTES // 4:
        raise BadArchiveError(f"its layers claim more than {limits.LAYERS_LIMIT_BYTES // 4 // 1024**2} megapixels")
    active = table["active"]
    return OwnTable(
        stack=_text(table["stack"]),
        extent=extent,
        frame=_rect(table["frame"]),
        transform=_transform(table),
        active=active if active in ids else max(ids[-1:], default=0),
        wishes=Wishes.from_settings(_mapping(table["wishes"])),
        layers=layers,
        title=_text(table["title"])[: limits.LAYER_NAME_LIMIT_CHARACTERS],
        facts=_mapping(table["facts"]),
    )


def _layer(values: Any) -> LayerEntry:
    variations = tuple(map(_variation, _list(values["variations"], None)))
    if not 1 <= len(variations) <= limits.VARIATIONS_LIMIT:
        raise ValueError(f"{len(variations)} variations")
    opacity = values["opacity"]
    if isinstance(opacity, bool) or not math.isfinite(opacity) or not 0 <= opacity <= 1:
        raise ValueError(f"an opacity of {opacity!r}")
    return LayerEntry(
        id=_whole(values["id"], _ID_LIMIT),
        name=clean_name(_text(values["name"])) or "Layer",
        place=_rect(values["place"]),
        visible=_typed(values["visible"], bool),
        opacity=float(opacity),
        chosen=_whole(values["chosen"], len(variations) - 1),
        variations=variations,
    )


def _variation(values: Any) -> VariationEntry:
    tokens = values["tokens"]
    return VariationEntry(
        source=_text(values["source"]),
        facts=_mapping(values["facts"]),
        tokens=None if tokens is None else tokens_from_json(tokens),
    )


def _rect(values: Any) -> Rect:
    x, y, width, height = (
        _whole(number, limits.PROJECT_PLACE_LIMIT_PX, -limits.PROJECT_PLACE_LIMIT_PX) for number in _list(values, 4)
    )
    return Rect(x, y, width, height)


def _transform(table: Mapping[str, Any]) -> CanvasTransform:
    """Older files have the upper left corner alone, in pixels from where the document began, or nothing."""
    if "transform" in table:
        return transform_from_json(table["transform"])
    x, y = (
        _whole(number, limits.PROJECT_PLACE_LIMIT_PX, -limits.PROJECT_PLACE_LIMIT_PX)
        for number in _list(table.get("origin", [0, 0]), 2)
    )
    return CanvasTransform.shift(-x, -y)


def _whole(value: Any, most: int, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r} where a whole number from {least} to {most} belongs")
    return value


def _list(value: Any, length: int | None) -> list[Any]:
    items: list[Any] = _typed(value, list)
    if length is not None and len(items) != length:
        raise ValueError(f"{len(items)} items where {length} belong")
    return items


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} where {kind.__name__} belongs")
    return value


def _text(value: Any) -> str:
    text: str = _typed(value, str)
    return text


def _mapping(value: Any) -> dict[str, Any]:
    table: dict[str, Any] = _typed(value, dict)
    return table
