"""Requests become pictures: the session on a tiny random cascade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.halton import halton_ranks
from muse_studio.muse.presets import build_modules, random_text_encoder, tiny
from muse_studio.worker.loop import close_iterator
from muse_studio.worker.session import ResultEvent, Session, StepEvent

GENERATE = EditRequest(Mode.GENERATE, "a fox", "a cat", seed=3)


@pytest.fixture(scope="module")
def session(tiny_model: Path) -> Session:
    session = Session()
    session.load(tiny_model, "cpu")
    return session


def inpaint(mask: np.ndarray[Any, Any], **changes: Any) -> EditRequest:
    picture = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    return replace(EditRequest(Mode.INPAINT, "a fox", picture=picture, mask=mask), **changes)


def a_mask() -> np.ndarray[Any, Any]:
    mask = np.zeros((512, 512), np.uint8)
    mask[100:300, 40:200] = 255
    return mask


def run(session: Session, request: EditRequest) -> tuple[list[StepEvent], ResultEvent]:
    events = list(session.run(request))
    steps = [event for event in events if isinstance(event, StepEvent)]
    results = [event for event in events if isinstance(event, ResultEvent)]
    assert len(results) == 1
    assert events[-1] is results[0]
    return steps, results[0]


def test_every_step_of_both_stages_comes_in_order_and_the_result_last(session: Session) -> None:
    steps, result = run(session, GENERATE)
    assert [step.stage for step in steps] == ["base"] * 4 + ["superres"] * 2
    assert [step.index for step in steps] == [0, 1, 2, 3, 0, 1]
    assert [step.job_index for step in steps] == list(range(6))
    assert {step.job_total for step in steps} == {6}
    assert steps[-1].is_last
    assert result.picture.shape == (512, 512, 3)
    assert result.picture.dtype == np.uint8
    np.testing.assert_array_equal(result.base_tokens, steps[3].tokens)
    np.testing.assert_array_equal(result.superres_tokens, steps[5].tokens)


def test_steps_have_the_shapes_and_types_they_promise(session: Session) -> None:
    for step in run(session, GENERATE)[0]:
        side, preview = (16, 128) if step.stage == "base" else (64, 256)
        assert (step.tokens.shape, step.tokens.dtype) == ((side, side), np.int32)
        assert (step.confidence.shape, step.confidence.dtype) == ((side, side), np.float32)
        assert (step.preview.shape, step.preview.dtype) == ((preview, preview, 3), np.uint8)
        assert 0 <= step.confidence.min() <= step.confidence.max() <= 1


def test_size_256_runs_the_base_stage_alone(session: Session) -> None:
    steps, result = run(session, replace(GENERATE, size=256))
    assert {step.stage for step in steps} == {"base"}
    assert result.picture.shape == (256, 256, 3)
    assert result.superres_tokens is None


def test_the_request_decides_over_the_models_default_plan(session: Session) -> None:
    steps, _ = run(session, replace(GENERATE, base=StagePlan(steps=7), superres=StagePlan(steps=3, guidance=0.0)))
    assert [step.total for step in steps] == [7] * 7 + [3] * 3


def test_a_model_of_even_order_has_no_temperature_until_one_is_asked_for(tmp_path: Path) -> None:
    defaults = tiny().defaults
    config = replace(tiny(), defaults=replace(defaults, base=replace(defaults.base, order="halton")))
    Cascade(config, build_modules(config), random_text_encoder()).save(tmp_path / "even")
    session = Session()
    session.load(tmp_path / "even", "cpu")
    info = session.model_info()
    assert info.base.temperature is None
    assert info.superres is not None
    assert info.superres.temperature is not None

    def is_even(request: EditRequest) -> bool:
        known = run(session, request)[0][0].known
        ranks = halton_ranks(16, 16, torch.device("cpu")).numpy()
        return bool(known.any()) and float(ranks[known].max()) < float(ranks[~known].min())

    assert is_even(GENERATE)
    assert not is_even(replace(GENERATE, base=StagePlan(temperature=1.0)))


def test_equal_requests_give_equal_tokens_also_in_another_session(session: Session, tiny_model: Path) -> None:
    other = Session()
    other.load(tiny_model, "cpu")
    first = run(session, GENERATE)[1]
    run(session, replace(GENERATE, seed=4))
    for again in (run(session, GENERATE)[1], run(other, GENERATE)[1]):
        np.testing.assert_array_equal(again.base_tokens, first.base_tokens)
        np.testing.assert_array_equal(again.superres_tokens, first.superres_tokens)
        np.testing.assert_array_equal(again.picture, first.picture)


@pytest.mark.parametrize("change", [{"seed": 4}, {"prompt": "a ship"}, {"negative_prompt": "a dog"}])
def test_seed_prompt_and_negative_prompt_all_matter(session: Session, change: dict[str, Any]) -> None:
    strong = replace(GENERATE, base=StagePlan(guidance=20.0))
    first, second = run(session, strong)[0], run(session, replace(strong, **change))[0]
    assert any(not np.array_equal(a.confidence, b.confidence) for a, b in zip(first, second, strict=True))


def test_inpainting_keeps_every_token_that_no_painted_pixel_touches(session: Session) -> None:
    request = inpaint(a_mask())
    assert request.picture is not None
    unit = torch.from_numpy(request.picture.copy()).permute(2, 0, 1)[None].float() / 255
    own = session.cascade.tokenize(unit)
    assert own.superres is not None
    steps, _ = run(session, request)
    for step in steps:
        grid = own.base if step.stage == "base" else own.superres
        cell = 512 // step.tokens.shape[0]
        masked = a_mask().reshape(-1, cell, 512 // cell, cell).max(axis=(1, 3)) > 0
        np.testing.assert_array_equal(step.tokens[~masked], grid[0].numpy()[~masked])
        assert (step.confidence[~masked] == 1).all()
        assert not np.array_equal(step.tokens[masked], grid[0].numpy()[masked])


@pytest.mark.parametrize("size", [256, 512])
def test_an_empty_mask_gives_the_picture_itself_without_a_step(session: Session, size: int) -> None:
    request = inpaint(np.zeros((512, 512), np.uint8), size=size)
    steps, result = run(session, request)
    assert steps == []
    assert result.picture.shape == (size, size, 3)
    assert request.picture is not None
    if size == 512:
        np.testing.assert_array_equal(result.picture, request.picture)
    else:
        assert abs(float(result.picture.mean()) - float(request.picture.mean())) < 0.5


def test_one_painted_pixel_is_decoded_in_as_many_steps_as_it_has_tokens(session: Session) -> None:
    mask = np.zeros((512, 512), np.uint8)
    mask[511, 0] = 1
    steps, _ = run(session, inpaint(mask))
    assert [(step.stage, step.job_index, step.job_total) for step in steps] == [("base", 0, 2), ("superres", 1, 2)]
    assert steps[-1].is_last


@pytest.mark.parametrize("at", range(6))
def test_dropping_the_steps_anywhere_leaves_the_session_sound(session: Session, at: int) -> None:
    events = session.run(GENERATE)
    for _ in range(at + 1):
        next(events)
    close_iterator(events)
    assert len(run(session, GENERATE)[0]) == 6


def test_seconds_left_fall_to_the_decode_and_are_known_after_a_warm_up(tiny_model: Path) -> None:
    seconds = iter(range(10_000))
    session = Session(clock=lambda: float(next(seconds)))
    session.load(tiny_model, "cpu")
    session.warm_up()
    left = [step.seconds_left for step in run(session, GENERATE)[0]]
    assert left == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]  # every step takes one tick of this clock, and so does the decode


def test_an_edit_without_a_mask_tells_every_iteration_and_what_it_changed(session: Session) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    asked = EditRequest(Mode.EDIT, "a fox", base=StagePlan(steps=5), superres=StagePlan(steps=2), picture=picture)
    steps, result = run(session, asked)
    assert [(step.stage, step.index) for step in steps[:5]] == [("base", index) for index in range(5)]
    assert [step.confidence[step.confidence < 1].size <= 20 for step in steps[:5]] == [True] * 5
    assert result.edited is not None
    assert result.edited.shape == (512, 512)
    assert set(np.unique(result.edited)) <= {0, 255}
    assert 0 < (result.edited > 0).mean() <= 5 * 20 / 256
    again = run(session, replace(asked, size=256))[1]
    assert again.edited is not None
    assert again.superres_tokens is None
    np.testing.assert_array_equal(again.base_tokens, result.base_tokens)


@pytest.mark.parametrize("done", [1, 3, 5])
@pytest.mark.parametrize("size", [256, 512])
def test_an_edit_goes_on_as_it_would_have(session: Session, done: int, size: int) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    plans = {"base": StagePlan(steps=5), "superres": StagePlan(steps=2)}
    asked = EditRequest(Mode.EDIT, "a fox", seed=3, size=size, picture=picture, **plans)
    steps, result = run(session, asked)
    reached = Reached(steps[done - 1].tokens, done)
    later, again = run(session, replace(asked, reached=reached))
    assert [(step.stage, step.index, step.total) for step in later] == [
        (step.stage, step.index, step.total) for step in steps[done:]
    ]
    assert [(step.job_index, step.job_total) for step in later] == [
        (index, len(steps) - done) for index in range(len(steps) - done)
    ]
    for before, after in zip(steps[done:], later, strict=True):
        np.testing.assert_array_equal(after.tokens, before.tokens)
    np.testing.assert_array_equal(again.picture, result.picture)
    np.testing.assert_array_equal(again.edited, result.edited)


def test_another_seed_changes_only_the_iterations_that_follow(session: Session) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    asked = EditRequest(Mode.EDIT, "a fox", seed=3, size=256, picture=picture, base=StagePlan(steps=5))
    steps, result = run(session, asked)
    reached = Reached(steps[2].tokens, 3)
    later, again = run(session, replace(asked, seed=4, reached=reached))
    assert len(later) == 2
    assert (later[0].tokens != steps[2].tokens).sum() <= 20
    assert (again.base_tokens != result.base_tokens).any()


@pytest.mark.parametrize(
    ("tokens", "iterations", "words"),
    [(np.zeros((16, 16)), 6, "iteration 6 of an edit of 5"), (np.zeros((64, 64)), 2, "64 × 64"), (None, 2, "16384")],
)
def test_where_no_edit_can_stand_is_refused(session: Session, tokens: Any, iterations: int, words: str) -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    grid = np.full((16, 16), 16384) if tokens is None else tokens
    reached = Reached(grid.astype(np.int32), iterations)
    asked = EditRequest(Mode.EDIT, "", size=256, base=StagePlan(steps=5), picture=picture, reached=reached)
    with pytest.raises(MuseStudioError, match=words):
        run(session, asked)


def test_a_prompt_whose_end_the_model_does_not_read_is_told(session: Session) -> None:
    length = session.cascade.text.length
    asked = EditRequest(Mode.GENERATE, "a fox", "a fox", size=256)
    assert run(session, asked)[1].notes == ()
    notes = run(session, replace(asked, negative_prompt="fox " * (length + 5)))[1].notes
    assert len(notes) == 1
    assert f"negative prompt is longer than the {length} tokens" in notes[0]


def test_loading_reports_rising_shares(tiny_model: Path) -> None:
    told: list[tuple[float, str]] = []
    Session().load(tiny_model, "cpu", lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(what for _, what in told)


def test_infos_name_model_device_and_default_plans(session: Session) -> None:
    model, device = session.model_info(), session.device_info()
    assert model.name == "tiny"
    assert model.superres is not None
    assert (model.base.steps, model.superres.steps) == (4, 2)
    assert (model.sizes, model.base_grid, model.superres_grid) == ((512, 256), 16, 64)
    assert model.edit is not None
    assert model.edit.steps == session.cascade.config.defaults.edit.iterations
    assert device.kind == "cpu"


def test_a_size_that_the_model_does_not_make_is_refused_before_any_step(session: Session) -> None:
    with pytest.raises(MuseStudioError, match="512 or 256 px, not of 1024"):
        next(session.run(replace(GENERATE, size=1024)))


def test_a_session_without_a_model_says_so() -> None:
    with pytest.raises(MuseStudioError, match="No model is loaded"):
        next(Session().run(GENERATE))


@pytest.mark.parametrize("damage", ["missing", "json", "weights", "pickle"])
def test_a_checkpoint_that_cannot_be_used_is_a_bad_model(tiny_model: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    folder = tmp_path / "model"
    if damage != "missing":
        shutil.copytree(tiny_model, folder)
    if damage == "json":
        (folder / "cascade.json").write_text("{")
    if damage == "weights":
        (folder / "base.safetensors").write_bytes(b"\x00" * 100)
    if damage == "pickle":
        (folder / "base.safetensors").write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(MuseStudioError) as caught:
        Session().load(folder, "cpu")
    assert caught.value.kind is ErrorKind.BAD_MODEL
    assert "Choose another" in caught.value.message


def test_a_device_that_is_not_there_is_told_with_a_choice(tiny_model: Path) -> None:
    with pytest.raises(MuseStudioError) as caught:
        Session().load(tiny_model, "cuda")
    assert caught.value.kind is ErrorKind.DEVICE
    assert "cpu" in caught.value.message


class Panic(BaseException):
    """What a tokenizer's Rust panics look like from Python."""


OUT_OF_MEMORY = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    MemoryError(),
]


def failing(session: Session, method: str, fault: BaseException, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = getattr(session.cascade, method), iter(range(100))

    def broken(*arguments: Any) -> Any:
        if next(calls) == after:
            raise fault
        return original(*arguments)

    monkeypatch.setattr(session.cascade, method, broken)


@pytest.mark.parametrize("fault", OUT_OF_MEMORY, ids=["cpu", "gpu", "python"])
@pytest.mark.parametrize(("method", "after"), [("_base", 0), ("_superres", 0), ("preview", 5), ("picture", 0)])
def test_running_out_of_memory_is_told_with_a_smaller_choice_and_survived(
    session: Session, fault: BaseException, method: str, after: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        failing(session, method, fault, after, patch)
        with pytest.raises(MuseStudioError) as caught:
            run(session, GENERATE)
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY
    assert "512 × 512" in caught.value.message
    assert "256" in caught.value.message.split(":")[1]
    assert len(run(session, GENERATE)[0]) == 6


def test_out_of_memory_while_loading_names_the_model(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Iterator[None]:
        raise MemoryError

    monkeypatch.setattr("muse_studio.weights.opening.Cascade.load", broken)
    with pytest.raises(MuseStudioError, match="tiny") as caught:
        Session().load(tiny_model, "cpu")
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Panic("index out of bounds"), ErrorKind.INTERNAL),
        (ValueError("a bug"), ErrorKind.INTERNAL),
        (RuntimeError("CUDA error: unspecified launch failure"), ErrorKind.DEVICE),
        (OSError(5, "Input/output error"), ErrorKind.DISK),
    ],
)
def test_every_other_fault_is_explained_too(session: Session, fault: BaseException, kind: ErrorKind) -> None:
    with pytest.MonkeyPatch.context() as patch:
        failing(session, "preview", fault, 1, patch)
        with pytest.raises(MuseStudioError) as caught:
            run(session, GENERATE)
    assert caught.value.kind is kind
    assert type(fault).__name__ in caught.value.detail


def test_ctrl_c_passes_through(session: Session) -> None:
    with pytest.MonkeyPatch.context() as patch:
        failing(session, "preview", KeyboardInterrupt(), 1, patch)
        with pytest.raises(KeyboardInterrupt):
            run(session, GENERATE)
