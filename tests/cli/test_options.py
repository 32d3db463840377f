"""Words of the command line become a request, or a sentence that says why not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio import places
from muse_studio.cli import rooms
from muse_studio.cli.main import SELF_PARSING, build_parser, main
from muse_studio.cli.options import check_output, numbers, request_from, whole_numbers
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.limits import PROMPT_LIMIT_CHARACTERS, SEED_LIMIT
from muse_studio.core.request import Mode, StagePlan


def parsed(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(["generate", *words, "-o", "out.png"])


def test_flags_end_in_the_request() -> None:
    words = ("a fox", "--negative", "blur", "--seed", "5", "--steps", "12,4", "--guidance", "2,0.5", "--size", "512")
    request, notices = request_from(parsed(*words), Mode.GENERATE)
    assert (request.mode, request.prompt, request.negative_prompt, request.seed) == (Mode.GENERATE, "a fox", "blur", 5)
    assert (request.base, request.superres) == (StagePlan(12, 2.0), StagePlan(4, 0.5))
    assert notices == ()


def test_what_is_not_said_is_the_models_own() -> None:
    request, _ = request_from(parsed("a fox"), Mode.GENERATE)
    assert request.base == request.superres == StagePlan()


def test_one_guidance_is_for_both_stages_and_one_count_of_steps_for_the_base() -> None:
    request, _ = request_from(parsed("a fox", "--guidance", "2", "--steps", "6"), Mode.GENERATE)
    assert (request.base.guidance, request.superres.guidance) == (2.0, 2.0)
    assert (request.base.steps, request.superres.steps) == (6, None)


def test_without_a_seed_each_run_draws_its_own() -> None:
    seeds = {request_from(parsed("a fox"), Mode.GENERATE)[0].seed for _ in range(8)}
    assert len(seeds) > 1
    assert all(0 <= seed < SEED_LIMIT for seed in seeds)


def test_a_long_prompt_is_cut_and_said() -> None:
    request, notices = request_from(parsed("x" * 10_000), Mode.GENERATE)
    assert len(request.prompt) == PROMPT_LIMIT_CHARACTERS
    assert len(notices) == 1


@given(st.text(alphabet="0123456789.,-+eE nainf", max_size=12))
def test_numbers_are_read_or_refused(text: str) -> None:
    for reader in (whole_numbers, numbers):
        try:
            first, _ = reader(text)
        except argparse.ArgumentTypeError:
            continue
        assert first is not None


@pytest.mark.parametrize(
    "words",
    [
        ["generate"],
        ["generate", "fox"],
        ["paint", "fox"],
        ["generate", "fox", "-o", "x.png", "--size", "300"],
        ["generate", "fox", "-o", "x.png", "--steps", "1,2,3"],
        ["generate", "fox", "-o", "x.png", "--device", "abacus"],
        ["generate", "fox", "-o", "x.png", "--seed", "-1"],
        ["generate", "fox", "-o", "x.png", "--seed", str(SEED_LIMIT)],
        ["generate", "fox", "-o", "x.png", "--steps", "0"],
        ["generate", "fox", "-o", "x.png", "--guidance", "nan"],
        ["generate", "fox", "-o", "x.jpg"],
    ],
)
def test_wrong_words_are_exit_code_2(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert capsys.readouterr().err.strip()
    assert list(tmp_path.iterdir()) == []


def test_help_and_version_are_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(
        command in printed for command in ("generate", "inpaint", "doctor", "studio", "demo", "bench", "evaluate")
    )
    assert "train" in printed
    assert "worker" not in printed
    assert main(["--version"]) == 0


def every_parser(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from every_parser(each)


@pytest.mark.parametrize("room", ["", *SELF_PARSING])
def test_the_help_of_every_command_can_be_printed(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsers = [build_parser()]
    if room:

        def keep(parser: argparse.ArgumentParser, _words: object = None) -> NoReturn:
            parsers[:] = [parser]
            raise SystemExit(0)

        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", keep)
        assert main([room]) == 0
    for parser in every_parser(parsers[0]):
        assert "%(" not in parser.format_help(), parser.prog  # argparse fills these, and fails on a bare per cent sign


@pytest.mark.parametrize(
    ("name", "kind"), [("out.jpg", ErrorKind.BAD_REQUEST), ("a.png", ErrorKind.DISK), ("no/b.png", ErrorKind.DISK)]
)
def test_an_output_that_would_fail_later_fails_first(tmp_path: Path, name: str, kind: ErrorKind) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(MuseStudioError) as fault:
        check_output(tmp_path / name)
    assert fault.value.kind is kind


def test_the_model_is_the_named_one_then_the_variables_then_the_one_that_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.default_model() == Path(__file__).resolve().parents[2] / "models" / "default"
    monkeypatch.setenv(places.MODEL_VARIABLE, str(tmp_path))
    assert places.default_model() == tmp_path


def test_a_frozen_program_looks_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "default").mkdir(parents=True)
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert places.default_model() == tmp_path / "models" / "default"
    assert places.resources() == tmp_path / "resources"


def test_a_picture_where_a_command_belongs_opens_the_studio_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[argparse.Namespace] = []
    monkeypatch.setattr(rooms, "studio", lambda options: opened.append(options) or 0)
    picture = tmp_path / "fox.png"
    picture.touch()
    for words, files in (([], []), ([str(picture)], [picture]), (["studio", str(picture)], [picture])):
        assert main(words) == 0
        assert opened[-1].files == files
    assert main([str(tmp_path / "missing.png")]) == 2
    assert len(opened) == 3


def test_a_room_that_is_not_installed_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rooms = (
        ("train", "muse_studio.training.commands"),
        ("bench", "muse_studio.evaluation.bench"),
        ("evaluate", "muse_studio.evaluation.commands"),
    )
    for command, module in rooms:
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delattr(module, raising=False)
        assert main([command]) == 2
        assert "is not here" in capsys.readouterr().err
