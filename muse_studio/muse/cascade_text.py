"""The text encoder that belongs to a cascade's folder, put where this machine has room for it.

Nothing is ever fetched here. Knows nothing of sampling.
"""

from __future__ import annotations

import torch

from muse_studio.muse.checkpoint import TEXT_ENCODER_FOLDER
from muse_studio.muse.config import SUPERRES_PIXELS, CascadeConfig
from muse_studio.muse.device import describe_device
from muse_studio.muse.folder import CheckpointError, Folder
from muse_studio.muse.lodging import Home
from muse_studio.muse.memory import TextPlace, job_bytes, place_text
from muse_studio.muse.text import TextEncoder
from muse_studio.muse.text_model import text_parameters
from muse_studio.muse.transformers_folder import CONFIG_NAME


def load_text(
    files: Folder,
    config: CascadeConfig,
    device: torch.device,
    dtype: torch.dtype,
    weights: int,
    home: Home | None = None,
) -> TextEncoder:
    """The encoder inside the folder, in float32 wherever that fits. Raises CheckpointError.

    weights: bytes of the rest of the cascade, whose `dtype` this is. home: None chooses.
    """
    source, length = config.text_encoder.source, config.text_encoder.length
    inside = TEXT_ENCODER_FOLDER if files.has(f"{TEXT_ENCODER_FOLDER}/{CONFIG_NAME}") else source
    if not files.has(f"{inside}/{CONFIG_NAME}"):
        problem = f"put the encoder {source} into the folder {TEXT_ENCODER_FOLDER} beside cascade.json"
        raise CheckpointError("this cascade comes without its text encoder", (problem,))
    place = _place(files.inside(inside), config, device, dtype, weights)
    text = TextEncoder.load(files.inside(inside), device, length=length, dtype=place.dtype, home=home or place.home)
    if text.width != config.text_encoder.width:
        problem = f"{inside}: its states are {text.width} wide and {config.text_encoder.width} are needed"
        raise CheckpointError("this cascade comes with another text encoder", (problem,))
    return text


def _place(folder: Folder, config: CascadeConfig, device: torch.device, dtype: torch.dtype, weights: int) -> TextPlace:
    """Goes by whole memories and the smallest way to make the largest picture: fixed properties of the machine."""
    return place_text(
        text_parameters(folder, folder.read_json(CONFIG_NAME)),
        weights,
        job_bytes(config, SUPERRES_PIXELS, 1, "sequential", dtype),
        describe_device(device).total_bytes,
        describe_device(torch.device("cpu")).total_bytes,
        on_cpu=device.type == "cpu",
    )
