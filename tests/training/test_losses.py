"""What tokenizers are judged by: as before where nothing is added, evenly pulled where an adversary is."""

from __future__ import annotations

import argparse
import json
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.presets import tiny
from muse_studio.training import commands, stages
from muse_studio.training.codebook import AveragedCodebook
from muse_studio.training.discriminator import Adversary, hinge
from muse_studio.training.filters import FilterDistance
from muse_studio.training.loop import LoopConfig, RunOptions, train
from muse_studio.training.losses import PictureLoss, balance, edge_loss
from muse_studio.training.paper import paper, paper_3b
from muse_studio.training.recipe import RECIPES, Recipe, reduced
from muse_studio.training.stages import Folders, judged, trained_vqgan
from muse_studio.training.state import CHECKPOINT
from muse_studio.training.tokenizer import TokenizerConfig, TokenizerTask
from tests.training.stopping import steps

CPU = torch.device("cpu")
LOOP = LoopConfig(total_s=1e12, batch=2, rate=3e-3, warm_up=2, average=0)
PLAIN = TokenizerConfig(size=32, crop=32, free_steps=4, spare=4)
OPPOSED = replace(PLAIN, perceptual=0.5, adversarial=0.1, adversary_after=6, adversary_width=8)


def picture(number: int) -> NDArray[np.uint8]:
    """A coloured square on a coloured ground, 32 px a side."""
    rng = np.random.default_rng(number)
    pixels = np.empty((32, 32, 3), np.uint8)
    pixels[:] = rng.integers(0, 256, 3)
    pixels[8:24, 8:24] = rng.integers(0, 256, 3)
    return pixels


def tokenizer_task(settings: TokenizerConfig) -> TokenizerTask:
    torch.manual_seed(0)
    task = TokenizerTask("base-vqgan", tiny().base_vqgan, settings, picture, CPU, FilterDistance(CPU, scales=2))
    task.sheet = lambda module: Image.new("RGB", (4, 4))  # type: ignore[method-assign]
    return task


def test_with_nothing_added_the_loss_is_absolute_error_edges_and_square_error() -> None:
    made, real = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)
    figures = PictureLoss(replace(PLAIN, edges=0.7), FilterDistance(CPU))(made, real)
    wanted = F.l1_loss(made, real) + 0.7 * edge_loss(made, real) + 2 * F.mse_loss(made, real)
    torch.testing.assert_close(figures["loss"], wanted)
    assert set(figures) == {"loss", "psnr"}


def test_features_are_weighed() -> None:
    made, real = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    distance = FilterDistance(CPU)
    none, some = (PictureLoss(replace(PLAIN, perceptual=weight), distance)(made, real)["loss"] for weight in (0, 0.3))
    torch.testing.assert_close(some - none, 0.3 * distance(made, real))
    with pytest.raises(ValueError, match="there is none"):
        PictureLoss(replace(PLAIN, perceptual=0.3), None)


def test_the_adversary_pulls_as_strongly_as_its_weight_says_however_strong_it_is() -> None:
    torch.manual_seed(0)
    made, real = torch.rand(2, 3, 32, 32, requires_grad=True), torch.rand(2, 3, 32, 32)
    adversary = Adversary(8, after=0)
    fooling, _ = adversary(made, real)
    loss = F.mse_loss(made, real)
    for strength in (1e-2, 1.0, 1e2):
        weight = balance(loss, strength * fooling, made)
        pulls = [torch.autograd.grad(one, made, retain_graph=True)[0].norm() for one in (loss, strength * fooling)]
        torch.testing.assert_close(weight * pulls[1], pulls[0], rtol=1e-3, atol=0)
        assert not weight.requires_grad


def test_the_hinge_is_satisfied_by_a_clear_verdict_and_no_more() -> None:
    assert float(hinge(torch.tensor([-1.0, -3.0]), torch.tensor([1.0, 9.0]))) == 0
    assert float(hinge(torch.tensor([0.0]), torch.tensor([0.0]))) == 1
    assert float(hinge(torch.tensor([2.0]), torch.tensor([-2.0]))) == 3


def test_an_adversary_learns_to_tell_made_from_real() -> None:
    torch.manual_seed(0)
    adversary = Adversary(8, after=0)
    optimiser = torch.optim.AdamW(adversary.parameters(), lr=2e-3)
    real = torch.stack([torch.from_numpy(picture(n)).permute(2, 0, 1) for n in range(8)]).float() / 255
    made = F.avg_pool2d(real, 5, stride=1, padding=2)
    for _ in range(60):
        optimiser.zero_grad()
        caught = adversary(made, real)[1]
        caught.backward()
        optimiser.step()
    scores = adversary.net(torch.cat([made, real])).mean((1, 2, 3))
    assert scores[:8].max() < scores[8:].min()


def test_a_tokenizer_learns_with_features_and_an_adversary_and_ends_without_them(tmp_path: Path) -> None:
    task = tokenizer_task(OPPOSED)
    train(task, LOOP, steps(task, 10), tmp_path / "base-vqgan")
    stored = load_file(tmp_path / "base-vqgan" / CHECKPOINT)
    assert int(stored["module.adversary.steps"]) == 10
    assert any(name.startswith("optimiser.1.") for name in stored)
    module = task.module
    assert isinstance(module, AveragedCodebook)
    plan = replace(reduced(), tokenizers=(PLAIN, PLAIN), cascade=tiny())
    model = trained_vqgan(plan, "base-vqgan", Folders(tmp_path, tmp_path, tmp_path), CPU)
    kept = module.condensed(tiny().base_vqgan).state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())
    again = tokenizer_task(OPPOSED)
    assert train(again, LOOP, steps(again, 2), tmp_path / "base-vqgan").step == 12


def test_a_run_is_not_resumed_with_other_losses(tmp_path: Path) -> None:
    task = tokenizer_task(PLAIN)
    train(task, LOOP, steps(task, 2), tmp_path)
    with pytest.raises(MuseStudioError, match="other settings"):
        train(tokenizer_task(replace(PLAIN, perceptual=0.5)), LOOP, RunOptions(budget_s=1), tmp_path)


def test_settings_that_came_later_leave_older_runs_as_they_were(tmp_path: Path) -> None:
    task = tokenizer_task(PLAIN)
    train(task, LOOP, steps(task, 2), tmp_path)
    path = tmp_path / CHECKPOINT
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    config = json.loads(header["config"])
    for name in ("perceptual", "features", "adversarial", "adversary_after", "adversary_width"):
        del config["task"]["tokenizer"][name]
    save_file(load_file(path), path, metadata={**header, "config": json.dumps(config)})
    again = tokenizer_task(PLAIN)
    assert train(again, LOOP, steps(again, 1), tmp_path).step == 3


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_recipes_add_nothing_unless_told_to(name: str) -> None:
    plan = RECIPES[name]()
    every = (*plan.tokenizers, *(one.tokenizer for one in plan.decoders))
    assert all(one.perceptual == one.adversarial == 0 for one in every)
    same, distance = judged(plan, None, False, CPU)
    assert same == plan
    assert distance is None
    more, _ = judged(plan, "filters", True, CPU)
    every = (*more.tokenizers, *(one.tokenizer for one in more.decoders))
    assert all(one.perceptual > 0 and one.features == "filters" and one.adversarial == 0.1 for one in every)


@pytest.mark.parametrize("plan", [paper(), paper_3b()], ids=lambda plan: plan.name)
def test_the_papers_recipes_have_the_losses_of_table_5_and_its_larger_decoders(plan: Recipe) -> None:
    for stage in ("base-vqgan", "superres-vqgan", "base-decoder", "superres-decoder"):
        settings, loop = plan.tokenizer(stage), plan.loop(stage)
        assert (settings.perceptual, settings.adversarial) == (0.05, 0.1)
        assert (loop.batch, loop.rate, loop.betas, loop.decay, loop.warm_up) == (256, 1e-4, (0.9, 0.99), 1e-4, 10_000)
    sizes = plan.vqgan("superres-decoder")
    assert (sizes.decoder_blocks, sizes.decoder_width) == (4, 256)


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    return parser.parse_args(words)


def test_a_named_model_judges_and_what_it_was_is_kept_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import ResNetConfig, ResNetModel

    monkeypatch.setattr(signal, "signal", lambda *_: None)
    model = ResNetModel(ResNetConfig(embedding_size=8, hidden_sizes=[8] * 4, depths=[1] * 4))
    model.config.save_pretrained(tmp_path / "resnet")
    save_file(model.state_dict(), tmp_path / "resnet" / "model.safetensors")
    seen = []
    monkeypatch.setattr(stages, "run_stage", lambda recipe, stage, *rest: seen.append((recipe, stage, rest[3])))
    (tmp_path / "data" / "wide").mkdir(parents=True)
    words = ["superres-decoder", "--data", str(tmp_path / "data"), "--perceptual"]
    assert commands.run(arguments(*words, str(tmp_path / "resnet"), "--adversarial")) == 0
    ((recipe, stage, distance),) = seen
    assert stage == "superres-decoder"
    settings = recipe.tokenizer(stage)
    assert (settings.perceptual, settings.adversarial) == (0.05, 0.1)
    assert settings.features == distance.name != "filters"
    with pytest.raises(MuseStudioError, match="--perceptual filters") as caught:
        commands.run(arguments(*words, str(tmp_path / "nowhere")))
    assert caught.value.kind is ErrorKind.BAD_MODEL
