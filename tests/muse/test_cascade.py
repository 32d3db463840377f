"""The whole cascade on a tiny random model: the laws every mode rests on, and checkpoint folders as a whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from muse_studio.muse import cascade as cascade_module
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.folder import CheckpointError
from muse_studio.muse.masking import known_grids
from muse_studio.muse.plans import DecodeStep, KnownGrids, StagePlan, TokenGrids
from muse_studio.muse.presets import build_random, random_text_encoder, tiny

BASE, FINE = StagePlan(steps=4, guidance=2.0, temperature=1.0), StagePlan(steps=2, guidance=1.0, temperature=0.5)


@pytest.fixture(scope="module")
def sharp() -> Cascade:
    """A cascade whose weights are as large as training makes them, so that prompts matter."""
    model = build_random(seed=2)
    for module in (model.base, model.superres):
        for parameter in module.parameters():
            if parameter.ndim > 1:
                parameter.data.mul_(5)
    return model


def sample(
    model: Cascade,
    prompts: tuple[str, ...] = ("a fox",),
    negatives: tuple[str, ...] = ("",),
    seeds: tuple[int, ...] | None = None,
    plans: tuple[StagePlan, StagePlan | None] = (BASE, FINE),
    start: TokenGrids | None = None,
    known: KnownGrids | None = None,
) -> list[DecodeStep]:
    seeds = seeds or tuple(range(len(prompts)))
    return list(model.sample(prompts, negatives, seeds, *plans, start=start, known=known))


def random_grids(seed: int, batch: int = 1) -> TokenGrids:
    generator = torch.Generator().manual_seed(seed)
    return TokenGrids(
        torch.randint(32, (batch, 16, 16), generator=generator), torch.randint(32, (batch, 64, 64), generator=generator)
    )


def strip_known(pixels: int, batch: int = 1) -> KnownGrids:
    """What a mask over the left `pixels` columns leaves known."""
    mask = torch.zeros(batch, 512, 512, dtype=torch.uint8)
    mask[..., :pixels] = 255
    return known_grids(mask)


# Steps


def test_base_steps_come_first_then_superres_ones(cascade: Cascade) -> None:
    steps = sample(cascade)
    assert [(step.stage, step.index, step.total) for step in steps] == [
        ("base", 0, 4), ("base", 1, 4), ("base", 2, 4), ("base", 3, 4), ("superres", 0, 2), ("superres", 1, 2),
    ]  # fmt: skip
    for step in steps:
        side = 16 if step.stage == "base" else 64
        assert step.tokens.shape == step.confidence.shape == step.known.shape == (1, side, side)
        assert step.tokens.min() >= 0
        assert step.tokens.max() < 32
    assert steps[3].known.all()
    assert steps[-1].known.all()


def test_a_256_pixel_picture_takes_base_steps_only(cascade: Cascade) -> None:
    steps = sample(cascade, plans=(BASE, None))
    assert [step.stage for step in steps] == ["base"] * 4
    assert torch.equal(steps[-1].tokens, sample(cascade)[3].tokens)


def test_dropping_the_iterator_stops_the_models(cascade: Cascade, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    forward = cascade.base.forward

    def counted(*arguments: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return forward(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cascade.base, "forward", counted)
    steps = cascade.sample(["a"], [""], [0], BASE, FINE)
    next(steps)
    del steps
    assert calls == 1


@pytest.mark.parametrize("draft", [False, True])
def test_logits_where_they_are_wanted_give_the_tokens_of_logits_everywhere(
    draft: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two guided rows, each with a mask of its own: a token must get its own logits, and no other's."""
    model = build_random(tiny(merge=2, draft=draft), seed=2)
    known = KnownGrids(
        torch.cat([strip_known(200).base, strip_known(90).base]),
        torch.cat([strip_known(200).superres, strip_known(90).superres]),
    )
    told = {"prompts": ("a fox", "a boat"), "negatives": ("a cat",), "start": random_grids(3, 2), "known": known}
    some = sample(model, **told)  # type: ignore[arg-type]
    for part in (model.base, model.superres):
        forward = part.forward
        monkeypatch.setattr(part, "forward", lambda *given, forward=forward: forward(*given[:2])[given[2]])
    every = sample(model, **told)  # type: ignore[arg-type]
    assert len(some) == len(every) == 6
    for one, other in zip(some, every, strict=True):
        assert torch.equal(one.tokens, other.tokens)


def test_logits_are_computed_only_where_a_token_is_unknown(cascade: Cascade, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[int]] = {"base": [], "superres": []}
    for name, part in (("base", cascade.base), ("superres", cascade.superres)):

        def counted(x: Tensor, *more: Tensor, head=part.head.forward, rows=seen[name]) -> Tensor:  # type: ignore[no-untyped-def]
            rows.append(x.shape[:-1].numel())
            return head(x, *more)

        monkeypatch.setattr(part.head, "forward", counted)
    plans = (replace(BASE, guidance=0.0), replace(FINE, guidance=0.0))
    steps = sample(cascade, plans=plans, start=random_grids(1), known=strip_known(64))
    for stage, cells in (("base", 2 * 16), ("superres", 8 * 64)):
        left = [int((~step.known).sum()) for step in steps if step.stage == stage]
        assert seen[stage] == [cells, *left[:-1]]


# Laws


def test_the_same_request_gives_the_same_tokens(cascade: Cascade) -> None:
    one, other = sample(cascade), sample(cascade)
    for first, second in zip(one, other, strict=True):
        assert torch.equal(first.tokens, second.tokens)
        assert torch.equal(first.confidence, second.confidence)


def test_the_same_model_built_again_gives_the_same_tokens(cascade: Cascade) -> None:
    assert torch.equal(sample(cascade)[-1].tokens, sample(build_random(seed=1))[-1].tokens)


def test_seeds_and_prompts_matter(sharp: Cascade) -> None:
    plans = (BASE, None)
    plain = sample(sharp, seeds=(5,), plans=plans)[-1].tokens
    assert not torch.equal(plain, sample(sharp, seeds=(6,), plans=plans)[-1].tokens)
    assert not torch.equal(plain, sample(sharp, ("two apples",), seeds=(5,), plans=plans)[-1].tokens)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**31), st.integers(1, 511))
def test_known_tokens_are_never_changed(sharp: Cascade, seed: int, pixels: int) -> None:
    start, known = random_grids(seed), strip_known(pixels)
    assert start.superres is not None
    for step in sample(sharp, seeds=(seed,), start=start, known=known):
        given_tokens, fixed = (start.base, known.base) if step.stage == "base" else (start.superres, known.superres)
        assert torch.equal(step.tokens[fixed], given_tokens[fixed])
        assert (step.confidence[fixed] == 1).all()


def test_an_empty_mask_changes_nothing_and_takes_no_step(cascade: Cascade) -> None:
    known = known_grids(torch.zeros(1, 512, 512, dtype=torch.uint8))
    assert sample(cascade, start=random_grids(0), known=known) == []


def test_a_full_mask_forgets_the_picture(cascade: Cascade) -> None:
    full = known_grids(torch.full((1, 512, 512), 255, dtype=torch.uint8))
    one, other = (sample(cascade, start=random_grids(seed), known=full)[-1].tokens for seed in (1, 2))
    assert torch.equal(one, other)
    assert torch.equal(one, sample(cascade)[-1].tokens)


def test_what_was_under_the_mask_does_not_matter(sharp: Cascade) -> None:
    start, known = random_grids(1), strip_known(200)
    other = random_grids(2)
    assert start.superres is not None
    assert other.superres is not None
    same = TokenGrids(
        torch.where(known.base, start.base, other.base), torch.where(known.superres, start.superres, other.superres)
    )
    assert torch.equal(
        sample(sharp, start=start, known=known)[-1].tokens, sample(sharp, start=same, known=known)[-1].tokens
    )


def test_the_surroundings_of_a_mask_matter(sharp: Cascade) -> None:
    known, results = strip_known(200), []
    for code in (3, 20):
        start = TokenGrids(torch.full((1, 16, 16), code), torch.full((1, 64, 64), code))
        results.append(filling(sharp, start, known))
    assert not torch.equal(*results)


def filling(model: Cascade, start: TokenGrids, known: KnownGrids) -> Tensor:
    """Base tokens filled in where nothing was known."""
    return sample(model, start=start, known=known, plans=(BASE, None))[-1].tokens[~known.base]


def test_a_picture_does_not_depend_on_the_batch_it_is_made_in(cascade: Cascade) -> None:
    prompts, seeds = ("a fox", "two apples on a table", ""), (3, 4, 5)
    together = sample(cascade, prompts, ("",), seeds)
    for row, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True)):
        alone = sample(cascade, (prompt,), ("",), (seed,))
        for one, many in zip(alone, together, strict=True):
            # Matrix products of another size round otherwise: a token may flip, a picture may not.
            same = (one.tokens[0] == many.tokens[row]).float().mean()
            assert same > 0.98, (one.stage, one.index, row)


def test_masks_of_a_batch_are_each_pictures_own(cascade: Cascade) -> None:
    start, known = random_grids(1, batch=2), strip_known(64, batch=2)
    known.base[1], known.superres[1] = True, True
    assert start.superres is not None
    steps = sample(cascade, ("a", "b"), start=start, known=known)
    assert torch.equal(steps[-1].tokens[1], start.superres[1])
    assert not torch.equal(steps[-1].tokens[0], start.superres[0])


def test_super_resolution_from_a_draft_follows_the_picture_so_far_and_no_batch() -> None:
    model = build_random(tiny(merge=2, align=True, draft=True))
    two = sample(model, ("a fox", "an owl"), ("",), (1, 2))[-1].tokens
    for row, (prompt, seed) in enumerate((("a fox", 1), ("an owl", 2))):
        alone = sample(model, (prompt,), ("",), (seed,))[-1].tokens[0]
        assert (alone == two[row]).float().mean() > 0.98
    base = random_grids(3, 2).base
    drafts = model._draft(base)
    assert drafts.shape == (2, 64, 64)
    assert not torch.equal(drafts[0], drafts[1])


def test_finished_low_resolution_tokens_steer_super_resolution(sharp: Cascade) -> None:
    base_known = KnownGrids(torch.ones(1, 16, 16, dtype=torch.bool), torch.zeros(1, 64, 64, dtype=torch.bool))
    results = []
    for seed in (1, 2):
        steps = sample(sharp, start=TokenGrids(random_grids(seed).base, random_grids(9).superres), known=base_known)
        assert [step.stage for step in steps] == ["superres"] * 2
        results.append(steps[-1].tokens)
    assert not torch.equal(*results)


# Guidance


def logits(model: Cascade, prompt: str, guidance: float, negative: str = "") -> Tensor:
    """Guided base logits of an all-masked grid."""
    grid = torch.full((1, 16, 16), model.base.mask_token)
    return model._base(model._encode([prompt], [negative]))(grid, torch.full((1, 1, 1, 1), guidance), grid > 0)


def test_a_negative_prompt_takes_the_place_of_the_unconditional(sharp: Cascade) -> None:
    wanted, unwanted, empty = (logits(sharp, text, 0.0) for text in ("a red fox", "blurry", ""))
    assert (wanted - unwanted).abs().max() > 1e-2
    assert (unwanted - empty).abs().max() > 1e-2
    for t in (0.5, 3.0):
        torch.testing.assert_close(
            logits(sharp, "a red fox", t, "blurry"), (1 + t) * wanted - t * unwanted, atol=1e-3, rtol=1e-3
        )
        torch.testing.assert_close(logits(sharp, "a red fox", t), (1 + t) * wanted - t * empty, atol=1e-3, rtol=1e-3)


def test_a_negative_prompt_reaches_the_tokens_only_with_guidance(sharp: Cascade) -> None:
    unguided = (replace(BASE, guidance=0.0), None)
    results = [sample(sharp, negatives=(text,), plans=unguided)[-1].tokens for text in ("", "a blue whale")]
    assert torch.equal(*results)
    guided = (replace(BASE, guidance=4.0), None)
    results = [sample(sharp, negatives=(text,), plans=guided)[-1].tokens for text in ("", "a blue whale")]
    assert not torch.equal(*results)


def test_one_negative_prompt_serves_several_prompts(cascade: Cascade) -> None:
    prompts = ("a fox", "an apple")
    one = sample(cascade, prompts, ("blurry",), plans=(BASE, None))[-1].tokens
    assert torch.equal(one, sample(cascade, prompts, ("blurry", "blurry"), plans=(BASE, None))[-1].tokens)


@pytest.mark.parametrize(
    ("prompts", "negatives", "seeds"),
    [([], [""], []), (["a"], [""], []), (["a"], [""], [1, 2]), (["a", "b"], ["", "", ""], [1, 2]), (["a"], [], [1])],
)
def test_lists_of_other_lengths_are_refused(
    cascade: Cascade, prompts: list[str], negatives: list[str], seeds: list[int]
) -> None:
    with pytest.raises(ValueError, match="prompts with"):
        next(cascade.sample(prompts, negatives, seeds, BASE, FINE))


# Pictures


def test_known_tokens_without_their_values_are_refused(cascade: Cascade) -> None:
    with pytest.raises(ValueError, match="start"):
        sample(cascade, known=strip_known(64))


def test_pictures_and_previews_have_their_sizes(cascade: Cascade) -> None:
    grids = random_grids(0, batch=2)
    assert grids.superres is not None
    assert cascade.picture(grids.base, "base").shape == (2, 3, 256, 256)
    assert cascade.picture(grids.superres, "superres").shape == (2, 3, 512, 512)
    assert cascade.preview(grids.base, "base").shape == (2, 128, 128, 3)
    assert cascade.preview(grids.superres, "superres").shape == (2, 256, 256, 3)
    picture = cascade.picture(grids.base, "base")
    assert picture.dtype == torch.float32
    assert 0 <= picture.min() <= picture.max() <= 1
    assert cascade.preview(grids.base, "base").dtype == torch.uint8


def test_a_picture_is_tokenised_on_both_grids_each_by_its_own(cascade: Cascade) -> None:
    pictures = torch.rand(2, 3, 512, 512, generator=torch.Generator().manual_seed(0))
    grids = cascade.tokenize(pictures)
    assert grids.superres is not None
    assert grids.base.shape == (2, 16, 16)
    assert grids.superres.shape == (2, 64, 64)
    assert torch.equal(grids.superres, cascade.superres_vqgan.encode(pictures))
    halved = pictures.unflatten(3, (256, 2)).unflatten(2, (256, 2)).mean((3, 5))
    assert (grids.base == cascade.base_vqgan.encode(halved)).float().mean() > 0.98


def test_nothing_of_a_cascade_learns(cascade: Cascade) -> None:
    for module in (cascade.base, cascade.superres, cascade.base_vqgan, cascade.superres_vqgan):
        assert not module.training
        assert not any(parameter.requires_grad for parameter in module.parameters())


# Folders


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads in float32 on every processor, so that results can be compared bit by bit."""
    monkeypatch.setattr(cascade_module, "working_dtype", lambda device: torch.float32)


@pytest.fixture
def folder(cascade: Cascade, tmp_path: Path) -> Path:
    cascade.save(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.usefixtures("float32")
def test_saving_and_loading_again_gives_the_same_tokens(folder: Path) -> None:
    first = Cascade.load(folder)
    again = folder.with_name("again")
    first.save(again)
    for name in ("base", "superres", "base_vqgan", "superres_vqgan", "text_encoder/model"):
        assert (folder / f"{name}.safetensors").read_bytes() == (again / f"{name}.safetensors").read_bytes()
    second = Cascade.load(again)
    assert second.config == first.config
    for one, other in zip(sample(first), sample(second), strict=True):
        assert torch.equal(one.tokens, other.tokens)
        assert torch.equal(one.confidence, other.confidence)
    grids = random_grids(3)
    assert torch.equal(first.picture(grids.base, "base"), second.picture(grids.base, "base"))


def test_a_loaded_cascade_runs_in_whatever_this_processor_is_fast_in(folder: Path) -> None:
    steps = sample(Cascade.load(folder), ("a fox", "an apple"))
    assert steps[-1].confidence.dtype == torch.float32
    assert steps[-1].known.all()


def test_loading_tells_its_progress_from_nothing_to_all(folder: Path) -> None:
    told: list[tuple[float, str]] = []
    Cascade.load(folder, progress=lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert len({what for _, what in told}) == len(told) >= 5


@pytest.mark.parametrize(
    "name",
    ["base.safetensors", "superres_vqgan.safetensors", "text_encoder/model.safetensors", "text_encoder/config.json"],
)
def test_a_missing_or_damaged_file_is_named(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 255
    (folder / name).write_bytes(data)
    with pytest.raises(CheckpointError, match=Path(name).stem):
        Cascade.load(folder)
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=Path(name).stem):
        Cascade.load(folder)


def test_a_text_encoder_of_another_width_is_refused(cascade: Cascade, tmp_path: Path) -> None:
    torch.manual_seed(0)
    modules = {name: getattr(cascade, name) for name in ("base", "superres", "base_vqgan", "superres_vqgan")}
    Cascade(tiny(), modules, random_text_encoder(width=48)).save(tmp_path)
    with pytest.raises(CheckpointError, match="48"):
        Cascade.load(tmp_path)


def test_a_folder_without_text_encoder_asks_for_it_and_not_the_network(folder: Path) -> None:
    content = json.loads((folder / "cascade.json").read_text())
    content["files"] = {name: record for name, record in content["files"].items() if "text_encoder" not in name}
    content["architecture"]["text_encoder"]["source"] = "google/t5-v1_1-xxl"
    (folder / "cascade.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=r"t5-v1_1-xxl"):
        Cascade.load(folder)


def test_a_cascade_cast_to_another_dtype_encodes_its_prompts_again() -> None:
    model = build_random(seed=1)
    plan = StagePlan(steps=1, guidance=1.0)
    before = [step.tokens for step in model.sample(["a fox"], [""], [1], plan, None)]
    model.cast(torch.bfloat16)
    assert [step.tokens.shape for step in model.sample(["a fox"], [""], [1], plan, None)] == [before[0].shape]
    model.cast(torch.float32)
    assert model.dtype is torch.float32


def test_what_a_cascade_tells_of_itself_is_what_it_makes(sharp: Cascade) -> None:
    traits = sharp.traits
    assert traits.superres is not None
    for size in traits.sizes:
        plans = (BASE, FINE if traits.last_stage(size) == "superres" else None)
        last = sample(sharp, plans=plans)[-1]
        stage = traits.superres if last.stage == "superres" else traits.base
        assert last.stage == traits.last_stage(size)
        assert last.tokens.shape[-2:] == (stage.grids[size], stage.grids[size])
        assert int(last.tokens.max()) < stage.codebook_size
        assert sharp.picture(last.tokens, last.stage).shape[-1] == size
