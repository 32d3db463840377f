"""Text encoders: what is encoded, what is cut, and that no text and no folder brings them down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5EncoderModel, T5ForConditionalGeneration

from muse_studio.muse.folder import CheckpointError, FileRecord, Folder
from muse_studio.muse.presets import random_text_encoder
from muse_studio.muse.text import TEXT_LIMIT_CHARACTERS, TextEncoder, TextError, clean_text

DEFAULT = Path(__file__).parents[2] / "models" / "default" / "text_encoder"
# Surrogates too, which hypothesis leaves out unless asked.
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=300)


@pytest.fixture(scope="module")
def tiny() -> TextEncoder:
    torch.manual_seed(0)
    return random_text_encoder()


@pytest.fixture(scope="module")
def default() -> TextEncoder:
    return TextEncoder.load(DEFAULT)


def test_states_have_one_vector_per_token_and_the_batch_is_as_long_as_its_longest(default: TextEncoder) -> None:
    states = default.encode(["a 3d fox", "two red apples on a table"])
    assert states.states.shape == (2, 8, default.width) == (2, 8, 384)
    assert states.states.dtype == torch.float32
    assert states.mask.sum(1).tolist() == [5, 8]
    assert states.cut == (False, False)


def test_padding_is_zero_and_masked(tiny: TextEncoder) -> None:
    states = tiny.encode(["ab", "abcdef"])
    assert states.states[~states.mask].count_nonzero() == 0
    assert (states.states[states.mask].abs().sum(-1) > 0).all()


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_padding_changes_no_state(kind: str) -> None:
    torch.manual_seed(1)
    encoder = random_text_encoder(kind=kind)
    alone, together = encoder.encode(["a fox"]), encoder.encode(["a fox", "a very much longer prompt about a fox"])
    length = alone.states.shape[1]
    torch.testing.assert_close(together.states[0, :length], alone.states[0], atol=1e-5, rtol=1e-5)
    assert together.mask[0].sum() == length


def test_the_order_of_words_and_the_words_themselves_matter(default: TextEncoder) -> None:
    states = default.encode(["a red apple", "a green apple"]).states
    assert (states[0] - states[1]).norm() > 0.2 * states[0].norm()


def test_the_end_of_a_long_text_is_cut_and_told(tiny: TextEncoder, default: TextEncoder) -> None:
    for encoder in (tiny, default):
        states = encoder.encode(["fox " * 200, "fox"])
        assert states.states.shape[1] == encoder.length == 128
        assert states.cut == (True, False)
    assert tiny.encode(["x" + " " * TEXT_LIMIT_CHARACTERS]).cut == (True,)


def test_the_shortest_of_all_limits_counts(tmp_path: Path) -> None:
    random_text_encoder(length=40).save(tmp_path)
    settings_file = tmp_path / "tokenizer_config.json"
    assert TextEncoder.load(tmp_path).length == 40
    settings_file.write_text(json.dumps({"model_max_length": 10**30}))
    assert TextEncoder.load(tmp_path).length == 40  # the model has 40 positions
    settings_file.write_text(json.dumps({"model_max_length": 9}))
    assert TextEncoder.load(tmp_path).length == 9
    assert TextEncoder.load(tmp_path, length=5).encode(["abcdefghij"]).states.shape[1] == 5
    settings_file.unlink()
    assert TextEncoder.load(tmp_path).length == 40


def test_the_empty_text_has_states(tiny: TextEncoder, default: TextEncoder) -> None:
    for encoder in (tiny, default):
        assert encoder.encode([""]).mask.sum() == 2


def test_an_empty_batch_or_a_bare_text_is_refused(tiny: TextEncoder) -> None:
    for wrong in ([], "a fox"):
        with pytest.raises(TextError):
            tiny.encode(wrong)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_at_all_is_encoded(default: TextEncoder, text: str) -> None:
    rows, cut = default._tokenize([text])
    assert 2 <= len(rows[0]) <= default.length
    assert len(cut) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=3))
def test_states_of_any_text_are_finite(tiny: TextEncoder, texts: list[str]) -> None:
    assert tiny.encode(texts).states.isfinite().all()


def test_text_is_cleaned_of_what_no_tokenizer_takes() -> None:
    assert clean_text("a\x00b\ud800c\x1b[31m\x9f") == "a b\ufffdc [31m "
    assert clean_text("日本語 🦊\n\t é") == "日本語 🦊\n\t é"
    clean_text("\udfff" * 40_000).encode("utf-8")


def test_a_tokenizer_that_panics_becomes_an_error(tiny: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    class Panicking:
        def encode_batch(self, texts: list[str]) -> None:
            raise Panic("index out of bounds")

    monkeypatch.setattr(tiny, "_tokenizer", Panicking())
    with pytest.raises(TextError, match="index out of bounds"):
        tiny.encode(["x"])


def test_an_interrupt_while_tokenising_stays_an_interrupt(tiny: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def encode_batch(self, texts: list[str]) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(tiny, "_tokenizer", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        tiny.encode(["x"])


def test_the_encoder_is_frozen_and_its_states_train_what_reads_them(tiny: TextEncoder) -> None:
    assert not any(parameter.requires_grad for parameter in tiny.model.parameters())
    assert not tiny.model.training
    states = tiny.encode(["fox"]).states
    assert not states.requires_grad
    layer = torch.nn.Linear(32, 1)
    layer(states).sum().backward()  # inference tensors would refuse
    assert layer.weight.grad is not None


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_saving_and_loading_gives_the_same_states(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(2)
    encoder = random_text_encoder(kind=kind)
    encoder.save(tmp_path)
    again = TextEncoder.load(tmp_path)
    texts = ["a fox", "", "two apples"]
    assert torch.equal(encoder.encode(texts).states, again.encode(texts).states)
    assert (again.width, again.length) == (encoder.width, encoder.length)


# T5 as transformers itself stores it


def _t5_config(**changes: object) -> T5Config:
    sizes = {"d_model": 24, "d_kv": 6, "d_ff": 40, "num_layers": 2, "num_heads": 4, "vocab_size": 88, "pad_token_id": 0}
    return T5Config(**(sizes | {"feed_forward_proj": "gated-gelu", "decoder_start_token_id": 0} | changes))


def _add_tokenizer(folder: Path) -> None:
    random_text_encoder().save(folder / "donor")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / "donor" / name).rename(folder / name)


def _t5_states(model: T5EncoderModel, encoder: TextEncoder, text: str) -> torch.Tensor:
    ids = torch.tensor([encoder.tokenizer.encode(text).ids])
    with torch.no_grad():
        states: torch.Tensor = model(input_ids=ids).last_hidden_state
    return states


def test_a_t5_encoder_equals_transformers_own(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = T5EncoderModel(_t5_config()).eval()
    model.save_pretrained(tmp_path)
    _add_tokenizer(tmp_path)
    encoder = TextEncoder.load(tmp_path)
    assert encoder.width == 24
    torch.testing.assert_close(encoder.encode(["a 3d fox"]).states, _t5_states(model, encoder, "a 3d fox"))


def test_the_encoder_of_a_whole_t5_in_shards_is_read(tmp_path: Path) -> None:
    torch.manual_seed(4)
    whole = T5ForConditionalGeneration(_t5_config()).eval()
    whole.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    _add_tokenizer(tmp_path)
    encoder = TextEncoder.load(tmp_path)
    ids = torch.tensor([encoder.tokenizer.encode("a fox").ids])
    with torch.no_grad():
        expected = whole.get_encoder()(input_ids=ids).last_hidden_state
    torch.testing.assert_close(encoder.encode(["a fox"]).states, expected)


def test_a_file_with_the_other_name_of_the_table_is_read(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = T5EncoderModel(_t5_config()).eval()
    model.save_pretrained(tmp_path)
    _add_tokenizer(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    state["encoder.embed_tokens.weight"] = state.pop("shared.weight")
    save_file(state, tmp_path / "model.safetensors")
    encoder = TextEncoder.load(tmp_path)
    torch.testing.assert_close(encoder.encode(["fox"]).states, _t5_states(model, encoder, "fox"))


# Folders that must be refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random_text_encoder().save(tmp_path)
    return tmp_path


def test_a_missing_folder_and_missing_files_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json: missing"):
        TextEncoder.load(tmp_path / "nowhere")
    for name in ("tokenizer.json", "model.safetensors", "config.json"):
        (folder / name).unlink()
        with pytest.raises(CheckpointError, match=f"{name}: missing"):
            TextEncoder.load(folder)


def test_pickled_weights_are_never_looked_at(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="other formats are never opened"):
        TextEncoder.load(folder)
    index = {"weight_map": {"embeddings.word_embeddings.weight": "pytorch_model.bin"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="can run code"):
        TextEncoder.load(folder)


@pytest.mark.parametrize("name", ["../model.safetensors", "/etc/passwd", "a/../../x.safetensors"])
def test_an_index_cannot_lead_out_of_the_folder(folder: Path, name: str) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"x": name}}))
    with pytest.raises(CheckpointError, match="out of its folder"):
        TextEncoder.load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "gpt2"},
        {"model_type": None},
        {"model_type": ["bert"]},
        {"num_hidden_layers": 10**9},
        {"hidden_size": 2**40},
        {"hidden_size": -1},
        {"hidden_size": "wide"},
        {"num_attention_heads": 0},
        {"hidden_act": "__import__('os')"},
    ],
)
def test_a_config_that_cannot_be_is_refused(folder: Path, changes: dict[str, object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(CheckpointError):
        TextEncoder.load(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"model": 3}', b"[" * 100_000])
def test_a_damaged_text_file_is_refused(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    if name == "tokenizer_config.json" and data.startswith(b'{"'):
        assert TextEncoder.load(folder).length == 128
        return
    with pytest.raises(CheckpointError):
        TextEncoder.load(folder)


def test_a_sentencepiece_model_that_is_none_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "spiece.model").write_bytes(b"\x0a\xff\xff\xff\xff" * 50)
    with pytest.raises(CheckpointError, match="could not be converted"):
        TextEncoder.load(folder)


def test_code_that_a_folder_brings_is_not_run(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "evil.py").write_text("raise SystemExit('ran')")
    config["auto_map"] = {"AutoModel": "evil.Model", "AutoConfig": "evil.Config"}
    (folder / "config.json").write_text(json.dumps(config))
    assert TextEncoder.load(folder).encode(["fox"]).states.isfinite().all()


def test_tensors_that_do_not_fit_are_listed(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    state["embeddings.word_embeddings.weight"] = torch.zeros(88, 16)
    del state["encoder.layer.1.output.dense.bias"]
    state["pooler.dense.weight"] = torch.zeros(32, 32)  # an encoder may leave parts unused
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError) as caught:
        TextEncoder.load(folder)
    assert set(caught.value.problems) == {
        "embeddings.word_embeddings.weight: shape [88, 16] where [88, 32] is needed",
        "encoder.layer.1.output.dense.bias: missing",
    }


def test_numbers_that_are_not_finite_are_refused(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    state["embeddings.LayerNorm.bias"][3] = torch.nan
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="not finite"):
        TextEncoder.load(folder)


def test_a_file_that_is_not_the_listed_one_is_refused(folder: Path) -> None:
    files = {file.name: FileRecord("0" * 64, file.stat().st_size) for file in folder.iterdir()}
    with pytest.raises(CheckpointError, match="sha256"):
        TextEncoder.load(Folder(folder, files))
    with pytest.raises(CheckpointError, match="is not among the files"):
        TextEncoder.load(Folder(folder, {}))


def test_the_network_is_never_asked_for_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("snapshot_download", "hf_hub_download"):
        monkeypatch.setattr(huggingface_hub, name, refuse)
    TextEncoder.load(folder)


def test_a_hub_name_takes_safetensors_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import fnmatch

    import huggingface_hub

    cache = tmp_path_factory.mktemp("cache")
    snapshot = cache / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (cache / "blobs").mkdir()
    asked: list[str] = []

    def download(name: str, allow_patterns: list[str]) -> str:
        asked.extend([name, *allow_patterns])
        for file in folder.iterdir():  # as the real cache does: links from a snapshot to blobs beside it
            blob = cache / "blobs" / file.name
            blob.write_bytes(file.read_bytes())
            (snapshot / file.name).symlink_to(Path("..") / ".." / "blobs" / file.name)
        return str(snapshot)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert TextEncoder.from_hub("someone/small-t5").width == 32
    assert asked[0] == "someone/small-t5"
    for refused in ("pytorch_model.bin", "modeling_evil.py", "tf_model.h5", "model.safetensors.py"):
        assert not any(fnmatch.fnmatch(refused, pattern) for pattern in asked[1:])


def test_the_shipped_encoder_is_the_one_in_its_attribution() -> None:
    """Training used these very weights: the file must never change unnoticed."""
    import hashlib

    digest = hashlib.sha256((DEFAULT / "model.safetensors").read_bytes()).hexdigest()
    assert digest == "9c0bf732145c2a248a35b8d17263e9adefce68043737804b972f46d46b219189"
    assert {file.name for file in DEFAULT.iterdir()} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
