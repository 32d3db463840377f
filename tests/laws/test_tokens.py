"""Law 2: an empty mask changes nothing, a known token never changes, and equal requests give equal tokens."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse_studio.core.composite import frame_mask, frame_picture
from muse_studio.core.request import EditRequest, Mode
from muse_studio.muse.masking import known_grids
from muse_studio.muse.schedules import masked_after
from muse_studio.worker import session as session_module
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.laws.ways import A_WISH, WAYS, Way, Wish, own_tokens, paste, run, tokens_of, touched_cells, wishes

unhurried = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# Known tokens


@unhurried
@given(wishes)
def test_what_a_way_must_leave_alone_never_changes(session: Session, way: Way, wish: Wish) -> None:
    request = way.request(wish, way.start(wish))
    way.leaves(session, request, *run(session, request))


@unhurried
@given(wishes)
def test_a_token_once_fixed_is_fixed(session: Session, wish: Wish) -> None:
    """After each step at least as many tokens as the schedule fixes keep their value and confidence to the end."""
    for name in ("generate", "inpaint"):
        way = WAYS[name]
        request = way.request(wish, way.start(wish))
        steps, _ = run(session, request)
        for stage in ("base", "superres"):
            of_stage = [step for step in steps if step.stage == stage]
            if of_stage:
                grid = of_stage[0].tokens.shape[0]
                mask = np.full((512, 512), 255, np.uint8) if request.mask is None else request.mask
                settled_as_the_schedule_says(of_stage, int(touched_cells(mask, grid).sum()))


def settled_as_the_schedule_says(steps: Sequence[StepEvent], unknown: int) -> None:
    total = steps[0].total
    assert [step.index for step in steps] == list(range(total))
    for step in steps:
        settled = np.ones(step.tokens.shape, np.bool_)
        for later in steps[step.index :]:
            settled &= (later.tokens == step.tokens) & (later.confidence == step.confidence)
        assert settled.sum() >= settled.size - masked_after(step.index, total, unknown)


# Masks


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if way.mode is Mode.INPAINT])
def test_an_empty_mask_changes_nothing(session: Session, name: str, size: int) -> None:
    way = WAYS[name]
    document = way.start(replace(A_WISH, size=size))
    document.clear_mask()
    before = document.picture.copy()
    request = way.request(replace(A_WISH, size=size), document)
    steps, result = run(session, request)
    assert steps == []
    assert paste(document, way, request, result).is_empty
    np.testing.assert_array_equal(document.picture, before)


thin = st.tuples(
    st.integers(0, 511), st.integers(0, 511), st.integers(0, 511), st.integers(0, 511), st.floats(0, 1), st.floats(0, 1)
)


@settings(max_examples=40, deadline=None)
@given(thin)
def test_a_stroke_one_pixel_wide_masks_every_cell_it_goes_through(ends: tuple[float, ...]) -> None:
    """On both grids, wherever between the pixels it runs; and no cell that no painted pixel lies in."""
    x, y, end_x, end_y, right, down = ends
    path = [((x + right) / 512, (y + down) / 512), ((end_x + right) / 512, (end_y + down) / 512)]
    document = replace(A_WISH, extent=(512, 512), frame=(0, 0, 512), strokes=((1.0, tuple(path)),)).document()
    mask = frame_mask(document)
    known = known_grids(torch.from_numpy(mask.copy())[None])
    for grid, kept in ((16, known.base[0].numpy()), (64, known.superres[0].numpy())):
        np.testing.assert_array_equal(~kept, touched_cells(mask, grid))
        for share in np.linspace(0, 1, 800):
            across, along = ((1 - share) * a + share * b for a, b in zip(*path, strict=True))
            if across < 1 and along < 1:
                assert not kept[int(along * grid), int(across * grid)]


def test_averaging_instead_of_the_maximum_is_told(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mask resized by averages loses thin strokes: the way's own check must see it."""
    wish = replace(A_WISH, strokes=((1.0, ((0.5, 0.1), (0.5, 0.8))),), size=256, seed=3)
    way = WAYS["inpaint"]
    request = way.request(wish, way.start(wish))
    steps, _ = run(session, request)
    assert request.mask is not None
    masked = touched_cells(request.mask, 16)
    assert (steps[-1].confidence[masked] < 1).any()

    def half_painted(mask: torch.Tensor, base: int = 16, fine: int = 64) -> object:
        rough = (mask.float().unflatten(2, (16, 32)).unflatten(1, (16, 32)).mean((2, 4)) > 127).to(torch.uint8)
        return known_grids(rough.repeat_interleave(32, 1).repeat_interleave(32, 2), base, fine)

    monkeypatch.setattr(session_module, "known_grids", half_painted)
    assert run(session, request)[0] == []


def inverted(mask: torch.Tensor, base: int = 16, fine: int = 64) -> object:
    return known_grids((mask == 0).to(torch.uint8), base, fine)


def test_known_tokens_that_change_are_told(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "known_grids", inverted)
    request = WAYS["inpaint"].request(A_WISH, WAYS["inpaint"].start(A_WISH))
    with pytest.raises(AssertionError):
        WAYS["inpaint"].leaves(session, request, *run(session, request))


# Equal requests


@unhurried
@given(wishes, wishes)
def test_the_same_request_gives_the_same_result_whatever_ran_between(
    session: Session, way: Way, wish: Wish, other: Wish
) -> None:
    first = run(session, way.request(wish, way.start(wish)))
    run(session, WAYS["generate"].request(replace(other, size=256), way.start(other)))
    again = run(session, way.request(wish, way.start(wish)))
    for one, two in zip(tokens_of(*first), tokens_of(*again), strict=True):
        np.testing.assert_array_equal(one, two)


def fingerprint(steps: Sequence[StepEvent], result: ResultEvent) -> str:
    digest = hashlib.sha256()
    for array in tokens_of(steps, result):
        digest.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def fingerprints(session: Session) -> dict[str, str]:
    """Of one run of every way."""
    return {name: fingerprint(*run(session, way.request(A_WISH, way.start(A_WISH)))) for name, way in WAYS.items()}


def test_a_fresh_process_gives_the_same_results(session: Session, tiny_model: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path\n"
        "import torch; torch.set_num_threads(int(sys.argv[2]))\n"
        "from muse_studio.worker.session import Session\n"
        "from tests.laws.test_tokens import fingerprints\n"
        "session = Session(); session.load(Path(sys.argv[1]), 'cpu')\n"
        "print(json.dumps(fingerprints(session)))\n"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", code, str(tiny_model), str(torch.get_num_threads())]
    told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.splitlines()[-1]) == fingerprints(session)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_neighbours_in_a_batch_change_nothing(session: Session, seed: int, other_seed: int) -> None:
    """To the last bit, where only the neighbour's prompt, seed and tokens are others. Muse decodes batches."""
    from muse_studio.muse.editing import EditPlan
    from muse_studio.muse.plans import KnownGrids, StagePlan, TokenGrids

    plan, fine = StagePlan(4, 2.0, 1.0), StagePlan(2, 1.0, 1.0)
    generator = torch.Generator().manual_seed(seed)
    base, superres = (torch.randint(32, (3, side, side), generator=generator) for side in (16, 64))
    known_base = torch.rand(3, 16, 16, generator=generator) < 0.5
    known_fine = torch.rand(3, 64, 64, generator=generator) < 0.5
    found = []
    for neighbour in (1, 2):
        rows = [0, neighbour]
        seeds = [seed, other_seed + neighbour]
        prompts = ["a fox", "an owl" if neighbour == 1 else "two apples on a table"]
        start = TokenGrids(base[rows], superres[rows])
        known = KnownGrids(known_base[rows], known_fine[rows])
        with torch.inference_mode():
            runs = (
                session.cascade.sample(prompts, [""], seeds, plan, fine),
                session.cascade.sample(prompts, [""], seeds, plan, fine, start, known),
                session.cascade.edit(prompts, [""], seeds, start, EditPlan(4), None),
            )
            found.append([step.tokens[0].clone() for steps in runs for step in steps])
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)


def test_pictures_reach_the_model_as_they_were_when_asked(session: Session) -> None:
    """The request holds copies: what is painted while it waits in the queue is for the next one."""
    document = WAYS["inpaint"].start(A_WISH)
    request = WAYS["inpaint"].request(A_WISH, document)
    before = fingerprint(*run(session, request))
    document.fill_mask()
    document.apply_pixels(document.bounds, 255 - document.picture, "Negative")
    assert fingerprint(*run(session, request)) == before
    changed = EditRequest(
        Mode.INPAINT, request.prompt, seed=request.seed, size=request.size, base=request.base,
        superres=request.superres, picture=frame_picture(document), mask=frame_mask(document),
    )  # fmt: skip
    assert fingerprint(*run(session, changed)) != before
    assert own_tokens(session, changed)["base"].shape == (16, 16)
