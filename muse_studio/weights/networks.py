"""The published transformers by the class that their config.json names. Knows no part of a cascade but this one."""

from __future__ import annotations

import torch

from muse_studio.muse.folder import Folder, fault
from muse_studio.weights import amused_config, meissonic
from muse_studio.weights.amused import AmusedTransformer
from muse_studio.weights.amused_config import AmusedConfig, read_amused_config
from muse_studio.weights.meissonic import MeissonicConfig, MeissonicTransformer, read_meissonic_config
from muse_studio.weights.part import CLASS_KEY, CONFIG_NAME, load_part

NetworkConfig = AmusedConfig | MeissonicConfig


def read_network_config(folder: Folder) -> NetworkConfig:
    """The sizes that a published transformer/ states. Raises CheckpointError where it is of neither family."""
    name = folder.read_json(CONFIG_NAME).get(CLASS_KEY)
    if name == amused_config.CLASS_NAME:
        return read_amused_config(folder)
    if name == meissonic.CLASS_NAME:
        return read_meissonic_config(folder)
    known = f"{amused_config.CLASS_NAME} or {meissonic.CLASS_NAME}"
    raise fault(folder.path, f"{CONFIG_NAME}: describes {ascii(name)[:60]} where {known} is needed")


def load_transformer(
    folder: Folder, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> AmusedTransformer | MeissonicTransformer:
    """The transformer of a published transformer/ folder, frozen. Raises CheckpointError before anything is allocated
    where the configuration is not one that is computed here, or the file does not fit it."""
    config = read_network_config(folder)
    if isinstance(config, AmusedConfig):
        return load_part(lambda: AmusedTransformer(config), folder, dtype, device)
    return load_part(lambda: MeissonicTransformer(config), folder, dtype, device)
