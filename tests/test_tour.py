"""The tour shows pictures that are there and names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
NAMED_TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TOUR)))
PICTURES = sorted(set(re.findall(r"\]\((screenshots/[\w.-]+)\)", TOUR)))
SCREENSHOTS_LIMIT_BYTES = 6_000_000


def test_the_tour_proves_something() -> None:
    assert len(NAMED_TESTS) > 50
    assert len(PICTURES) > 15


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED_TESTS}))
def test_every_test_that_the_tour_names_is_there(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not {name for other, name in NAMED_TESTS if other == file} - found


def test_every_picture_of_the_tour_is_there_and_all_together_are_small() -> None:
    assert not [name for name in PICTURES if not (ROOT / "docs" / name).is_file()]
    whole = sum(path.stat().st_size for path in (ROOT / "docs" / "screenshots").iterdir())
    assert whole < SCREENSHOTS_LIMIT_BYTES
