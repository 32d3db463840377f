"""How much memory a cascade would take, and what would be done where that is short: told before it happens.

Reckons from cascade.json, or from a published folder's configurations, as the worker does from the model itself
(`muse.memory`, `weights.published_memory`, `worker.room`); tests hold them together, since neither room may import the
other. Knows no torch and no device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from muse_studio.core import published_needs
from muse_studio.core.limits import BASE_SIDE_PX, FRAME_SIDE_PX
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.offers import Offer, OfferKind, smaller_plans
from muse_studio.core.request import EditRequest, Mode

FLOAT_BYTES = 4
ITEM_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
EASE = 1.5  # as in worker.room
_SAMPLING_FLOATS = 4
_PROMPT_LENGTH = 128
_SANE = 2**20  # no size of a layer is larger; a stranger's numbers must not make an endless one


class Outcome(Enum):
    """What would become of a job."""

    PLENTY = "plenty"
    HALVES = "halves"
    """Each step in two halves: slower, the same picture."""
    SHORT = "short"
    """Refused before its first step, with smaller plans to choose from."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a job would take beside the model, and what would be done.

    job_bytes: of the way that would be taken. free_bytes: what the model leaves.
    offers:    that fit, where the job does not.
    """

    outcome: Outcome
    model_bytes: int
    job_bytes: int
    free_bytes: int
    offers: tuple[Offer, ...] = ()


def forecast(
    architecture: Mapping[str, Any],
    parameters: Mapping[str, int],
    free_bytes: int,
    size: int,
    count: int,
    item_bytes: int = FLOAT_BYTES,
    *,
    on_cpu: bool,
    is_loaded: bool,
    sizes: Sequence[int] = OWN_SHAPE.sizes,
) -> Forecast | None:
    """free_bytes: of the device, now; `is_loaded` says that this very model is in it already. sizes: that it makes.

    None where the architecture is not one that can be reckoned.
    """
    model = weights_bytes(parameters, item_bytes)
    left = free_bytes if is_loaded else free_bytes - model
    request = EditRequest(Mode.GENERATE, "", size=size, count=count)
    try:
        batch, halves = (job_bytes(architecture, size, count, way, item_bytes) for way in ("batch", "sequential"))
        if EASE * batch <= left:
            return Forecast(Outcome.PLENTY, model, batch, left)
        if halves <= left:
            return Forecast(Outcome.HALVES, model, halves, left)
        fitting = tuple(
            offer
            for offer in smaller_plans(request, on_cpu, sizes)
            if offer.kind is OfferKind.DEVICE or _fits(architecture, offer.applied(request), left, item_bytes)
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, ZeroDivisionError, IndexError):
        return None
    return Forecast(Outcome.SHORT, model, halves, left, fitting)


def weights_bytes(parameters: Mapping[str, int], item_bytes: int) -> int:
    """Of a model's parts in memory. The text encoder is counted in float32, the most it may take."""
    return sum(
        count * (FLOAT_BYTES if name.startswith("text_encoder") else item_bytes) for name, count in parameters.items()
    )


def job_bytes(architecture: Mapping[str, Any], size: int, count: int, way: str, item_bytes: int) -> int:
    """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment.

    KeyError, TypeError or ValueError where the architecture is not one.
    """
    if published_needs.is_published(architecture):
        return published_needs.job_bytes(architecture, size, count, way, item_bytes)
    base, superres = _sizes(architecture["base"]), _sizes(architecture["superres"])
    coarse, fine = _sizes(architecture["base_vqgan"]), _sizes(architecture["superres_vqgan"])
    parts = [_stage(base, count, way, item_bytes), _picture(coarse, BASE_SIDE_PX, count, item_bytes)]
    if size > BASE_SIDE_PX:
        parts += [_stage(superres, count, way, item_bytes), _picture(fine, FRAME_SIDE_PX, count, item_bytes)]
    return max(parts)


def _fits(architecture: Mapping[str, Any], request: EditRequest, free_bytes: int, item_bytes: int) -> bool:
    return job_bytes(architecture, request.size, request.count, "sequential", item_bytes) <= free_bytes


def _sizes(part: Any) -> dict[str, Any]:
    """A part of the architecture whose numbers are sane."""
    for key, value in part.items():
        numbers = value if isinstance(value, list) else [value]
        if any(type(number) is int and not 0 < number <= _SANE for number in numbers) or len(numbers) > 16:
            raise ValueError(f"{key} is {value!r:.60}")
    return dict(part)


def _stage(part: Mapping[str, Any], count: int, way: str, item_bytes: int) -> int:
    in_flight = (2 if way == "batch" else 1) * count
    is_superres = "lowres_grid" in part
    hidden, grid, codes = part["hidden"], part["grid"], part["codebook_size"]
    positions = (grid // (part.get("merge", 1) if is_superres else 1)) ** 2
    logits = grid**2 * codes
    layer = positions * max(4 * hidden + 2 * part["mlp"], 8 * hidden)
    head = grid**2 * (2 * hidden + codes)
    floats = (1 if way == "batch" else 2) + (1 if is_superres and part.get("draft") else 0)
    forward = in_flight * (max(layer, head) * item_bytes + floats * logits * FLOAT_BYTES)
    forward += count * logits * FLOAT_BYTES
    joined = _PROMPT_LENGTH + (part["lowres_grid"] ** 2 if is_superres else 0)
    kept = 2 * count * part["layers"] * 2 * joined * hidden
    if is_superres:
        kept += 2 * count * positions * hidden
    return int(kept * item_bytes + max(forward, _SAMPLING_FLOATS * count * logits * FLOAT_BYTES))


def _picture(part: Mapping[str, Any], side: int, count: int, item_bytes: int) -> int:
    width = max(part.get("decoder_width") or part["width"], part["width"])
    finest = side // (part.get("patch", 1) if part.get("stem") == "patchify" else 1)
    multipliers = part["multipliers"]
    blocks = 0
    for level, own in enumerate(multipliers):
        coarser = multipliers[min(level + 1, len(multipliers) - 1)]
        blocks = max(blocks, (finest >> level) ** 2 * width * (2 * coarser + 3 * own))
    picture = 3 * side**2 * (item_bytes + 2 * FLOAT_BYTES)
    distances = 3 * (side // part["factor"]) ** 2 * part["codebook_size"] * FLOAT_BYTES
    return int(count * (max(blocks * item_bytes, distances) + picture))
