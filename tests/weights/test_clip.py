"""CLIP text encoders equal transformers' own, padding and all, from every layout they were published in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.text import TextError
from muse_studio.weights.clip import ClipText, load_tokenizer, meta_model
from tests.weights.theirs import shuffle

PUBLISHED: dict[str, Any] = {
    "model_type": "clip_text_model", "vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072,
    "num_hidden_layers": 12, "num_attention_heads": 12, "projection_dim": 768, "max_position_embeddings": 77,
}  # fmt: skip
"""config.json of CLIP-L's text side, as far as it says anything about sizes."""
TEXTS = ["a fox", "", "A FOX,  a fox & a box; 12 foxes", "fox " * 40]
LENGTH = 20
TABLE = {
    "__type": "AddedToken", "content": "!", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
}  # fmt: skip


def store_tokenizer(folder: Path, pad: Any = None) -> int:
    """A small byte-level vocabulary as CLIP was published, and its size."""
    folder.mkdir(exist_ok=True)
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(letter + "</w>" for letter in letters), "fo", "fox</w>", "bo", "box</w>"]
    vocabulary = {word: index for index, word in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\nf o\nfo x</w>\nb o\nbo x</w>\n")
    settings = {"model_max_length": LENGTH, "tokenizer_class": "CLIPTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, **({"pad_token": pad} if pad else {})}))
    return len(vocabulary)


def store_model(folder: Path, vocabulary: int) -> CLIPTextModelWithProjection:
    config = CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        projection_dim=24, max_position_embeddings=LENGTH, eos_token_id=vocabulary - 1, bos_token_id=vocabulary - 2,
    )  # fmt: skip
    model = CLIPTextModelWithProjection(config).eval()
    shuffle(model, 8)
    model.save_pretrained(folder)
    return model


def both(tmp_path: Path, pad: Any = None) -> tuple[ClipText, CLIPTextModelWithProjection, CLIPTokenizer]:
    theirs = store_model(tmp_path / "text_encoder", store_tokenizer(tmp_path / "tokenizer", pad))
    ours = ClipText.load(Folder(tmp_path / "text_encoder"), Folder(tmp_path / "tokenizer"))
    return ours, theirs, CLIPTokenizer.from_pretrained(tmp_path / "tokenizer", local_files_only=True)


def their_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """As the public pipelines get them."""
    rows: torch.Tensor = tokenizer(
        texts, return_tensors="pt", padding="max_length", truncation=True, max_length=LENGTH
    ).input_ids
    return rows


@pytest.mark.parametrize("pad", [None, "!", TABLE], ids=["padded by the end", "padded by !", "in a table"])
def test_states_and_pooled_vectors_equal_transformers_own(tmp_path: Path, pad: Any) -> None:
    ours, theirs, tokenizer = both(tmp_path, pad)
    ids = their_ids(tokenizer, TEXTS)
    assert [row.ids for row in ours.tokenizer.encode_batch(TEXTS)] == ids.tolist()
    with torch.no_grad():
        expected = theirs(ids, output_hidden_states=True)
    found = ours.encode(TEXTS)
    assert found.states.equal(expected.hidden_states[-2])
    assert found.pooled.equal(expected.text_embeds)
    assert found.states.shape == (4, LENGTH, 32)
    assert found.cut == (False, False, False, True)
    assert not any(weight.requires_grad for weight in ours._lodging.model.parameters())


def test_padding_changes_the_states_so_it_must_be_the_published_one(tmp_path: Path) -> None:
    (tmp_path / "end").mkdir()
    (tmp_path / "other").mkdir()
    end, other = both(tmp_path / "end")[0], both(tmp_path / "other", "!")[0]
    assert (end.encode(["a fox"]).states - other.encode(["a fox"]).states).abs().max() > 0.1


def test_a_single_tokenizer_file_is_read_too(tmp_path: Path) -> None:
    size = store_tokenizer(tmp_path)
    expected = load_tokenizer(Folder(tmp_path), LENGTH, size)
    (tmp_path / "tokenizer.json").write_text(expected.to_str())
    (tmp_path / "vocab.json").unlink()
    found = load_tokenizer(Folder(tmp_path), LENGTH, size)
    assert [row.ids for row in found.encode_batch(TEXTS)] == [row.ids for row in expected.encode_batch(TEXTS)]


def test_older_files_hold_the_positions_and_half_precision_files_load(tmp_path: Path) -> None:
    ours, theirs, _ = both(tmp_path)
    file = tmp_path / "text_encoder" / "model.safetensors"
    state = {key: tensor.half() for key, tensor in load_file(file).items()}
    state["text_model.embeddings.position_ids"] = torch.arange(LENGTH)[None]
    save_file(state, tmp_path / "text_encoder" / "model.fp16.safetensors")
    file.unlink()
    rounded = ClipText.load(Folder(tmp_path / "text_encoder"), Folder(tmp_path / "tokenizer"))
    with torch.no_grad():
        expected = theirs.half().float()(their_ids_of(ours, TEXTS)).text_embeds
    assert rounded.encode(TEXTS).pooled.equal(expected)


def their_ids_of(ours: ClipText, texts: list[str]) -> torch.Tensor:
    return torch.tensor([row.ids for row in ours.tokenizer.encode_batch(texts)])


def test_the_published_sizes_have_the_published_count(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PUBLISHED))
    assert sum(tensor.numel() for tensor in meta_model(Folder(tmp_path)).state_dict().values()) == 123_650_304


@pytest.mark.parametrize("count", [0, 1])
def test_no_text_and_a_bare_one_are_refused(tmp_path: Path, count: int) -> None:
    ours, _, _ = both(tmp_path)
    with pytest.raises(TextError):
        ours.encode("fox" if count else [])
    assert ours.encode(["\ud800\x00"]).states.isfinite().all()


def test_a_file_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    both(tmp_path)
    file = tmp_path / "text_encoder" / "model.safetensors"
    state = load_file(file)
    state["text_projection.weight"] = torch.zeros(3, 32)
    del state["text_model.final_layer_norm.bias"]
    state["vision_model.weight"] = torch.zeros(1)
    save_file(state, file)
    with pytest.raises(CheckpointError) as caught:
        ClipText.load(Folder(tmp_path / "text_encoder"), Folder(tmp_path / "tokenizer"))
    for told in (
        "text_projection.weight: shape [3, 32] where [24, 32] is needed",
        "text_model.final_layer_norm.bias: missing",
        "vision_model.weight: not part of this model",
    ):
        assert told in str(caught.value)
    file.unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors: missing"):
        ClipText.load(Folder(tmp_path / "text_encoder"), Folder(tmp_path / "tokenizer"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_type": "t5"}, "model_type 't5' is not clip_text_model"),
        ({"num_hidden_layers": 500}, "of layers 128"),
        ({"vocab_size": 2**40}, "is over"),
        ({"hidden_size": 31}, "config.json"),
        ({"hidden_act": "no such thing"}, "config.json"),
    ],
    ids=str,
)
def test_a_configuration_that_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**PUBLISHED, "num_hidden_layers": 1, **change}))
    with pytest.raises(CheckpointError) as caught:
        meta_model(Folder(tmp_path))
    assert told in str(caught.value)


def test_a_tokenizer_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    size = store_tokenizer(tmp_path)
    with pytest.raises(CheckpointError, match=f"the encoder knows {size - 1}"):
        load_tokenizer(Folder(tmp_path), LENGTH, size - 1)
    store_tokenizer(tmp_path, "[PAD]")
    with pytest.raises(CheckpointError, match="is not in the vocabulary"):
        load_tokenizer(Folder(tmp_path), LENGTH, size)
    store_tokenizer(tmp_path)
    for name, content in (("merges.txt", "x y z\n"), ("vocab.json", "[]"), ("vocab.json", '{"a": -1}')):
        store_tokenizer(tmp_path)
        (tmp_path / name).write_text(content)
        with pytest.raises(CheckpointError):
            load_tokenizer(Folder(tmp_path), LENGTH, size)
