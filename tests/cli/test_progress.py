"""What a job says is readable by the one it is said to."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse_studio.cli.progress import JsonSpeaker, LogSpeaker, TerminalSpeaker, visible

FACTS = {"output": "out.png", "width": 512, "height": 512, "seed": 7, "seconds": 1.25}


@dataclass(frozen=True)
class Step:
    index: int
    total: int
    stage: str = "base"
    job_index: int = 0
    job_total: int = 32
    seconds_left: float | None = 1.5


@given(st.text(), st.floats(0, 1))
def test_every_json_line_is_one_object_with_an_event(text: str, share: float) -> None:
    out = io.StringIO()
    speak = JsonSpeaker(out)
    speak.loading(share, text)
    speak.notice(text)
    speak.step(Step(0, 24), text)
    speak.finished(dict(FACTS))
    speak.failed("disk", text, text)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["loading", "notice", "step", "finished", "failed"]
    assert lines[1]["text"] == text


@given(st.text(max_size=300), st.integers(20, 200), st.integers(0, 23))
def test_a_bar_never_wraps_nor_steers_the_terminal(text: str, columns: int, index: int) -> None:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        speak = TerminalSpeaker(out)
        speak.loading(0.5, text.replace("\n", " "))
        speak.step(Step(index, 24), None)
    for part in out.getvalue().split("\r"):
        assert len(part.rstrip("\n")) < columns
        assert "\x1b" not in part


def test_a_line_after_an_unfinished_bar_starts_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    speak = TerminalSpeaker(out)
    speak.step(Step(3, 24), None)
    speak.failed("internal", "It broke.", "")
    assert out.getvalue().splitlines()[-1] == "muse-studio: It broke."


def test_a_log_says_each_stage_once() -> None:
    out = io.StringIO()
    speak = LogSpeaker(out)
    for index in range(24):
        speak.step(Step(index, 24), None)
    for index in range(8):
        speak.step(Step(index, 8, "superres"), None)
    speak.finished(dict(FACTS))
    assert out.getvalue().splitlines() == [
        "picture: 24 steps",
        "detail: 8 steps",
        "out.png: 512 × 512 px, seed 7, 1.2 s",
    ]


@given(st.text())
def test_control_characters_become_visible(text: str) -> None:
    assert all(letter.isprintable() or letter == "\n" for letter in visible(text))


def test_what_may_do_instead_is_said_as_the_words_to_add() -> None:
    for kind in (LogSpeaker, TerminalSpeaker):
        out = io.StringIO()
        kind(out).failed("out_of_memory", "There is not enough memory.", "", ["--size 256", "--device cpu"])
        assert out.getvalue().splitlines()[1] == "Try the same command with --size 256 or --device cpu."
    out = io.StringIO()
    JsonSpeaker(out).failed("out_of_memory", "Too large.", "", ["--size 256"])
    assert json.loads(out.getvalue())["options"] == ["--size 256"]
