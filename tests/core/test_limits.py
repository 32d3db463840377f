"""Law 9: limits are named constants with a unit and a reason, in one module."""

from __future__ import annotations

from pathlib import Path

from muse_studio.core import limits

UNITS = ("_BYTES", "_S", "_SHARE", "_PX", "_PIXELS", "_CHARACTERS", "_LIMIT", "_ITEMS")


def test_every_limit_has_a_unit_and_a_reason() -> None:
    lines = [line for line in Path(limits.__file__).read_text().splitlines() if line[:1].isupper()]
    assert len(lines) > 15
    for line in lines:
        name, _, rest = line.partition(" = ")
        assert name.endswith(UNITS), name
        assert len(rest.partition("  # ")[2]) > 20, name
