"""What is left of real drawings, by the probe, when a tokenizer has encoded and decoded them: no picture that is made
of its tokens can be expected to show more. Knows nothing of transformers.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from muse_studio.evaluation.probe.ceilings import SEED, scored
from muse_studio.evaluation.probe.network import Probe
from muse_studio.evaluation.probe.pictures import AS_ASKED, RealPictures, shrunk
from muse_studio.evaluation.report import Section, Table
from muse_studio.muse.cascade import BASE_PX, SUPERRES_PX, Cascade
from muse_studio.muse.vqgan import VQGAN

PICTURES = 110  # of each kind: about ten grounds for each held-out drawing
MEASURES = ("concept (top 5)", "concept (first)", "style", "background")
KINDS = {"drawings that the probe learned from": False, "held-out drawings": True}
"""And whether they were held out."""


def tokenized_section(cascade: Cascade, probe: Probe, data: Path) -> tuple[Section, dict[str, Any]]:
    """Both tokenizers on real compositions as prompts ask for them. MuseStudioError where the data is not built."""
    rows, figures = [], {}
    for kind, held_out in KINDS.items():
        for name, vqgan, size in (
            ("base tokenizer", cascade.base_vqgan, BASE_PX),
            ("super-resolution tokenizer", cascade.superres_vqgan, SUPERRES_PX),
        ):
            pictures = RealPictures(data, AS_ASKED, SEED, held_out=held_out, size=size)
            painted = [pictures.painted(number) for number in range(PICTURES)]
            before = [one for one, _ in painted]
            after = [replace(one, rgb=shrunk(decoded(vqgan, rgb))) for one, rgb in painted]
            for what, seen in ((f"as they are, {size} px", before), (f"through the {name}", after)):
                found = scored(probe, seen)
                cells = (f"{found[measure].right} of {found[measure].trials}" for measure in MEASURES)
                rows.append((f"{kind}: {what}", *cells, str(found["style"].drawings)))
                figures[f"{kind}: {what}"] = {measure: asdict(found[measure]) for measure in MEASURES}
    words = (
        "Real drawings decoded from their own tokens, judged by the probe, which has only seen drawings as they are: "
        "a model that chose every token right would score this."
    )
    table = Table(("real drawings, asked for as above", *MEASURES, "drawings"), tuple(rows))
    return Section("What the tokenizers leave of real drawings", (words, table)), figures


@torch.no_grad()
def decoded(vqgan: VQGAN, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture uint8 [H, W, 3] decoded from its own tokens."""
    code = vqgan.codebook
    picture = torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].to(code.device, code.dtype).div(255)
    made = vqgan.decode(vqgan.encode(picture.contiguous(memory_format=torch.channels_last)))
    pixels: NDArray[np.uint8] = (made[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return pixels
