"""The one place where a request becomes tensors and a plan, and a decode becomes steps of numpy arrays.

The worker process and the command line both run this. Every fault leaves as a MuseStudioError that says what to do.
Knows nothing of pipes, documents or where a result goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.ipc import messages
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.muse import device as devices
from muse_studio.muse import plans
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.editing import EditPlan, edited_mask
from muse_studio.muse.masking import known_grids
from muse_studio.worker.faults import explained
from muse_studio.worker.pace import Pace, decode_part

__all__ = ["ResultEvent", "Session", "StepEvent"]

Progress = Callable[[float, str], None]
Clock = Callable[[], float]


class Session:
    """A loaded cascade and the jobs it runs, one at a time.

    `load` once, then `run` as often as you like. Equal requests give equal tokens.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._pace = Pace()
        self._cascade: Cascade | None = None
        self._device = torch.device("cpu")

    def load(self, folder: Path, device: str = "auto", progress: Progress | None = None) -> None:
        """Load the cascade in `folder` onto a device: auto, cpu, cuda, mps or xla.

        progress: called with the share done, 0 to 1, and what is loaded next.
        Raises MuseStudioError of kind BAD_MODEL, DEVICE, OUT_OF_MEMORY or DISK.
        """
        with explained(f"the model {folder.name}", "choose a smaller model, or another device"):
            self._device = devices.pick_device(device)
            self._cascade = Cascade.load(folder, self._device, progress)

    def warm_up(self) -> None:
        """Run one short job, so that the first real one is as quick as the next."""
        one = StagePlan(steps=1)
        for _ in self.run(EditRequest(Mode.GENERATE, "", base=one, superres=one)):
            pass

    @property
    def cascade(self) -> Cascade:
        """The loaded cascade. MuseStudioError before `load`."""
        if self._cascade is None:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, "No model is loaded; choose one, then try again.")
        return self._cascade

    def model_info(self) -> messages.ModelInfo:
        """Name, licence and default plans of the loaded cascade."""
        config = self.cascade.config
        defaults = config.defaults
        return messages.ModelInfo(config.name, config.licence, _plan_info(defaults.base), _plan_info(defaults.superres))

    def device_info(self) -> messages.DeviceInfo:
        """Name and memory of the device."""
        info = devices.describe_device(self._device)
        return messages.DeviceInfo(info.name, info.kind, info.total_bytes, info.free_bytes)

    def run(self, request: EditRequest) -> Iterator[StepEvent | ResultEvent]:
        """Every step of the decode, then exactly one ResultEvent. Closing the iterator cancels.

        An empty mask gives the picture itself, without a step. Raises MuseStudioError.
        """
        started = self._clock()
        if request.mask is not None and not request.mask.any():
            yield ResultEvent(_untouched(request), None, None, self._clock() - started)
            return
        smaller = "choose the size 256" if request.size > 256 else "choose a smaller model"
        with explained(f"a picture of {request.size} × {request.size}", smaller, self._device):
            yield from self._decode(request, started)

    def _decode(self, request: EditRequest, started: float) -> Iterator[StepEvent | ResultEvent]:
        cascade = self.cascade
        base_plan, superres_plan = self._plans(request)
        said = ([request.prompt], [request.negative_prompt], [request.seed])
        with torch.inference_mode():
            start, known = self._given(request)
            edited_from = start if request.mode is Mode.EDIT else None
            if edited_from is not None:
                plan = _edit_plan(request.base)
                base_plan = replace(base_plan, steps=plan.iterations)
                steps = self._timed_steps(cascade.edit(*said, edited_from, plan, superres_plan))
            else:
                steps = self._timed_steps(cascade.sample(*said, base_plan, superres_plan, start, known))
        notes = self._notes(request)
        totals = _step_totals(base_plan, superres_plan, known)
        tokens: dict[str, Tensor] = {}
        try:
            for step in steps:
                tokens[step.stage] = step.tokens
                yield self._step_event(step, totals)
        finally:
            steps.close()
        final: plans.Stage = "superres" if superres_plan else "base"
        if edited_from is not None and edited_from.superres is not None:
            tokens.setdefault("superres", edited_from.superres)  # nothing was changed, so there was nothing to finish
        decode_started = self._clock()
        with torch.inference_mode():
            picture = _to_pixels(cascade.picture(tokens[final], final))
        ended = self._clock()
        self._pace.note(decode_part(final), ended - decode_started)
        superres_tokens = _to_tokens(tokens["superres"]) if superres_plan else None
        edited = None
        if edited_from is not None:
            edited = edited_mask(edited_from.base, tokens["base"], request.size)[0].cpu().numpy()
        yield ResultEvent(picture, _to_tokens(tokens["base"]), superres_tokens, ended - started, edited, notes)

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
        defaults = self.cascade.config.defaults
        superres = _plan(defaults.superres, request.superres) if request.size > 256 else None
        return _plan(defaults.base, request.base), superres

    def _given(self, request: EditRequest) -> tuple[plans.TokenGrids | None, plans.KnownGrids | None]:
        """The tokens of the request's picture, if it has one, and which of them must stay, if it has a mask."""
        if request.picture is None:
            return None, None
        picture = torch.from_numpy(request.picture.copy()).to(self._device)
        start = self.cascade.tokenize(picture.permute(2, 0, 1)[None].float() / 255)
        if request.mask is None:
            return start, None
        mask = torch.from_numpy(request.mask.copy()).to(self._device)
        config = self.cascade.config
        return start, known_grids(mask[None], config.base.grid, config.superres.grid)

    def _notes(self, request: EditRequest) -> tuple[str, ...]:
        """What a person should know: that the encoder reads only the beginning of a long prompt."""
        text = self.cascade.text
        said = {"prompt": request.prompt, "negative prompt": request.negative_prompt}
        return tuple(
            f"The {name} is longer than the {text.length} tokens this model reads; what comes after them had no effect."
            for name, cut in zip(said, text.cut([*said.values()]), strict=True)
            if cut
        )

    def _step_event(self, step: plans.DecodeStep, totals: dict[str, int]) -> StepEvent:
        with torch.inference_mode():
            preview: NDArray[np.uint8] = self.cascade.preview(step.tokens, step.stage)[0].cpu().numpy()
        done = step.index + 1
        base_left = totals["base"] - done if step.stage == "base" else 0
        superres_left = totals["superres"] - (done if step.stage == "superres" else 0)
        return StepEvent(
            index=step.index,
            total=step.total,
            stage=step.stage,
            job_index=step.index + (totals["base"] if step.stage == "superres" else 0),
            job_total=totals["base"] + totals["superres"],
            tokens=_to_tokens(step.tokens),
            confidence=step.confidence[0].float().clamp(0, 1).cpu().numpy(),
            preview=preview,
            seconds_left=self._pace.left(
                {"base": base_left, "superres": superres_left}, "superres" if totals["superres"] else "base"
            ),
        )


def _plan(default: plans.StagePlan, asked: StagePlan) -> plans.StagePlan:
    """The model's default plan, with whatever the request sets."""
    return replace(
        default,
        steps=default.steps if asked.steps is None else int(asked.steps),
        guidance=default.guidance if asked.guidance is None else float(asked.guidance),
        temperature=default.temperature if asked.temperature is None else float(asked.temperature),
    )


def _edit_plan(asked: StagePlan) -> EditPlan:
    """The paper's way of editing, with whatever the request sets."""
    plan = EditPlan()
    return replace(
        plan,
        iterations=plan.iterations if asked.steps is None else int(asked.steps),
        guidance=plan.guidance if asked.guidance is None else float(asked.guidance),
    )


def _step_totals(
    base: plans.StagePlan, superres: plans.StagePlan | None, known: plans.KnownGrids | None
) -> dict[str, int]:
    """Steps each stage will take: as planned, or one for each unknown token where there are fewer."""
    totals = {"base": base.steps, "superres": superres.steps if superres else 0}
    if known is None:
        return totals
    unknown = {"base": int((~known.base).sum()), "superres": int((~known.superres).sum())}
    return {stage: min(total, unknown[stage]) for stage, total in totals.items()}


def _plan_info(plan: plans.StagePlan) -> messages.Plan:
    return messages.Plan(plan.steps, float(plan.guidance), float(plan.temperature))


def _to_tokens(tokens: Tensor) -> NDArray[np.int32]:
    """int32 [h, w] of the first of tokens [B, h, w]."""
    grid: NDArray[np.int32] = tokens[0].to(torch.int32).cpu().numpy()
    return grid


def _to_pixels(picture: Tensor) -> NDArray[np.uint8]:
    """uint8 [S, S, 3] of the first of pictures [B, 3, S, S] in [0, 1]."""
    pixels = (picture[0].float().clamp(0, 1) * 255).round().to(torch.uint8)
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
