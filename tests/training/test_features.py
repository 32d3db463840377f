"""Pictures are judged by filters that need no download, or by an image model from a folder that a person names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.training.features import ModelDistance
from muse_studio.training.filters import DIRECTIONS, FilterDistance, gabor_filters

CPU = torch.device("cpu")
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def models(kind: str) -> nn.Module:
    """A random image model of each layout, a few thousand weights each."""
    import transformers as t

    torch.manual_seed(0)
    if kind == "clip":  # with its text half, as it is published
        text = {**SMALL, "vocab_size": 64, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
        vision = {**SMALL, "image_size": 32, "patch_size": 16}
        return t.CLIPModel(t.CLIPConfig(text_config=text, vision_config=vision, projection_dim=8))
    if kind == "dinov2":
        return t.Dinov2Model(t.Dinov2Config(image_size=28, patch_size=14, **SMALL))
    if kind == "convnext":  # with its head, as it is published
        sizes = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}
        return t.ConvNextForImageClassification(t.ConvNextConfig(**sizes, num_labels=3))
    return t.ResNetModel(t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1]))


def store(model: nn.Module, folder: Path) -> None:
    """As `save_pretrained` does, without its progress bar, whose thread stays."""
    model.config.save_pretrained(folder)  # type: ignore[union-attr, operator]
    save_file({name: value.clone() for name, value in model.state_dict().items()}, folder / "model.safetensors")


def pictures(seed: int, side: int = 64) -> Tensor:
    """float [2, 3, side, side] in [0, 1]: soft blotches, with plain areas between."""
    noise = torch.randn(2, 3, side // 8, side // 8, generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(noise, size=(side, side), mode="bicubic").clamp(0, 1)


@pytest.fixture(scope="module", params=["clip", "dinov2", "convnext", "resnet"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param)
    store(models(request.param), path)
    return path


def test_a_named_model_of_any_layout_tells_pictures_apart_and_pulls_at_them(folder: Path) -> None:
    distance = ModelDistance.load(folder, CPU)
    real, made = pictures(0), pictures(1).requires_grad_()
    assert float(distance(real, real)) == pytest.approx(0, abs=1e-4)
    far = distance(made, real)
    near = distance(0.9 * real + 0.1 * made, real)
    assert 0 < float(near.detach()) < float(far.detach())
    far.backward()
    assert made.grad is not None
    assert made.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in distance.model.parameters())


def test_a_named_model_has_the_weights_of_its_folder_and_goes_by_them(folder: Path, tmp_path: Path) -> None:
    first = ModelDistance.load(folder, CPU)
    assert ModelDistance.load(folder, CPU).name == first.name
    stored = load_file(folder / "model.safetensors")
    own = first.model.state_dict()
    seeing = [name for name in stored if "text" not in name]
    shared = [name for name in seeing if any(name.endswith(key) for key in own)]
    assert len(shared) > 10
    for name in shared:
        mine = next(own[key] for key in own if name.endswith(key))
        torch.testing.assert_close(mine, stored[name])
    name = next(name for name in stored if "layer" in name and name.endswith("weight") and "text" not in name)
    stored[name] = stored[name] + 0.5
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    save_file(stored, tmp_path / "model.safetensors")
    second = ModelDistance.load(tmp_path, CPU)
    assert second.name != first.name
    assert float(second(pictures(0), pictures(1))) != float(first(pictures(0), pictures(1)))


def refusal(path: Path) -> str:
    with pytest.raises(MuseStudioError, match="can't judge pictures") as caught:
        ModelDistance.load(path, CPU)
    assert caught.value.kind is ErrorKind.BAD_MODEL
    return caught.value.message


@pytest.fixture
def resnet(tmp_path: Path) -> Path:
    store(models("resnet"), tmp_path)
    return tmp_path


def test_folders_that_hold_no_safe_image_model_are_refused_by_cause(resnet: Path) -> None:
    assert "no such folder" in refusal(resnet / "nowhere")
    weights = resnet / "model.safetensors"
    whole = weights.read_bytes()
    weights.rename(resnet / "pytorch_model.bin")
    assert "other formats are never opened" in refusal(resnet)
    weights.write_bytes(whole[: len(whole) // 2])
    refusal(resnet)
    weights.write_bytes(whole)
    (resnet / "config.json").write_text("[]")
    assert "not a JSON object" in refusal(resnet)
    (resnet / "config.json").unlink()
    assert "config.json: missing" in refusal(resnet)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"model_type": "bert"}, "no image model"),
        ({"model_type": "its_own_code"}, "not one that transformers knows"),
        ({"num_channels": 2**40}, "is over"),
        ({"hidden_sizes": [8, 8, 16, 24]}, "shape"),
        ({"depths": [1, 1, 1, 2]}, "missing"),
    ],
)
def test_a_config_that_its_weights_do_not_fit_is_refused(resnet: Path, change: dict[str, object], cause: str) -> None:
    config = json.loads((resnet / "config.json").read_text())
    (resnet / "config.json").write_text(json.dumps(config | change))
    assert cause in refusal(resnet)


def test_weights_that_are_no_numbers_are_refused(resnet: Path) -> None:
    stored = load_file(resnet / "model.safetensors")
    name = next(name for name, value in stored.items() if value.is_floating_point())
    stored[name] = torch.full_like(stored[name], torch.nan)
    save_file(stored, resnet / "model.safetensors")
    assert "not finite" in refusal(resnet)


def test_code_that_a_folder_brings_is_not_run(resnet: Path) -> None:
    config = json.loads((resnet / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}
    (resnet / "config.json").write_text(json.dumps(config))
    (resnet / "evil.py").write_text(f"open({str(resnet / 'ran')!r}, 'w').close()")
    ModelDistance.load(resnet, CPU)
    assert not (resnet / "ran").exists()


def test_loading_a_model_leaves_torch_as_it_was(resnet: Path) -> None:
    from torch.utils import _device

    _device._device_constructors.cache_clear()  # as in a process that has built nothing yet
    ModelDistance.load(resnet, CPU)
    with torch.device("meta"):
        assert torch.linspace(0, 1, 3).is_meta


def test_colours_are_those_that_the_model_was_trained_with(resnet: Path) -> None:
    before = ModelDistance.load(resnet, CPU)
    told = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    (resnet / "preprocessor_config.json").write_text(json.dumps(told))
    after = ModelDistance.load(resnet, CPU)
    assert after.mean.flatten().tolist() == [0.5] * 3
    assert before.mean.flatten().tolist() != after.mean.flatten().tolist()
    (resnet / "preprocessor_config.json").write_text(json.dumps(told | {"image_std": [0, 1, 1]}))
    assert "not positive" in refusal(resnet)


def test_no_filter_answers_to_a_plain_area_and_each_answers_most_to_its_own_direction() -> None:
    filters = gabor_filters()
    assert filters.sum((1, 2, 3)).abs().max() < 1e-5
    energy = torch.nn.functional.conv2d(filters, filters).flatten(1).abs()
    assert energy.argmax(1).tolist() == list(range(2 * DIRECTIONS))


def test_filters_see_what_people_see_and_pixels_do_not() -> None:
    """Of the same square error: blotches on a plain area stand out, more light or more contrast hardly does."""
    distance = FilterDistance(CPU)
    real = pictures(0, 128) * 0.5 + 0.25
    soft = nn.functional.interpolate(torch.randn(2, 3, 16, 16), size=(128, 128), mode="bicubic")
    kinds = {"light": torch.ones_like(real), "contrast": real - real.mean(), "blotches": soft}
    far = {
        name: float(distance(real + 0.03 * change / change.pow(2).mean().sqrt(), real))
        for name, change in kinds.items()
    }
    assert float(distance(real, real)) == 0
    assert far["light"] < 0.01 * far["blotches"]
    assert far["contrast"] < 0.5 * far["blotches"]
