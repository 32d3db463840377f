"""Fréchet distance and CLIP score equal the definitions, worked out in float64; weights come from where they may."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.evaluation import encoders
from muse_studio.evaluation.encoders import Preparation, load_clip, load_features, load_inception
from muse_studio.evaluation.likeness import alignment, describe, distance, frechet, stack


def by_hand(real: np.ndarray, made: np.ndarray) -> float:
    """|m - n|² + tr(A + B - 2 (√A B √A)^½), by eigenvalues of symmetric matrices alone."""
    a, b = np.cov(real, rowvar=False), np.cov(made, rowvar=False)
    values, vectors = np.linalg.eigh(a)
    root = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    middle = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return float(((real.mean(0) - made.mean(0)) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * middle)


def some_pictures(count: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (40, 40, 3), np.uint8) for _ in range(count)]


def test_frechet_distance_equals_the_definition() -> None:
    rng = np.random.default_rng(1)
    real = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5))
    made = rng.normal(size=(80, 5)) * 2 + 1
    assert frechet(torch.from_numpy(real), torch.from_numpy(made)) == pytest.approx(by_hand(real, made), rel=1e-9)


def test_a_shift_alone_is_its_square() -> None:
    rows = torch.randn(50, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert frechet(rows, rows + torch.tensor([3.0, 0, 4, 0])) == pytest.approx(25, abs=1e-6)


def test_the_floor_compares_halves_of_the_real_pictures() -> None:
    rows = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    found = distance("tiny", rows, rows + 5)
    assert found.floor == pytest.approx(by_hand(rows[::2].double().numpy(), rows[1::2].double().numpy()), rel=1e-6)
    assert found.floor < found.distance


def test_one_picture_has_no_distance() -> None:
    with pytest.raises(MuseStudioError, match="at least two"):
        distance("tiny", torch.zeros(1, 3), torch.zeros(5, 3))


@pytest.mark.parametrize("folder", ["clip_folder", "vit_folder"])
def test_features_are_the_encoders_own(folder: str, request: pytest.FixtureRequest) -> None:
    from transformers import CLIPModel, ViTModel

    path = request.getfixturevalue(folder)
    features = load_features(path)
    pictures = some_pictures(3, 2)
    found = describe(pictures, features)
    pixels = features._prepare(stack(pictures))
    with torch.no_grad():
        if folder == "clip_folder":
            expected = CLIPModel.from_pretrained(path).eval().get_image_features(pixels).pooler_output
        else:
            whole = ViTModel.from_pretrained(path, add_pooling_layer=False).eval()
            expected = whole(pixels).last_hidden_state[:, 0]
    assert found.shape == (3, features.num_features)
    assert torch.allclose(found, expected, atol=1e-5)


def test_a_distance_is_called_fid_only_where_inception_measures_it() -> None:
    rows = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    assert distance("tiny-clip", rows, rows).title == "Fréchet distance in tiny-clip features"
    assert distance(encoders.InceptionFeatures.name, rows, rows).title == "FID"


def test_clip_score_equals_the_cosine_of_picture_and_caption(clip_folder: Path) -> None:
    from transformers import CLIPModel

    clip = load_clip(clip_folder)
    made, real = some_pictures(3, 5), some_pictures(3, 6)
    captions = ["a fox on white", "cat", "a cat on a fox"]
    found = alignment("tiny", clip, made, real, captions)
    ids = [[1, 2, 4, 5, 0], [3, 0], [1, 3, 4, 1, 2, 0]]
    model = CLIPModel.from_pretrained(clip_folder).eval()
    for value, pictures in ((found.made, made), (found.real, real)):
        total = 0.0
        for picture, words in zip(pictures, ids, strict=True):
            with torch.no_grad():
                pixels = clip[1](images=list(stack([picture])))["pixel_values"]
                a = model.get_image_features(pixels).pooler_output[0].double().numpy()
                b = model.get_text_features(torch.tensor([words])).pooler_output[0].double().numpy()
            total += 100 * float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b))
        assert value == pytest.approx(max(0.0, total / 3), abs=1e-3)


def test_captions_longer_than_clip_reads_are_cut(clip_folder: Path) -> None:
    ids = load_clip(clip_folder)[1](text=["fox " * 50, "cat"])["input_ids"]
    assert ids.shape == (2, 8)


def test_pictures_are_scaled_as_pillow_does() -> None:
    smooth = Image.fromarray(some_pictures(1, 9)[0]).resize((90, 60), Image.Resampling.BICUBIC)
    prepare = Preparation(32, 32, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    found = prepare(stack([np.asarray(smooth)]))[0].permute(1, 2, 0).numpy() * 255
    expected = np.asarray(smooth.resize((48, 32), Image.Resampling.BICUBIC))[:, 8:40]
    assert np.abs(found - expected).max() < 0.01


def test_a_preparation_that_the_folder_names_is_heeded(clip_folder: Path, tmp_path: Path) -> None:
    for file in clip_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    said = '{"size": {"shortest_edge": 48}, "crop_size": {"height": 32, "width": 32}, "image_mean": [0, 0, 0]}'
    (tmp_path / "preprocessor_config.json").write_text(said)
    prepare = load_features(tmp_path)._prepare
    assert (prepare.side, prepare.crop, prepare.mean) == (48, 32, (0, 0, 0))
    assert prepare.deviation == encoders.CLIP_DEVIATION


def test_an_encoder_without_all_its_weights_is_refused(vit_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((vit_folder / "config.json").read_bytes())
    with pytest.raises(MuseStudioError, match="missing") as caught:
        load_features(tmp_path)
    assert caught.value.kind is ErrorKind.BAD_MODEL
    save_file({"embeddings.cls_token": torch.zeros(1, 1, 16)}, tmp_path / "model.safetensors")
    with pytest.raises(MuseStudioError, match="do not fit"):
        load_features(tmp_path)


def test_an_unknown_encoder_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "resnet"}')
    with pytest.raises(MuseStudioError, match="'resnet' is not read"):
        load_features(tmp_path)
    with pytest.raises(MuseStudioError, match="not clip"):
        load_clip(tmp_path)


@pytest.fixture
def fidelity(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A torch_fidelity whose extractor is one layer, made as the true one is: it fetches its weights or unpickles."""

    class Extractor(nn.Module):
        def __init__(self, name: str, features: list[str]) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(2048, 3))
            self.load_state_dict(module.load_state_dict_from_url("https://example.org", progress=True))

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
            return (x.float().mean((2, 3)) @ self.weight.T,)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("weights were fetched")

    package, module = ModuleType("torch_fidelity"), ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    package.feature_extractor_inceptionv3 = module  # type: ignore[attr-defined]
    vars(module).update(FeatureExtractorInceptionV3=Extractor, load_state_dict_from_url=refuse)
    monkeypatch.setitem(sys.modules, "torch_fidelity", package)
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", module)
    return module


def test_inception_takes_its_weights_from_the_file_and_fetches_none(fidelity: ModuleType, tmp_path: Path) -> None:
    weight = torch.randn(2048, 3, generator=torch.Generator().manual_seed(0))
    save_file({"weight": weight}, tmp_path / "inception.safetensors")
    fetch = vars(fidelity)["load_state_dict_from_url"]
    features = load_inception(tmp_path / "inception.safetensors")
    pictures = some_pictures(2, 1)
    expected = torch.from_numpy(np.stack([one.mean((0, 1)) for one in pictures])).float() @ weight.T
    assert torch.allclose(describe(pictures, features), expected, rtol=1e-4, atol=1e-2)
    assert vars(fidelity)["load_state_dict_from_url"] is fetch


def test_weights_that_do_not_fit_inception_are_refused(fidelity: ModuleType, tmp_path: Path) -> None:
    save_file({"other": torch.zeros(3)}, tmp_path / "inception.safetensors")
    with pytest.raises(MuseStudioError) as caught:
        load_inception(tmp_path / "inception.safetensors")
    assert caught.value.kind is ErrorKind.BAD_MODEL
    with pytest.raises(MuseStudioError, match="only safetensors"):
        load_inception(tmp_path / "inception.pth")


def test_without_torch_fidelity_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(MuseStudioError, match="pip install torch-fidelity torchvision"):
        load_inception(tmp_path / "inception.safetensors")


def test_without_torchmetrics_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchmetrics.image.fid", None)
    with pytest.raises(MuseStudioError, match="evaluate"):
        frechet(torch.randn(4, 2), torch.randn(4, 2))
