"""A larger decoder is finetuned for a tokenizer of which nothing else moves by one bit."""

from __future__ import annotations

import hashlib
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.evaluation.reconstruction import reconstruct
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.presets import build_modules, random_text_encoder, tiny
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training import assemble, stages
from muse_studio.training.codebook import AveragedCodebook, with_spare
from muse_studio.training.data.compose import Example, ExamplePair
from muse_studio.training.data.mix import Mix
from muse_studio.training.decoder import DecoderTask, fingerprint
from muse_studio.training.filters import FilterDistance
from muse_studio.training.growth import grown_decoder
from muse_studio.training.loop import LoopConfig, RunOptions, run_settings, train
from muse_studio.training.masked import MaskedConfig
from muse_studio.training.optimisers import adversary_optimisers, make_optimisers
from muse_studio.training.recipe import RECIPES, DecoderRecipe, Recipe, Stage
from muse_studio.training.settings import Settings
from muse_studio.training.stages import Folders, finished_vqgan, trained_vqgan
from muse_studio.training.state import CHECKPOINT, Progress, read_figures, save_checkpoint
from muse_studio.training.tokenizer import TokenizerConfig
from tests.training.stopping import steps

CPU = torch.device("cpu")
LOOP = LoopConfig(total_s=1e12, batch=2, rate=2e-3, warm_up=2, average=0.9)  # the rate must not follow the clock
CROPS = TokenizerConfig(size=64, crop=32)
OPPOSED = replace(CROPS, perceptual=0.5, adversarial=0.1, adversary_after=3, adversary_width=8)


def picture(number: int) -> NDArray[np.uint8]:
    """Coloured stripes, 64 px a side."""
    rng = np.random.default_rng(number)
    stripes = rng.integers(0, 256, (8, 1, 3), np.uint8).repeat(8, 0)
    return np.broadcast_to(stripes, (64, 64, 3)).copy()


def finished(config: VQGANConfig | None = None) -> VQGAN:
    torch.manual_seed(0)
    return VQGAN(config or tiny().superres_vqgan).eval()


def larger(config: VQGANConfig, blocks: int = 3, width: int = 32) -> VQGANConfig:
    return replace(config, decoder_blocks=blocks, decoder_width=width)


def decoder_task(settings: TokenizerConfig = CROPS, frozen: VQGAN | None = None) -> DecoderTask:
    torch.manual_seed(1)
    frozen = frozen or finished()
    distance = FilterDistance(CPU, scales=2)
    task = DecoderTask("superres-decoder", frozen, larger(frozen.config), settings, picture, CPU, distance)
    task.sheet = lambda module: Image.new("RGB", (4, 4))  # type: ignore[method-assign]
    return task


def hashes(tensors: dict[str, Tensor]) -> dict[str, str]:
    return {name: hashlib.sha256(value.contiguous().numpy().tobytes()).hexdigest() for name, value in tensors.items()}


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize(("blocks", "width"), [(1, 16), (3, 16), (1, 32), (4, 32)])
def test_a_larger_decoder_begins_where_the_trained_one_ended(blocks: int, width: int, linear: bool) -> None:
    model = finished(replace(tiny().superres_vqgan, linear_path=linear, decoder_blocks=1, multipliers=(1, 2)))
    sizes = larger(model.config, blocks, width)
    grown = grown_decoder(model.decoder, model.config, sizes)
    codes = torch.randn(2, sizes.code_dim, 4, 4)
    with torch.no_grad():
        torch.testing.assert_close(grown(codes), model.decoder(codes), atol=1e-5, rtol=1e-4)


def test_copies_of_a_channel_do_not_stay_copies() -> None:
    task = decoder_task()
    (adamw,) = make_optimisers(task.module, LOOP)
    conv = task.module.decoder.layers[0].conv1
    assert torch.equal(conv.bias[:16], conv.bias[16:])
    for batch, _ in zip(task.batches(0, 2), range(3), strict=False):
        task.loss(batch)["loss"].backward()
        adamw.step()
        adamw.zero_grad()
    assert (conv.bias[:16] - conv.bias[16:]).abs().max() > 1e-5


def test_a_decoder_may_not_shrink() -> None:
    model = finished()
    with pytest.raises(ValueError, match="at least as wide"):
        grown_decoder(model.decoder, model.config, larger(model.config, 1, 8))


def test_finetuning_gains_and_no_gradient_reaches_what_is_frozen(tmp_path: Path) -> None:
    task = decoder_task(OPPOSED)
    frozen = task.frozen
    before = hashes(frozen.state_dict())
    real = [torch.from_numpy(picture(number)).permute(2, 0, 1).float() / 255 for number in range(4)]
    worse = reconstruct(frozen, real)
    train(task, LOOP, steps(task, 60), tmp_path)
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in frozen.parameters())
    assert hashes(frozen.state_dict()) == before
    names = {name.partition(".")[0] for name, _ in task.module.named_parameters()}
    assert names == {"decoder", "adversary"}
    better = reconstruct(task.module.finished(frozen, task.sizes), real)
    assert better.psnr > worse.psnr + 0.5


def test_with_an_adversary_a_resumed_run_is_the_uninterrupted_one(tmp_path: Path) -> None:
    whole, first, second = (decoder_task(OPPOSED) for _ in range(3))
    train(whole, LOOP, steps(whole, 9), tmp_path / "whole")
    train(first, LOOP, steps(first, 5), tmp_path / "parts")
    train(second, LOOP, steps(second, 4), tmp_path / "parts")
    ends, parts = (load_file(tmp_path / name / CHECKPOINT) for name in ("whole", "parts"))
    assert ends.keys() == parts.keys()
    assert any(name.startswith("optimiser.1.") for name in ends)
    for name, value in ends.items():
        assert torch.equal(parts[name], value), name
    assert int(ends["module.adversary.steps"]) == 9


def test_the_adversary_waits_and_then_both_nets_move_by_their_own_losses(tmp_path: Path) -> None:
    task = decoder_task(OPPOSED)
    start = {name: value.clone() for name, value in task.module.adversary.named_parameters()}
    train(task, LOOP, steps(task, 3), tmp_path)
    assert all(torch.equal(value, start[name]) for name, value in task.module.adversary.named_parameters())
    assert "fooling" not in read_figures(tmp_path)[-1]
    again = decoder_task(OPPOSED)
    train(again, LOOP, steps(again, 20), tmp_path)
    rows = [row for row in read_figures(tmp_path) if "catching" in row]
    assert len(rows) == 20
    assert rows[-1]["catching"] < rows[0]["catching"]


def test_neither_net_gets_a_gradient_of_the_others_loss() -> None:
    task = decoder_task(replace(OPPOSED, adversary_after=0))
    module = task.module
    made = torch.rand(2, 3, 32, 32, requires_grad=True)
    fooling, catching = module.adversary(made, torch.rand(2, 3, 32, 32))
    fooling.backward()
    assert made.grad is not None
    assert made.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in module.adversary.parameters())
    made.grad = None
    catching.backward()
    assert made.grad is None
    assert all(parameter.grad is not None for parameter in module.adversary.parameters())
    (own,), (others,) = make_optimisers(module, LOOP), adversary_optimisers(module, LOOP)
    moved = [{id(p) for group in one.param_groups for p in group["params"]} for one in (own, others)]
    assert moved[0] == {id(p) for p in module.decoder.parameters()}
    assert moved[1] == {id(p) for p in module.adversary.parameters()}


def test_an_adversary_that_becomes_no_number_stops_the_run_and_the_last_checkpoint_stays(tmp_path: Path) -> None:
    task = decoder_task(OPPOSED)
    train(task, LOOP, steps(task, 5), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    broken = decoder_task(OPPOSED)
    inner = broken.loss

    def loss(batch: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            next(broken.module.adversary.parameters()).fill_(torch.nan)
        return inner(batch)

    broken.loss = loss  # type: ignore[method-assign]
    with pytest.raises(MuseStudioError, match="nan"):
        train(broken, LOOP, steps(broken, 5), tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_a_decoder_is_not_trained_on_with_another_codebook(tmp_path: Path) -> None:
    task = decoder_task()
    train(task, LOOP, steps(task, 1), tmp_path)
    other = finished()
    with torch.no_grad():
        other.codebook[0] += 1
    with pytest.raises(MuseStudioError, match="other settings"):
        train(decoder_task(frozen=other), LOOP, RunOptions(budget_s=1), tmp_path)


# The whole way: finished stages, a larger decoder, a folder


def recipe(draft: bool = True) -> Recipe:
    settings = replace(CROPS, spare=4)
    cascade = tiny(merge=2, align=True, draft=draft)
    decoders = (DecoderRecipe(2, 32, OPPOSED, LOOP), DecoderRecipe(2, 32, OPPOSED, LOOP))
    return Recipe(
        "tiny", "reduced", cascade, Mix(), Mix(), (settings,) * 2, MaskedConfig(), (LOOP,) * 4, decoders=decoders
    )


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Checkpoints of four random stages, as if they were trained."""
    plan, runs = recipe(), tmp_path / "runs"
    torch.manual_seed(0)
    modules = build_modules(plan.cascade)
    for stage in ("base-vqgan", "superres-vqgan", "base", "superres"):
        module = modules[stage.replace("-", "_")]
        if isinstance(module, VQGAN):
            settings = plan.tokenizer(stage)
            averaged = AveragedCodebook(VQGAN(with_spare(module.config, settings)), settings)
            averaged.begin_from(module)
            module = averaged
        (runs / stage).mkdir(parents=True)
        save_checkpoint(runs / stage, module, module, (), Progress(step=1), Settings({"task": {}, "loop": {}}, {}))
    random_text_encoder().save(tmp_path / "text")
    return Folders(tmp_path / "data", runs, tmp_path / "text")


def finetune(plan: Recipe, stage: Stage, folders: Folders, count: int = 3) -> None:
    frozen = trained_vqgan(plan, "base-vqgan" if stage == "base-decoder" else "superres-vqgan", folders, CPU)
    task = DecoderTask(stage, frozen, plan.vqgan(stage), plan.tokenizer(stage), picture, CPU, FilterDistance(CPU))
    task.sheet = lambda module: Image.new("RGB", (4, 4))  # type: ignore[method-assign]
    train(task, plan.loop(stage), steps(task, count), folders.runs / stage)


def test_assembling_takes_the_larger_decoder_and_leaves_every_other_bit(tmp_path: Path, folders: Folders) -> None:
    plan = recipe()
    assemble.assemble(plan, folders, tmp_path / "plain")
    finetune(plan, "superres-decoder", folders)
    assemble.assemble(plan, folders, tmp_path / "tuned")
    for name in ("base", "superres", "base_vqgan", "text_encoder/model"):
        files = [tmp_path / model / f"{name}.safetensors" for model in ("plain", "tuned")]
        assert files[0].read_bytes() == files[1].read_bytes()
    old, new = (hashes(load_file(tmp_path / model / "superres_vqgan.safetensors")) for model in ("plain", "tuned"))
    frozen = {name for name in old if not name.startswith("decoder.")}
    assert {name.partition(".")[0] for name in frozen} == {"encoder", "codebook", "preview_head"}
    assert {name: old[name] for name in frozen} == {name: new[name] for name in frozen}
    assert {name for name in new if not name.startswith("decoder.")} == frozen
    cascade = Cascade.load(tmp_path / "tuned")
    assert cascade.config.superres_vqgan == plan.vqgan("superres-decoder")
    assert cascade.config.base_vqgan == plan.cascade.base_vqgan
    learned = load_file(folders.runs / "superres-decoder" / CHECKPOINT)["averaged.decoder.out.weight"]
    torch.testing.assert_close(cascade.superres_vqgan.decoder.out.weight.float(), learned, atol=1e-3, rtol=1e-2)


def test_a_tuned_folder_comes_back_as_checkpoints_and_as_itself(
    tmp_path: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = recipe()
    for stage in ("base-decoder", "superres-decoder"):
        finetune(plan, stage, folders)
    (folders.runs / "superres" / CHECKPOINT).unlink()
    monkeypatch.setattr(stages, "composer", lambda *_: None)
    work = stages.task(plan, "superres", folders, CPU)
    settings = run_settings(work, LOOP)
    save_checkpoint(folders.runs / "superres", work.module, work.module, (), Progress(step=1), settings)
    assemble.assemble(plan, folders, tmp_path / "tuned")
    again = Folders(tmp_path / "data", tmp_path / "again", folders.text_encoder)
    assemble.unpack(plan, again, tmp_path / "tuned")
    assemble.assemble(plan, again, tmp_path / "same")
    for name in ("base", "superres", "base_vqgan", "superres_vqgan"):
        file = f"{name}.safetensors"
        assert (tmp_path / "same" / file).read_bytes() == (tmp_path / "tuned" / file).read_bytes(), name
    assert Cascade.load(tmp_path / "same").config.base_vqgan == plan.vqgan("base-decoder")
    assert (again.runs / "superres-decoder" / CHECKPOINT).exists()


class Noise:
    """Stands for a composer: pictures of noise, and how many threads made them."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def sample(self, rng: np.random.Generator, size: int) -> Example:
        self.threads.add(threading.get_ident())
        return Example(rng.integers(0, 256, (size, size, 3), np.uint8), f"noise {rng.integers(99)}", {})

    def sample_pair(self, rng: np.random.Generator) -> ExamplePair:
        large = self.sample(rng, 512)
        return ExamplePair(large.rgb, large.rgb[::2, ::2], large.caption, {})


@pytest.mark.parametrize("stage", ["base-vqgan", "base", "superres", "base-decoder"])
def test_pictures_composed_ahead_change_no_bit(
    stage: Stage, tmp_path: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, noise = recipe(), Noise()
    monkeypatch.setattr(stages, "composer", lambda *_: noise)
    runs, threads = [], []
    for loaders in (0, 3):
        home = tmp_path / f"runs-{loaders}"
        shutil.copytree(folders.runs, home)
        shutil.rmtree(home / stage, ignore_errors=True)
        noise.threads.clear()
        options = RunOptions(budget_steps=2, draws=False, report=lambda text: None)
        stages.run_stage(plan, stage, replace(folders, runs=home), options, CPU, None, loaders)
        runs.append(hashes(load_file(home / stage / CHECKPOINT)))
        threads.append(noise.threads.copy())
    assert runs[0] == runs[1]
    assert threads[0] == {threading.get_ident()}
    assert threading.get_ident() not in threads[1]


def test_a_decoder_may_see_what_the_transformers_will_draw(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    class Word(Noise):
        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

        def sample(self, rng: np.random.Generator, size: int) -> Example:
            return replace(super().sample(rng, size), caption=self.word)

    plan = replace(recipe(), tokenizer_mix=Mix(jitter=0.1))
    monkeypatch.setattr(
        stages, "composer", lambda plan, _, mix: Word("anywhere" if mix is plan.tokenizer_mix else "on cells")
    )

    def captions(composed: float) -> list[str]:
        decoders = (replace(plan.decoders[0], composed=composed), plan.decoders[1])
        pictures = stages.drawn(replace(plan, decoders=decoders), "base-decoder", folders)
        return [pictures(number).caption for number in range(60)]

    assert set(captions(0.0)) == {"anywhere"}
    assert set(captions(1.0)) == {"on cells"}
    assert 15 < captions(0.5).count("on cells") < 45
    assert captions(0.5) == captions(0.5)


def test_a_decoders_crops_begin_on_whole_cells() -> None:
    """Or a token of the crop would be another than the picture's in that place."""
    frozen = finished()

    def numbered(number: int) -> NDArray[np.uint8]:
        y, x = np.mgrid[:64, :64].astype(np.uint8)
        return np.stack([y, x, np.full_like(x, number)], axis=-1)

    task = DecoderTask("superres-decoder", frozen, larger(frozen.config), CROPS, numbered, CPU, FilterDistance(CPU))
    corners = np.array([task.crops.one(number)[0, 0, :2] for number in range(50)])
    assert not (corners % frozen.config.factor).any()
    assert (corners.min(), corners.max()) == (0, 32), "every place is in reach"


def test_drafts_stay_those_that_superres_was_trained_with(tmp_path: Path, folders: Folders) -> None:
    finetune(recipe(), "base-decoder", folders)
    assemble.assemble(recipe(), folders, tmp_path / "model")
    assert Cascade.load(tmp_path / "model").config.base_vqgan == recipe().cascade.base_vqgan
    assert finished_vqgan(recipe(), "base-vqgan", folders).config == recipe().vqgan("base-decoder")


def test_newer_drafts_are_taken_where_asked_for_and_nothing_else_moves(tmp_path: Path, folders: Folders) -> None:
    plan = recipe()
    assemble.assemble(plan, folders, tmp_path / "first")
    with pytest.raises(MuseStudioError, match="train base-decoder first") as caught:
        assemble.assemble(plan, folders, tmp_path / "none", newer_drafts=True)
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert not (tmp_path / "none").exists()
    finetune(plan, "base-decoder", folders)
    assemble.assemble(plan, folders, tmp_path / "newer", newer_drafts=True)
    assert Cascade.load(tmp_path / "newer").config.base_vqgan == plan.vqgan("base-decoder")
    old, new = (hashes(load_file(tmp_path / model / "base_vqgan.safetensors")) for model in ("first", "newer"))
    frozen = {name for name in old if not name.startswith("decoder.")}
    assert {name: new[name] for name in frozen} == {name: old[name] for name in frozen}
    for name in ("base", "superres", "superres_vqgan"):
        files = [tmp_path / model / f"{name}.safetensors" for model in ("first", "newer")]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_a_decoder_of_another_codebook_is_not_assembled(tmp_path: Path, folders: Folders) -> None:
    plan = recipe()
    finetune(plan, "superres-decoder", folders)
    settings = plan.tokenizer("superres-vqgan")
    other = AveragedCodebook(VQGAN(with_spare(plan.cascade.superres_vqgan, settings)), settings)
    other.begin_from(VQGAN(plan.cascade.superres_vqgan))
    save_checkpoint(
        folders.runs / "superres-vqgan", other, other, (), Progress(step=1), Settings({"task": {}, "loop": {}}, {})
    )
    with pytest.raises(MuseStudioError, match="finetuned before superres-vqgan") as caught:
        assemble.assemble(plan, folders, tmp_path / "model")
    assert caught.value.kind is ErrorKind.BAD_MODEL


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_recipes_decoders_are_the_papers_four_blocks_and_no_narrower(name: str) -> None:
    plan = RECIPES[name]()
    for stage in ("base-decoder", "superres-decoder"):
        sizes = plan.vqgan(stage)
        assert sizes.decoder_blocks == 4
        assert (sizes.decoder_width or 0) >= sizes.width
        assert replace(sizes, decoder_blocks=2, decoder_width=None) == plan.vqgan(
            "base-vqgan" if stage == "base-decoder" else "superres-vqgan"
        )


def test_a_fingerprint_tells_any_change() -> None:
    codebook = torch.randn(8, 4)
    assert fingerprint(codebook) == fingerprint(codebook.clone())
    assert fingerprint(codebook) != fingerprint(codebook + torch.eye(8, 4) * 1e-6)
