"""The first step of a text to image computes one place of each kind, and comes to what all places come to."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from muse_studio.core.geometry import Extent
from muse_studio.evaluation.machine import counted, counter
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.blank import places_alike
from muse_studio.weights.conditioning import Conditioning, MicroConditions
from tests.weights.theirs import ONE_WIDTH, SMALL, SMALL_512, prompt, their_transformer


def told(model: AmusedTransformer, settings: dict[str, Any], count: int = 2) -> Conditioning:
    return model.prepare(*prompt(settings, count), MicroConditions(Extent(256, 256)).tensor(count))


def model_of(settings: dict[str, Any]) -> AmusedTransformer:
    model = AmusedTransformer(AmusedConfig(**settings))
    model.load_state_dict(their_transformer(settings).state_dict())
    return model.eval().requires_grad_(False)


def blank(model: AmusedTransformer, grid: tuple[int, int], count: int = 2) -> Tensor:
    return torch.full((count, *grid), model.mask_token)


@pytest.mark.parametrize(
    ("size", "reach", "kinds"),
    [((16, 16), 3, 49), ((16, 20), 2, 25), ((7, 7), 3, 49), ((4, 9), 3, 28), ((1, 1), 3, 1), ((5, 5), 0, 1)],
)
def test_a_place_is_told_by_how_near_the_edges_are(size: tuple[int, int], reach: int, kinds: int) -> None:
    alike = places_alike(*size, reach)
    assert len(alike.first) == kinds
    assert alike.kinds[alike.first].equal(torch.arange(kinds))
    rows, columns = torch.arange(size[0])[:, None], torch.arange(size[1])
    near = torch.stack(
        [part.clamp(max=reach).expand(size) for part in (rows, size[0] - 1 - rows, columns, size[1] - 1 - columns)], -1
    ).flatten(0, 1)
    for kind in range(kinds):
        same = near[alike.kinds == kind]
        assert same.eq(same[0]).all()
    assert len(near.unique(dim=0)) == kinds


@pytest.mark.parametrize("grid", [(16, 16), (24, 18), (2, 2), (6, 10)], ids=str)
@pytest.mark.parametrize("settings", [SMALL, SMALL_512, ONE_WIDTH], ids=["256", "512", "one width"])
@torch.inference_mode()
def test_a_blank_picture_has_the_logits_that_all_its_places_would_give(
    settings: dict[str, Any], grid: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(settings)
    context, tokens = told(model, settings), blank(model, grid)
    found = model(tokens, context)
    monkeypatch.setattr(model, "_alike", lambda _: None)
    expected = model(tokens, context)
    assert expected.std() > 0.3, "the logits say something"
    assert float((found - expected).abs().max()) <= 1e-5


@torch.inference_mode()
def test_the_layers_compute_a_place_of_each_kind_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(SMALL_512)
    context, tokens = told(model, SMALL_512), blank(model, (32, 32))
    seen: list[int] = []
    for layer in model.transformer_layers:
        layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[1]))
    with counter() as few:
        model(tokens, context)
    reach = model.config.num_res_blocks
    assert seen == [(2 * reach + 1) ** 2] * len(model.transformer_layers)
    known = tokens.clone()
    known[0, 3, 3] = 1
    seen.clear()
    with counter() as all_places:
        model(known, context)
    assert seen == [256] * len(model.transformer_layers), "one known token, and no two places are sure to be alike"
    assert sum(counted(few).values()) < sum(counted(all_places).values())
