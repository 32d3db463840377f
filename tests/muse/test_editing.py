"""Mask-free editing: which tokens an iteration may touch, with what it replaces them, and what a seed decides."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.muse.cascade import Cascade
from muse_studio.muse.editing import edit, edited_mask, random_cells, unchanged_cells
from muse_studio.muse.plans import EditPlan, StagePlan, TokenGrids
from muse_studio.muse.presets import build_random, tiny
from muse_studio.muse.sampling import RowNoise

CODES, MASK = 32, 32


def tokens(batch: int = 1, side: int = 16, seed: int = 0) -> Tensor:
    return torch.randint(CODES, (batch, side, side), generator=torch.Generator().manual_seed(seed))


def favourites(grid: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
    """Logits that like the tokens 3, 5 and 7 best; and that remember how they were asked."""
    favourites.asked.append((grid.clone(), guidance.clone()))  # type: ignore[attr-defined]
    logits = torch.zeros(int(wanted.sum()), CODES)
    logits[:, [3, 5, 7]] = torch.tensor([4.0, 3.5, 3.0])
    return logits


@given(
    seed=st.integers(0, 2**31), share=st.floats(0.001, 1), rows=st.integers(1, 3), iterations=st.integers(1, 6),
    top_k=st.integers(0, 4),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_an_iteration_resamples_its_share_and_leaves_every_other_token(
    seed: int, share: float, rows: int, iterations: int, top_k: int
) -> None:
    favourites.asked = []  # type: ignore[attr-defined]
    plan = EditPlan(iterations, share, guidance=4.0, top_k=top_k)
    before, count = tokens(rows, 8, seed % 100), max(1, round(share * 64))
    steps = list(edit(favourites, before, MASK, plan, RowNoise(range(seed, seed + rows), "base")))
    assert [(step.index, step.total) for step in steps] == [(index, iterations) for index in range(iterations)]
    for step, (grid, guidance) in zip(steps, favourites.asked, strict=True):  # type: ignore[attr-defined]
        assert ((~step.known).flatten(1).sum(1) == count).all()
        assert torch.equal(step.tokens[step.known], before[step.known])
        assert torch.equal(grid, torch.where(step.known, before, MASK)), "the model saw what it should resample"
        assert (guidance == 4.0).all()
        if 0 < top_k <= 3:
            assert set(step.tokens[~step.known].tolist()) <= {3, 5, 7}
        before = step.tokens


def test_the_papers_share_is_twenty_of_256() -> None:
    chosen = random_cells(torch.rand(5, 16, 16), EditPlan().share)
    assert chosen.flatten(1).sum(1).tolist() == [20] * 5


def test_cells_are_chosen_evenly() -> None:
    counts = torch.zeros(8, 8)
    noise = RowNoise(range(64), "base")
    for _ in range(200):
        counts += random_cells(noise.draw(torch.Size((64, 8, 8)), torch.device("cpu")), 0.1).sum(0)
    expected = 64 * 200 * round(6.4) / 64
    assert ((counts - expected).abs() < 6 * expected**0.5).all()


def test_tokens_and_masks_of_what_changed_lie_over_their_cells() -> None:
    before = tokens(side=4)
    after = before.clone()
    after[0, 1, 2] += 1
    same = unchanged_cells(before, after, 16)
    assert (~same).nonzero()[:, 1:].tolist() == [[y, x] for y in range(4, 8) for x in range(8, 12)]
    mask = edited_mask(before, after, 64)
    assert mask.shape == (1, 64, 64)
    assert mask.dtype == torch.uint8
    assert (mask[0, 16:32, 32:48] == 255).all()
    assert int(mask.count_nonzero()) == 16 * 16


@pytest.mark.parametrize("wrong", [{"iterations": 0}, {"share": 0.0}, {"share": 1.1}, {"guidance": -1}, {"top_k": -1}])
def test_plans_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"iteration|share|guidance|top_k"):
        EditPlan(**wrong)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sharp() -> Cascade:
    """With weights as large as training makes them, so that prompts matter."""
    model = build_random(tiny(merge=2, align=True, draft=True), seed=2)
    for module in (model.base, model.superres):
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.data.mul_(5)
    return model


def run(model: Cascade, iterations: int, prompt: str = "a fox", negative: str = "", seed: int = 3):  # type: ignore[no-untyped-def]
    start = TokenGrids(tokens(), tokens(side=64))
    plan = EditPlan(iterations)
    return start, list(model.edit([prompt], [negative], [seed], start, plan, StagePlan(2, 0.0)))


def test_fewer_iterations_are_the_beginning_of_more(sharp: Cascade) -> None:
    _, short = run(sharp, 3)
    _, long = run(sharp, 6)
    for one, other in zip(short[:3], long[:3], strict=True):
        assert torch.equal(one.tokens, other.tokens)
    assert [step.stage for step in long] == ["base"] * 6 + ["superres"] * 2


def test_super_resolution_keeps_what_lies_under_unchanged_tokens(sharp: Cascade) -> None:
    start, steps = run(sharp, 2)
    base = next(step for step in reversed(steps) if step.stage == "base")
    assert start.superres is not None
    same = unchanged_cells(start.base, base.tokens, 64)
    assert same.any()
    assert not same.all()
    assert torch.equal(steps[-1].tokens[same], start.superres[same])
    assert not torch.equal(steps[-1].tokens, start.superres)


def test_seed_prompt_and_negative_prompt_each_matter(sharp: Cascade) -> None:
    plain = run(sharp, 12)[1][11].tokens
    assert torch.equal(run(sharp, 12)[1][11].tokens, plain)
    for change in ({"seed": 4}, {"prompt": "an owl on a teal background"}, {"negative": "a fox, a fox"}):
        assert not torch.equal(run(sharp, 12, **change)[1][11].tokens, plain), change  # type: ignore[arg-type]


def test_an_edit_that_changes_nothing_is_not_super_resolved(sharp: Cascade, monkeypatch: pytest.MonkeyPatch) -> None:
    start = TokenGrids(tokens(), tokens(side=64))

    def faithful(texts: object) -> object:
        def predict(grid: Tensor, guidance: Tensor, wanted: Tensor) -> Tensor:
            return 1e4 * torch.nn.functional.one_hot(start.base, CODES).float()[wanted]

        return predict

    monkeypatch.setattr(sharp, "_base", faithful)
    steps = list(sharp.edit(["a fox"], [""], [1], start, EditPlan(5), StagePlan(2)))
    assert [step.stage for step in steps] == ["base"] * 5
    assert torch.equal(steps[-1].tokens, start.base)
