"""Every stage learns on a tiny scale, from pictures to a folder that loads and samples."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file

from muse_studio.core.errors import MuseStudioError
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import random_text_encoder, tiny
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training import assemble
from muse_studio.training.codebook import AveragedCodebook, condense, k_means, with_spare
from muse_studio.training.data.captions import plural, with_article
from muse_studio.training.data.concepts import MORE_CONCEPTS, REDUCED_CONCEPTS
from muse_studio.training.data.mix import Mix
from muse_studio.training.data.table import load_table
from muse_studio.training.data.vocabulary import vocabulary
from muse_studio.training.loop import LoopConfig, RunOptions, train
from muse_studio.training.masked import BaseTask, MaskedConfig, SuperResTask, begin_with_codebook, random_masks
from muse_studio.training.recipe import RECIPES, STAGES, Recipe
from muse_studio.training.sheet_prompts import more_sheet_prompts, sheet_prompts, together_sheet_prompts
from muse_studio.training.stages import Folders
from muse_studio.training.state import read_figures
from muse_studio.training.tokenizer import TokenizerConfig, TokenizerTask

CPU = torch.device("cpu")
QUICK = LoopConfig(total_s=60, batch=2, rate=3e-3, warm_up=2)


def options(steps: int) -> RunOptions:
    """So many steps: the report after the last one interrupts, as a person would."""
    seen = [0]

    def report(text: str) -> None:
        seen[0] += 1
        if seen[0] == steps:
            raise KeyboardInterrupt

    return RunOptions(budget_s=60, log_every=1, report=report)


def picture(number: int, size: int) -> NDArray[np.uint8]:
    """A coloured disc on a coloured ground."""
    rng = np.random.default_rng(number)
    pixels = np.empty((size, size, 3), np.uint8)
    pixels[:] = rng.integers(0, 256, 3)
    y, x = np.mgrid[:size, :size]
    pixels[(x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 4) ** 2] = rng.integers(0, 256, 3)
    return pixels


@dataclass(frozen=True)
class Pair:
    base: NDArray[np.uint8]
    superres: NDArray[np.uint8] | None
    caption: str


def pair(number: int) -> Pair:
    return Pair(picture(number, 256), picture(number, 512), "a disc")


def test_a_tokenizer_begins_its_codebook_after_the_free_steps_and_learns(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = TokenizerConfig(size=64, crop=64, free_steps=6)
    task = TokenizerTask("base-vqgan", tiny().base_vqgan, config, lambda number: picture(number % 2, 64), CPU)
    task.sheet = lambda module: picture_sheet()  # type: ignore[method-assign]
    train(task, QUICK, options(80), tmp_path)
    rows = read_figures(tmp_path)
    assert [row["codes used"] for row in rows[:6]] == [0] * 6
    assert all(row["codes used"] > 0 for row in rows[6:])
    assert np.mean([row["loss"] for row in rows[-10:]]) < 0.9 * np.mean([row["loss"] for row in rows[6:16]])


def picture_sheet():  # type: ignore[no-untyped-def]
    from PIL import Image

    return Image.new("RGB", (8, 8))


def test_k_means_finds_well_separated_clusters() -> None:
    torch.manual_seed(0)
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = (centres[:, None] + 0.1 * torch.randn(3, 200, 2)).flatten(0, 1)
    found = k_means(points, 12)
    assert torch.cdist(points, found).min(1).values.max() < 1


def test_the_most_alike_entries_are_merged_weighed_by_use_and_in_their_order() -> None:
    codebook = torch.tensor([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [0.0, 1.0], [9.0, 0.5]])
    merged, place = condense(codebook, torch.tensor([3.0, 1.0, 1.0, 1.0, 1.0]), 3)
    torch.testing.assert_close(merged, torch.tensor([[0.0, 0.25], [9.0, 0.25], [0.0, 9.0]]))
    assert place.tolist() == [0, 1, 2, 0, 1]
    same, places = condense(codebook, torch.ones(5), 5)
    assert torch.equal(same, codebook)
    assert places.tolist() == [0, 1, 2, 3, 4]


def test_a_finished_tokenizer_goes_on_with_spare_entries_and_comes_back_as_it_was() -> None:
    torch.manual_seed(0)
    finished = VQGAN(tiny().base_vqgan)
    settings = TokenizerConfig(64, 64, spare=4)
    module = AveragedCodebook(VQGAN(with_spare(finished.config, settings)), settings)
    module.begin_from(finished)
    assert len(module.model.codebook) == 36
    back = module.condensed(finished.config)
    assert all(torch.equal(value, back.state_dict()[name]) for name, value in finished.state_dict().items())


def test_the_states_of_a_caption_are_computed_once_and_are_the_encoders_own() -> None:
    text = random_text_encoder()
    task = BaseTask(tiny().base, MaskedConfig(), pair, [VQGAN(tiny().base_vqgan)], text, ["a disc"], CPU)
    captions = ("a disc", "", "a red disc on a teal background", "a disc")
    asked: list[tuple[str, ...]] = []
    encode = text.encode

    def counting(texts):  # type: ignore[no-untyped-def]
        asked.append(tuple(texts))
        return encode(texts)

    text.encode = counting  # type: ignore[method-assign]
    for _ in range(2):
        states = task.encode(captions)
    assert asked == [captions[:3]]
    own = encode(captions)
    assert torch.equal(states.mask, own.mask)
    torch.testing.assert_close(states.states, own.states, atol=1e-5, rtol=1e-4)


def test_codes_that_nothing_chooses_move_to_live_features() -> None:
    torch.manual_seed(0)
    module = AveragedCodebook(VQGAN(tiny().base_vqgan), TokenizerConfig(64, 64, free_steps=0, revive_below=0.5))
    features = torch.randn(4, 8, 8, 8)
    module.quantise(features)
    module.model.codebook[0] = 1e6
    module.get_buffer("counts")[0] = 0
    module.get_buffer("sums")[0] = 0
    module.quantise(features)
    assert module.model.codebook.abs().max() < 100


@pytest.mark.parametrize("stage", ["base", "superres"])
def test_a_transformer_learns_one_picture_by_heart(tmp_path: Path, stage: str) -> None:
    torch.manual_seed(0)
    config, text = tiny(), random_text_encoder()
    vqgans = [VQGAN(config.base_vqgan).eval(), VQGAN(config.superres_vqgan).eval()]
    settings = MaskedConfig(smoothing=0.0)
    one = pair(3)
    task = (
        BaseTask(config.base, settings, lambda number: one, vqgans[:1], text, ["a disc"], CPU)
        if stage == "base"
        else SuperResTask(config.superres, settings, lambda number: one, vqgans, text, ["a disc"], CPU)
    )
    task.sheet = lambda module: picture_sheet()  # type: ignore[method-assign]
    train(task, replace(QUICK, rate=1e-2), options(30), tmp_path)
    losses = [row["loss"] for row in read_figures(tmp_path)]
    assert np.mean(losses[-5:]) < 0.7 * losses[0]


def test_training_masks_follow_the_papers_distribution_and_are_never_empty() -> None:
    rng = np.random.default_rng(0)
    masks = random_masks(torch.Size((4000, 16, 16)), rng)
    shares = masks.flatten(1).float().mean(1)
    assert float(shares.mean()) == pytest.approx(2 / np.pi, abs=0.02)
    assert int(masks.flatten(1).sum(1).min()) >= 1
    # P(r < x) = 1 - (2 / pi) arccos(x): the density of section 2.6.
    for x in (0.25, 0.5, 0.75, 0.95):
        assert float((shares < x).float().mean()) == pytest.approx(1 - 2 / np.pi * np.arccos(x), abs=0.03)


def test_masks_of_regions_leave_all_around_them_known() -> None:
    def parts(regions: float) -> tuple[torch.Tensor, float]:
        """Masks, and the share that fills most of a part of the grid and nothing of the rest."""
        masks = random_masks(torch.Size((3000, 16, 16)), np.random.default_rng(0), regions)
        areas = np.array([np.prod(np.ptp(np.nonzero(mask), axis=1) + 1) for mask in masks.numpy()])
        dense = masks.flatten(1).sum(1).numpy() > 0.5 * areas
        return masks, float((dense & (areas < 0.8 * 256)).mean())

    masks, share = parts(0.5)
    assert parts(0.0)[1] < 0.05 < 0.15 < share < 0.5
    assert int(masks.flatten(1).sum(1).min()) >= 1
    assert masks.float().mean(0).min() > 0.1, "regions lie everywhere"
    left, right = masks[:, :, :8].flatten(1).any(1), masks[:, :, 8:].flatten(1).any(1)
    assert 0.02 < float((left ^ right).float().mean()) < 0.3, "one half alone: a thing beside another"


def test_tokens_that_look_alike_begin_alike_and_are_still_told_apart() -> None:
    torch.manual_seed(0)
    codes = torch.randn(50, 16)
    codes[1] = codes[0] + 1e-3
    embedding, out = torch.nn.Embedding(51, 64), torch.nn.Linear(64, 50)
    mask_token = embedding.weight[50].clone()
    begin_with_codebook(codes, embedding, out)
    for weight in (embedding.weight[:50], out.weight):
        distance = torch.cdist(weight, weight)
        assert 0 < distance[0, 1] < 0.6 * distance[0, 2:].min()
    assert torch.equal(embedding.weight[50], mask_token)


def tiny_recipe() -> Recipe:
    loop = QUICK
    tokenizer = TokenizerConfig(size=64, crop=64, spare=4)
    cascade = tiny(merge=2, align=True, draft=True)
    return Recipe("tiny", "reduced", cascade, Mix(), Mix(), (tokenizer, tokenizer), MaskedConfig(), (loop,) * 4)


def test_finished_stages_become_a_folder_that_samples_and_can_be_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, text = tiny_recipe(), random_text_encoder()
    tasks = {}
    text.save(tmp_path / "text")
    vqgans = {}
    for stage, sizes in (("base-vqgan", recipe.cascade.base_vqgan), ("superres-vqgan", recipe.cascade.superres_vqgan)):
        task = TokenizerTask(stage, sizes, recipe.tokenizers[0], lambda number: picture(number, 64), CPU)
        task.sheet = lambda module: picture_sheet()  # type: ignore[method-assign]
        train(task, QUICK, options(2), tmp_path / "runs" / stage)
        vqgans[stage] = task.module.condensed(sizes)
        tasks[stage] = task
    tokenizers = list(vqgans.values())
    for kind, sizes, used in (
        (BaseTask, recipe.cascade.base, tokenizers[:1]),
        (SuperResTask, recipe.cascade.superres, tokenizers),
    ):
        task = kind(sizes, recipe.masked, pair, used, text, ["a disc"], CPU)
        task.sheet = lambda module: picture_sheet()  # type: ignore[method-assign]
        train(task, QUICK, options(2), tmp_path / "runs" / kind.name)
        tasks[kind.name] = task
    folders = Folders(tmp_path / "data", tmp_path / "runs", tmp_path / "text")
    assemble.assemble(recipe, folders, tmp_path / "model")
    cascade = Cascade.load(tmp_path / "model")
    learned = load_file(tmp_path / "runs" / "superres" / "checkpoint.safetensors")["averaged.head.out.weight"]
    shorter = torch.cat([learned[:-1] * recipe.step_share, learned[-1:]])
    assert learned[:-1].abs().max() > 1e-3
    torch.testing.assert_close(cascade.superres.head.out.weight.float(), shorter, atol=1e-4, rtol=1e-2)
    *_, last = cascade.sample(["a disc"], [""], [1], StagePlan(2), StagePlan(2))
    assert last.tokens.shape == (1, 64, 64)
    assemble.sample_sheet(tmp_path / "model", tmp_path / "sheet.png", CPU, ["a disc", "two discs"])
    assemble.sample_sheet(tmp_path / "model", tmp_path / "sheet.webp", CPU, ["a disc", "two discs"])
    with Image.open(tmp_path / "sheet.png") as drawn, Image.open(tmp_path / "sheet.webp") as small:
        assert (drawn.format, small.format) == ("PNG", "WEBP")
        assert drawn.size == small.size
        assert len(drawn.convert("RGB").getcolors(1 << 24)) > 50

    again = Folders(tmp_path / "data", tmp_path / "again", tmp_path / "text")
    monkeypatch.setattr(assemble, "task", lambda recipe, stage, folders, device: tasks[stage])
    assemble.unpack(recipe, again, tmp_path / "model")
    assemble.assemble(recipe, again, tmp_path / "same")
    for name in ("base", "superres", "base_vqgan", "superres_vqgan"):
        file = f"{name}.safetensors"
        assert (tmp_path / "same" / file).read_bytes() == (tmp_path / "model" / file).read_bytes()
    assert train(tasks["base"], QUICK, options(2), again.runs / "base").step > 1
    with pytest.raises(MuseStudioError, match="already"):
        assemble.unpack(recipe, again, tmp_path / "model")


def test_a_missing_stage_is_named(tmp_path: Path) -> None:
    with pytest.raises(MuseStudioError, match="base"):
        assemble.assemble(tiny_recipe(), Folders(tmp_path, tmp_path, tmp_path), tmp_path / "model")


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_fits_the_size_that_ships(name: str) -> None:
    from muse_studio.muse.presets import parameter_counts

    recipe = RECIPES[name]()
    assert sum(parameter_counts(recipe.cascade).values()) * 2 <= 82e6
    assert {recipe.loop(stage).batch > 0 for stage in STAGES} == {True}


def test_sheets_ask_for_every_thing_once_and_of_the_more_only_what_training_shows() -> None:
    known, more = sheet_prompts(), more_sheet_prompts()
    assert (len(known), len(more)) == (len(REDUCED_CONCEPTS) + 2, len(MORE_CONCEPTS))
    shown = {with_article(one.label, one.style) for one in load_table("wide") if not one.held_out}
    assert all(re.sub(r" on an? [a-z ]+ background$", "", prompt) in shown for prompt in more)
    assert sum("background" in prompt for prompt in more) == len(more) // 2
    assert len({prompt.split()[1] for prompt in more} & {"3d", "flat", "sticker"}) == 3


def test_things_are_shown_together_as_training_words_it_and_in_styles_that_it_shows() -> None:
    prompts = together_sheet_prompts()
    ways = ("to the left of", "in a row", " above ", "in front of", "on the left,")
    assert all(sum(way in prompt for way in ways) == 1 for prompt in prompts)
    counts = [sum(way in prompt for prompt in prompts) for way in ways]
    assert min(counts) >= 5
    assert max(counts) <= 2 * min(counts)
    things = list(MORE_CONCEPTS.values())[::4]
    assert len(prompts) + counts[0] + counts[2] == len(things), "each of them once"
    shown = {(one.label, one.style) for one in load_table("wide") if not one.held_out}
    styles = [re.search(r"3d|flat|sticker", prompt)[0] for prompt in prompts]  # type: ignore[index]
    assert set(styles) == {"3d", "flat", "sticker"}
    for prompt, style in zip(prompts, styles, strict=True):
        named = [thing for thing in things if re.search(rf"\b({thing}|{plural(thing)})\b", prompt)]
        assert named
        assert all((thing, style) in shown for thing in named)


def test_completed_words_are_those_that_the_recipe_shows() -> None:
    words = vocabulary()
    assert set(words["things"]) == set(map(with_article, REDUCED_CONCEPTS.values()))
    assert len({*words["things"], *words["more"]}) == len(REDUCED_CONCEPTS) + len(MORE_CONCEPTS)
    phrases = [phrase for kind in ("things", "styles", "backgrounds", "places", "more") for phrase in words[kind]]
    assert set(words["names"]["ja"]) == set(phrases)
