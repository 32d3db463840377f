"""A model in the transformers layout: config.json and safetensors, whole or in shards. Knows no particular model.

Other formats are never opened, no code that the folder brings is run, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn

from muse_studio.muse.checkpoint import read_tensors
from muse_studio.muse.folder import CheckpointError, Folder

WEIGHTS_NAME = "model.safetensors"
INDEX_NAME = "model.safetensors.index.json"
CONFIG_NAME = "config.json"
SETTING_LIMIT = 2**20  # the largest number in a config.json is mT5's vocabulary of 250,112
IGNORED_SETTINGS = frozenset({"auto_map", "dtype", "quantization_config", "torch_dtype"})


def weight_names(folder: Folder) -> list[str]:
    """The safetensors files: one, or the shards of an index. Raises CheckpointError."""
    if folder.has(WEIGHTS_NAME):
        return [WEIGHTS_NAME]
    if not folder.has(INDEX_NAME):
        raise CheckpointError(f"{WEIGHTS_NAME}: missing, and other formats are never opened")
    shards = folder.read_json(INDEX_NAME).get("weight_map")
    if not isinstance(shards, dict) or not shards or not all(isinstance(name, str) for name in shards.values()):
        raise CheckpointError(f"{INDEX_NAME}: weight_map is not a table of names")
    return sorted(set(shards.values()))


def read_state(folder: Folder) -> dict[str, Tensor]:
    """Every tensor of the folder, numbers as float32. Raises CheckpointError."""
    state: dict[str, Tensor] = {}
    for name in weight_names(folder):
        state |= read_tensors(folder, name)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def assemble(
    model_class: Any, config: Any, state: dict[str, Tensor], spare: Collection[str] = (), **options: Any
) -> nn.Module:
    """A transformers model made of `state`, silently; tensors it has no place for are left over.

    spare:   parts of names of tensors that may be missing.
    options: of the class, beside its config.
    Raises CheckpointError that names what is missing or misshapen, and whatever transformers raises on a configuration.
    """
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    # Transformers exchanges torch.linspace while it builds a model, and torch lists its creating functions once, at the
    # first use of such a context. Without this one, the list would lack the true linspace for the rest of the process.
    with torch.device("meta"):
        torch.empty(0)
    try:
        # Tensors of another shape are told, not raised, by a message that names them.
        model, told = model_class.from_pretrained(
            None,
            config=config,
            state_dict=state,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **options,
        )
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
    missing = [name for name in sorted(told["missing_keys"]) if not any(part in name for part in spare)]
    problems = [f"{name}: missing" for name in missing]
    problems += [f"{name}: shape {list(found)}, not {list(wanted)}" for name, found, wanted in told["mismatched_keys"]]
    if problems:
        raise CheckpointError(f"its weights do not fit its {CONFIG_NAME}", tuple(problems))
    made: nn.Module = model
    return made
