"""A request is a sound, frozen value or it does not exist."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import VARIATIONS_LIMIT
from muse_studio.core.request import PROMPT_LIMIT_CHARACTERS, SIZES_PX, EditRequest, Mode, StagePlan, clean_prompt
from muse_studio.core.tokens import TokenState

PICTURE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
MASK = np.zeros((512, 512), np.uint8)
MASK[100:200, 100:200] = 255
TOKENS = TokenState.whole(np.zeros((16, 16), np.int32), None)

plans = st.builds(
    StagePlan,
    st.none() | st.integers(1, 256),
    st.none() | st.floats(0, 30),
    st.none() | st.floats(0, 10),
)
prompts = st.text(max_size=200).map(lambda text: clean_prompt(text).text)
requests = st.builds(
    EditRequest,
    mode=st.just(Mode.GENERATE),
    prompt=prompts,
    negative_prompt=prompts,
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from(SIZES_PX),
    base=plans,
    superres=plans,
    strength=st.floats(0.01, 1),
)


def inpaint(**changes: Any) -> EditRequest:
    return EditRequest(**{"mode": Mode.INPAINT, "prompt": "a fox", "picture": PICTURE, "mask": MASK, **changes})


@given(requests)
def test_settings_survive_json(request: EditRequest) -> None:
    back = EditRequest.from_settings(json.loads(json.dumps(request.settings())))
    assert back == request
    assert hash(back) == hash(request)


def test_pixels_are_copied_and_cannot_be_changed() -> None:
    picture = PICTURE.copy()
    request = inpaint(picture=picture)
    picture[:] = 0
    assert request.picture is not None
    assert np.array_equal(request.picture, PICTURE)
    with pytest.raises(ValueError, match="read-only"):
        request.picture[0, 0] = 1


@pytest.mark.parametrize(("size", "side"), [(256, 512), (512, 512), (1024, 1024)])
def test_picture_and_mask_are_as_large_as_the_result_and_never_below_512(size: int, side: int) -> None:
    picture, mask = np.zeros((side, side, 3), np.uint8), np.ones((side, side), np.uint8)
    assert inpaint(size=size, picture=picture, mask=mask).frame_side == side
    with pytest.raises(MuseStudioError, match=f"{side} × {side}"):
        inpaint(size=size, picture=picture[: side // 2, : side // 2], mask=mask)


def test_pixels_count_in_comparison() -> None:
    other = MASK.copy()
    other[0, 0] = 1
    assert inpaint() == inpaint(mask=MASK.copy())
    assert inpaint() != inpaint(mask=other)
    assert inpaint() != inpaint(picture=255 - PICTURE)
    assert inpaint() != inpaint(seed=1)
    assert inpaint() != inpaint(strength=0.5)
    assert inpaint() != "a fox"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"mode": "teleport"}, ErrorKind.BAD_REQUEST),
        ({"prompt": None}, ErrorKind.BAD_PROMPT),
        ({"prompt": "x" * (PROMPT_LIMIT_CHARACTERS + 1)}, ErrorKind.BAD_PROMPT),
        ({"prompt": "a\x00b"}, ErrorKind.BAD_PROMPT),
        ({"negative_prompt": "\ud800"}, ErrorKind.BAD_PROMPT),
        ({"seed": -1}, ErrorKind.BAD_REQUEST),
        ({"seed": 2**32}, ErrorKind.BAD_REQUEST),
        ({"seed": 1.5}, ErrorKind.BAD_REQUEST),
        ({"seed": True}, ErrorKind.BAD_REQUEST),
        ({"size": 300}, ErrorKind.BAD_REQUEST),
        ({"size": 1024}, ErrorKind.BAD_REQUEST),
        ({"picture": None}, ErrorKind.BAD_REQUEST),
        ({"mask": None}, ErrorKind.BAD_MASK),
        ({"mask": MASK[:256]}, ErrorKind.BAD_MASK),
        ({"mask": MASK.astype(bool)}, ErrorKind.BAD_MASK),
        ({"picture": PICTURE.astype(np.float32)}, ErrorKind.BAD_REQUEST),
        ({"picture": PICTURE[..., :1]}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.GENERATE}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.EDIT}, ErrorKind.BAD_REQUEST),
        ({"tokens": TOKENS}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.CONTINUE}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.CONTINUE, "mask": None, "tokens": TOKENS}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.REROLL, "tokens": TOKENS}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.REROLL, "share": 0.0}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.REROLL, "share": 1.5}, ErrorKind.BAD_REQUEST),
        ({"strength": 0.0}, ErrorKind.BAD_REQUEST),
        ({"strength": 1.01}, ErrorKind.BAD_REQUEST),
        ({"strength": math.nan}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.RETEXTURE, "size": 256}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.RETEXTURE, "picture": None}, ErrorKind.BAD_REQUEST),
        ({"count": 0}, ErrorKind.BAD_REQUEST),
        ({"count": VARIATIONS_LIMIT + 1}, ErrorKind.BAD_REQUEST),
        ({"mode": Mode.EDIT, "mask": None, "picture": None}, ErrorKind.BAD_REQUEST),
    ],
)
def test_unsound_requests_are_refused(changes: dict[str, Any], kind: ErrorKind) -> None:
    with pytest.raises(MuseStudioError) as caught:
        inpaint(**changes)
    assert caught.value.kind is kind
    assert caught.value.message


@pytest.mark.parametrize(
    "plan",
    [{"steps": 0}, {"steps": 257}, {"steps": 2.0}, {"guidance": -1}, {"guidance": math.nan}, {"guidance": math.inf},
     {"temperature": 11}, {"temperature": "hot"}],
)  # fmt: skip
def test_unsound_plans_are_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(MuseStudioError) as caught:
        StagePlan(**plan)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize(
    "settings",
    [{}, {"mode": "generate"}, {"mode": "generate", "base": 3, "superres": {}, "prompt": ""},
     {"mode": "generate", "base": {}, "superres": {}, "prompt": "", "colour": "red"},
     {"mode": "generate", "base": {"leaps": 3}, "superres": {}, "prompt": ""}],
)  # fmt: skip
def test_unsound_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(MuseStudioError) as caught:
        EditRequest.from_settings(settings)
    assert caught.value.kind is ErrorKind.BAD_REQUEST


def test_settings_from_before_there_was_strength_mean_all_of_it() -> None:
    settings = inpaint(strength=0.5).settings()
    del settings["strength"]
    assert EditRequest.from_settings(settings, picture=PICTURE, mask=MASK) == inpaint()


HARD_TEXTS = [
    "", "🦊" * 10_000, "\u202eאבג", "e" + "\u0301" * 9_000, "a\x00b", "\ud83d", "<b>&amp;</b>", "%s {} {0}",
    "\x1b[31m", "\x85", "a\r\nb\rc\td",
]  # fmt: skip


@settings(max_examples=2_000, deadline=None)
@given(st.text(alphabet=st.characters()) | st.sampled_from(HARD_TEXTS))
def test_any_text_can_be_made_a_prompt(text: str) -> None:
    clean = clean_prompt(text)
    assert EditRequest(Mode.GENERATE, clean.text, clean.text).prompt == clean.text
    clean.text.encode("utf-8")
    assert clean_prompt(clean.text) == type(clean)(clean.text, None)
    if clean.notice is None:
        assert clean.text == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_texts_become_prompts(text: str) -> None:
    assert EditRequest(Mode.GENERATE, clean_prompt(text).text)


def test_what_was_cut_is_told() -> None:
    clean = clean_prompt("x" * 10_000)
    assert clean.text == "x" * 4_000
    assert clean.notice is not None
    assert "6,000" in clean.notice
    notice = clean_prompt("a\x00\ud800b").notice
    assert notice is not None
    assert "2 unreadable" in notice
