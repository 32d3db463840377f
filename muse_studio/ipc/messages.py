"""The messages: one typed struct per event, and how one becomes a frame and comes back from it.

Arrays travel raw in the payload, one after the other, as the message's `shapes` say; `LAYOUTS` fixes their types. Knows
nothing of what the values mean for a picture: see `letters`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from muse_studio.core.limits import (
    LORA_NAME_LIMIT_CHARACTERS,
    LORA_PATH_LIMIT_CHARACTERS,
    LORAS_LIMIT,
    PROMPT_LIMIT_CHARACTERS,
    SEED_LIMIT,
    TOKEN_GRID_LIMIT,
    VARIATIONS_LIMIT,
)
from muse_studio.core.request import SIZES_PX
from muse_studio.ipc import limits
from muse_studio.ipc.framing import Frame, protocol_error

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=limits.NUMBER_LIMIT)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=limits.JOB_STEPS_LIMIT)]
Index: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=limits.JOB_STEPS_LIMIT)]
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=limits.SECONDS_LIMIT)]
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
Side: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=limits.ARRAY_SIDE_LIMIT)]
Shape: TypeAlias = Annotated[tuple[Side, ...], msgspec.Meta(max_length=3)]
Shapes: TypeAlias = Annotated[tuple[Shape, ...], msgspec.Meta(max_length=7)]
Variation: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=VARIATIONS_LIMIT)]
Variations: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=VARIATIONS_LIMIT)]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=limits.NAME_LIMIT_CHARACTERS)]
Path: TypeAlias = Annotated[str, msgspec.Meta(max_length=limits.PATH_LIMIT_CHARACTERS)]
Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=limits.MESSAGE_LIMIT_CHARACTERS)]
Texts: TypeAlias = Annotated[tuple[Text, ...], msgspec.Meta(max_length=limits.NOTES_LIMIT)]
Detail: TypeAlias = Annotated[str, msgspec.Meta(max_length=limits.DETAIL_LIMIT_CHARACTERS)]
Prompt: TypeAlias = Annotated[str, msgspec.Meta(max_length=PROMPT_LIMIT_CHARACTERS)]
Seed: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=SEED_LIMIT)]
Grid: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=TOKEN_GRID_LIMIT)]
Size: TypeAlias = Literal[256, 512, 1024]
Sizes: TypeAlias = Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=len(SIZES_PX))]
SmallerPlans: TypeAlias = Annotated[tuple["SmallerPlan", ...], msgspec.Meta(max_length=limits.OFFERS_LIMIT)]
LoraName: TypeAlias = Annotated[str, msgspec.Meta(max_length=LORA_NAME_LIMIT_CHARACTERS)]
LoraPath: TypeAlias = Annotated[str, msgspec.Meta(max_length=LORA_PATH_LIMIT_CHARACTERS)]
Hash: TypeAlias = Annotated[str, msgspec.Meta(max_length=limits.HASH_CHARACTERS_LIMIT)]
LoraParts: TypeAlias = Annotated[tuple["LoraPart", ...], msgspec.Meta(max_length=LORAS_LIMIT)]
StageName: TypeAlias = Literal["base", "superres"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of a message. Unknown fields are refused; NaN and infinities too."""

    def __post_init__(self) -> None:
        for field in self.__struct_fields__:
            value = getattr(self, field)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{field} is not a finite number")


class Plan(Part, frozen=True, forbid_unknown_fields=True):
    """How one stage decodes; None means the model's own default, and of a model that its order has no temperature."""

    steps: Count | None
    guidance: float | None
    temperature: float | None


class ModelInfo(Part, frozen=True, forbid_unknown_fields=True):
    """What a loaded model says of itself.

    base, superres: the default plans of its stages; superres is None where it has one stage only.
    sizes:          sides in px of the results that it makes, its own first: (512, 256) of our own cascades.
    base_grid:      tokens a side at its own size. At another size a model of one stage has size / 16.
    superres_grid:  the same of super-resolution; None where `superres` is.
    edit:           the default plan of editing by prompt alone, whose steps are iterations; None where it isn't told.
    loras:          whether LoRA files are taken with a request; “fixed” where those that it has can't be changed.
    """

    name: Name
    licence: Name
    base: Plan
    superres: Plan | None
    sizes: Sizes
    base_grid: Grid
    superres_grid: Grid | None
    edit: Plan | None = None
    loras: Literal["taken", "fixed", "none"] = "none"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not set(self.sizes) <= set(SIZES_PX) or len(set(self.sizes)) < len(self.sizes):
            raise ValueError(f"the sizes {self.sizes} are not some of {SIZES_PX}, each once")
        if (self.superres is None) != (self.superres_grid is None):
            raise ValueError("a stage has both a plan and a grid")


class LoraPart(Part, frozen=True, forbid_unknown_fields=True):
    """A LoRA of a request: the file, what it must be, and how strongly."""

    name: LoraName
    sha256: Hash
    strength: float
    path: LoraPath


class DeviceInfo(Part, frozen=True, forbid_unknown_fields=True):
    """Where it runs. Bytes are of the device's memory; None where that is unknown.

    dtype: the numbers that the model is computed in there, as “bfloat16”; "" where that is unknown.
    """

    name: Name
    kind: Name
    total_bytes: Number | None
    free_bytes: Number | None
    dtype: Name = ""


class Message(Part, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Anything that crosses. `shapes` tells the arrays in the payload; () stands for an array that is absent."""


class Load(Message, frozen=True, tag="load"):
    """Studio → worker: load this cascade folder on this device. Comes first, once."""

    model: Path
    device: Name


class Run(Message, frozen=True, tag="run"):
    """Studio → worker: run this request. Payload: picture, mask, of each grid the tokens and which are decided, and the
    base tokens that an edit has reached; all as the mode needs them. iterations: how many that edit took; 0 is none."""

    job: Number
    mode: Literal["generate", "inpaint", "edit", "continue", "reroll", "retexture"]
    prompt: Prompt
    negative_prompt: Prompt
    seed: Seed
    size: Size
    base: Plan
    superres: Plan
    share: Share
    count: Variations
    strength: Share
    iterations: Number = 0
    loras: LoraParts = ()
    shapes: Shapes = ((), (), (), (), (), (), ())


class Look(Message, frozen=True, tag="look"):
    """Studio → worker: what is this LoRA file, and does it fit the model? Answered between two steps of a job, too."""

    nonce: Number
    path: LoraPath


class Cancel(Message, frozen=True, tag="cancel"):
    """Studio → worker: stop this job before its next step. Of no effect if it has ended."""

    job: Number


class Ping(Message, frozen=True, tag="ping"):
    """Studio → worker: are you there? Answered at once, also in the middle of a step."""

    nonce: Number


class Shutdown(Message, frozen=True, tag="shutdown"):
    """Studio → worker: stop what you do and exit."""


class Hello(Message, frozen=True, tag="hello"):
    """Worker → studio, first of all: I run. `version` is the program's."""

    version: Name
    pid: Number


class Loading(Message, frozen=True, tag="loading"):
    """Worker → studio: share of the loading that is done, and what comes now."""

    share: Share
    what: Name


class Ready(Message, frozen=True, tag="ready"):
    """Worker → studio: the model is loaded, jobs may come."""

    model: ModelInfo
    device: DeviceInfo


class Step(Message, frozen=True, tag="step"):
    """Worker → studio: one step of one variation of a job. Payload: tokens, confidence, which are known, preview."""

    job: Number
    index: Index
    total: Count
    stage: StageName
    job_index: Index
    job_total: Count
    seconds_left: Seconds | None
    variation: Variation
    shapes: Shapes

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.index >= self.total or self.job_index >= self.job_total:
            raise ValueError("a step's index is past its total")


class Made(Message, frozen=True, tag="made"):
    """Worker → studio: one variation is finished and others are not. Payload: as that of Finished."""

    job: Number
    variation: Variation
    seconds: Seconds
    notes: Texts
    shapes: Shapes


class Finished(Message, frozen=True, tag="finished"):
    """Worker → studio: a job's end, its last variation. Payload: picture, tokens of both stages, what was edited."""

    job: Number
    seconds: Seconds
    notes: Texts
    shapes: Shapes


class Cancelled(Message, frozen=True, tag="cancelled"):
    """Worker → studio: a job was stopped, as asked."""

    job: Number


class SmallerPlan(Part, frozen=True, forbid_unknown_fields=True):
    """What may do instead: fewer variations at once, another size, another device."""

    kind: Literal["count", "size", "device"]
    value: Name


class Failed(Message, frozen=True, tag="failed"):
    """Worker → studio: a job can't be done; with no job, the model can't be loaded."""

    job: Number | None
    kind: Name
    message: Text
    detail: Detail
    offers: SmallerPlans = ()


class Pong(Message, frozen=True, tag="pong"):
    """Worker → studio: the answer to a Ping."""

    nonce: Number


class Looked(Message, frozen=True, tag="looked"):
    """Worker → studio: the answer to a Look. problem: why the file cannot be used; "" where it can."""

    nonce: Number
    name: LoraName
    sha256: Hash
    problem: Text = ""
    detail: Detail = ""


class Note(Message, frozen=True, tag="note"):
    """Worker → studio: something for the log."""

    text: Text


@dataclass(frozen=True, slots=True)
class ArrayKind:
    """One array of a payload: its name, numpy type and number of axes; `optional` ones may be absent."""

    name: str
    dtype: str
    axes: int
    optional: bool = False


_RESULT = (
    ArrayKind("picture", "<u1", 3),
    ArrayKind("base tokens", "<i4", 2, optional=True),
    ArrayKind("superres tokens", "<i4", 2, optional=True),
    ArrayKind("edited", "<u1", 2, optional=True),
)
LAYOUTS: dict[type[Message], tuple[ArrayKind, ...]] = {
    Run: (
        ArrayKind("picture", "<u1", 3, optional=True),
        ArrayKind("mask", "<u1", 2, optional=True),
        ArrayKind("base tokens", "<i4", 2, optional=True),
        ArrayKind("base decided", "<u1", 2, optional=True),
        ArrayKind("superres tokens", "<i4", 2, optional=True),
        ArrayKind("superres decided", "<u1", 2, optional=True),
        ArrayKind("reached", "<i4", 2, optional=True),
    ),
    Step: (
        ArrayKind("tokens", "<i4", 2),
        ArrayKind("confidence", "<f4", 2),
        ArrayKind("known", "<u1", 2),
        ArrayKind("preview", "<u1", 3),
    ),
    Made: _RESULT,
    Finished: _RESULT,
}

ToWorker: TypeAlias = Load | Run | Look | Cancel | Ping | Shutdown
FromWorker: TypeAlias = Hello | Loading | Ready | Step | Made | Finished | Cancelled | Failed | Pong | Looked | Note
Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Letter:
    """A message with its arrays, one for each entry of its layout; None where absent."""

    message: Message
    arrays: tuple[Array | None, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_to_worker: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(ToWorker)
_from_worker: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(FromWorker)


def shapes_of(*arrays: Array | None) -> tuple[tuple[int, ...], ...]:
    """What a message's `shapes` must be for these arrays."""
    return tuple(() if array is None else array.shape for array in arrays)


def pack(letter: Letter) -> Frame:
    """The frame of a letter. MuseStudioError(PROTOCOL) if its arrays aren't what its message says."""
    message = letter.message
    layout = LAYOUTS.get(type(message), ())
    if len(letter.arrays) != len(layout) or shapes_of(*letter.arrays) != getattr(message, "shapes", ()):
        raise protocol_error(f"the arrays of {type(message).__name__} are not those it tells of")
    raw = [_raw(kind, array) for kind, array in zip(layout, letter.arrays, strict=True) if array is not None]
    try:
        return Frame(_encoder.encode(message), b"".join(raw))
    except (UnicodeError, OverflowError) as fault:
        raise protocol_error(f"{type(message).__name__} cannot be written", repr(fault)) from fault


def unpack_to_worker(frame: Frame) -> Letter:
    """What the studio says. MuseStudioError(PROTOCOL) for anything else. The arrays are read-only."""
    return _unpack(frame, _to_worker)


def unpack_from_worker(frame: Frame) -> Letter:
    """What the worker says. MuseStudioError(PROTOCOL) for anything else. The arrays are read-only."""
    return _unpack(frame, _from_worker)


def _unpack(frame: Frame, decoder: msgspec.msgpack.Decoder[Message]) -> Letter:
    try:
        message = decoder.decode(frame.header)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as fault:
        raise protocol_error("a message was refused", str(fault)) from fault
    layout = LAYOUTS.get(type(message), ())
    shapes: tuple[tuple[int, ...], ...] = getattr(message, "shapes", ())
    if len(shapes) != len(layout):
        raise protocol_error(f"{type(message).__name__} tells of {len(shapes)} arrays, not {len(layout)}")
    return Letter(message, tuple(_arrays(type(message).__name__, layout, shapes, frame.payload)))


def _arrays(
    name: str, layout: tuple[ArrayKind, ...], shapes: tuple[tuple[int, ...], ...], payload: bytes
) -> list[Array | None]:
    arrays: list[Array | None] = []
    start = 0
    for kind, shape in zip(layout, shapes, strict=True):
        if not shape and kind.optional:
            arrays.append(None)
            continue
        if len(shape) != kind.axes:
            raise protocol_error(f"{name}'s {kind.name} has {len(shape)} axes, not {kind.axes}")
        count = math.prod(shape)
        end = start + count * np.dtype(kind.dtype).itemsize
        if end > len(payload):
            raise protocol_error(f"{name}'s {kind.name} of shape {shape} does not fit in {len(payload)} bytes")
        arrays.append(np.frombuffer(payload, kind.dtype, count, start).reshape(shape))
        start = end
    if start != len(payload):
        raise protocol_error(f"{name} carries {len(payload)} bytes, its shapes tell of {start}")
    return arrays


def _raw(kind: ArrayKind, array: Array) -> bytes:
    if array.dtype != np.dtype(kind.dtype) or array.ndim != kind.axes:
        raise protocol_error(f"{kind.name} must be {kind.dtype} with {kind.axes} axes, not {array.dtype} {array.shape}")
    return array.tobytes()
