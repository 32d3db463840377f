"""Configurations as JSON values and back, strictly: no unknown field, no missing one, no value of another type.

Knows nothing about files or tensors.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from muse_studio.muse.config import CascadeConfig

T = TypeVar("T")

_PARTS = ("text_encoder", "base_vqgan", "superres_vqgan", "base", "superres")
_LIST_LIMIT = 64


class ConfigError(ValueError):
    """A configuration that cannot be: the message names the field and says why."""


def cascade_to_dict(config: CascadeConfig) -> dict[str, Any]:
    """`config` as cascade.json holds it: name, architecture, defaults, licence."""
    table = to_dict(config)
    architecture = {part: table[part] for part in _PARTS}
    return {"name": config.name, "architecture": architecture, "defaults": table["defaults"], "licence": config.licence}


def cascade_from_dict(table: Mapping[str, Any]) -> CascadeConfig:
    """The inverse of `cascade_to_dict`. Raises ConfigError."""
    architecture = table.get("architecture")
    if not isinstance(architecture, Mapping):
        raise ConfigError("architecture: missing")
    clash = sorted(set(architecture) - set(_PARTS)) + sorted(set(table) & set(_PARTS))
    if clash:
        raise ConfigError(f"architecture: unknown {clash[:5]!a}")
    return from_dict(CascadeConfig, {**{key: table[key] for key in table if key != "architecture"}, **architecture})


def to_dict(config: Any) -> dict[str, Any]:
    """Any configuration dataclass as JSON values, with every field, defaults too."""
    table: dict[str, Any] = _plain(asdict(config))
    return table


def from_dict(kind: type[T], table: Any, where: str = "") -> T:
    """A configuration dataclass from JSON values. `where`: the fields above it, for messages. Raises ConfigError."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where or kind.__name__}: not a table")
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    unknown = [ascii(str(name)[:40]) for name in table if name not in known]
    missing = [
        name for name, field in known.items()
        if name not in table and field.default is MISSING and field.default_factory is MISSING
    ]  # fmt: skip
    if unknown or missing:
        told = f"unknown {', '.join(unknown[:5])}" if unknown else f"missing {', '.join(missing[:5])}"
        raise ConfigError(f"{where or kind.__name__}: {told}")
    values = {name: _value(hints[name], value, f"{where}.{name}".lstrip(".")) for name, value in table.items()}
    try:
        return kind(**values)
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{where or kind.__name__}: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _value(hint: Any, value: Any, where: str) -> Any:
    """`value` as `hint` has it; integers pass for floats, nothing else is converted."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_dict(hint, value, where)
    if origin in (Union, types.UnionType):
        return (
            None if value is None else _value(next(kind for kind in arguments if kind is not type(None)), value, where)
        )
    if origin is tuple:
        if not isinstance(value, list | tuple) or len(value) > _LIST_LIMIT:
            raise ConfigError(f"{where}: not a list of at most {_LIST_LIMIT}")
        return tuple(_value(arguments[0], item, where) for item in value)
    if origin is Literal:
        if value not in arguments or type(value) is not type(arguments[0]):
            raise ConfigError(f"{where}: {ascii(value)[:40]} is not one of {', '.join(map(str, arguments))}")
        return value
    if hint is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is not hint or (hint is float and not math.isfinite(value)):
        raise ConfigError(f"{where}: {ascii(value)[:40]} is not {hint.__name__}")
    return value
