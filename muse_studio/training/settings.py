"""Settings of a run as plain values, and what differs between two of them, by name. Knows nothing about files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from typing import Any

Plain = dict[str, Any]
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Settings:
    """values: as they are saved. defaults: what a setting counts as that was saved before it existed."""

    values: Plain
    defaults: Plain


def settings(parts: Mapping[str, Any], leave_out: Collection[tuple[str, str]] = ()) -> Settings:
    """The settings of a run from its parts by name, dataclasses or tables.

    leave_out: pairs of a part and one of its fields that a resumed run may change.
    """
    values, known = plain(parts), defaults(parts)
    for part, field in leave_out:
        del values[part][field]
    return Settings(values, known)


def plain(value: Any) -> Any:
    """A value as JSON gives it back: dataclasses as tables, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return json.loads(json.dumps(value))


def defaults(value: Any) -> Plain:
    """The defaults of all dataclasses within `value`, in tables of the same names."""
    found: Plain = {}
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.default is not MISSING:
                found[field.name] = plain(field.default)
            elif field.default_factory is not MISSING:
                found[field.name] = plain(field.default_factory())
            elif inner := defaults(getattr(value, field.name)):
                found[field.name] = inner
    elif isinstance(value, Mapping):
        found = {key: inner for key, one in value.items() if (inner := defaults(one))}
    return found


def differences(saved: Any, wanted: Any, known: Mapping[str, Any], name: str = "") -> list[str]:
    """One line for each setting that differs: "loop.batch 8 → 16".

    known: the defaults. A setting that was saved before it existed counts as its default.
    """
    if isinstance(saved, dict) and isinstance(wanted, dict):
        found = []
        for key in sorted({*saved, *wanted}):
            inner = known.get(key, ABSENT)
            before = saved.get(key, inner)
            below = inner if isinstance(inner, Mapping) else {}
            found += differences(before, wanted.get(key, ABSENT), below, f"{name}.{key}" if name else key)
        return found
    return [] if saved == wanted else [f"{name} {_shown(saved)} → {_shown(wanted)}"]


def _shown(value: Any) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
