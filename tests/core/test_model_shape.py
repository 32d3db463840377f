"""What a model makes and sees follows from three facts: its sizes and its grids."""

from __future__ import annotations

import numpy as np
import pytest

from muse_studio.core.model_shape import OWN_SHAPE, ModelShape, Sight, is_only_stage
from muse_studio.core.tokens import TokenState

AMUSED = ModelShape("amused", (512, 256), 32, None)
MEISSONIC = ModelShape("meissonic", (1024,), 64, None)


@pytest.mark.parametrize(
    ("shape", "wished", "sight"),
    [
        (OWN_SHAPE, None, Sight(512, 16, 64)),
        (OWN_SHAPE, 256, Sight(512, 16, None)),
        (OWN_SHAPE, 1024, Sight(512, 16, 64)),
        (AMUSED, None, Sight(512, 32, None)),
        (AMUSED, 256, Sight(512, 16, None)),
        (MEISSONIC, None, Sight(1024, 64, None)),
        (MEISSONIC, 512, Sight(1024, 64, None)),
    ],
)
def test_a_wish_leads_to_what_the_model_sees(shape: ModelShape, wished: int | None, sight: Sight) -> None:
    assert shape.sight(wished) == sight


def test_a_picture_begins_from_tokens_of_the_same_model_and_grids_only() -> None:
    def state(base: int, fine: int | None) -> TokenState:
        grids = [None if side is None else np.zeros((side, side), np.int32) for side in (base, fine)]
        assert grids[0] is not None
        return TokenState.whole(grids[0], grids[1])

    assert OWN_SHAPE.has_made(state(16, 64), 512, "anything")
    assert not OWN_SHAPE.has_made(state(16, None), 512, None)
    assert AMUSED.has_made(state(32, None), 512, "amused")
    assert AMUSED.has_made(state(32, None), 512, None)
    assert not AMUSED.has_made(state(32, None), 512, "monetico")
    assert not AMUSED.has_made(state(32, None), 256, "amused")
    assert AMUSED.has_made(state(16, None), 256, "amused")
    assert not MEISSONIC.has_made(state(16, 64), 1024, "meissonic")


def test_one_stage_is_told_by_its_grid() -> None:
    assert is_only_stage("base", 32, 512)
    assert is_only_stage("base", 16, 256)
    assert not is_only_stage("base", 16, 512)
    assert not is_only_stage("superres", 64, 1024)
