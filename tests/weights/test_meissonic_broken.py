"""The proof against slow code can fail: with any one rule of the slow code broken, the logits are told apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from muse_studio.weights.meissonic import MeissonicTransformer
from tests.weights import slow_meissonic
from tests.weights.meissonic_cases import MICRO, TEXT_LENGTH, question, random_model, small
from tests.weights.slow_meissonic import Floats, Place, SlowMeissonic

TOLD_APART = 0.01
"""A thousand times what the proof allows."""
STEPS_LEFT = 5

Break = Callable[[pytest.MonkeyPatch], None]
BREAKS: dict[str, Break] = {}


def breaks(rule: str) -> Callable[[Break], Break]:
    def listed(function: Break) -> Break:
        BREAKS[rule] = function
        return function

    return listed


def with_places(patch: pytest.MonkeyPatch, changed: Callable[[list[Place]], list[Place]]) -> None:
    through = SlowMeissonic.through_blocks
    patch.setattr(
        SlowMeissonic,
        "through_blocks",
        lambda self, text, image, vector, places: through(self, text, image, vector, changed(places)),
    )


def with_description(patch: pytest.MonkeyPatch, changed: Callable[..., tuple[Any, Any, Any]]) -> None:
    description = SlowMeissonic.description
    patch.setattr(
        SlowMeissonic,
        "description",
        lambda self, pooled, micro, steps_left: description(self, *changed(pooled, micro, steps_left)),
    )


def with_modulation(patch: pytest.MonkeyPatch, changed: Callable[[list[Floats]], list[Floats]]) -> None:
    modulation = SlowMeissonic.modulation

    def broken(self: SlowMeissonic, name: str, vector: Floats, count: int) -> Iterator[Floats]:
        parts = list(modulation(self, name, vector, count))
        for start in range(0, count, 3):
            yield from changed(parts[start : start + 3])

    patch.setattr(SlowMeissonic, "modulation", broken)


@breaks("positions are of the picture's own grid")
def _doubled(patch: pytest.MonkeyPatch) -> None:
    with_places(patch, lambda places: [(axis, 2 * row, 2 * column) for axis, row, column in places])


@breaks("columns are the second axis")
def _exchanged(patch: pytest.MonkeyPatch) -> None:
    with_places(patch, lambda places: [(axis, column, row) for axis, row, column in places])


@breaks("text is counted too")
def _counted(patch: pytest.MonkeyPatch) -> None:
    with_places(patch, lambda places: [(index, 0, 0) for index in range(TEXT_LENGTH)] + places[TEXT_LENGTH:])


@breaks("the picture comes before the text")
def _image_first(patch: pytest.MonkeyPatch) -> None:
    with_places(patch, lambda places: places[TEXT_LENGTH:] + places[:TEXT_LENGTH])


@breaks("the count of steps is not a thousandfold")
def _small_count(patch: pytest.MonkeyPatch) -> None:
    with_description(patch, lambda pooled, micro, steps_left: (pooled, micro, steps_left / 1000))


@breaks("the count includes this step")
def _one_more(patch: pytest.MonkeyPatch) -> None:
    with_description(patch, lambda pooled, micro, steps_left: (pooled, micro, steps_left + 1))


@breaks("height comes before width")
def _height_first(patch: pytest.MonkeyPatch) -> None:
    with_description(patch, lambda pooled, micro, steps_left: (pooled, [micro[1], micro[0], *micro[2:]], steps_left))


@breaks("the pooled text is left out")
def _no_pooled(patch: pytest.MonkeyPatch) -> None:
    with_description(patch, lambda pooled, micro, steps_left: (0 * pooled, micro, steps_left))


@breaks("sines come before cosines")
def _sines_first(patch: pytest.MonkeyPatch) -> None:
    waves = slow_meissonic.waves
    patch.setattr(slow_meissonic, "waves", lambda number: np.roll(waves(number), 128))


@breaks("scale comes before shift")
def _scale_first(patch: pytest.MonkeyPatch) -> None:
    with_modulation(patch, lambda parts: [parts[1], parts[0], parts[2]])


@breaks("nothing is gated")
def _no_gates(patch: pytest.MonkeyPatch) -> None:
    with_modulation(patch, lambda parts: [parts[0], parts[1], np.ones_like(parts[2])])


@breaks("queries and keys are not normalised")
def _no_norms(patch: pytest.MonkeyPatch) -> None:
    rms = SlowMeissonic.rms
    patch.setattr(SlowMeissonic, "rms", lambda self, name, x: x if ".attn." in name else rms(self, name, x))


@breaks("the halves of a head are turned and not neighbours")
def _halves(patch: pytest.MonkeyPatch) -> None:
    turned = SlowMeissonic.turned
    patch.setattr(SlowMeissonic, "turned", lambda self, x, place: turned(self, x.reshape(2, -1).T.reshape(-1), place))


@breaks("nothing is turned")
def _unturned(patch: pytest.MonkeyPatch) -> None:
    with_places(patch, lambda places: [(0, 0, 0)] * len(places))


@breaks("GELU lets only what is positive through")
def _relu(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(slow_meissonic, "gelu", lambda x: np.maximum(x, 0))


@breaks("squares are folded column by column")
def _transposed(patch: pytest.MonkeyPatch) -> None:
    folded = SlowMeissonic.folded
    patch.setattr(
        SlowMeissonic, "folded", lambda self, image: folded(self, image.transpose(1, 0, 2)).transpose(1, 0, 2)
    )


@breaks("attention is not divided by the root of a head's width")
def _hot(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SlowMeissonic, "turned", _louder(SlowMeissonic.turned))


def _louder(turned: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, x, place: math.sqrt(math.sqrt(self.width)) * turned(self, x, place)


@pytest.fixture(scope="module")
def model() -> MeissonicTransformer:
    return random_model(small())


def difference(model: MeissonicTransformer) -> float:
    asked = question(4, 6)
    slow = SlowMeissonic(small(), {name: value.double().numpy() for name, value in model.state_dict().items()})
    expected = slow.logits(
        asked.tokens[0].numpy(), asked.states[0].double().numpy(), asked.pooled[0].double().numpy(), MICRO, STEPS_LEFT
    )
    logits = model(asked.tokens, asked.prepared(model), [STEPS_LEFT])[0]
    return float((logits - torch.from_numpy(expected)).abs().max())


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_told(model: MeissonicTransformer, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    assert difference(model) < TOLD_APART / 100
    BREAKS[rule](monkeypatch)
    assert difference(model) > TOLD_APART
