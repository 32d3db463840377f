"""LoRA files change what diffusers and peft change by them, several at once, and leave no trace when they are off."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AmusedPipeline, AmusedScheduler
from diffusers.loaders import AmusedLoraLoaderMixin
from diffusers.utils.peft_utils import set_weights_and_activate_adapters
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import CLIPTokenizer

from muse_studio.cli.lora_files import lora_file
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.core.loras import LoraUse
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.lodging import Home
from muse_studio.muse.plans import StagePlan
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.clip import load_model
from muse_studio.weights.conditioning import MicroConditions
from muse_studio.weights.graphs import Body, Nested, Replayed
from muse_studio.weights.lora import Loras
from muse_studio.weights.lora_file import Lora, read_lora
from muse_studio.weights.opening import look_into
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published
from tests.weights.published_folders import stored
from tests.weights.test_clip import store_model, store_tokenizer
from tests.weights.theirs import SMALL_512, prompt, their_transformer, their_vqgan

TOLERANCE = 1e-5
TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "channelwise_linear_1", "mlm_layer.conv1"]
TEXT_TARGETS = ["q_proj", "out_proj", "fc1"]
WEIGHT = "transformer.transformer_layers.0.attn1.to_q"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random text encoder in it."""
    folder = tmp_path_factory.mktemp("lora")
    store_model(folder / "text", store_tokenizer(folder / "words"))
    return folder


def their_pipeline(base: Path) -> AmusedPipeline:
    text = load_model(Folder(base / "text"), torch.float32)  # from_pretrained leaves torch.linspace changed behind
    words = CLIPTokenizer.from_pretrained(base / "words", local_files_only=True)
    transformer, scheduler = their_transformer(SMALL_512), AmusedScheduler(mask_token_id=79)
    return AmusedPipeline(their_vqgan(), words, text, transformer, scheduler)


def our_parts(base: Path) -> dict[str, nn.Module]:
    model = AmusedTransformer(AmusedConfig(**SMALL_512))
    model.load_state_dict(their_transformer(SMALL_512).state_dict())
    return {
        "transformer": model.eval().requires_grad_(False),
        "text_encoder": load_model(Folder(base / "text"), torch.float32),
    }


def make_file(base: Path, path: Path, seed: int, rank: int = 4) -> Path:
    """A file as diffusers writes it, with random matrices for both parts."""
    donor = their_pipeline(base)
    noise = torch.Generator().manual_seed(seed)
    layers = {}
    for name, part, targets in (
        ("transformer", donor.transformer, TARGETS),
        ("text_encoder", donor.text_encoder, TEXT_TARGETS),
    ):
        part.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=targets, init_lora_weights=False))
        state = get_peft_model_state_dict(part)
        layers[name] = {key: 0.3 * torch.randn(tensor.shape, generator=noise) for key, tensor in state.items()}
    save = AmusedLoraLoaderMixin.save_lora_weights
    save(path.parent, layers["text_encoder"], layers["transformer"], weight_name=path.name)
    return path


def logits_of(model: Any, states: Tensor, pooled: Tensor) -> Tensor:
    """Ours, or theirs, of the same tokens."""
    tokens = torch.randint(72, (1, 4, 6), generator=torch.Generator().manual_seed(1))
    micro = MicroConditions(Extent(96, 64)).tensor(1)
    with torch.no_grad():
        if isinstance(model, AmusedTransformer):
            return model(tokens, model.prepare(states, pooled, micro))
        theirs = model(tokens, encoder_hidden_states=states, pooled_text_emb=pooled, micro_conds=micro)
        return theirs.permute(0, 2, 3, 1)


def pooled_of(encoder: Any) -> Tensor:
    with torch.no_grad():
        return encoder(torch.arange(20)[None]).text_embeds


def furthest(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


def bits(parts: dict[str, nn.Module]) -> dict[str, Tensor]:
    return {f"{part}.{key}": t.clone() for part, module in parts.items() for key, t in module.state_dict().items()}


@pytest.mark.filterwarnings("ignore:Already found a `peft_config`")  # that there are two is the point
def test_several_at_once_change_what_the_public_pipeline_changes_by_them(base: Path, tmp_path: Path) -> None:
    files = [make_file(base, tmp_path / f"{name}.safetensors", seed, seed) for name, seed in (("ink", 3), ("oil", 5))]
    pipeline, parts, read = their_pipeline(base), our_parts(base), [read_lora(file) for file in files]
    plain, spoken = logits_of(parts["transformer"], *prompt(SMALL_512, 1)), pooled_of(parts["text_encoder"])
    for file in files:
        state, load = load_file(file), AmusedLoraLoaderMixin
        pipeline.transformer.load_lora_adapter(dict(state), adapter_name=file.stem)
        load.load_lora_into_text_encoder(
            state, None, pipeline.text_encoder, prefix="text_encoder", adapter_name=file.stem
        )
    loras = Loras(parts)
    for strengths in ((1.0, 0.0), (0.7, -1.5)):
        loras.put([*zip(read, strengths, strict=True)])
        for part in (pipeline.transformer, pipeline.text_encoder):
            set_weights_and_activate_adapters(part, ["ink", "oil"], list(strengths))
        expected = logits_of(pipeline.transformer, *prompt(SMALL_512, 1))
        found = logits_of(parts["transformer"], *prompt(SMALL_512, 1))
        assert furthest(expected, found) <= TOLERANCE * max(1.0, float(expected.abs().max()))
        assert furthest(plain, found) > 0.1, "something changed"
        assert furthest(pooled_of(pipeline.text_encoder), pooled_of(parts["text_encoder"])) <= TOLERANCE
        assert furthest(spoken, pooled_of(parts["text_encoder"])) > 0.01


def test_what_is_taken_off_leaves_the_very_same_bits(base: Path, tmp_path: Path) -> None:
    read = [read_lora(make_file(base, tmp_path / f"{seed}.safetensors", seed)) for seed in (3, 4)]
    parts = our_parts(base)
    before, loras = bits(parts), Loras(parts)
    loras.put([(read[0], 0.3), (read[1], 1.0)])
    loras.put([(read[1], 0.7)])
    alone = bits(parts)
    assert any(not tensor.equal(before[key]) for key, tensor in alone.items())
    loras.put([])
    assert all(tensor.equal(before[key]) for key, tensor in bits(parts).items())
    loras.put([(read[1], 0.7)])
    assert all(tensor.equal(alone[key]) for key, tensor in bits(parts).items()), "nothing of an earlier one is left"


def layouts(down: Tensor, up: Tensor) -> dict[str, dict[str, Tensor]]:
    """The same change as it was written over the years."""
    text = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
    return {
        "peft": {f"{WEIGHT}.lora_A.weight": down, f"{WEIGHT}.lora_B.weight": up},
        "peft with a name": {f"{WEIGHT}.lora_A.default.weight": down, f"{WEIGHT}.lora_B.default.weight": up},
        "diffusers": {f"{WEIGHT}.lora.down.weight": down, f"{WEIGHT}.lora.up.weight": up},
        "diffusers' linear layers": {
            f"{text}.lora_linear_layer.down.weight": down[:, :32], f"{text}.lora_linear_layer.up.weight": up[:32],
        },
        "diffusers' processors": {
            f"{WEIGHT.replace('.to_q', '.processor.to_q_lora')}.down.weight": down,
            f"{WEIGHT.replace('.to_q', '.processor.to_q_lora')}.up.weight": up,
        },
    }  # fmt: skip


@pytest.mark.parametrize("layout", layouts(torch.zeros(2, 64), torch.zeros(64, 2)))
@pytest.mark.parametrize("alpha", [None, 1.0])
def test_every_published_layout_is_read(base: Path, tmp_path: Path, layout: str, alpha: float | None) -> None:
    torch.manual_seed(2)
    down, up = torch.randn(2, 64), torch.randn(64, 2)
    tensors = {key: tensor.contiguous() for key, tensor in layouts(down, up)[layout].items()}
    module = WEIGHT if "linear" not in layout else "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
    if alpha is not None:
        tensors[f"{module}.alpha"] = torch.tensor(alpha)
    save_file(tensors, tmp_path / "some.safetensors")
    lora = read_lora(tmp_path / "some.safetensors")
    assert lora.name == "some"
    assert lora.count == 1
    parts = our_parts(base)
    before = bits(parts)
    Loras(parts).put([(lora, 0.5)])
    changed = [key for key, tensor in bits(parts).items() if not tensor.equal(before[key])]
    assert [key.replace("text_encoder.text_model", "text_encoder") for key in changed] == [
        f"{module}.weight".replace("text_encoder.text_model", "text_encoder")
    ]
    width = 32 if "linear" in layout else 64
    expected = before[changed[0]] + 0.5 * (1.0 if alpha is None else alpha / 2) * (up[:width] @ down[:, :width])
    assert furthest(bits(parts)[changed[0]], expected) < 1e-6


def test_alpha_may_stand_in_the_files_settings(tmp_path: Path) -> None:
    tensors = {f"{WEIGHT}.lora_A.weight": torch.ones(4, 64), f"{WEIGHT}.lora_B.weight": torch.ones(64, 4)}
    for told, scale in (
        ('{"transformer.lora_alpha": 8, "transformer.r": 4}', 2.0),
        ('{"transformer.lora_alpha": 8, "transformer.use_rslora": true}', 4.0),
        ("not JSON", 1.0),
    ):
        save_file(tensors, tmp_path / "a.safetensors", {"lora_adapter_metadata": told})
        change = read_lora(tmp_path / "a.safetensors").parts["transformer"][WEIGHT.partition(".")[2]]
        assert change.scale == scale
        assert change.product().equal(torch.full((64, 64), 4 * scale))
    save_file(tensors, tmp_path / "a.safetensors", {"lora_adapter_metadata": '{"transformer.use_dora": true}'})
    with pytest.raises(CheckpointError, match="use_dora"):
        read_lora(tmp_path / "a.safetensors")


def spoil(tensors: dict[str, Tensor], how: str) -> None:
    down, up = f"{WEIGHT}.lora_A.weight", f"{WEIGHT}.lora_B.weight"
    changes: dict[str, dict[str, Tensor]] = {
        "NaN": {down: torch.full((4, 64), float("nan"))},
        "ranks differ": {down: torch.ones(3, 64)},
        "not two matrices": {down: torch.ones(4)},
        "whole numbers": {down: torch.ones(4, 64, dtype=torch.int32)},
        "another model's": {"unet.mid_block.lora_A.weight": torch.ones(4, 64)},
        "no matrix of a LoRA": {f"{WEIGHT}.weight": torch.ones(4, 64)},
        "DoRA": {f"{WEIGHT}.lora_magnitude_vector": torch.ones(64)},
        "two alphas": {f"{WEIGHT}.alpha": torch.ones(2)},
        "a second one": {f"{WEIGHT}.lora.down.weight": torch.ones(4, 64)},
    }
    if how == "half missing":
        del tensors[up]
    tensors.update(changes.get(how, {}))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("NaN", "not finite"),
        ("ranks differ", "ranks 3 and 4 of its two matrices differ"),
        ("not two matrices", "are not two matrices"),
        ("whole numbers", "not of floating point numbers"),
        ("another model's", "of another kind of model"),
        ("no matrix of a LoRA", "no matrix of a LoRA that is known here"),
        ("DoRA", "DoRA's magnitudes"),
        ("two alphas", "alpha is 2 numbers"),
        ("a second one", "a second one for this layer"),
        ("half missing", "its up matrix is missing"),
    ],
)
def test_a_broken_file_is_refused_by_what_is_wrong_with_it(tmp_path: Path, how: str, told: str) -> None:
    tensors = {f"{WEIGHT}.lora_A.weight": torch.ones(4, 64), f"{WEIGHT}.lora_B.weight": torch.ones(64, 4)}
    spoil(tensors, how)
    save_file(tensors, tmp_path / "bad.safetensors")
    with pytest.raises(CheckpointError, match=r"bad\.safetensors") as caught:
        read_lora(tmp_path / "bad.safetensors")
    assert told in str(caught.value)


def test_a_pickle_is_never_opened_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x80\x04.")
    (tmp_path / "b.safetensors").write_bytes(b"\x80\x04.")
    for name in ("a.bin", "b.safetensors"):
        with pytest.raises(CheckpointError):
            read_lora(tmp_path / name)


def test_a_lora_of_another_model_changes_nothing_and_is_refused_by_name(base: Path, tmp_path: Path) -> None:
    fits = read_lora(make_file(base, tmp_path / "fits.safetensors", 3))
    parts = our_parts(base)
    loras = Loras(parts)
    loras.put([(fits, 1.0)])
    before = bits(parts)
    for name, shape, told in (
        (f"{WEIGHT}s", 64, "no layer of this model"),
        (WEIGHT, 65, "of [64, 65] where [64, 64] is needed"),
    ):
        tensors = {f"{name}.lora_A.weight": torch.ones(4, shape), f"{name}.lora_B.weight": torch.ones(64, 4)}
        save_file(tensors, tmp_path / "other.safetensors")
        with pytest.raises(CheckpointError, match="other was made for another model") as caught:
            loras.put([(fits, 0.5), (read_lora(tmp_path / "other.safetensors"), 1.0)])
        assert told in str(caught.value)
        assert all(tensor.equal(before[key]) for key, tensor in bits(parts).items())
    with pytest.raises(ValueError, match="strength"):
        loras.put([(fits, float("nan"))])
    with pytest.raises(ValueError, match="strength"):
        loras.put([(fits, 11.0)])


def test_numbers_that_grow_too_large_together_are_refused(base: Path, tmp_path: Path) -> None:
    tensors = {
        f"{WEIGHT}.lora_A.weight": torch.full((4, 64), 1e30),
        f"{WEIGHT}.lora_B.weight": torch.full((64, 4), 1e30),
    }
    save_file(tensors, tmp_path / "huge.safetensors")
    huge: Lora = read_lora(tmp_path / "huge.safetensors")
    parts = our_parts(base)
    with pytest.raises(CheckpointError, match="too large"):
        Loras(parts).put([(huge, 1.0)])
    assert all(bool(torch.isfinite(tensor).all()) for tensor in bits(parts).values())


# On a whole folder


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("published"), "amused 512")


def store_small(path: Path, size: int = 64) -> Path:
    """A change of one weight of the transformer and of one of the text encoder."""
    torch.manual_seed(3)
    spoken = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
    tensors = {
        f"{WEIGHT}.lora_A.weight": torch.randn(2, size), f"{WEIGHT}.lora_B.weight": torch.randn(size, 2),
        f"{spoken}.lora_A.weight": torch.randn(2, 32), f"{spoken}.lora_B.weight": torch.randn(32, 2),
    }  # fmt: skip
    save_file(tensors, path)
    return path


def last_tokens(cascade: PublishedCascade) -> Tensor:
    *_, last = cascade.sample(["a fox"], [""], [1], StagePlan(steps=3, guidance=2.0))
    return last.tokens


@pytest.mark.parametrize("home", ["device", "dropped"])
def test_a_folder_is_loaded_with_what_is_on_top_of_it(published: Path, tmp_path: Path, home: Home) -> None:
    """Also a text encoder that is read from disk for every prompt."""
    file = store_small(tmp_path / "ink.safetensors")
    plain, dressed, other = (
        load_published(published, dtype=torch.float32, text_home=home, loras=loras)
        for loras in ((), [LoraUse.of_file(file)], [LoraUse.of_file(file, 0.0)])
    )
    for _ in range(2):
        spoken = [cascade.text.encode(["a fox"]).pooled for cascade in (plain, dressed, other)]
        assert furthest(spoken[0], spoken[1]) > 0.001
        assert spoken[0].equal(spoken[2])
    assert last_tokens(plain).equal(last_tokens(other))
    assert not last_tokens(plain).equal(last_tokens(dressed))


def of_frozen_weights(body: Body, tokens: Tensor, told: Nested) -> tuple[Tensor, Callable[[], None]]:
    """As a CUDA graph, which goes on reading the weights that lay there when it was recorded."""
    network = copy.deepcopy(body.__self__)  # type: ignore[attr-defined]
    output = network.states(tokens, told).clone()
    return output, lambda: output.copy_(network.states(tokens, told))


def test_recorded_steps_follow_what_is_put_on_and_taken_off(published: Path, tmp_path: Path) -> None:
    cascade = load_published(published, dtype=torch.float32)
    use = LoraUse.of_file(store_small(tmp_path / "a.safetensors"))
    plain = last_tokens(cascade)
    cascade.wear([use])
    changed = last_tokens(cascade)
    assert (plain != changed).any()
    cascade.network.replayed = Replayed(cascade.network.states, of_frozen_weights)
    for loras, tokens in (([use], changed), ([], plain), ([use], changed)):
        cascade.wear(loras)
        assert torch.equal(last_tokens(cascade), tokens)


def test_a_file_that_cannot_be_used_is_said_in_a_sentence(published: Path, tmp_path: Path) -> None:
    (tmp_path / "no.safetensors").write_bytes(b"nothing")
    for file, told in (
        (store_small(tmp_path / "large.safetensors", 65), "was made for another model"),
        (tmp_path / "no.safetensors", "too short"),
        (tmp_path / "missing.safetensors", "No such file"),
    ):
        with pytest.raises(MuseStudioError, match=f"The LoRA “{file.stem}") as caught:
            load_published(published, dtype=torch.float32, loras=[LoraUse.of_file(file)])
        assert caught.value.kind is ErrorKind.BAD_MODEL
        assert told in caught.value.message
        assert caught.value.message.endswith("Choose another, or none.")


def test_our_own_cascades_take_none(tiny_model: Path, tmp_path: Path) -> None:
    file = store_small(tmp_path / "a.safetensors")
    with pytest.raises(MuseStudioError, match="Choose another model"):
        look_into(tiny_model).load(torch.device("cpu"), loras=[LoraUse.of_file(file)])


def test_the_command_line_reads_a_strength_after_the_last_colon() -> None:
    for text, name, strength in (
        ("ink.safetensors", "ink.safetensors", 1.0),
        ("ink.safetensors:0.7", "ink.safetensors", 0.7),
        ("a:b.safetensors:-1", "a:b.safetensors", -1.0),
        ("C:ink.safetensors", "C:ink.safetensors", 1.0),
    ):
        assert lora_file(text) == (Path(name), strength)
