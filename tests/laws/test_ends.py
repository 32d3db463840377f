"""Law 5, as far as a session and the worker's loop see it: one end to every job, and a cancelled one leaves nothing.

That the studio's side tells exactly one end of a job, whatever happens to the worker, is tests/client/test_queue.py's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse_studio.worker.loop import close_iterator
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.laws.ways import Way, Wish, run, tokens_of, wishes


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes, st.integers(0, 20))
def test_cancelling_at_any_step_leaves_nothing(session: Session, way: Way, wish: Wish, at: int) -> None:
    document = way.start(wish)
    before, mask = document.picture.copy(), document.mask.copy()
    request = way.request(wish, document)
    whole = run(session, request)
    random_state = torch.random.get_rng_state()
    events = session.run(request)
    told = [event for event, _ in zip(events, range(min(at, len(whole[0]))), strict=False)]
    close_iterator(events)
    assert not any(isinstance(event, ResultEvent) for event in told)
    assert next(iter(events), None) is None, "a cancelled job went on"
    np.testing.assert_array_equal(document.picture, before)
    np.testing.assert_array_equal(document.mask, mask)
    assert torch.equal(torch.random.get_rng_state(), random_state)
    for step, first in zip(told, whole[0], strict=False):
        assert isinstance(step, StepEvent)
        np.testing.assert_array_equal(step.tokens, first.tokens)
    for one, other in zip(tokens_of(*run(session, request)), tokens_of(*whole), strict=True):
        np.testing.assert_array_equal(one, other)
