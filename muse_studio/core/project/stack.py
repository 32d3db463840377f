"""The layer stack of an OpenRaster file as XML: what is painted over what, where, and how. Knows nothing about pixels.

Written flat, by the baseline of the specification. Read from any program: nested stacks are laid flat, what cannot be
kept is named in a note, and the parser takes no entities, no endless nesting and no endless file.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from muse_studio.core import limits
from muse_studio.core.containers import BadContainerError, check_extent
from muse_studio.core.geometry import Extent
from muse_studio.core.layers import clean_name
from muse_studio.core.project.archive import BadArchiveError

STACK_NAME = "stack.xml"
_SPECIFICATION = "0.0.5"
_OVER = "svg:src-over"
_WHITE = {ord("\n"): "&#10;", ord("\r"): "&#13;", ord("\t"): "&#9;"}  # else a reader makes spaces of them
_DEPTH_LIMIT = 64  # nested stacks; the deepest that artists make is some six
_UNWRITABLE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # characters that XML has no form for


@dataclass(frozen=True, slots=True)
class StackLayer:
    """One layer: the archive's part that holds its pixels, and how they are shown. x, y: document pixels."""

    name: str
    source: str
    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True
    selected: bool = False


@dataclass(frozen=True, slots=True)
class LayerStack:
    """layers: the topmost first, as in the file. notes: what had to be simplified, as sentences."""

    extent: Extent
    layers: tuple[StackLayer, ...]
    notes: tuple[str, ...] = ()


def stack_to_xml(stack: LayerStack) -> bytes:
    """The content of `stack.xml`."""
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<image version="{_SPECIFICATION}" {_extent(stack.extent)}>']
    lines += [" <stack>", *map(_layer_line, stack.layers), " </stack>", "</image>", ""]
    return "\n".join(lines).encode("utf-8")


def _extent(extent: Extent) -> str:
    return f'w="{extent.width}" h="{extent.height}"'


def _layer_line(layer: StackLayer) -> str:
    attributes: dict[str, object] = {
        "name": layer.name,
        "src": layer.source,
        "x": layer.x,
        "y": layer.y,
        "opacity": f"{layer.opacity:.6g}",
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": _OVER,
    }
    if layer.selected:
        attributes["selected"] = "true"
    return f"  <layer {' '.join(f'{key}={_quoted(value)}' for key, value in attributes.items())}/>"


def _quoted(value: object) -> str:
    text = _UNWRITABLE.sub("\ufffd", str(value))
    return f'"{escape(text).translate(_WHITE)}"'


def stack_from_xml(data: bytes) -> LayerStack:
    """The stack in the content of a `stack.xml`. BadArchiveError if it is damaged or beyond the limits."""
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")  # as the specification says, whatever the file claims
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as fault:
        raise BadArchiveError("its list of layers is damaged") from fault
    if reader.extent is None:
        raise BadArchiveError("its list of layers is damaged")
    return LayerStack(reader.extent, tuple(reader.layers), tuple(reader.notes))


@dataclass(frozen=True, slots=True)
class _Group:
    """What a nested stack does to all that is in it."""

    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True


@dataclass(slots=True)
class _Reader:
    """Collects what one pass over the elements finds."""

    extent: Extent | None = None
    layers: list[StackLayer] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # ordered, each once
    _open: list[str] = field(default_factory=list)
    _groups: list[_Group] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _DEPTH_LIMIT:
            raise BadArchiveError("its layers are nested too deeply")
        if not self._open:
            self._start_image(tag, attributes)
        elif tag == "stack":
            self._start_stack(attributes)
        elif tag == "layer":
            self._take_layer(attributes)
        elif tag in ("filter", "text"):
            self.notes[f"A {tag} in it was left out: this program has no such layers."] = None
        self._open.append(tag)

    def end(self, tag: str) -> None:
        self._open.pop()
        if tag == "stack":
            self._groups.pop()

    def refuse_doctype(self, *_: object) -> None:
        raise BadArchiveError("its list of layers uses entities, which no painting program writes")

    def _start_image(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "image":
            raise BadArchiveError("its list of layers is damaged")
        width, height = (_whole(attributes.get(key), -1) for key in ("w", "h"))
        if width < 0 or height < 0:
            raise BadArchiveError("its size is missing")
        self.extent = Extent(width, height)
        try:
            check_extent(self.extent)
        except BadContainerError as fault:
            raise BadArchiveError(str(fault)) from fault

    def _start_stack(self, attributes: dict[str, str]) -> None:
        outer = self._groups[-1] if self._groups else _Group()
        opacity = _opacity(attributes)
        if self._groups:
            self.notes["Groups of layers were laid flat."] = None
            if opacity < 1:
                self.notes["A group's opacity went over to each of its layers."] = None
        self._check_operation(attributes)
        self._groups.append(
            _Group(
                outer.x + _offset(attributes, "x"),
                outer.y + _offset(attributes, "y"),
                outer.opacity * opacity,
                outer.visible and _visible(attributes),
            )
        )

    def _take_layer(self, attributes: dict[str, str]) -> None:
        if not self._groups:
            raise BadArchiveError("its list of layers is damaged")
        if len(self.layers) >= limits.LAYERS_LIMIT:
            raise BadArchiveError(f"it has more than {limits.LAYERS_LIMIT} layers")
        group = self._groups[-1]
        self._check_operation(attributes)
        self.layers.append(
            StackLayer(
                name=clean_name(attributes.get("name", "")) or f"Layer {len(self.layers) + 1}",
                source=attributes.get("src", "").removeprefix("/"),
                x=group.x + _offset(attributes, "x"),
                y=group.y + _offset(attributes, "y"),
                opacity=group.opacity * _opacity(attributes),
                visible=group.visible and _visible(attributes),
                selected=attributes.get("selected") == "true",
            )
        )

    def _check_operation(self, attributes: dict[str, str]) -> None:
        operation = attributes.get("composite-op", _OVER)
        if operation != _OVER:
            words = operation.removeprefix("svg:").replace("-", " ")[:40]
            self.notes[f"Blending by “{words}” is not known; those layers are shown as normal ones."] = None


def _visible(attributes: dict[str, str]) -> bool:
    return attributes.get("visibility", "visible") != "hidden"


def _opacity(attributes: dict[str, str]) -> float:
    try:
        value = float(attributes.get("opacity", "1"))
    except ValueError:
        return 1.0
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 1.0


def _offset(attributes: dict[str, str], key: str) -> int:
    return min(max(_whole(attributes.get(key), 0), -limits.PROJECT_PLACE_LIMIT_PX), limits.PROJECT_PLACE_LIMIT_PX)


def _whole(text: str | None, otherwise: int) -> int:
    """A whole number of at most nine digits; some programs write 12.0."""
    match = re.fullmatch(r"\s*(-?\d{1,9})(?:\.\d*)?\s*", text or "", re.ASCII)
    return int(match[1]) if match else otherwise
