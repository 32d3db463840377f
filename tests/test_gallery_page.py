"""The gallery shows what its commands make: each can be given as it is printed, and each example has its picture."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from muse_studio.cli.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
MODES_PAGE = (ROOT / "docs" / "modes.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize(("page", "least"), [(PAGE, 12), (MODES_PAGE, 8)])
def test_every_command_is_one_that_the_program_knows(maker: ModuleType, page: str, least: int) -> None:
    printed = maker.commands(page)
    assert len(printed) >= least
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


def test_the_picture_of_all_modes_shows_what_each_command_of_its_page_writes(maker: ModuleType, tmp_path: Path) -> None:
    written = [command[command.index("-o") + 1] for command in maker.commands(MODES_PAGE)]
    assert list(dict.fromkeys(re.sub(r"-\d", "", file) for _, file in maker.MODES)) == written
    assert len(maker.MODES) == sum(maker.MODES_ROWS)
    colours = [(20 * number, 90, 160) for number in range(len(maker.MODES))]
    for (_, file), colour in zip(maker.MODES, colours, strict=True):
        Image.new("RGB", (64, 64), colour).save(tmp_path / file)
    seen = maker.modes_picture(tmp_path).getcolors(1 << 20)
    assert {colour for count, colour in seen if count > 10_000} >= set(colours)


def test_the_figures_are_those_that_were_measured(maker: ModuleType) -> None:
    import json

    figures = json.loads((maker.PICTURES / "figures.json").read_text(encoding="utf-8"))
    assert maker.table(figures) in PAGE
    assert [one["change"] for one in figures] == [change.name for change in maker.CHANGES]


def test_a_line_may_go_on_in_the_next(maker: ModuleType) -> None:
    page = '```sh\nmuse-studio edit a.png \\\n  "a cat" -o b.png\n```\nmuse-studio no block\n'
    assert maker.commands(page) == [["muse-studio", "edit", "a.png", "a cat", "-o", "b.png"]]
