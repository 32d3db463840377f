"""What the window reckons before it happens is what the worker reckons when it does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from muse_studio.core import needs
from muse_studio.core.cascade_folder import parameter_counts, read_cascade
from muse_studio.core.needs import Outcome, forecast
from muse_studio.core.offers import OfferKind
from muse_studio.muse import memory
from muse_studio.muse.checkpoint import read_cascade_json
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.config_json import cascade_to_dict
from muse_studio.muse.presets import muse_3b, muse_900m, tiny
from muse_studio.muse.presets import parameter_counts as counted
from muse_studio.worker import room

SHIPPED = Path(__file__).parents[2] / "models" / "default"
CONFIGS = (tiny(), tiny(merge=2, align=True, draft=True), muse_900m(), muse_3b(), read_cascade_json(SHIPPED).config)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_both_rooms_reckon_the_same(config: CascadeConfig) -> None:
    architecture = cascade_to_dict(config)["architecture"]
    for dtype in (torch.float32, torch.bfloat16):
        for size in (256, 512):
            for count in (1, 4):
                for way in ("batch", "sequential"):
                    here = needs.job_bytes(architecture, size, count, way, dtype.itemsize)
                    assert here == memory.job_bytes(config, size, count, way, dtype), (dtype, size, count, way)  # type: ignore[arg-type]
    assert needs.EASE == room.EASE


def test_parameters_are_counted_from_the_files_as_from_the_model(tiny_model: Path) -> None:
    for folder, config in ((tiny_model, tiny()), (SHIPPED, CONFIGS[-1])):
        found = parameter_counts(folder, read_cascade(folder))
        assert {name: found[name] for name in counted(config)} == counted(config)
        assert found["text_encoder/model"] > 0


def test_less_and_less_memory_is_told_as_the_worker_would_act() -> None:
    architecture = cascade_to_dict(muse_900m())["architecture"]
    parameters = {"base": 10**6}
    batch, halves = (needs.job_bytes(architecture, 512, 4, way, 2) for way in ("batch", "sequential"))
    said = [
        forecast(architecture, parameters, free, 512, 4, 2, on_cpu=False, is_loaded=True)
        for free in (int(1.5 * batch) + 1, int(1.5 * batch) - 1, halves, halves - 1, 0)
    ]
    assert [each.outcome for each in said if each] == [
        Outcome.PLENTY, Outcome.HALVES, Outcome.HALVES, Outcome.SHORT, Outcome.SHORT,
    ]  # fmt: skip
    assert said[3] is not None
    assert said[4] is not None
    assert [offer.kind for offer in said[3].offers] == [OfferKind.COUNT, OfferKind.SIZE, OfferKind.DEVICE]
    assert [offer.kind for offer in said[4].offers] == [OfferKind.DEVICE]
    unloaded = forecast(architecture, parameters, halves, 512, 4, 2, on_cpu=True, is_loaded=False)
    assert unloaded is not None
    assert (unloaded.outcome, unloaded.model_bytes) == (Outcome.SHORT, 2 * 10**6)


@pytest.mark.parametrize("damage", [{}, {"base": 3}, {"base": {"hidden": "x"}}, {"base": {"hidden": 2**40}}])
def test_an_architecture_that_is_none_is_not_reckoned(damage: dict[str, object]) -> None:
    whole = cascade_to_dict(tiny())["architecture"]
    for architecture in (damage, {**whole, **damage}) if damage else ({},):
        assert forecast(architecture, {}, 10**9, 512, 1, on_cpu=True, is_loaded=True) is None
