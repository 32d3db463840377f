"""LoRAs of a request: told apart by what is in the file, recorded without saying where it lies."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from muse_studio.core import limits
from muse_studio.core.branching import branch_request, same_wish
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraFile, LoraUse, found, missing, paths_of, sound_uses, with_file
from muse_studio.core.metadata import read_request_text, request_text
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_files import runs_from_files, runs_to_files
from muse_studio.core.runs import RunTree
from muse_studio.core.wishes import Wishes, wishes_of
from tests.core.decodes import record

INK = LoraUse("ink", "a" * 64, 0.7, path="/home/somebody/secret/ink.safetensors")
OIL = LoraUse("oil: thick, <very>", "b" * 64, -1.5, path="/home/somebody/secret/oil.safetensors")
REQUEST = EditRequest(Mode.GENERATE, "a fox", "rain", seed=3, loras=(INK, OIL))


def test_a_file_is_known_by_its_name_and_by_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ink\nand oil.safetensors"
    path.write_bytes(b"some numbers")
    use = LoraUse.of_file(path, 0.5)
    assert use.name == "ink\N{REPLACEMENT CHARACTER}and oil"
    assert use.sha256 == hashlib.sha256(b"some numbers").hexdigest()
    assert (use.strength, use.path) == (0.5, str(path))
    with pytest.raises(MuseStudioError, match="cannot be used") as caught:
        LoraUse.of_file(tmp_path / "none.safetensors")
    assert caught.value.kind is ErrorKind.BAD_MODEL


@pytest.mark.parametrize(
    "spoiled",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": 3},
        {"sha256": "A" * 64},
        {"sha256": "a" * 63},
        {"strength": float("nan")},
        {"strength": 10.1},
        {"strength": "1"},
        {"strength": True},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_lora_is_refused_in_a_request_and_left_out_of_wishes(spoiled: dict[str, Any]) -> None:
    whole = {**INK.settings(), **spoiled}
    with pytest.raises(MuseStudioError):
        EditRequest.from_settings({**REQUEST.settings(), "loras": [whole]})
    assert sound_uses([whole, OIL.settings()]) == (OIL,)


@pytest.mark.parametrize("value", [None, "ink", 3, [3], [None], {"name": "ink"}, [[]]])
def test_no_list_of_loras_breaks_wishes(value: object) -> None:
    assert Wishes.from_settings({"loras": value}).loras == ()


def test_a_request_has_each_file_once_and_not_too_many() -> None:
    with pytest.raises(MuseStudioError, match="twice"):
        replace(REQUEST, loras=(INK, replace(INK, strength=0.1)))
    many = tuple(LoraUse(str(number), f"{number:064x}") for number in range(limits.LORAS_LIMIT + 1))
    with pytest.raises(MuseStudioError, match="too many"):
        replace(REQUEST, loras=many)
    with pytest.raises(MuseStudioError):
        replace(REQUEST, loras=(replace(INK, on=False),))


def test_requests_differ_by_file_and_strength_and_not_by_where_the_file_lies() -> None:
    assert replace(REQUEST, loras=(replace(INK, path=""), OIL)) == REQUEST
    for other in (replace(INK, strength=0.8), replace(INK, sha256="c" * 64)):
        assert replace(REQUEST, loras=(other, OIL)) != REQUEST
    assert replace(REQUEST, loras=()) != REQUEST


def test_settings_come_back_without_paths_and_are_as_before_where_there_are_none() -> None:
    told = json.loads(json.dumps(REQUEST.settings()))
    again = EditRequest.from_settings(told)
    assert again == REQUEST
    assert [use.path for use in again.loras] == ["", ""]
    assert "loras" not in replace(REQUEST, loras=()).settings()


def test_wishes_keep_those_that_rest() -> None:
    wishes = Wishes("a fox", loras=(INK, replace(OIL, on=False)))
    again = Wishes.from_settings(json.loads(json.dumps(wishes.settings())))
    assert again == wishes
    assert "secret" not in json.dumps(wishes.settings())
    assert wishes_of(REQUEST.settings()).loras == (INK, OIL)


def test_a_picture_tells_them_and_never_a_folder() -> None:
    text = request_text(REQUEST, {"model": "amused"})
    assert "secret" not in "".join(text.values())
    assert text["parameters"].splitlines()[0] == "a fox <lora:ink:0.7> <lora:oil_thick_very_:-1.5>"
    told = read_request_text(text)
    assert told is not None
    assert told["loras"] == [INK.settings(), OIL.settings()]
    assert wishes_of(told).loras == (INK, OIL)


def test_of_the_common_text_alone_the_words_come_back_without_them() -> None:
    told = read_request_text({"parameters": request_text(REQUEST)["parameters"]})
    assert told is not None
    assert (told["prompt"], told["negative_prompt"]) == ("a fox", "rain")
    foreign = read_request_text({"parameters": "a fox <lora:ink:0.7>\nSteps: 20, Sampler: Euler a, Seed: 5"})
    assert foreign is not None
    assert foreign["prompt"] == "a fox <lora:ink:0.7>", "another program's prompt is what it was"


def test_the_runs_of_a_project_keep_them_and_what_goes_on_from_a_step_has_them() -> None:
    tree = RunTree()
    run = record(tree, REQUEST)
    files = runs_to_files(tree)
    assert not any(b"secret" in data for data in files.values())
    again = runs_from_files(files).get(run.id)
    assert again is not None
    assert again.request == REQUEST
    step = again.steps[0][1]
    assert branch_request(again, step, same_wish(again, 0)).loras == (INK, OIL)


def test_known_files_are_found_by_what_is_in_them() -> None:
    files: tuple[LoraFile, ...] = ()
    for number in range(limits.LORA_FILES_LIMIT + 3):
        files = with_file(files, f"/loras/{number}.safetensors", f"{number:064x}")
    files = with_file(files, "/moved/ink.safetensors", INK.sha256)
    files = with_file(files, "/again/ink.safetensors", INK.sha256)
    assert len(files) == limits.LORA_FILES_LIMIT
    assert [file.path for file in files].count("/moved/ink.safetensors") == 0
    bare = (replace(INK, path=""), replace(OIL, path=""))
    here = found(bare, paths_of(files))
    assert [use.path for use in here] == ["/again/ink.safetensors", ""]
    assert missing(here) == (OIL,)
    assert missing([replace(OIL, path="", on=False)]) == ()
