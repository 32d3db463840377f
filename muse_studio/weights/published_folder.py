"""Loads a published folder in the layout of the diffusers library. Knows nothing of how any part computes.

What the folder is and what it makes is told by core/published_folder.py, which the list of models reads too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from muse_studio.core.cascade_facts import CascadeFacts, Proof
from muse_studio.core.folder_files import hub_cache_of
from muse_studio.core.loras import LoraUse
from muse_studio.core.published_folder import CELL_PX, read_published
from muse_studio.muse.any_cascade import StageTraits, Traits
from muse_studio.muse.cascade import working_dtype
from muse_studio.muse.device import describe_device
from muse_studio.muse.folder import FileRecord, Folder, fault
from muse_studio.muse.lodging import Home
from muse_studio.muse.memory import TextPlace, place_text
from muse_studio.muse.plans import StagePlan
from muse_studio.weights.chosen_loras import Wardrobe
from muse_studio.weights.clip import ClipText, meta_model, parameter_count
from muse_studio.weights.network import NetworkFacts
from muse_studio.weights.networks import load_transformer, read_network_config
from muse_studio.weights.part import CONFIG_NAME
from muse_studio.weights.preview import load_preview
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_memory import decode_bytes, picture_bytes
from muse_studio.weights.quantised import quantise_network
from muse_studio.weights.vq import PublishedVQGANConfig, load_vqgan, read_vqgan_config

Report = Callable[[float, str], None]
"""(share done in [0, 1], what is being done)"""

LOADED = 0.85
"""Share of the loading that is done when previews have still to be learned, which is done once for a model."""
SCHEDULER = "scheduler/scheduler_config.json"


def load_published(
    path: Path,
    device: torch.device | str = "cpu",
    progress: Report | None = None,
    *,
    dtype: torch.dtype | None = None,
    text_home: Home | None = None,
    loras: Sequence[LoraUse] = (),
    int8: bool = False,
) -> PublishedCascade:
    """The cascade of a folder with transformer/, vqvae/, text_encoder/, tokenizer/ and scheduler/.

    dtype:     of the transformer; None goes by the hardware. The VQGAN has it too, but never float16.
    text_home: where the text encoder's weights are between prompts; None goes by the memory, see `place_text`.
    loras:     what is put on top of the transformer and the text encoder at once; others may take their place later.
    int8:      rounds what of the transformer may be rounded; the VQGAN then goes by the hardware. aMUSEd alone.
    Raises CheckpointError, MuseStudioError(BAD_MODEL); where the parts do not fit each other, before any is read.
    """
    report = progress or (lambda share, what: None)
    report(0.0, "reading what the folder holds")
    told, wardrobe = read_published(path), Wardrobe(loras)
    folder, device = trusted(path, told), torch.device(device)
    dtype = dtype or working_dtype(device)
    config, vqgan_config = read_network_config(folder.inside("transformer")), read_vqgan_config(folder.inside("vqvae"))
    facts = config.facts
    check_together(folder, facts, vqgan_config)
    traits = _traits(told, facts, vqgan_config)
    report(0.05, "loading the transformer")
    network = load_transformer(folder.inside("transformer"), dtype, device)
    wardrobe.dress_network(network)
    if int8:
        quantise_network(network)
    wardrobe.is_fixed = int8
    report(0.65, "loading the picture tokenizer")
    own = working_dtype(device) if int8 else dtype
    vqgan = load_vqgan(folder.inside("vqvae"), torch.float32 if own is torch.float16 else own, device)
    report(0.8, "loading the text encoder")
    parts = (*network.parameters(), *vqgan.parameters())
    encoder = folder.inside("text_encoder")
    place = _place(encoder, traits, facts, vqgan_config, device, dtype, sum(part.nbytes for part in parts))
    text = ClipText.load(
        encoder,
        folder.inside("tokenizer"),
        device,
        dtype=place.dtype,
        home=text_home or place.home,
        dress=wardrobe.dress_text,
    )
    wardrobe.follow(text)
    cascade = PublishedCascade(traits, network, facts, vqgan, text, device, dtype)
    cascade.wardrobe = wardrobe
    cascade.previewer = load_preview(vqgan, lambda share, what: report(LOADED + (1 - LOADED) * share, what))
    report(1.0, "ready")
    return cascade


def trusted(path: Path, told: CascadeFacts) -> Folder:
    """The way to the folder's files: verified where our own download noted what they are; of the Hub's cache, through
    the links that it is made of."""
    records = None
    if told.proof is Proof.PUBLISHED:
        records = {name: FileRecord(record.sha256, record.size_bytes) for name, record in told.files.items()}
    return Folder(path, records, hub_cache_of(path))


def check_together(folder: Folder, facts: NetworkFacts, vqgan: PublishedVQGANConfig) -> None:
    """Raises CheckpointError where the parts of a folder do not fit each other."""
    text: Any = meta_model(folder.inside("text_encoder")).config
    mask_token = folder.read_json(SCHEDULER).get("mask_token_id")
    problems = []
    if vqgan.factor != CELL_PX:
        problems.append(
            f"a token stands for {vqgan.factor} x {vqgan.factor} pixels; only {CELL_PX} x {CELL_PX} run here"
        )
    if facts.codebook_size != vqgan.num_vq_embeddings:
        problems.append(
            f"the transformer predicts {facts.codebook_size} tokens and the VQGAN has {vqgan.num_vq_embeddings}"
        )
    if (facts.text_width, facts.pooled_width) != (text.hidden_size, text.projection_dim):
        problems.append("the transformer reads texts of another width than the text encoder writes")
    if mask_token != facts.mask_token:
        problems.append(f"mask_token_id is {ascii(mask_token)[:40]} and not the last, {facts.mask_token}")
    if problems:
        raise fault(folder.path, *problems)


def _traits(told: CascadeFacts, facts: NetworkFacts, vqgan: PublishedVQGANConfig) -> Traits:
    """One stage, whose grid follows from the size."""
    names = ("steps", "guidance", "temperature")
    given = {name: value for name in names if (value := getattr(told.base, name)) is not None}
    grids = {size: size // vqgan.factor for size in told.sizes}
    stage = StageTraits(grids, facts.codebook_size, StagePlan(**given))
    return Traits(told.name, told.licence, told.sizes, stage)


def _place(
    encoder: Folder,
    traits: Traits,
    facts: NetworkFacts,
    vqgan: PublishedVQGANConfig,
    device: torch.device,
    dtype: torch.dtype,
    weights: int,
) -> TextPlace:
    """Goes by whole memories and the smallest way to make one picture of its own size: fixed properties."""
    length = int(encoder.read_json(CONFIG_NAME).get("max_position_embeddings", 77))
    size = traits.sizes[0]
    job = max(
        decode_bytes(facts, traits.base.grids[size], length, 1, "sequential", dtype),
        picture_bytes(vqgan, size, torch.float32 if dtype is torch.float16 else dtype),
    )
    return place_text(
        parameter_count(encoder),
        weights,
        job,
        describe_device(device).total_bytes,
        describe_device(torch.device("cpu")).total_bytes,
        on_cpu=device.type == "cpu",
    )
