"""The one place where a request becomes tensors and a plan, and a decode becomes steps of numpy arrays.

The worker process and the command line both run this. Every fault leaves as a MuseStudioError that says what to do.
Knows nothing of pipes, documents or where a result goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.core.loras import LoraUse
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.offers import TO_THE_CPU, Offer, smaller_plans
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.ipc import messages
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.muse import device as devices
from muse_studio.muse import plans
from muse_studio.muse.any_cascade import AnyCascade
from muse_studio.muse.editing import edited_mask
from muse_studio.muse.guidance import Guidance
from muse_studio.muse.masking import cell_pixels
from muse_studio.weights.opening import look_into, no_loras, wardrobe_of, wear
from muse_studio.worker.faults import explained
from muse_studio.worker.given import Given, check_possible, given
from muse_studio.worker.numbers import Numbers, choose_numbers
from muse_studio.worker.pace import Pace, decode_part
from muse_studio.worker.room import chosen_way, fitting_way, job_words

__all__ = ["ResultEvent", "Session", "StepEvent"]

MEMORY_WAS_SHORT = (
    "Memory was short, so each step was computed in two halves. That takes longer; the picture is the same."
)
HOME_WORDS = {
    "device": "always on the device",
    "visit": "on the device while it reads a prompt, else on the CPU",
    "cpu": "on the CPU",
    "dropped": "read from disk for every new prompt",
}
WARM_UP_LIMIT_BYTES = 2**29  # of a job on a CPU: one step of a larger one takes longer than a warm start saves

Progress = Callable[[float, str], None]
Clock = Callable[[], float]


class Session:
    """A loaded cascade and the jobs it runs, one at a time.

    `load` once, then `run` as often as you like. Equal requests give equal tokens.
    """

    def __init__(self, clock: Clock = time.monotonic, way: str | None = None) -> None:
        """way: how guidance is computed, “batch” or “sequential”; None lets the memory decide."""
        self._clock = clock
        self._way = chosen_way(way)
        self._pace = Pace()
        self._cascade: AnyCascade | None = None
        self._device = torch.device("cpu")
        self._numbers: Numbers | None = None

    def load(
        self,
        folder: Path,
        device: str = "auto",
        progress: Progress | None = None,
        dtype: str | None = None,
        loras: Sequence[LoraUse] = (),
    ) -> None:
        """Load the cascade in `folder` onto a device: auto, cpu, cuda, mps or xla.

        progress: called with the share done, 0 to 1, and what is loaded next.
        dtype:    “float32”, “bfloat16” or, of a published cascade, “int8”; “auto” and None measure once what is faster
                  here, see `numbers`.
        loras:    what is on top of a published cascade from the beginning; of one in int8, for good.
        Raises MuseStudioError of kind BAD_MODEL, BAD_REQUEST, DEVICE, OUT_OF_MEMORY or DISK.
        """
        kind = device.strip().lower()
        offers = () if kind == "cpu" or (kind == "auto" and devices.pick_device().type == "cpu") else (TO_THE_CPU,)
        with explained(f"the model {folder.name}", "choose a smaller model, or another device", None, offers):
            self._device = devices.pick_device(device)
            found = look_into(folder)
            self._numbers = choose_numbers(found.config, self._device, dtype)
            self._cascade = found.load(self._device, progress, self._numbers.dtype, loras, int8=self._numbers.int8)

    def warm_up(self) -> None:
        """Run one short job, so that the first real one is as quick as the next."""
        one, size = StagePlan(steps=1), self.cascade.traits.sizes[0]
        if self._device.type == "cpu" and self.cascade.job_bytes(size, 1, "batch") > WARM_UP_LIMIT_BYTES:
            return
        wardrobe = wardrobe_of(self.cascade)
        worn = () if wardrobe is None else wardrobe.worn
        for _ in self.run(EditRequest(Mode.GENERATE, "", size=size, base=one, superres=one, loras=worn)):
            pass

    @property
    def cascade(self) -> AnyCascade:
        """The loaded cascade. MuseStudioError before `load`."""
        if self._cascade is None:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, "No model is loaded; choose one, then try again.")
        return self._cascade

    def model_info(self) -> messages.ModelInfo:
        """What the loaded cascade is, what it makes, and its default plans."""
        traits = self.cascade.traits
        own, superres = traits.sizes[0], traits.superres
        return messages.ModelInfo(
            name=traits.name,
            licence=traits.licence,
            base=_plan_info(traits.base.plan),
            superres=None if superres is None else _plan_info(superres.plan),
            sizes=traits.sizes,
            base_grid=traits.base.grids[own],
            superres_grid=None if superres is None else superres.grids[own],
            edit=messages.Plan(traits.edit.iterations, float(traits.edit.guidance), None),
            loras=self._lora_ways(),
        )

    def _lora_ways(self) -> Literal["taken", "fixed", "none"]:
        wardrobe = wardrobe_of(self.cascade)
        return "none" if wardrobe is None else "fixed" if wardrobe.is_fixed else "taken"

    def look_at_lora(self, path: Path) -> LoraUse:
        """What a LoRA file is, if it fits the loaded cascade. MuseStudioError(BAD_MODEL) says why it cannot be used."""
        wardrobe = wardrobe_of(self.cascade)
        if wardrobe is None:
            raise no_loras()
        with explained(f"the LoRA {path.name}", "close other programs"):
            return wardrobe.look(path)

    def device_info(self) -> messages.DeviceInfo:
        """Name and memory of the device, and the numbers it computes in."""
        info = devices.describe_device(self._device)
        dtype = self._numbers.name if self._numbers is not None else ""
        return messages.DeviceInfo(info.name, info.kind, info.total_bytes, info.free_bytes, dtype)

    def plan_facts(self) -> dict[str, str]:
        """How a loaded model is computed here, and why: for whoever looks after the machine."""
        if self._cascade is None or self._numbers is None:
            return {}
        text = self._cascade.text
        return {
            "numbers": f"{self._numbers.name} ({self._numbers.why})",
            "guidance": self._way or "in a batch where memory allows, else one half after the other",
            "text encoder": f"{str(text.dtype).removeprefix('torch.')}, {HOME_WORDS[text.home]}",
        }

    def run(self, request: EditRequest) -> Iterator[StepEvent | ResultEvent]:
        """Every step of the decode, for each variation; then one ResultEvent for each. Closing the iterator cancels.

        An empty mask gives the picture itself, without a step. Raises MuseStudioError.
        """
        started = self._clock()
        check_possible(self.cascade.traits, request)
        if request.mask is not None and request.picture is not None and not request.mask.any():
            for row in range(request.count):
                yield ResultEvent(_untouched(request), None, None, self._clock() - started, variation=row)
            return
        offers = smaller_plans(request, self._device.type == "cpu", self.cascade.traits.sizes)
        with explained(job_words(request), "choose a smaller model", self._device, offers):
            if not _is_decided(request):
                wear(self.cascade, request.loras)
            self._make_room(request, offers)
            yield from self._decode(request, started)

    def _make_room(self, request: EditRequest, offers: tuple[Offer, ...]) -> None:
        """Guidance as memory allows; once it ran out in a batch, never in a batch again."""
        before = self.cascade.guidance
        way = self._way or ("sequential" if before.yielded else None)
        info = devices.describe_device(self._device)
        self.cascade.guidance = Guidance(way or fitting_way(self.cascade, request, info, offers), before.yielded)

    def _decode(self, request: EditRequest, started: float) -> Iterator[StepEvent | ResultEvent]:
        base_plan, superres_plan = self._plans(request)
        with torch.inference_mode():
            material = given(self.cascade, request)
            steps = self._timed_steps(self._steps(request, material, base_plan, superres_plan))
        ways = self._ways(material, base_plan, superres_plan)
        tokens = _first_tokens(material, request.count)
        try:
            for step in steps:
                tokens[step.stage] = step.tokens
                yield from self._step_events(step, ways)
        finally:
            steps.close()
        yield from self._results(request, material, tokens, started)

    def _steps(
        self, request: EditRequest, material: Given, base: plans.StagePlan, superres: plans.StagePlan | None
    ) -> Iterator[plans.DecodeStep]:
        """Every mode is one of two: filling what is unknown, or resampling a random few again and again."""
        said = ([request.prompt] * request.count, [request.negative_prompt], request.seeds)
        if request.mode is Mode.EDIT:
            assert material.start is not None
            plan = _edit_plan(self.cascade.traits.edit, request.base)
            return self.cascade.edit(*said, material.start, plan, superres, material.reached)
        return self.cascade.sample(
            *said, base, superres, material.start, material.known, material.begun, size=request.size
        )

    def _results(
        self, request: EditRequest, material: Given, tokens: dict[str, Tensor], started: float
    ) -> Iterator[ResultEvent]:
        """One picture for each variation, decoded one by one: a decoder's features are many times as large."""
        final = self.cascade.traits.last_stage(request.size)
        notes = self._notes(request)
        for row in range(request.count):
            base = tokens["base"][row : row + 1]
            decode_started = self._clock()
            with torch.inference_mode():
                picture = _to_pixels(self.cascade.picture(tokens[final][row : row + 1], final)[0])
                edited = _edited(request, material, base)
            ended = self._clock()
            self._pace.note(decode_part(final), ended - decode_started)
            fine = _to_tokens(tokens["superres"][row]) if final == "superres" else None
            yield ResultEvent(picture, _to_tokens(base[0]), fine, ended - started, edited, notes, row)

    def _timed_steps(self, steps: Iterator[plans.DecodeStep]) -> Generator[plans.DecodeStep, None, None]:
        """The same steps; the time of each is noted, that of whoever consumes them is not."""
        while True:
            began = self._clock()
            with torch.inference_mode():
                step = next(steps, None)
            if step is None:
                return
            self._pace.note(step.stage, self._clock() - began)
            yield step

    def _plans(self, request: EditRequest) -> tuple[plans.StagePlan, plans.StagePlan | None]:
        traits = self.cascade.traits
        base, superres = _plan(traits.base.plan, request.base), None
        if traits.superres is not None and traits.last_stage(request.size) == "superres":
            superres = _plan(traits.superres.plan, request.superres)
        if request.mode is Mode.EDIT:
            base = replace(base, steps=_edit_plan(traits.edit, request.base).iterations)
            if request.reached is not None and request.reached.iterations > base.steps:
                raise MuseStudioError(
                    ErrorKind.BAD_REQUEST,
                    f"These tokens stand after iteration {request.reached.iterations} of an edit of {base.steps}. "
                    "Ask for more iterations.",
                )
        return base, superres

    def _ways(self, material: Given, base: plans.StagePlan, superres: plans.StagePlan | None) -> dict[str, range]:
        """The steps each stage will take: as planned, or fewer where few tokens are unknown or much is decided."""
        known, begun, reached = material.known, material.begun, material.reached
        if known is None:
            done = 0 if reached is None else reached.iterations
            return {"base": range(done, base.steps), "superres": range(superres.steps if superres else 0)}
        ways = {"base": self.cascade.course(base, known.base, begun.base if begun else None), "superres": range(0)}
        if superres is not None and known.superres is not None:
            ways["superres"] = self.cascade.course(superres, known.superres, begun.superres if begun else None)
        return ways

    def _notes(self, request: EditRequest) -> tuple[str, ...]:
        """What a person should know: that only a prompt's beginning was read, that memory was short."""
        text, short = self.cascade.text, (MEMORY_WAS_SHORT,) if self.cascade.guidance.yielded else ()
        said = {"prompt": request.prompt, "negative prompt": request.negative_prompt}
        return short + tuple(
            f"The {name} is longer than the {text.length} tokens this model reads; what comes after them had no effect."
            for name, cut in zip(said, text.cut([*said.values()]), strict=True)
            if cut
        )

    def _step_events(self, step: plans.DecodeStep, ways: dict[str, range]) -> Iterator[StepEvent]:
        """One event for each variation."""
        with torch.inference_mode():
            previews: NDArray[np.uint8] = self.cascade.preview(step.tokens, step.stage).cpu().numpy()
        before = len(ways["base"]) if step.stage == "superres" else 0
        job_index = before + step.index - ways[step.stage].start
        job_total = len(ways["base"]) + len(ways["superres"])
        base_left = max(len(ways["base"]) - job_index - 1, 0)
        superres_left = job_total - job_index - 1 - base_left
        final = "superres" if ways["superres"] else "base"
        seconds_left = self._pace.left({"base": base_left, "superres": superres_left}, final)
        for row, preview in enumerate(previews):
            yield StepEvent(
                index=step.index,
                total=step.total,
                stage=step.stage,
                job_index=job_index,
                job_total=job_total,
                tokens=_to_tokens(step.tokens[row]),
                confidence=step.confidence[row].float().clamp(0, 1).cpu().numpy(),
                known=step.known[row].cpu().numpy(),
                preview=preview,
                seconds_left=seconds_left,
                variation=row,
            )


def _is_decided(request: EditRequest) -> bool:
    """Whether only a picture is made of tokens: then no LoRA has a say."""
    tokens = request.tokens
    if request.mode is not Mode.CONTINUE or tokens is None or request.mask is not None:
        return False
    return all(grid.decided.all() for grid in (tokens.base, tokens.superres) if grid is not None)


def _plan(default: plans.StagePlan, asked: StagePlan) -> plans.StagePlan:
    """The model's default plan, with whatever the request sets.

    A temperature is of the order by confidence alone, so whoever asks for one asks for that order.
    """
    order = default.order if asked.temperature is None else "confidence"
    return replace(
        default,
        steps=default.steps if asked.steps is None else int(asked.steps),
        guidance=default.guidance if asked.guidance is None else float(asked.guidance),
        temperature=default.temperature if asked.temperature is None else float(asked.temperature),
        order=order,
    )


def _edit_plan(default: plans.EditPlan, asked: StagePlan) -> plans.EditPlan:
    """The model's default way of editing, with whatever the request sets."""
    return replace(
        default,
        iterations=default.iterations if asked.steps is None else int(asked.steps),
        guidance=default.guidance if asked.guidance is None else float(asked.guidance),
    )


def _first_tokens(material: Given, count: int) -> dict[str, Tensor]:
    """What the result is made of where a stage has no step to take."""
    start, reached = material.start, material.reached
    grids = {} if start is None else {"base": start.base, "superres": start.superres}
    if reached is not None:
        grids["base"] = reached.tokens
    return {stage: grid.expand(count, -1, -1) for stage, grid in grids.items() if grid is not None}


def _edited(request: EditRequest, material: Given, base: Tensor) -> NDArray[np.uint8] | None:
    """uint8 [S, S], 255 where a mode that needs no mask has made something new; if it has one, under that only."""
    if request.mode is Mode.EDIT:
        assert material.start is not None
        return edited_mask(material.start.base, base, request.size)[0].cpu().numpy()
    if material.renewed is None:
        return None
    new: NDArray[np.uint8] = cell_pixels(material.renewed, request.size)[0].cpu().numpy()
    if request.mask is None:
        return new
    return np.where(resample_by_maximum(request.mask, Extent(request.size, request.size)) > 0, new, np.uint8(0))


def _plan_info(plan: plans.StagePlan) -> messages.Plan:
    temperature = float(plan.temperature) if plan.order == "confidence" else None
    return messages.Plan(plan.steps, float(plan.guidance), temperature)


def _to_tokens(tokens: Tensor) -> NDArray[np.int32]:
    """int32 [h, w]."""
    grid: NDArray[np.int32] = tokens.to(torch.int32).cpu().numpy()
    return grid


def _to_pixels(picture: Tensor) -> NDArray[np.uint8]:
    """uint8 [S, S, 3] of a picture [3, S, S] in [0, 1]."""
    pixels = (picture.float().clamp(0, 1) * 255).round().to(torch.uint8)
    array: NDArray[np.uint8] = pixels.permute(1, 2, 0).contiguous().cpu().numpy()
    return array


def _untouched(request: EditRequest) -> NDArray[np.uint8]:
    """The request's own picture [S, S, 3]; at size 256 each pixel is the mean of the four it covers."""
    assert request.picture is not None
    if request.size == request.picture.shape[0]:
        return request.picture.copy()
    factor = request.picture.shape[0] // request.size
    blocks = request.picture.reshape(request.size, factor, request.size, factor, 3).astype(np.float32)
    mean: NDArray[np.uint8] = blocks.mean(axis=(1, 3)).round().astype(np.uint8)
    return mean
