"""Published folders and snapshots of the Hub's cache are told of without loading them, and never believed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from muse_studio.core.cascade_facts import Proof
from muse_studio.core.cascade_folder import check_folder, read_cascade, verify
from muse_studio.core.catalogue import find_published
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.fetched import delete_fetched, was_fetched, write_note
from muse_studio.core.shelf import look, with_folder
from tests.weights.hub.loopback_hub import git_blob, safetensors, small_cascade

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
OTHERS = (".bin", ".py", "training.json", ".fp16.safetensors")
MEISSONIC = {"_class_name": "Transformer2DModel", "codebook_size": 8192, "joint_attention_dim": 1024}


def files() -> dict[str, bytes]:
    return {name: data for name, data in small_cascade().items() if not name.endswith(OTHERS)}


def write(folder: Path, wanted: dict[str, bytes]) -> Path:
    for name, data in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As somebody has put it there, without a hash."""
    return write(tmp_path / "amused-256", files())


@pytest.fixture
def fetched(folder: Path) -> Path:
    """With the note of our own download."""
    from muse_studio.core.cascade_facts import FileRecord

    records = {name: FileRecord(hashlib.sha256(data).hexdigest(), len(data)) for name, data in files().items()}
    write_note(folder, find_published("amused-256"), COMMIT, "openrail++", records)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A repository in the Hub's cache, as the Hub's own library leaves it: links to blobs called by their hashes."""
    repository = tmp_path / "hub" / "models--amused--amused-256"
    snapshot = repository / "snapshots" / COMMIT
    for name, data in files().items():
        large = name.endswith(".safetensors")
        blob = repository / "blobs" / (hashlib.sha256(data).hexdigest() if large else git_blob(data))
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(os.path.relpath(blob, (snapshot / name).parent))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    return repository


def refusal(folder: Path) -> str:
    with pytest.raises(MuseStudioError) as caught:
        with_folder((), folder, Path("/nowhere"))
    assert caught.value.kind is ErrorKind.BAD_MODEL
    return caught.value.message


def test_a_folder_without_hashes_tells_all_about_itself(folder: Path) -> None:
    cascade = look(folder)
    facts = cascade.facts
    assert facts is not None, cascade.problem
    assert (facts.name, facts.family, facts.licence) == ("amused-256", "aMUSEd", "openrail++")
    assert facts.superres is None
    assert (facts.base.steps, facts.base.guidance, facts.base.temperature) == (12, 3.0, 2.0)
    assert facts.sizes[0] == 256
    assert cascade.parameters == {
        "text_encoder/model": 900,
        "transformer/diffusion_pytorch_model": 2500,
        "vqvae/diffusion_pytorch_model": 1400,
    }
    assert cascade.card == "# aMUSEd\n\nDraws noise.\n"
    assert facts.size_bytes == sum((folder / name).stat().st_size for name in facts.files)
    assert not cascade.fetched


@pytest.mark.parametrize(
    ("config", "family", "side", "guidance"),
    [
        ({"_class_name": "UVit2DModel", "sample_size": 32, "downsample": True}, "aMUSEd", 512, 19.0),
        ({**MEISSONIC, "downsample": True}, "Meissonic", 1024, 8.0),
        ({**MEISSONIC, "downsample": False}, "Monetico", 512, 8.0),
    ],
)
def test_each_published_cascade_is_known_by_its_transformer(
    folder: Path, config: dict[str, object], family: str, side: int, guidance: float
) -> None:
    (folder / "transformer" / "config.json").write_text(json.dumps(config))
    facts = check_folder(folder)
    assert (facts.family, facts.sizes[0], facts.base.guidance) == (family, side, guidance)


def test_what_was_fetched_is_verified_against_its_note(fetched: Path) -> None:
    facts = read_cascade(fetched)
    assert facts.proof is Proof.PUBLISHED
    assert verify(fetched, facts) == ()
    for name in facts.files:
        data = bytearray((fetched / name).read_bytes())
        data[-1] ^= 1
        (fetched / name).write_bytes(data)
        (problem,) = verify(fetched, facts)
        assert name in problem
        data[-1] ^= 1
        (fetched / name).write_bytes(data)


def test_a_snapshot_of_the_hub_cache_is_added_without_copying_and_verified_by_its_blobs(cache: Path) -> None:
    for chosen in (cache, cache / "snapshots" / COMMIT, cache / "snapshots" / COMMIT / TRANSFORMER):
        (added,) = with_folder((), chosen, Path("/nowhere"))
        assert Path(added) == cache / "snapshots" / COMMIT
    facts = read_cascade(Path(added))
    assert (facts.name, facts.proof) == ("amused-256", Proof.CACHE)
    assert verify(Path(added), facts) == ()
    for name in (TRANSFORMER, "transformer/config.json"):
        blob = (Path(added) / name).resolve()
        data = blob.read_bytes()
        blob.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        (problem,) = verify(Path(added), facts)
        assert name in problem
        blob.write_bytes(data)


def test_links_out_of_the_cache_are_refused(cache: Path, tmp_path: Path) -> None:
    snapshot = cache / "snapshots" / COMMIT
    elsewhere = tmp_path / "outside.safetensors"
    shutil.copyfile(snapshot / TRANSFORMER, elsewhere)
    other = tmp_path / "hub" / "models--other--model" / "blobs" / "a"
    other.parent.mkdir(parents=True)
    shutil.copyfile(snapshot / TRANSFORMER, other)
    for target in (elsewhere, other):
        (snapshot / TRANSFORMER).unlink()
        (snapshot / TRANSFORMER).symlink_to(target)
        assert "leads out of the folder" in refusal(snapshot)
        assert look(snapshot).facts is None


def test_links_out_of_a_plain_folder_are_refused_though_it_has_blobs_above(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (folder / TRANSFORMER).rename(tmp_path / "blobs" / "a")
    (folder / TRANSFORMER).symlink_to(tmp_path / "blobs" / "a")
    assert "leads out of the folder" in refusal(folder)
    (folder / TRANSFORMER).unlink()
    assert f"“{TRANSFORMER}” is missing" in refusal(folder)


def test_a_cache_that_does_not_say_which_snapshot_asks(cache: Path) -> None:
    (cache / "refs" / "main").unlink()
    (cache / "snapshots" / ("1" * 40)).mkdir()
    assert "holds 2 snapshots" in refusal(cache)


def test_files_that_can_run_code_are_told_of_and_never_opened(folder: Path) -> None:
    """Beside complete safetensors, as whole copies of a repository have them, they do no harm."""
    for name in ("text_encoder/pytorch_model.bin", "transformer/transformer.py"):
        (folder / name).write_bytes(b"\x80\x04\x95 a payload")
        (folder / name).chmod(0)
    check_folder(folder)
    assert look(folder).unopened == ("text_encoder/pytorch_model.bin", "transformer/transformer.py")


def test_a_part_that_has_only_pickles_is_refused_by_name(folder: Path) -> None:
    (folder / TRANSFORMER).unlink()
    (folder / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04\x95")
    assert "“transformer” has no safetensors, only files that can run code" in refusal(folder)
    index = {"weight_map": {"a": "diffusion_pytorch_model-00001-of-00002.bin"}}
    (folder / "transformer" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    assert "split into several files" in refusal(folder)


def test_a_pickle_called_safetensors_is_refused(folder: Path) -> None:
    (folder / TRANSFORMER).write_bytes(b"\x80\x04\x95" + bytes(3000))
    assert "no safetensors file" in refusal(folder)


def test_a_half_precision_file_will_do(folder: Path) -> None:
    (folder / TRANSFORMER).rename(folder / "transformer" / "diffusion_pytorch_model.fp16.safetensors")
    assert "transformer/diffusion_pytorch_model.fp16.safetensors" in check_folder(folder).files


@pytest.mark.parametrize("kept", [0, 4, 8, 60, 1000, -1])
def test_a_file_that_is_cut_anywhere_is_refused(folder: Path, kept: int) -> None:
    (folder / TRANSFORMER).write_bytes((folder / TRANSFORMER).read_bytes()[:kept])
    told = refusal(folder)
    assert TRANSFORMER in told
    assert "cut off" in told or "no safetensors" in told


@pytest.mark.parametrize(
    "name",
    ["transformer/config.json", "vqvae/config.json", "text_encoder/config.json", "tokenizer/vocab.json", TRANSFORMER],
)
def test_a_missing_part_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name.split("/")[0] in refusal(folder)


@pytest.mark.parametrize("config", [b"", b"[]", b"\xff", b"[" * 100_000, b"{}", b'{"_class_name": 3}'])
def test_a_wrong_config_is_refused(folder: Path, config: bytes) -> None:
    (folder / "transformer" / "config.json").write_bytes(config)
    refusal(folder)


def test_other_pipelines_are_called_by_their_name(folder: Path) -> None:
    (folder / "transformer" / "config.json").write_text('{"_class_name": "Transformer2DModel"}')
    (folder / "model_index.json").write_text('{"_class_name": "PixArtAlphaPipeline"}')
    assert "It is made for PixArtAlphaPipeline." in refusal(folder)


HOSTILE_HEADERS: dict[str, Callable[[bytes], bytes]] = {
    "endless": lambda whole: (2**60).to_bytes(8, "little") + whole[8:],
    "53 MB": lambda whole: (53 * 2**20).to_bytes(8, "little") + b'{"a":' * 11_000_000,
    "a name twice": lambda whole: _header(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}') + b"a",
    "endless shape": lambda whole: _header(b'{"a":{"dtype":"U8","shape":[0,1099511627776],"data_offsets":[0,1]}}'),
    "overlapping": lambda whole: (
        _header(
            b'{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}'
        )
        + b"abc"
    ),
    "another size": lambda whole: _header(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,2]}}') + b"ab",
}


def _header(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize("damage", HOSTILE_HEADERS.values(), ids=HOSTILE_HEADERS)
def test_hostile_headers_are_refused_at_once_and_take_no_memory(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    (folder / TRANSFORMER).write_bytes(damage((folder / TRANSFORMER).read_bytes()))
    tracemalloc.start()
    told = refusal(folder)
    assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    tracemalloc.stop()
    assert TRANSFORMER in told


def test_single_files_are_told_what_they_are(folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for tensor, words in (
        ("unet.attn.lora_A.weight", "is a LoRA"),
        ("model.diffusion_model.x", "another kind"),
        ("mlm_layer.conv2.weight", "only the transformer"),
        ("quantize.embedding.weight", "only the vqvae"),
        ("weight", "no part of a cascade"),
    ):
        (alone / "file.safetensors").write_bytes(safetensors(b"ab").replace(b"weight", tensor.encode(), 1))
        data = (alone / "file.safetensors").read_bytes()
        (alone / "file.safetensors").write_bytes((len(data) - 10).to_bytes(8, "little") + data[8:])
        assert words in refusal(alone / "file.safetensors")
    (alone / "model.ckpt").write_bytes(b"\x80\x04")
    assert "can run code" in refusal(alone / "model.ckpt")
    (alone / "photo.png").write_bytes(b"png")
    assert "single file" in refusal(alone / "photo.png")
    assert with_folder((), folder / "model_index.json", Path("/nowhere")) == (str(folder),)


def test_only_what_was_fetched_is_deleted(fetched: Path, folder: Path, tmp_path: Path) -> None:
    (fetched / "mine.txt").write_text("mine")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "model.safetensors").write_bytes(b"not ours")
    shutil.rmtree(fetched / "text_encoder")
    (fetched / "text_encoder").symlink_to(outside, target_is_directory=True)
    assert was_fetched(fetched)
    assert delete_fetched(fetched) > 0
    assert (outside / "model.safetensors").read_bytes() == b"not ours"
    assert sorted(path.name for path in fetched.iterdir()) == ["mine.txt", "text_encoder"]
    with pytest.raises(MuseStudioError, match="not fetched by this program"):
        delete_fetched(fetched)


def test_a_link_to_a_fetched_folder_is_not_deleted(fetched: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(fetched, target_is_directory=True)
    assert not was_fetched(tmp_path / "link")
    with pytest.raises(MuseStudioError, match="not fetched by this program"):
        delete_fetched(tmp_path / "link")
    assert (fetched / TRANSFORMER).is_file()
