"""Law 2: an empty mask changes nothing, a known token never changes, and equal requests give equal tokens."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muse_studio.core.composite import frame_mask, frame_picture
from muse_studio.core.request import EditRequest, Mode, StagePlan
from muse_studio.muse import plans
from muse_studio.muse.masking import known_grids
from muse_studio.muse.plans import EditPlan
from muse_studio.muse.schedules import masked_after
from muse_studio.worker import given as material
from muse_studio.worker.session import ResultEvent, Session, StepEvent
from tests.laws.ways import (
    A_WISH,
    LARGE_WISH,
    WAYS,
    Way,
    Wish,
    few,
    paste,
    run,
    tokens_of,
    touched_cells,
    under_paint,
    wishes,
)

MASKED = [name for name, way in WAYS.items() if way.masked]

# Known tokens


@few
@given(wishes)
@example(LARGE_WISH)
def test_what_a_way_must_leave_alone_never_changes(session: Session, way: Way, wish: Wish) -> None:
    leaves_what_it_must(session, way, wish)


def leaves_what_it_must(session: Session, way: Way, wish: Wish) -> None:
    request = way.request(session, wish, way.start(wish))
    if request.mask is None or request.mask.any():
        steps, result = run(session, request)
        way.leaves(session, request, steps, result)
        fixed_tokens_stay([step for step in steps if step.stage == "superres" or way.mode is not Mode.EDIT])


def fixed_tokens_stay(steps: Sequence[StepEvent]) -> None:
    """What a step has fixed, every later one of its stage has too; and the last one has fixed all."""
    for step, later in pairwise(steps):
        if step.stage == later.stage:
            np.testing.assert_array_equal(later.tokens[step.known], step.tokens[step.known])
            np.testing.assert_array_equal(later.confidence[step.known], step.confidence[step.known])
            assert later.known[step.known].all()
            assert later.known.sum() > step.known.sum()
        else:
            assert step.known.all()
    assert not steps or steps[-1].known.all()


@pytest.mark.parametrize("name", ["generate", "inpaint"])
def test_the_steps_fix_as_many_tokens_as_the_schedule_says(session: Session, name: str) -> None:
    """The schedule's tables are proved in tests/muse/proofs/test_counts.py."""
    wish = replace(LARGE_WISH, base=StagePlan(24), superres=StagePlan(8))
    request = WAYS[name].request(session, wish, WAYS[name].start(wish))
    steps, _ = run(session, request)
    unknown = {stage: int(under_paint(request, side).sum()) for stage, side in (("base", 16), ("superres", 64))}
    left = [int((~step.known).sum()) for step in steps]
    tables = [(min(24, unknown["base"]), unknown["base"]), (min(8, unknown["superres"]), unknown["superres"])]
    assert left == [masked_after(step, *table) for table in tables for step in range(table[0])]


# Masks


@pytest.mark.parametrize("name", MASKED)
def test_an_empty_mask_changes_nothing(session: Session, name: str) -> None:
    nothing_changes_under_an_empty_mask(session, WAYS[name])


def nothing_changes_under_an_empty_mask(session: Session, way: Way) -> None:
    for size in (256, 512):
        wish = replace(A_WISH, size=size)
        document = way.start(wish)
        document.clear_mask()
        before = document.picture.copy()
        request = way.request(session, wish, document)
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
    wish = replace(A_WISH, strokes=((2.0, ((0.5, 0.1), (0.5, 0.8))), (90.0, ((0.2, 0.2),))), size=256)

    def averaged(mask: torch.Tensor, base: int = 16, fine: int | None = 64) -> plans.KnownGrids:
        grids = (torch.nn.functional.avg_pool2d(mask.float(), 512 // side) < 128 for side in (base, fine) if side)
        return plans.KnownGrids(*grids)

    way = WAYS["inpaint"]
    request = way.request(session, wish, way.start(wish))
    way.leaves(session, request, *run(session, request))
    monkeypatch.setattr(material, "known_grids", averaged)
    with pytest.raises(AssertionError):
        way.leaves(session, request, *run(session, request))


def inverted(mask: torch.Tensor, base: int = 16, fine: int | None = 64) -> plans.KnownGrids:
    return known_grids((mask == 0).to(torch.uint8), base, fine)


@pytest.mark.parametrize("name", MASKED)
def test_known_tokens_that_change_are_told(session: Session, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    way = WAYS[name]
    request = way.request(session, A_WISH, way.start(A_WISH))
    monkeypatch.setattr(material, "known_grids", inverted)
    with pytest.raises(AssertionError):
        way.leaves(session, request, *run(session, request))


# Equal requests


def fingerprint(steps: Sequence[StepEvent], result: ResultEvent) -> str:
    digest = hashlib.sha256()
    for array in tokens_of(steps, result):
        digest.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def fingerprints(session: Session) -> dict[str, str]:
    """Of one short run of every way, through both stages."""
    wish = replace(LARGE_WISH, base=StagePlan(2), superres=StagePlan(1, 2.0))
    return {name: fingerprint(*run(session, way.request(session, wish, way.start(wish)))) for name, way in WAYS.items()}


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


@pytest.mark.parametrize(("seed", "other_seed"), [(0, 5), (2**32 - 1, 7)])
def test_neighbours_in_a_batch_change_nothing(session: Session, seed: int, other_seed: int) -> None:
    """To the last bit, where the neighbour's words, seed and tokens are others but no longer than before."""
    plan, fine = plans.StagePlan(4, 2.0, 1.0), plans.StagePlan(2, 1.0, 1.0)
    generator = torch.Generator().manual_seed(seed)
    base, superres = (torch.randint(32, (3, side, side), generator=generator) for side in (16, 64))
    known_base = torch.rand(3, 16, 16, generator=generator) < 0.5
    known_fine = torch.rand(3, 64, 64, generator=generator) < 0.5
    found = []
    for neighbour in (1, 2):
        rows = [0, neighbour]
        seeds = [seed, other_seed + neighbour]
        prompts = ["a fox", "an owl" if neighbour == 1 else "my cat"]
        start = plans.TokenGrids(base[rows], superres[rows])
        known = plans.KnownGrids(known_base[rows], known_fine[rows])
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
    request = WAYS["inpaint"].request(session, A_WISH, document)
    before = fingerprint(*run(session, request))
    document.fill_mask()
    document.apply_pixels(document.bounds, 255 - document.picture, "Negative")
    assert fingerprint(*run(session, request)) == before
    changed = EditRequest(
        Mode.INPAINT, request.prompt, seed=request.seed, size=request.size, base=request.base,
        superres=request.superres, picture=frame_picture(document), mask=frame_mask(document),
    )  # fmt: skip
    assert fingerprint(*run(session, changed)) != before
