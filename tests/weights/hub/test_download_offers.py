"""What a Hub lists is believed in nothing: names, kinds, sizes and hashes are looked at before a byte is fetched."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.core.catalogue import catalogue, find_published
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.weights.hub import ask
from muse_studio.weights.offer import SUFFIXES, Listed, offer_of
from tests.weights.hub.loopback_hub import COMMIT, LARGE, WANTED, Hub, git_blob

AMUSED = find_published("amused-256")
SHA256 = "5" * 64
PARTS = [Listed(f"{folder}/model{LARGE}", 8, SHA256, COMMIT) for folder in AMUSED.weights]
INDEX = Listed("model_index.json", 2, None, COMMIT)
HOSTILE = [
    "../model_index.json",
    "vqvae/../../config.json",
    "/etc/config.json",
    "//server/share/config.json",
    "C:/config.json",
    "C:config.json",
    "\\\\server\\share\\config.json",
    "vqvae\\config.json",
    "vqvae/config\0.json",
    "vqvae/\n.json",
    "~/config.json",
    "vqvae//config.json",
    "vqvae/./config.json",
    "vqvae/con.json",
    "vqvae/.hidden.json",
    "vqvae/a b.json",
    "vqvae/ü.json",
    f"vqvae/{'a' * 300}.json",
    "",
]


def names(listed: list[Listed]) -> set[str]:
    return {file.name for file in offer_of(AMUSED, "https://a", COMMIT, None, listed).files}


@pytest.mark.parametrize("name", HOSTILE[:-1], ids=ascii)
def test_a_name_that_leads_elsewhere_ends_the_offer(name: str) -> None:
    with pytest.raises(MuseStudioError) as fault:
        names([INDEX, *PARTS, Listed(name, 2, None, COMMIT)])
    assert fault.value.kind is ErrorKind.BAD_MODEL


@given(
    st.text(max_size=40)
    | st.text(alphabet=string.ascii_letters + "./\\:\0~_- ", max_size=40).map("vqvae/{}.json".format)
)
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        taken = names([INDEX, *PARTS, Listed(name, 2, None, COMMIT)])
    except MuseStudioError:
        return
    folder = Path("/a/b")
    for each in taken:
        assert folder in (folder / each).parents
        assert ".." not in Path(each).parts
        assert Path(each).suffix in SUFFIXES
        assert len(Path(each).parts) <= 2


def test_only_safetensors_and_texts_of_needed_parts_are_taken(hub: Hub) -> None:
    assert {file.name for file in ask(AMUSED).files} == WANTED


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([INDEX, *PARTS[1:]], "no safetensors for “text_encoder”"),
        ([INDEX, *PARTS[1:], Listed("text_encoder/model.bin", 8, SHA256, COMMIT)], "no safetensors for “text_encoder”"),
        (PARTS, "no model_index.json"),
        ([INDEX, *PARTS, Listed("Model_Index.json", 2, None, COMMIT), INDEX], "twice"),
        ([INDEX, *PARTS, Listed(f"vqvae/other{LARGE}", 8, None, COMMIT)], "no published hash"),
        ([INDEX, *PARTS, Listed(f"vqvae/other{LARGE}", 8, "zz", COMMIT)], "no published hash"),
        ([INDEX, *PARTS, Listed("vqvae/other.json", 8, None, None)], "no published hash"),
        ([INDEX, *PARTS, Listed("vqvae/other.json", -1, None, COMMIT)], "size"),
        ([INDEX, *PARTS, Listed("vqvae/other.json", None, None, COMMIT)], "size"),
        ([INDEX, *PARTS, Listed("vqvae/other.json", 2**60, None, COMMIT)], "size"),
        ([INDEX, *PARTS, Listed("vqvae/other.json", True, None, COMMIT)], "size"),
        ([INDEX, *PARTS, Listed(7, 2, None, COMMIT)], "damaged"),
        ([INDEX, *PARTS, *(Listed(f"vqvae/{n}.json", 2, None, COMMIT) for n in range(99))], "dozen"),
    ],
)
def test_an_unsound_list_is_refused_by_name(listed: list[Listed], words: str) -> None:
    with pytest.raises(MuseStudioError, match=words):
        names(listed)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"siblings": 7},
        {"id": "a/b", "sha": COMMIT, "tags": 7, "siblings": [{"size": 2}]},
        {"id": "a/b", "sha": COMMIT, "siblings": [{"rfilename": "model_index.json", "lfs": []}]},
        {"id": "a/b", "sha": "../..", "siblings": []},
        {"id": "a/b", "sha": 7, "siblings": None},
        {"id": "a/b", "sha": COMMIT, "tags": [None], "siblings": [{"rfilename": None}]},
    ],
    ids=repr,
)
def test_an_answer_of_another_kind_is_refused_in_words(hub: Hub, answer: Any) -> None:
    hub.listing = lambda right: answer
    with pytest.raises(MuseStudioError) as fault:
        ask(AMUSED)
    assert fault.value.kind in (ErrorKind.NETWORK, ErrorKind.BAD_MODEL)
    assert fault.value.message.endswith(".")


def test_the_catalogue_names_four_and_no_hash() -> None:
    assert [entry.repo for entry in catalogue()] == [
        "amused/amused-256",
        "amused/amused-512",
        "MeissonFlow/Meissonic",
        "Collov-Labs/Monetico",
    ]
    for entry in catalogue():
        assert entry.licence
        assert entry.link == f"https://huggingface.co/{entry.repo}"
        assert set(entry.weights) <= set(entry.folders)
        assert find_published(entry.repo.upper()) is entry or find_published(entry.name) == entry
    with pytest.raises(MuseStudioError, match="amused-256, amused-512, meissonic, monetico"):
        find_published("muse-3b")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "cascades": [{"name": "a"}]}'])
def test_a_damaged_catalogue_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "published.json").write_bytes(content)
    with pytest.raises(MuseStudioError, match="Install the program again"):
        catalogue(tmp_path / "published.json")


def test_git_names_a_file_as_git_does() -> None:
    """`printf 'hello\\n' | git hash-object --stdin`"""
    assert git_blob(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
