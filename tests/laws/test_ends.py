"""Law 5, as far as a session and the worker's loop see it: one end to every job, and a cancelled one leaves nothing.

That the studio's side tells exactly one end of a job, whatever happens to the worker, is tests/client/test_queue.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.request import EditRequest, Mode
from muse_studio.ipc.letters import run_letter
from muse_studio.ipc.messages import Cancelled, DeviceInfo, Failed, Finished, Letter, Load, ModelInfo
from muse_studio.ipc.messages import Plan as PlanInfo
from muse_studio.worker.loop import WorkerLoop, close_iterator
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.laws.ways import A_WISH, WAYS, Way, Wish, few, run, tokens_of, wishes


@settings(few, max_examples=1)
@given(wishes, wishes, st.integers(0, 20))
@example(A_WISH, A_WISH, 1)
def test_cancelling_at_any_step_leaves_nothing(session: Session, way: Way, wish: Wish, other: Wish, at: int) -> None:
    """And the same request gives the same result, whatever ran and was cancelled in between."""
    cancelling_leaves_nothing(session, way, wish, other, at)


def cancelling_leaves_nothing(session: Session, way: Way, wish: Wish, other: Wish, at: int) -> None:
    document = way.start(wish)
    before, mask = document.picture.copy(), document.mask.copy()
    request = way.request(session, wish, document)
    whole = run(session, request)
    other_request = WAYS["generate"].request(session, replace(other, size=256), document)
    random_state = torch.random.get_rng_state()
    begin_and_cancel(session, request, whole[0][: at % (len(whole[0]) + 1)])
    begin_and_cancel(session, other_request, None)
    np.testing.assert_array_equal(document.picture, before)
    np.testing.assert_array_equal(document.mask, mask)
    assert torch.equal(torch.random.get_rng_state(), random_state)
    for one, two in zip(tokens_of(*run(session, request)), tokens_of(*whole), strict=True):
        np.testing.assert_array_equal(one, two)


def begin_and_cancel(session: Session, request: EditRequest, expected: list[StepEvent] | None) -> None:
    """As many steps as are expected, or one of whatever kind; and then nothing any more."""
    events = session.run(request)
    for first in [None] if expected is None else expected:
        step = next(events)
        if first is not None:
            assert isinstance(step, StepEvent)
            np.testing.assert_array_equal(step.tokens, first.tokens)
    close_iterator(events)
    assert next(events, None) is None, "a cancelled job went on"


# The worker's loop


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one job of the loop.

    steps, count: of its decode, and its variations. fails_at, cancelled_at: before which of its events; None never.
    """

    steps: int
    count: int
    fails_at: int | None
    cancelled_at: int | None


class ScriptedSession:
    """Yields what a job's plan says; the job is named in the request's prompt."""

    def __init__(self, plans: list[Plan]) -> None:
        self.plans, self.closed, self.told = plans, [0] * len(plans), [0] * len(plans)

    def load(self, folder: Path, device: str, progress: object = None) -> None: ...

    def warm_up(self) -> None: ...

    def model_info(self) -> ModelInfo:
        return ModelInfo("tiny", "Apache-2.0", PlanInfo(1, 0.0, 0.0), PlanInfo(1, 0.0, 0.0), (512, 256), 16, 64)

    def device_info(self) -> DeviceInfo:
        return DeviceInfo("a CPU", "cpu", None, None)

    def look_at_lora(self, path: Path) -> LoraUse:
        raise NotImplementedError

    def run(self, request: EditRequest) -> Iterator[StepEvent | ResultEvent]:
        job = int(request.prompt)
        try:
            for number, event in enumerate(self._events(self.plans[job])):
                if number == self.plans[job].fails_at:
                    raise MuseStudioError(ErrorKind.INTERNAL, "Something went wrong. Try again.")
                self.told[job] += 1
                yield event
        finally:
            self.closed[job] += 1

    def _events(self, plan: Plan) -> Iterator[StepEvent | ResultEvent]:
        tokens, small = np.zeros((16, 16), np.int32), np.zeros((8, 8, 3), np.uint8)
        sure = np.ones((16, 16), np.float32)
        for index in range(plan.steps):
            yield StepEvent(index, plan.steps, "base", index, plan.steps, tokens, sure, sure > 0, small, None)
        for row in range(plan.count):
            yield ResultEvent(np.zeros((256, 256, 3), np.uint8), tokens, None, 0.1, variation=row)


class ScriptedBoxes:
    """Inbox and outbox of a loop that has nobody else: all jobs wait from the beginning."""

    def __init__(self, plans: list[Plan], session: ScriptedSession) -> None:
        requests = [EditRequest(Mode.GENERATE, str(job), size=256, count=plan.count) for job, plan in enumerate(plans)]
        self.waiting = [Letter(Load(Path("tiny"), "cpu")), *map(run_letter, range(len(plans)), requests)]
        self.plans, self.session, self.posted = plans, session, list[Any]()

    def next(self) -> Letter | None:
        return self.waiting.pop(0) if self.waiting else None

    def look(self) -> None: ...

    def wants_stop(self, job: int) -> bool:
        at = self.plans[job].cancelled_at
        return at is not None and self.session.told[job] >= at

    def job_ended(self, job: int) -> None: ...

    def post(self, message: object) -> None:
        self.posted.append(message)

    def post_letter(self, letter: Letter) -> None:
        self.posted.append(letter.message)

    def post_step(self, job: int, step: StepEvent) -> None:
        self.posted.append(job)


moments = st.none() | st.integers(0, 6)
jobs = st.lists(st.builds(Plan, st.integers(0, 4), st.integers(1, 3), moments, moments), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(jobs)
def test_the_worker_tells_one_end_of_every_job_and_nothing_after_it(plans: list[Plan]) -> None:
    session = ScriptedSession(plans)
    boxes = ScriptedBoxes(plans, session)
    WorkerLoop(boxes, boxes, lambda progress: session).run()  # type: ignore[arg-type]
    for job, plan in enumerate(plans):
        told = [message for message in boxes.posted if message == job or getattr(message, "job", None) == job]
        ends = [message for message in told if isinstance(message, Finished | Cancelled | Failed)]
        assert len(ends) == 1
        assert told[-1] is ends[0]
        assert session.closed[job] == (session.told[job] > 0 or (plan.fails_at == 0 and plan.cancelled_at != 0))
        if isinstance(ends[0], Cancelled):
            assert plan.cancelled_at is not None
        if plan.cancelled_at is None:
            fails = plan.fails_at is not None and plan.fails_at < plan.steps + plan.count
            assert isinstance(ends[0], Failed if fails else Finished)
