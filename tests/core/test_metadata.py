"""A picture carries its request, other tools can read it, and strangers' texts do no harm."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.metadata import read_request_text, request_text
from muse_studio.core.pictures import decode_picture, encode_png
from muse_studio.core.request import EditRequest, Mode, StagePlan, clean_prompt
from tests.core.test_request import HARD_TEXTS, inpaint, requests
from tests.corpus import pictures as corpus


@settings(deadline=None, max_examples=200)
@given(requests)
def test_settings_survive_a_png(request: EditRequest) -> None:
    data = encode_png(corpus.noise(4, 4), request_text(request))
    back = read_request_text(decode_picture(data, "x").text)
    assert back == request.settings()


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_prompts_survive_a_png(text: str) -> None:
    request = EditRequest(Mode.GENERATE, clean_prompt(text).text)
    data = encode_png(corpus.noise(4, 4), request_text(request))
    assert read_request_text(decode_picture(data, "x").text) == request.settings()


def test_facts_about_the_result_come_back_beside_the_settings() -> None:
    text = request_text(inpaint(seed=7), {"model": "default", "seconds": 3.5})
    back = read_request_text(text)
    assert back is not None
    assert back["extra"] == {"model": "default", "seconds": 3.5}
    assert back["mode"] == "inpaint"
    assert back["seed"] == 7


def test_other_tools_find_the_common_lines() -> None:
    request = EditRequest(Mode.GENERATE, "a 3d fox,\nred", "rain", seed=5, base=StagePlan(steps=24, guidance=3.0))
    assert request_text(request, {"model": "muse, small"})["parameters"] == (
        "a 3d fox,\nred\nNegative prompt: rain\n"
        "Steps: 24, Sampler: Muse, Seed: 5, Size: 512x512, CFG scale: 4.0, Model: muse  small"
    )


def test_the_common_lines_are_read_from_other_tools() -> None:
    text = "a castle\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 4294967297"
    back = read_request_text({"parameters": text})
    assert back is not None
    assert (back["prompt"], back["negative_prompt"], back["seed"]) == ("a castle", "blurry", 1)
    assert back["base"] == {"steps": 20, "guidance": 6.5, "temperature": None}


def test_our_own_text_is_preferred() -> None:
    request = EditRequest(Mode.GENERATE, "own")
    text = {**request_text(request), "parameters": "other\nSeed: 1"}
    assert read_request_text(text) == request.settings()


@pytest.mark.parametrize(
    "own",
    ["", "null", "[]", "{", "[" * 100_000, '{"format": 2, "request": {}}', '{"format": 1, "request": 3}',
     '{"format": 1, "request": {"mode": "generate"}}', '{"format": 1}'],
)  # fmt: skip
def test_damaged_settings_are_as_good_as_absent(own: str) -> None:
    assert read_request_text({"muse_studio": own}) is None


def test_settings_beyond_the_limits_are_refused() -> None:
    for change in ({"seed": -1}, {"prompt": "x" * 5_000}, {"size": 4096}, {"base": {"steps": 10**9}}, {"run": "rm"}):
        stored = {"format": 1, "request": {**EditRequest(Mode.GENERATE, "x").settings(), **change}}
        assert read_request_text({"muse_studio": json.dumps(stored)}) is None


@settings(deadline=None, max_examples=500)
@given(st.dictionaries(st.sampled_from(["parameters", "muse_studio", "Comment"]), st.text()))
def test_any_text_is_read_or_ignored(text: dict[str, str]) -> None:
    read_request_text(text)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_any_parameters_are_read_or_ignored(prompt: str, steps: str, seed: str) -> None:
    read_request_text({"parameters": f"{prompt}\nSteps: {steps}, Seed: {seed}"})
