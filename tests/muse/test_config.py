"""Configurations: strict round trips, and values that cannot be."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.muse.config import BaseConfig, CascadeConfig, SuperResConfig, TextEncoderConfig, VQGANConfig
from muse_studio.muse.config_json import ConfigError, cascade_from_dict, cascade_to_dict, from_dict, to_dict
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import PRESETS, finetuned_decoder, muse_3b, muse_900m, tiny

TABLE = cascade_to_dict(tiny())


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name: str) -> None:
    config = PRESETS[name]()
    table = json.loads(json.dumps(cascade_to_dict(config)))
    assert set(table) == {"name", "architecture", "defaults", "licence"}
    assert cascade_from_dict(table) == config


def test_fields_with_defaults_may_be_left_out_and_others_may_not() -> None:
    table = copy.deepcopy(TABLE)
    del table["architecture"]["base"]["grid"], table["defaults"]
    assert cascade_from_dict(table).base == tiny().base
    del table["architecture"]["base"]["hidden"]
    with pytest.raises(ConfigError, match="base: missing hidden"):
        cascade_from_dict(table)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown field at the top": lambda t: t.update(extra=1),
    "an unknown part": lambda t: t["architecture"].update(extra={}),
    "a part outside": lambda t: t.update(base=t["architecture"]["base"]),
    "an unknown field inside": lambda t: t["architecture"]["superres"].update(extra=1),
    "an unknown field of a plan": lambda t: t["defaults"]["base"].update(extra=1),
    "no architecture": lambda t: t.pop("architecture"),
    "architecture as text": lambda t: t.update(architecture="x"),
    "a part as list": lambda t: t["architecture"].update(base=[]),
    "text for a number": lambda t: t["architecture"]["base"].update(hidden="32"),
    "True for a number": lambda t: t["architecture"]["base"].update(layers=True),
    "1.0 for a number": lambda t: t["architecture"]["base"].update(layers=1.0),
    "1 for a truth": lambda t: t["architecture"]["superres"].update(align=1),
    "an unknown stem": lambda t: t["architecture"]["base_vqgan"].update(stem="exec"),
    "no list": lambda t: t["architecture"]["base_vqgan"].update(multipliers=3),
    "a list without end": lambda t: t["architecture"]["base_vqgan"].update(multipliers=[1] * 10_000),
    "a list of texts": lambda t: t["architecture"]["base_vqgan"].update(multipliers=["1", "1", "1"]),
    "a temperature of NaN": lambda t: t["defaults"]["base"].update(temperature=float("nan")),
    "a guidance of infinity": lambda t: t["defaults"]["base"].update(guidance=float("inf")),
    "a negative guidance": lambda t: t["defaults"]["base"].update(guidance=-1),
    "a guidance past floats": lambda t: t["defaults"]["base"].update(guidance=10**400),
    "no steps": lambda t: t["defaults"]["base"].update(steps=0),
    "an empty name": lambda t: t.update(name=""),
    "a name with control characters": lambda t: t.update(name="a\x1b[31m"),
    "a source that climbs": lambda t: t["architecture"]["text_encoder"].update(source="../../etc"),
    "an absolute source": lambda t: t["architecture"]["text_encoder"].update(source="/etc"),
    "a source with a scheme": lambda t: t["architecture"]["text_encoder"].update(source="https://x/y"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_table_that_is_wrong_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    table = copy.deepcopy(TABLE)
    change(table)
    with pytest.raises(ConfigError):
        cascade_from_dict(table)


def test_a_whole_number_is_a_number() -> None:
    plan = from_dict(StagePlan, {"steps": 3, "guidance": 2})
    assert plan == StagePlan(3, 2.0)
    assert type(plan.guidance) is float


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PATHS = [(part, field) for part, fields in TABLE["architecture"].items() for field in fields]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(PATHS), JSON)
def test_any_value_in_any_field_is_taken_or_refused(path: tuple[str, str], value: object) -> None:
    table = copy.deepcopy(TABLE)
    table["architecture"][path[0]][path[1]] = value
    try:
        config = cascade_from_dict(table)
    except ConfigError:
        return
    assert cascade_to_dict(config)["architecture"][path[0]][path[1]] == value


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_table_is_refused_by_config_errors_only(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        cascade_from_dict(table)


# Values that cannot be


@pytest.mark.parametrize(
    "build",
    [
        lambda: VQGANConfig(factor=8),
        lambda: VQGANConfig(multipliers=()),
        lambda: VQGANConfig(multipliers=(1, 0, 1, 1, 1)),
        lambda: VQGANConfig(width=0),
        lambda: VQGANConfig(width=36, multipliers=(1, 1, 1, 1, 5)),
        lambda: VQGANConfig(decoder_width=2),
        lambda: VQGANConfig(codebook_size=0),
        lambda: VQGANConfig(encoder_blocks=10**6),
        lambda: BaseConfig(hidden=100, layers=1, mlp=1, text_width=1),
        lambda: BaseConfig(hidden=64, layers=0, mlp=1, text_width=1),
        lambda: BaseConfig(hidden=64, layers=1, mlp=1, text_width=1, grid=10**6),
        lambda: SuperResConfig(hidden=64, lowres_layers=1, layers=1, mlp=1, text_width=1, merge=3),
        lambda: SuperResConfig(hidden=64, lowres_layers=1, layers=1, mlp=1, text_width=1, window=7),
        lambda: SuperResConfig(hidden=64, lowres_layers=1, layers=1, mlp=1, text_width=1, lowres_grid=24),
        lambda: TextEncoderConfig("", 32),
        lambda: TextEncoderConfig("t5", 0),
        lambda: StagePlan(steps=0),
        lambda: StagePlan(top_k=-1),
        lambda: StagePlan(temperature=float("nan")),
    ],
)
def test_a_part_that_cannot_be_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r".{10}"):
        build()


@pytest.mark.parametrize(
    "change",
    [
        lambda c: replace(c, base=replace(c.base, codebook_size=64)),
        lambda c: replace(c, superres=replace(c.superres, codebook_size=64)),
        lambda c: replace(c, superres=replace(c.superres, lowres_codebook_size=64)),
        lambda c: replace(c, superres=replace(c.superres, lowres_grid=32)),
        lambda c: replace(c, base=replace(c.base, text_width=64)),
        lambda c: replace(c, text_encoder=replace(c.text_encoder, width=64)),
        lambda c: replace(c, base=replace(c.base, grid=32), superres=replace(c.superres, lowres_grid=32)),
        lambda c: replace(c, base_vqgan=c.superres_vqgan),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(change: Callable[[CascadeConfig], object]) -> None:
    with pytest.raises(ValueError, match=r"than|width|pixels"):
        change(tiny())


# The paper's sizes; the parameters they come to are proved in proofs/test_parameter_counts.py


@pytest.mark.parametrize("build", [muse_900m, muse_3b])
def test_the_papers_tokenizers_are_the_papers(build: Callable[[], CascadeConfig]) -> None:
    config = build()
    for vqgan, factor in ((config.base_vqgan, 16), (config.superres_vqgan, 8)):
        assert (vqgan.factor, vqgan.width, vqgan.stem, vqgan.codebook_size) == (factor, 128, "conv", 8192)
        assert (vqgan.encoder_blocks, vqgan.decoder_blocks) == (2, 2)
        larger = finetuned_decoder(vqgan)
        assert (larger.encoder_blocks, larger.decoder_blocks, larger.decoder_width) == (2, 4, 256)
    assert (config.text_encoder.width, config.text_encoder.length) == (4096, 128)
    assert (config.defaults.base.steps, config.defaults.superres.steps) == (24, 8)


def test_to_dict_gives_json_values_only() -> None:
    assert to_dict(tiny().base_vqgan)["multipliers"] == [1, 1, 1]
    assert json.loads(json.dumps(TABLE)) == TABLE
