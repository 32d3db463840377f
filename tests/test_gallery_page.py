"""The gallery shows what its commands make: each can be given as it is printed, and each example has its picture."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from muse_studio.cli.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
PICTURES_LIMIT_BYTES = 1_500_000


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script behind `make gallery`."""
    spec = importlib.util.spec_from_file_location("gallery", ROOT / ".ci" / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_every_command_is_one_that_the_program_knows(maker: ModuleType) -> None:
    printed = maker.commands(PAGE)
    assert len(printed) > 12
    for command in printed:
        assert command[0] == "muse-studio"
        assert callable(build_parser().parse_args(command[1:]).run)


def test_every_example_has_commands_and_a_picture_made_by_the_script(maker: ModuleType) -> None:
    examples = re.findall(r"\n## \d+\. .*?(?=\n## )", PAGE, re.DOTALL)
    assert len(examples) >= 10
    shown = []
    for example in examples:
        assert "```sh\nmuse-studio " in example
        shown += re.findall(r"\]\(gallery/([\w-]+)\.webp\)", example)
    assert shown == list(maker.STRIPS)
    assert not [name for name in shown if not (maker.PICTURES / f"{name}.webp").is_file()]
    assert sum(path.stat().st_size for path in maker.PICTURES.iterdir()) < PICTURES_LIMIT_BYTES


def test_the_figures_are_those_that_were_measured(maker: ModuleType) -> None:
    import json

    figures = json.loads((maker.PICTURES / "figures.json").read_text(encoding="utf-8"))
    assert maker.table(figures) in PAGE
    assert [one["change"] for one in figures] == [change.name for change in maker.CHANGES]


def test_a_line_may_go_on_in_the_next(maker: ModuleType) -> None:
    page = '```sh\nmuse-studio edit a.png \\\n  "a cat" -o b.png\n```\nmuse-studio no block\n'
    assert maker.commands(page) == [["muse-studio", "edit", "a.png", "a cat", "-o", "b.png"]]
