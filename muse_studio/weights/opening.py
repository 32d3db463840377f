"""The one place that opens a model's folder, whoever made it: ours has cascade.json, a published one model_index.json.

Knows no device and chooses no numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.folder_files import bad_model
from muse_studio.core.loras import LoraUse
from muse_studio.core.published_folder import INDEX_NAME, is_published, snapshot_in
from muse_studio.muse.any_cascade import AnyCascade
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.checkpoint import read_cascade_json
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.folder import CASCADE_NAME
from muse_studio.weights.chosen_loras import Wardrobe
from muse_studio.weights.published import PublishedCascade
from muse_studio.weights.published_folder import load_published

Report = Callable[[float, str], None]
"""(share done in [0, 1], what is being done)"""


@dataclass(frozen=True, slots=True)
class Found:
    """A folder with a cascade in it. config: of one of ours, None of a published one."""

    path: Path
    config: CascadeConfig | None

    def load(
        self,
        device: torch.device,
        progress: Report | None = None,
        dtype: torch.dtype | None = None,
        loras: Sequence[LoraUse] = (),
        *,
        int8: bool = False,
    ) -> AnyCascade:
        """The cascade, ready to sample. dtype: None goes by the hardware. Raises CheckpointError, MuseStudioError; also
        for loras on one of ours, of which none are published."""
        if self.config is None:
            return load_published(self.path, device, progress, dtype=dtype, loras=loras, int8=int8)
        if loras:
            raise no_loras()
        return Cascade.load(self.path, device, progress, dtype=dtype)


def look_into(path: Path) -> Found:
    """What the folder holds; no weights are read. Raises CheckpointError, and MuseStudioError(BAD_MODEL) for a folder
    that holds neither."""
    path = snapshot_in(path)
    if (path / CASCADE_NAME).exists() or not path.is_dir():
        return Found(path, read_cascade_json(path).config)
    if is_published(path):
        return Found(path, None)
    message = (
        f"There is no model in “{path.name}”: it holds neither {CASCADE_NAME}, as this program's own models do, nor "
        f"{INDEX_NAME}, as published ones do. Choose the folder that has one of them."
    )
    raise bad_model(message, str(path))


def wardrobe_of(cascade: AnyCascade) -> Wardrobe | None:
    """What changes the LoRAs on a loaded cascade; None for one that takes none."""
    return cascade.wardrobe if isinstance(cascade, PublishedCascade) else None


def wear(cascade: AnyCascade, loras: Sequence[LoraUse]) -> None:
    """From now on these on top of the cascade, and no others. MuseStudioError where that cannot be; as it was, then."""
    if isinstance(cascade, PublishedCascade):
        cascade.wear(loras)
    elif loras:
        raise no_loras()


def no_loras() -> MuseStudioError:
    """What is told of LoRAs for one of our own cascades."""
    return bad_model("LoRA files change published cascades, such as aMUSEd, and not this one. Choose another model.")
