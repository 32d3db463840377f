"""Previews are learned from the decoder itself, once; they show what it shows, and cost a small part of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from muse_studio import places
from muse_studio.core.pictures import open_picture
from muse_studio.evaluation.machine import counted, counter, since
from muse_studio.evaluation.reconstruction import psnr
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.vqgan import VQGAN
from muse_studio.weights import preview
from muse_studio.weights.preview import Preview, identity_of, learn, load_preview
from muse_studio.weights.preview_pictures import invented_picture
from muse_studio.weights.published_folder import load_published
from muse_studio.weights.vq import PublishedVQGAN, PublishedVQGANConfig
from tests.weights.published_folders import OWN_512, store_amused
from tests.weights.theirs import SMALL_VQ, their_vqgan


def published(seed: int = 4, dtype: torch.dtype = torch.float32) -> PublishedVQGAN:
    theirs = their_vqgan(seed=seed)
    model = PublishedVQGAN(
        PublishedVQGANConfig(**{k: v for k, v in SMALL_VQ.items() if k in PublishedVQGANConfig.__slots__})
    )
    model.load_state_dict(theirs.state_dict())
    return model.to(dtype).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def shipped() -> VQGAN:
    """The one trained tokenizer there is: of the cascade that ships."""
    return Cascade.load(places.shipped("models/default"), dtype=torch.float32).base_vqgan


def drawing(name: str) -> Tensor:
    """A sample picture, float32 [1, 3, 256, 256]."""
    pixels = torch.from_numpy(open_picture(places.resources() / "samples" / name).pixels[..., :3].copy())
    picture = pixels.permute(2, 0, 1)[None].float() / 255
    side = min(picture.shape[2:])
    return F.interpolate(picture[..., :side, :side], (256, 256), mode="area")


@torch.no_grad()
def likeness(show: Preview, tokens: Tensor) -> float:
    """dB between a preview and the full decode at its size."""
    full = show.tokenizer.decode(tokens)
    return float(psnr(show.pictures(tokens), F.avg_pool2d(full, 16 // show.patch)))


def test_a_few_seconds_of_watching_make_pictures_that_a_person_recognises(shipped: VQGAN) -> None:
    """Closer to the full decode than the head that was trained with this tokenizer."""
    show = Preview(shipped, learn(shipped, pictures=8))
    for name in ("fox.png", "rocket.png", "hamburger.png", "mountain-valley.jpg"):
        tokens = shipped.encode(drawing(name))
        found = likeness(show, tokens)
        own = shipped.preview(tokens).permute(0, 3, 1, 2).float() / 255
        trained = float(psnr(own, F.avg_pool2d(shipped.decode(tokens), 2)))
        shuffled = tokens.flatten()[torch.randperm(256, generator=torch.Generator().manual_seed(0))].view_as(tokens)
        full, wrong = F.avg_pool2d(shipped.decode(tokens), 2), show.pictures(shuffled)
        assert found > 23
        assert found > trained
        assert found > float(psnr(wrong, full)) + 8, "it is these tokens that are shown"


def test_a_preview_is_more_than_twenty_times_cheaper_at_the_published_size() -> None:
    """By the operations of products; seconds are the bench's."""
    with torch.device("meta"):
        vqgan = PublishedVQGAN(PublishedVQGANConfig()).eval().requires_grad_(False)
        tokens = torch.zeros(1, 32, 32, dtype=torch.long)
        show = Preview(vqgan, preview._empty(vqgan).requires_grad_(False))
        with counter() as counts:
            begun = counted(counts)
            vqgan.decode(tokens)
            decode = since(counted(counts), begun)
            assert show(tokens).shape == (1, 256, 256, 3)
            both = since(counted(counts), begun)
    assert sum(decode.values()) > 1.5e12
    assert sum(both.values()) - sum(decode.values()) < sum(decode.values()) / 1000


def test_it_is_learned_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    first = load_preview(published(), lambda share, what: told.append(share), tmp_path, budget_s=0)
    assert told
    assert told == sorted(told)
    assert len(told) == preview.FEWEST, "no more than it must when there is no time"
    monkeypatch.setattr(preview, "learn", None)  # learning again would raise
    again = load_preview(published(), folder=tmp_path)
    tokens = torch.randint(72, (2, 6, 4))
    assert first(tokens).equal(again(tokens))
    assert first(tokens).shape == (2, 24, 16, 3)
    assert first(tokens).dtype is torch.uint8


def test_the_same_weights_have_one_name_in_every_dtype_and_others_another() -> None:
    name = identity_of(published())
    assert identity_of(published(dtype=torch.bfloat16)) == name
    assert identity_of(published(seed=5)) != name
    tuned = published()
    tuned.decoder.conv_out.bias.add_(0.1)
    assert identity_of(tuned) != name


@pytest.mark.parametrize("damage", ["flipped bit", "cut short", "NaN", "other tokenizer's", "pickle"])
def test_a_damaged_preview_is_learned_again(tmp_path: Path, damage: str) -> None:
    vqgan = published()
    whole = load_preview(vqgan, folder=tmp_path, budget_s=0)
    path = tmp_path / f"{identity_of(vqgan)}.safetensors"
    tensors, data = load_file(path), bytearray(path.read_bytes())
    if damage == "flipped bit":
        data[-100] ^= 1
        path.write_bytes(data)
    elif damage == "cut short":
        path.write_bytes(data[:-50])
    elif damage == "NaN":
        tensors["weight"][0, 0, 0, 0] = float("nan")
        save_file(tensors, path)
    elif damage == "pickle":
        path.write_bytes(b"\x80\x04.")
    else:
        load_preview(published(seed=5), folder=tmp_path, budget_s=0)
        path.write_bytes((tmp_path / f"{identity_of(published(seed=5))}.safetensors").read_bytes())
    begun: list[float] = []
    again = load_preview(vqgan, lambda share, what: begun.append(share), tmp_path, budget_s=0)
    assert begun, "it was learned again"
    assert again.head.weight.equal(whole.head.weight)
    begun.clear()
    load_preview(vqgan, lambda share, what: begun.append(share), tmp_path)
    assert not begun, "and kept"


def test_a_folder_that_cannot_be_written_costs_the_next_start_and_no_preview(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert load_preview(published(), folder=tmp_path / "file" / "in", budget_s=0)(
        torch.zeros(1, 2, 2, dtype=torch.long)
    ).any()


def test_time_bounds_the_pictures_that_are_watched() -> None:
    ticks = iter(range(1000))
    shares: list[float] = []
    learn(published(), lambda share, what: shares.append(share), budget_s=7, clock=lambda: float(next(ticks)))
    assert len(shares) == 7
    assert shares[-1] == 1


def test_invented_pictures_differ_and_are_the_same_again() -> None:
    one, other = invented_picture(1, 64), invented_picture(2, 64)
    assert one.shape == (3, 64, 64)
    assert one.equal(invented_picture(1, 64))
    assert not one.equal(other)
    for picture in (one, other):
        assert 0 <= float(picture.min()) < float(picture.max()) <= 1
        assert float(picture.std()) > 0.05


def test_a_published_cascade_previews_with_what_was_learned_of_its_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))  # where nothing was learned yet
    store_amused(tmp_path, OWN_512)
    told: list[tuple[float, str]] = []
    cascade = load_published(tmp_path / "model", progress=lambda share, what: told.append((share, what)))
    tokens = torch.randint(72, (2, 8, 6), generator=torch.Generator().manual_seed(0))
    assert cascade.preview(tokens).shape == (2, 64, 48, 3)
    assert cascade.preview(tokens).equal(load_preview(cascade.vqgan)(tokens))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert any("previews" in what for _, what in told)
    told.clear()
    load_published(tmp_path / "model", progress=lambda share, what: told.append((share, what)))
    assert not any("previews" in what for _, what in told), "the second time they are there"
