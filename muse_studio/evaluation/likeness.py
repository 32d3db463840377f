"""FID and CLIP score by torchmetrics, on pictures made from the captions of real ones.

The Fréchet distance is called FID only where Inception measures it. Knows nothing of files or reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.evaluation.encoders import Clip, ClipInputs, ImageFeatures, InceptionFeatures

T = TypeVar("T")
BATCH = 16
ENOUGH = 10_000
"""Pictures below which a Fréchet distance is biased by so much that it must not be compared (Muse: 30,000)."""


@dataclass(frozen=True, slots=True)
class Distance:
    """distance: of generated from real pictures. floor: of one half of the real ones from the other, both half as
    many; None where there are fewer than four. features: how many numbers describe a picture."""

    name: str
    distance: float
    floor: float | None
    features: int
    real: int
    made: int

    @property
    def title(self) -> str:
        """FID, or what it is instead."""
        return "FID" if self.name == InceptionFeatures.name else f"Fréchet distance in {self.name} features"


@dataclass(frozen=True, slots=True)
class Alignment:
    """CLIP score, 100 × the cosine of picture and caption, of generated and of the real pictures."""

    name: str
    made: float
    real: float
    pictures: int


def describe(pictures: Iterable[NDArray[np.uint8]], features: ImageFeatures | InceptionFeatures) -> Tensor:
    """float32 [N, D] of uint8 [H, W, 3] pictures."""
    rows = [features(stack(part)).float() for part in batches(pictures, BATCH)]
    return torch.cat(rows) if rows else torch.zeros(0, features.num_features)


def distance(name: str, real: Tensor, made: Tensor) -> Distance:
    """The Fréchet distance of float32 [N, D] described pictures. MuseStudioError where there are fewer than two."""
    if min(len(real), len(made)) < 2:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST, "A Fréchet distance needs at least two pictures of either kind. Ask for more."
        )
    floor = frechet(real[::2], real[1::2]) if len(real) >= 4 else None
    return Distance(name, frechet(real, made), floor, real.shape[1], len(real), len(made))


def frechet(real: Tensor, made: Tensor) -> float:
    """The Fréchet distance of two normal distributions with the means and covariances of float [N, D] rows."""
    fid = _torchmetrics()[0](feature=_Described(real.shape[1]))
    fid.set_dtype(torch.float64)
    fid.update(real.double(), real=True)
    fid.update(made.double(), real=False)
    return float(fid.compute())


def alignment(
    name: str,
    clip: tuple[Clip, ClipInputs],
    made: Iterable[NDArray[np.uint8]],
    real: Iterable[NDArray[np.uint8]],
    captions: list[str],
) -> Alignment:
    """CLIP scores of generated and real pictures with the same captions."""
    scores = []
    for pictures in (made, real):
        score = _torchmetrics()[1](model_name_or_path=lambda: clip)
        for part, words in zip(batches(pictures, BATCH), batches(captions, BATCH), strict=True):
            score.update(list(stack(part)), list(words))
        scores.append(float(score.compute()))
    return Alignment(name, scores[0], scores[1], len(captions))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size`, the last one shorter."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def stack(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """uint8 [B, 3, H, W]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


class _Described(nn.Module):
    """Features that have been computed already, for a metric that asks for a network."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, rows: Tensor) -> Tensor:
        return rows


def _torchmetrics() -> tuple[Any, Any]:
    try:
        from torchmetrics.image.fid import FrechetInceptionDistance
        from torchmetrics.multimodal.clip_score import CLIPScore
    except ImportError as fault:
        raise MuseStudioError(
            ErrorKind.BAD_REQUEST,
            "FID and CLIP score need torchmetrics. In a source checkout: pip install -e '.[evaluate]'",
            repr(fault),
        ) from fault
    return FrechetInceptionDistance, CLIPScore
