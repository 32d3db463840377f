"""Requests, steps, results and errors are the same on both sides of the pipe."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import LORA_NAME_LIMIT_CHARACTERS, LORA_PATH_LIMIT_CHARACTERS, LORAS_LIMIT
from muse_studio.core.loras import LoraUse, name_of, unusable
from muse_studio.core.offers import smaller_plans
from muse_studio.core.request import PROMPT_LIMIT_CHARACTERS, EditRequest, Mode, Reached, StagePlan, clean_prompt
from muse_studio.core.tokens import TokenGrid, TokenState
from muse_studio.ipc import letters
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.framing import encode_frame
from muse_studio.ipc.messages import Failed, Letter, Looked, SmallerPlan, pack, unpack_from_worker, unpack_to_worker

finite = st.one_of(st.none(), st.floats(0, 10))
plans = st.builds(StagePlan, st.one_of(st.none(), st.integers(1, 256)), finite, finite)
prompts = st.text(max_size=80).map(lambda text: clean_prompt(text).text)
hashes = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
names = st.text(min_size=1, max_size=120).map(lambda text: name_of(Path(f"{text}.safetensors")))
loras = st.builds(LoraUse, names, hashes, st.floats(-10, 10), path=prompts)


@st.composite
def requests(draw: st.DrawFn) -> EditRequest:
    mode = draw(st.sampled_from(Mode))
    picture = mask = None
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    size = 512 if mode is Mode.RETEXTURE else draw(st.sampled_from([256, 512, 1024]))
    side = max(512, size)
    may_have_tokens = mode not in (Mode.GENERATE, Mode.INPAINT)
    with_tokens = mode is Mode.CONTINUE or (may_have_tokens and draw(st.booleans()))
    tokens = TokenState(grid(rng, 16), grid(rng, 64) if draw(st.booleans()) else None) if with_tokens else None
    if mode is Mode.INPAINT or (
        may_have_tokens and (not with_tokens or (mode is Mode.CONTINUE and draw(st.booleans())))
    ):
        picture = rng.integers(0, 256, (side, side, 3), np.uint8)
    if mode is Mode.INPAINT or (mode is Mode.CONTINUE and picture is not None):
        mask = rng.integers(0, 256, (side, side), np.uint8)
    return EditRequest(
        mode,
        draw(prompts),
        draw(prompts),
        draw(st.integers(0, 2**32 - 1)),
        size,
        draw(plans),
        draw(plans),
        picture,
        mask,
        tokens,
        draw(st.floats(0.01, 1)),
        draw(st.integers(1, 16)),
        draw(st.floats(0.01, 1)),
        Reached(grid(rng, 16).tokens, draw(st.integers(1, 256))) if mode is Mode.EDIT and draw(st.booleans()) else None,
        draw(st.lists(loras, max_size=LORAS_LIMIT, unique_by=lambda use: use.sha256).map(tuple)),
    )


def grid(rng: np.random.Generator, side: int) -> TokenGrid:
    return TokenGrid(rng.integers(0, 8192, (side, side), np.int32), rng.random((side, side)) < 0.5)


def a_step() -> StepEvent:
    tokens = np.arange(256, dtype=np.int32).reshape(16, 16)
    confidence = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    preview = np.full((128, 128, 3), 7, np.uint8)
    return StepEvent(2, 24, "base", 2, 32, tokens, confidence, confidence > 0.5, preview, 4.5, variation=3)


def through(letter: Letter) -> Letter:
    return unpack_from_worker(pack(letter))


@given(requests())
def test_a_request_arrives_equal(request: EditRequest) -> None:
    assert letters.read_request(unpack_to_worker(pack(letters.run_letter(3, request)))) == request


def test_two_longest_prompts_and_all_loras_fit_in_a_header() -> None:
    longest = "🦊" * LORA_NAME_LIMIT_CHARACTERS, "🦊" * LORA_PATH_LIMIT_CHARACTERS
    uses = tuple(LoraUse(longest[0], f"{number:064x}", path=longest[1]) for number in range(LORAS_LIMIT))
    request = EditRequest(Mode.GENERATE, "🦊" * PROMPT_LIMIT_CHARACTERS, "🦊" * PROMPT_LIMIT_CHARACTERS, loras=uses)
    frame = pack(letters.run_letter(2**53, request))
    encode_frame(frame)
    assert letters.read_request(unpack_to_worker(frame)) == request


@given(st.lists(loras, max_size=LORAS_LIMIT, unique_by=lambda use: use.sha256))
def test_where_a_loras_file_lies_arrives_too(uses: list[LoraUse]) -> None:
    """It is not compared, since it is of no meaning for what comes out."""
    request = EditRequest(Mode.GENERATE, "", loras=tuple(uses))
    got = letters.read_request(unpack_to_worker(pack(letters.run_letter(3, request))))
    assert [use.path for use in got.loras] == [use.path for use in uses]


@given(loras)
def test_a_lora_that_was_looked_at_arrives_equal_and_one_that_was_refused_as_its_words(use: LoraUse) -> None:
    got = through(letters.looked_letter(5, use)).message
    assert isinstance(got, Looked)
    assert letters.read_looked(got, use.path) == replace(use, strength=1.0)
    error = unusable(use.name, "it was made for another model", "x" * 20_000)
    got = through(letters.looked_letter(5, error)).message
    assert isinstance(got, Looked)
    with pytest.raises(MuseStudioError) as caught:
        letters.read_looked(got, use.path)
    assert caught.value.message == error.message


def test_a_lora_that_is_none_is_a_fault_of_the_other_side() -> None:
    with pytest.raises(MuseStudioError) as caught:
        letters.read_looked(Looked(1, "ink", "no hash"), "ink.safetensors")
    assert caught.value.kind is ErrorKind.PROTOCOL


def test_a_step_arrives_equal() -> None:
    sent = a_step()
    got = letters.read_step(through(letters.step_letter(9, sent)))
    for field in fields(StepEvent):
        np.testing.assert_array_equal(getattr(got, field.name), getattr(sent, field.name))


def test_a_step_without_its_preview_keeps_its_tokens() -> None:
    sent = a_step()
    got = letters.read_step(through(letters.step_letter(9, sent, with_preview=False)))
    assert not got.has_preview
    np.testing.assert_array_equal(got.tokens, sent.tokens)
    np.testing.assert_array_equal(got.confidence, sent.confidence)


def test_what_arrives_cannot_be_written_to() -> None:
    got = letters.read_step(through(letters.step_letter(9, a_step())))
    with pytest.raises(ValueError, match="read-only"):
        got.tokens[0, 0] = 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": np.zeros((4, 4), np.int32)},
        {"tokens": np.full((16, 16), -1, np.int32)},
        {"known": np.zeros((4, 4), np.bool_)},
        {"confidence": np.full((16, 16), 1.5, np.float32)},
        {"confidence": np.full((16, 16), np.nan, np.float32)},
        {"preview": np.zeros((8, 8, 4), np.uint8)},
        {"preview": np.zeros((0, 8, 3), np.uint8)},
        {name: np.zeros((0, 0), kind) for name, kind in (("tokens", "i4"), ("confidence", "f4"), ("known", "?"))},
    ],
)
def test_a_step_that_contradicts_itself_is_refused(wrong: dict[str, np.ndarray]) -> None:
    letter = through(letters.step_letter(9, replace(a_step(), **wrong)))
    with pytest.raises(MuseStudioError) as caught:
        letters.read_step(letter)
    assert caught.value.kind is ErrorKind.PROTOCOL


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_a_result_arrives_equal_and_only_in_the_size_asked_for(size: int) -> None:
    sent = ResultEvent(
        np.full((size, size, 3), 5, np.uint8), np.ones((16, 16), np.int32), None, 1.25, notes=("Cut.", "x" * 3000)
    )
    letter = through(letters.result_letter(1, sent, 1))
    got = letters.read_result(letter, size)
    np.testing.assert_array_equal(got.picture, sent.picture)
    np.testing.assert_array_equal(got.base_tokens, sent.base_tokens)
    assert got.superres_tokens is None
    assert got.seconds == 1.25
    assert got.notes == ("Cut.", "x" * 2000)
    with pytest.raises(MuseStudioError):
        letters.read_result(letter, size // 2)


def test_what_an_edit_changed_arrives_and_has_the_pictures_size() -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    edited = np.full((512, 512), 255, np.uint8)
    got = letters.read_result(through(letters.result_letter(1, ResultEvent(picture, None, None, 1.0, edited), 1)), 512)
    assert got.edited is not None
    np.testing.assert_array_equal(got.edited, edited)
    small = letters.result_letter(1, ResultEvent(picture, None, None, 1.0, edited[:256, :256]), 1)
    with pytest.raises(MuseStudioError):
        letters.read_result(through(small), 512)


@given(st.sampled_from(ErrorKind), st.text(max_size=5000), st.text(max_size=20_000))
def test_an_error_of_any_length_and_text_arrives(kind: ErrorKind, message: str, detail: str) -> None:
    letter = letters.failed_letter(4, MuseStudioError(kind, message, detail))
    got = through(letter).message
    assert isinstance(got, Failed)
    error = letters.read_error(got)
    assert error.kind is kind
    assert len(error.message) == min(len(message), 2000)


def test_the_smaller_plans_of_an_error_arrive_and_only_those_that_can_be_taken() -> None:
    offers = smaller_plans(EditRequest(Mode.GENERATE, "a fox", count=4), on_cpu=False)
    got = through(letters.failed_letter(4, MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Too large.", "", offers))).message
    assert isinstance(got, Failed)
    assert letters.read_error(got).offers == offers
    for kind, value in (("size", "511"), ("device", "cuda"), ("count", "1000")):
        with pytest.raises(MuseStudioError) as caught:
            letters.read_error(Failed(4, "out_of_memory", "", "", (SmallerPlan(kind, value),)))
        assert caught.value.kind is ErrorKind.PROTOCOL


def test_the_longest_error_fits_in_a_header() -> None:
    encode_frame(pack(letters.failed_letter(4, MuseStudioError(ErrorKind.INTERNAL, "🦊" * 9999, "🦊" * 99999))))


def test_an_error_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(MuseStudioError) as caught:
        letters.read_error(Failed(1, "mystery", "", ""))
    assert caught.value.kind is ErrorKind.PROTOCOL
