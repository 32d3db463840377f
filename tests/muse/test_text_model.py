"""T5 encoders equal transformers' own, from one file or shards, in both number formats, wherever they live."""

from __future__ import annotations

import gc
import json
import tracemalloc
from pathlib import Path

import pytest
import torch
from transformers import T5Config, T5EncoderModel

from muse_studio.muse.checkpoint import CheckpointError
from muse_studio.muse.folder import FileRecord, Folder
from muse_studio.muse.lodging import Home, Lodging
from muse_studio.muse.presets import random_text_encoder
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.text_model import load_text_model, meta_model, needed_tensors, own_name, text_parameters

TEXTS = ["a 3d fox", "", "two red apples on a wooden table, painted in oil", "owl"]
XXL = {
    "model_type": "t5", "vocab_size": 32128, "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24,
    "num_heads": 64, "feed_forward_proj": "gated-gelu", "relative_attention_num_buckets": 32, "pad_token_id": 0,
    "is_encoder_decoder": True, "tie_word_embeddings": False,
}  # fmt: skip
"""config.json of google/t5-v1_1-xxl, as far as it says anything about the encoder."""


def small_config() -> T5Config:
    sizes = {"d_model": 64, "d_kv": 16, "d_ff": 160, "num_layers": 3, "num_heads": 4, "vocab_size": 88}
    return T5Config(**sizes, feed_forward_proj="gated-gelu", pad_token_id=0, decoder_start_token_id=0)


def store(folder: Path, dtype: torch.dtype, shard: str = "50GB") -> T5EncoderModel:
    """A random T5 v1.1 in `folder` as transformers writes it, with a tokenizer."""
    torch.manual_seed(7)
    model = T5EncoderModel(small_config()).eval().to(dtype)
    for parameter in model.parameters():
        parameter.data.copy_(parameter.data + 0.02 * torch.randn(parameter.shape).to(dtype))
    model.save_pretrained(folder, max_shard_size=shard)
    random_text_encoder().save(folder / "donor")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / "donor" / name).rename(folder / name)
    return model


def their_states(folder: Path, encoder: TextEncoder, texts: list[str], dtype: torch.dtype) -> torch.Tensor:
    """Of transformers' own model, which reads the folder by itself, for the batch padded with its pad token."""
    theirs = T5EncoderModel.from_pretrained(folder, dtype=dtype, local_files_only=True).eval()
    rows = [encoder.tokenizer.encode(text).ids for text in texts]
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    with torch.no_grad():
        states: torch.Tensor = theirs(input_ids=ids, attention_mask=mask).last_hidden_state
    return states * mask[..., None]


@pytest.mark.parametrize("shard", ["50GB", "60KB"], ids=["one file", "shards"])
@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float32], ids=["bf16 file", "fp32 file"])
@pytest.mark.parametrize("computed", [torch.bfloat16, torch.float32], ids=["in bf16", "in fp32"])
def test_states_equal_transformers_own_bit_for_bit(
    tmp_path: Path, stored: torch.dtype, computed: torch.dtype, shard: str
) -> None:
    store(tmp_path, stored, shard)
    assert (len(list(tmp_path.glob("*.safetensors"))) > 2) == (shard == "60KB")
    encoder = TextEncoder.load(tmp_path, dtype=computed)
    assert encoder.dtype is computed
    for texts in (TEXTS, TEXTS[:1], ["x " * 300, "a"]):
        states = encoder.encode(texts)
        expected = their_states(tmp_path, encoder, texts, computed)
        assert states.states.dtype is computed
        assert torch.equal(states.states, expected)
    assert len({int(count) for count in encoder.encode(TEXTS).mask.sum(1)}) == 4, "several lengths, so there is padding"


@pytest.mark.parametrize("home", ["device", "visit", "cpu", "dropped"])
def test_every_home_gives_the_same_states_and_so_does_the_next_prompt(tmp_path: Path, home: Home) -> None:
    store(tmp_path, torch.bfloat16, "60KB")
    plain, housed = TextEncoder.load(tmp_path), TextEncoder.load(tmp_path, home=home)
    for texts in (TEXTS, ["another"]):
        assert torch.equal(housed.encode(texts).states, plain.encode(texts).states)
    assert housed.width == plain.width
    assert housed._lodging.is_here == (home != "dropped")


def test_a_dropped_encoder_is_verified_again_when_it_comes_back(tmp_path: Path) -> None:
    import hashlib

    store(tmp_path, torch.bfloat16)
    files = {
        file.name: FileRecord(hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size)
        for file in tmp_path.iterdir()
        if file.is_file()
    }
    encoder = TextEncoder.load(Folder(tmp_path, files), home="dropped")
    encoder.encode(["a fox"])
    weights = tmp_path / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(CheckpointError, match="sha256"):
        encoder.encode(["an owl"])


def test_a_visitor_goes_home_whatever_happens() -> None:
    moved: list[str] = []

    class Watched(torch.nn.Linear):
        def to(self, *arguments: object, **_: object) -> Watched:  # type: ignore[override]
            moved.append(str(arguments[0]))
            return self

    lodging = Lodging(Watched(2, 2), "visit", "meta")
    with pytest.raises(RuntimeError, match="the prompt"), lodging.at_work():
        raise RuntimeError("the prompt")
    assert moved == ["meta", "cpu"]


def test_one_table_of_words_is_one_parameter(tmp_path: Path) -> None:
    """Two parameters over one memory would be two copies on a GPU: 263 MB of T5-XXL."""
    store(tmp_path, torch.bfloat16)
    model = load_text_model(Folder(tmp_path), json.loads((tmp_path / "config.json").read_text()), torch.bfloat16)
    assert model.shared.weight is model.encoder.embed_tokens.weight  # type: ignore[union-attr]
    assert len(list(model.parameters())) == len(needed_tensors(model))
    assert not any(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("computed", [torch.bfloat16, torch.float32])
def test_beside_the_model_no_more_than_two_tensors_are_in_memory_while_it_loads(
    tmp_path: Path, computed: torch.dtype
) -> None:
    model = store(tmp_path, torch.bfloat16, "60KB")
    sizes = [parameter.nbytes for parameter in model.parameters()]
    config = json.loads((tmp_path / "config.json").read_text())
    load_text_model(Folder(tmp_path), config, computed)  # whatever is imported by now is not counted
    gc.collect()
    tracemalloc.start()  # it sees the bytes that are read, and not what torch makes of them
    loaded = load_text_model(Folder(tmp_path), config, computed)
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(sizes) if computed is torch.bfloat16 else 0  # in the numbers of the file, the bytes are the model
    assert loaded is not None
    assert kept <= read <= kept + 2 * max(sizes) + 400_000  # the modules themselves, and the headers


# T5-XXL, for which there is no room here


def test_t5_xxl_has_the_parameters_that_its_sizes_make(tmp_path: Path) -> None:
    attention = 4 * 4096 * (64 * 64)  # query, key, value and output of 64 heads of 64
    gated = 3 * 4096 * 10240  # wi_0, wi_1 and wo
    layer = attention + gated + 2 * 4096  # and two norms
    by_hand = 32128 * 4096 + 24 * layer + 32 * 64 + 4096  # words, layers, 32 distances for 64 heads, the last norm
    assert by_hand == 4_762_310_656
    assert text_parameters(Folder(tmp_path), XXL) == by_hand


def test_t5_xxl_s_tensors_are_transformers_own_key_by_key(tmp_path: Path) -> None:
    with torch.device("meta"):
        theirs = T5EncoderModel(T5Config(**{key: value for key, value in XXL.items() if key != "model_type"}))
    expected = {own_name(key): tuple(tensor.shape) for key, tensor in theirs.state_dict().items()}
    needed = {key: tuple(tensor.shape) for key, tensor in needed_tensors(meta_model(Folder(tmp_path), XXL)).items()}
    assert needed == expected
    assert len(needed) == 1 + 24 * 9 + 1 + 1
    assert needed["encoder.block.23.layer.1.DenseReluDense.wi_1.weight"] == (10240, 4096)


def test_t5_xxl_s_shards_are_checked_before_a_byte_of_them_is_read(tmp_path: Path) -> None:
    """Two files whose headers are those of 9.5 GB, over nothing: a hole in a file takes no room on the disk."""
    needed = needed_tensors(meta_model(Folder(tmp_path), XXL))
    names = sorted(needed)
    half = len(names) // 2
    write_hollow(tmp_path / "model-00001-of-00002.safetensors", {name: needed[name] for name in names[:half]})
    shapes = {name: needed[name] for name in names[half:]}
    shapes["encoder.block.9.layer.0.SelfAttention.q.weight"] = torch.empty(4096, 4095, device="meta")
    write_hollow(tmp_path / "model-00002-of-00002.safetensors", shapes)
    index = {name: f"model-0000{1 + (place >= half)}-of-00002.safetensors" for place, name in enumerate(names)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    with pytest.raises(CheckpointError) as caught:
        load_text_model(Folder(tmp_path), XXL, torch.bfloat16)
    assert caught.value.problems == (
        "encoder.block.9.layer.0.SelfAttention.q.weight: shape [4096, 4095] where [4096, 4096] is needed",
    )


def write_hollow(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    position, header = 0, {}
    for name, tensor in tensors.items():
        end = position + 2 * tensor.numel()
        header[name] = {"dtype": "BF16", "shape": list(tensor.shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + position)
