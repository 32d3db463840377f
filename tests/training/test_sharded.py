"""From a folder of pictures over shards to every stage trained, averaged and assembled; and the dry run of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import parameter_counts, random_text_encoder, tiny
from muse_studio.training import dry_run as dry
from muse_studio.training.assemble import assemble
from muse_studio.training.commands import add_arguments, run
from muse_studio.training.data.mix import Mix
from muse_studio.training.data.shards import expand
from muse_studio.training.engine import Engine
from muse_studio.training.estimate import estimate
from muse_studio.training.loop import LoopConfig, RunOptions
from muse_studio.training.masked import MaskedConfig
from muse_studio.training.paper import paper, paper_3b
from muse_studio.training.recipe import STAGES, Recipe
from muse_studio.training.series import average, series
from muse_studio.training.sharded import Source, run_sharded, shards_for
from muse_studio.training.stages import Folders
from muse_studio.training.tokenizer import TokenizerConfig

CPU = Engine(torch.device("cpu"))
LOOP = LoopConfig(total_s=0.0, batch=2, rate=1e-3, warm_up=2, optimiser="adafactor", average=0.0, total_steps=1_000)


def tiny_recipe() -> Recipe:
    tokenizers = (TokenizerConfig(256, 64, free_steps=1), TokenizerConfig(512, 64, free_steps=1))
    loops = (replace(LOOP, optimiser="adamw"),) * 2 + (LOOP,) * 2
    return Recipe("tiny", "reduced", tiny(), Mix(), Mix(), tokenizers, MaskedConfig(), loops, 1.0)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dry.noise_shards(tmp_path_factory.mktemp("noise"))


def test_every_stage_trains_from_shards_and_the_cascade_samples(shards: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe()
    random_text_encoder().save(tmp_path / "text")
    folders = Folders(tmp_path, tmp_path / "runs", tmp_path / "text")
    said: list[str] = []
    options = RunOptions(budget_steps=4, keep_every=2, log_every=2, draws=False, report=said.append)
    for stage in STAGES:
        source = Source(shards_for([stage], expand([str(shards / "*.tar")]), folders.runs, None), folders, loaders=2)
        assert run_sharded(recipe, stage, source, options, CPU).step == 4
        source.shards.close()
    assert any(line.startswith("superres step 4") for line in said)
    assemble(recipe, folders, tmp_path / "plain")
    average(series(folders.runs / "base"), folders.runs / "base" / "averaged.safetensors")
    assemble(recipe, folders, tmp_path / "model")
    weights = [load_file(tmp_path / name / "base.safetensors")["head.out.weight"] for name in ("plain", "model")]
    assert not torch.equal(*weights)
    cascade = Cascade.load(tmp_path / "model")
    *_, last = cascade.sample(["noise"], [""], [1], StagePlan(2), StagePlan(2))
    assert last.tokens.shape == (1, 64, 64)

    other = shards_for(["base"], expand([str(shards / "*.tar")]), folders.runs, 300)
    with pytest.raises(MuseStudioError, match=r"data\.least 256 → 300"):
        run_sharded(recipe, "base", Source(other, folders, loaders=0), options, CPU)
    other.close()


def test_a_dry_run_counts_proves_and_says_so(shards: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe()
    folders = Folders(tmp_path, tmp_path / "runs", tmp_path / "text")
    text = dry.RandomText(32, CPU.device)
    source = Source(
        shards_for(STAGES, expand([str(shards / "*.tar")]), folders.runs, None),
        folders,
        text=text,
        vqgan=lambda stage: dry.random_vqgan(recipe, stage, CPU.device),
        loaders=1,
    )
    said: list[str] = []
    (proof,) = dry.dry_run(recipe, ["base"], source, CPU, dry.Cost(), steps=2, report=said.append)
    assert (proof.steps, proof.layers, proof.parameters) == (4, (2, 2), parameter_counts(recipe.cascade)["base"])
    assert any("resumed byte for byte" in line for line in said)
    assert any(line.startswith("  memory: weights") for line in said)
    with pytest.raises(MuseStudioError, match="is in the way"):
        dry.dry_run(recipe, ["base"], source, CPU, dry.Cost(), steps=1, report=said.append)
    source.shards.close()


def test_a_dry_run_finds_a_resumed_run_that_is_another(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tiny_recipe()
    source = Source(
        shards_for(STAGES, expand([str(shards / "*.tar")]), tmp_path, None),
        Folders(tmp_path, tmp_path / "runs", tmp_path / "text"),
        text=dry.RandomText(32, CPU.device),
        vqgan=lambda stage: dry.random_vqgan(recipe, stage, CPU.device),
        loaders=0,
    )
    honest = dry.run_sharded

    def forgetful(recipe: Recipe, stage: str, source: Source, options: RunOptions, engine: Engine) -> object:
        if options.budget_steps == 0:
            path = tmp_path / "runs" / stage / "checkpoint.safetensors"
            tensors = load_file(path)
            save_file({name: value for name, value in tensors.items() if "moment" not in name}, path)
            return None
        return honest(recipe, stage, source, options, engine)  # type: ignore[arg-type]

    monkeypatch.setattr(dry, "run_sharded", forgetful)
    with pytest.raises(MuseStudioError, match="not the one that was left"):
        dry.dry_run(recipe, ["base"], source, CPU, dry.Cost(), steps=1, report=lambda text: None)
    source.shards.close()


def test_an_estimate_counts_what_a_pass_really_keeps() -> None:
    recipe = tiny_recipe()
    whole = estimate(recipe, "base")
    assert whole.parameters == parameter_counts(recipe.cascade)["base"]
    assert whole.weights == 4 * whole.parameters
    assert 2 * whole.parameters < whole.optimiser < 2.6 * whole.parameters
    assert whole.kept_recompute < 0.6 * whole.kept
    assert whole.flops < whole.flops_recompute < 1.5 * whole.flops
    deeper = estimate(dry.with_layers(recipe, "base", 4), "base")
    assert 1.5 * whole.kept < deeper.kept < 2.5 * whole.kept


def test_layers_are_left_out_until_the_rest_fits() -> None:
    recipe = tiny_recipe()
    whole = estimate(recipe, "base")
    room = dry.ROOM_BYTES + whole.memory(1, True)
    assert dry.fitted(recipe, "base", whole, 1, room) == recipe
    assert dry.fitted(recipe, "base", whole, 1, room - 100_000).cascade.base.layers == 1
    with pytest.raises(MuseStudioError) as caught:
        dry.fitted(recipe, "base", whole, 1, dry.ROOM_BYTES)
    assert caught.value.kind is ErrorKind.OUT_OF_MEMORY


def test_the_papers_recipes_have_the_papers_figures() -> None:
    counts = parameter_counts(paper().cascade)
    assert counts["base"] == pytest.approx(632e6, rel=0.005)
    assert counts["superres"] == pytest.approx(268e6, rel=0.005)
    for recipe in (paper(), paper_3b()):
        loop, vqgan = recipe.loop("base"), recipe.loop("base-vqgan")
        assert (loop.optimiser, loop.rate, loop.betas, loop.decay) == ("adafactor", 1e-4, (0.9, 0.96), 0.045)
        assert (loop.batch, loop.warm_up, loop.total_steps) == (512, 5_000, 1_500_000)
        assert (vqgan.batch, vqgan.rate, vqgan.betas, vqgan.decay) == (256, 1e-4, (0.9, 0.99), 1e-4)
        assert (vqgan.warm_up, vqgan.total_steps) == (10_000, 1_000_000)
        assert recipe.masked.text_dropout == 0.1


def test_the_command_line_packs_and_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    dry.noise_folder(tmp_path / "in", side=68)
    words = ["data", "pack", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--size", "32", "--least", "32"]
    assert run(parser.parse_args(words)) == 0
    assert "8 examples in 1 shards, 0 skipped" in capsys.readouterr().out
    with pytest.raises(MuseStudioError, match="--shards"):
        run(parser.parse_args(["base", "--recipe", "paper"]))
    with pytest.raises(MuseStudioError, match="add --shards"):
        run(parser.parse_args(["base", "--engine", "ddp"]))
    with pytest.raises(MuseStudioError, match="Averaging needs files"):
        run(parser.parse_args(["average", "base", "--runs", str(tmp_path)]))
    defaults = [parser.parse_args(words) for words in (["base"], ["dry-run"], ["dry-run", "base", "superres"])]
    assert [(one.recipe, one.steps) for one in defaults] == [("reduced", None), ("paper", 2), ("paper", 2)]
    assert [getattr(one, "stages", None) for one in defaults] == [None, [], ["base", "superres"]]
