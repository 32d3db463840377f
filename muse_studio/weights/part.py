"""One part of a published checkpoint in the diffusers layout: config.json and one safetensors file beside it.

Knows no particular network: the caller names the dataclass and the module. Nothing is unpickled, nothing is fetched,
and no code that the folder brings is run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import torch
from torch import nn

from muse_studio.muse.checkpoint import load_weights
from muse_studio.muse.config import COUNT_LIMIT, LAYER_LIMIT
from muse_studio.muse.config_json import ConfigError, from_dict
from muse_studio.muse.folder import Folder, fault

CONFIG_NAME = "config.json"
CLASS_KEY = "_class_name"
FULL_NAME = "diffusion_pytorch_model.safetensors"
HALF_NAME = "diffusion_pytorch_model.fp16.safetensors"

Config = TypeVar("Config")
Module = TypeVar("Module", bound=nn.Module)


def read_config(
    kind: type[Config],
    folder: Folder,
    class_name: str,
    fixed: Mapping[str, object] | None = None,
    ignored: Collection[str] = (),
) -> Config:
    """config.json as the dataclass `kind`, whose fields have the published names. Raises CheckpointError.

    class_name: what the file must say it describes.
    fixed:      settings of which only this value is computed here; another is refused, none is taken to be it.
    ignored:    settings that change nothing that is computed.
    """
    table = folder.read_json(CONFIG_NAME)
    try:
        return config_of(kind, table, class_name, fixed or {}, ignored)
    except ConfigError as error:
        raise fault(folder.path, f"{CONFIG_NAME}: {error}") from error


def config_of(
    kind: type[Config],
    table: Mapping[str, Any],
    class_name: str,
    fixed: Mapping[str, object],
    ignored: Collection[str],
) -> Config:
    """`read_config` of a table that was read already. Raises ConfigError."""
    found = table.get(CLASS_KEY)
    if found != class_name:
        raise ConfigError(f"describes {ascii(found)[:60]} where {class_name} is needed")
    for name, value in fixed.items():
        if table.get(name, value) != value:
            raise ConfigError(f"{name}: {ascii(table[name])[:60]} is not computed here; only {value!r} is")
    own = {
        name: value
        for name, value in table.items()
        if not name.startswith("_") and name not in fixed and name not in ignored
    }
    return from_dict(kind, own)


def check_counts(config: object) -> None:
    """Every whole number is at least 1, and small enough that building on meta takes no time. Raises ValueError."""
    for name in config.__slots__:  # type: ignore[attr-defined]
        value = getattr(config, name)
        limit = LAYER_LIMIT if "layers" in name or "blocks" in name else COUNT_LIMIT
        for number in value if isinstance(value, tuple) else (value,):
            if type(number) is int and not 1 <= number <= limit:
                raise ValueError(f"{name} must be from 1 to {limit}, not {number}")


def weights_name(folder: Folder, dtype: torch.dtype) -> str:
    """The safetensors file to read: the full one, or its half-precision sister where that is enough or all there is.

    Raises CheckpointError where there is neither.
    """
    names = [FULL_NAME, HALF_NAME] if dtype is torch.float32 else [HALF_NAME, FULL_NAME]
    for name in names:
        if folder.has(name):
            return name
    raise fault(folder.path, f"{FULL_NAME}: missing, and other formats are never opened")


def load_part(
    build: Callable[[], Module], folder: Folder, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> Module:
    """The module of `build`, frozen, whose every tensor was in the folder's safetensors file under the same name.

    It is built on meta: where names or shapes differ nothing was allocated. Raises CheckpointError, which names the
    first five that differ.
    """
    with torch.device("meta"):
        module = build()
    load_weights(module, folder, weights_name(folder, dtype), dtype=dtype, device=device, mapped=True)
    return module.eval().requires_grad_(False)
