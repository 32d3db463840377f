"""What a tokenizer's training can be told: crops, codebook, losses. Knows nothing about tensors."""

from __future__ import annotations

from dataclasses import dataclass

PERCEPTUAL_WEIGHT, ADVERSARIAL_WEIGHT = 0.05, 0.1
"""Muse table 5."""
FILTERS, FILTERS_WEIGHT = "filters", 0.5
"""Features that need no download. Their distance is smaller than one by a network, so it weighs more."""


@dataclass(frozen=True, slots=True)
class TokenizerConfig:
    """crop: side of the training crops, pixels. size: side of the composed pictures the crops come from.

    commitment: weight of the pull of features to their codes. edges: weight of the loss on finite differences.
    free_steps: steps at the start without a codebook; k-means over the features of the last ones then begins it. With
                a codebook from the first step, features fall into the two or three directions that random codes tell
                apart, and hues are lost for a long time.
    spare:      entries that are trained beyond the codebook's size; see `codebook.condense`.
    perceptual: weight of the distance between features of the pictures; 0 leaves it out.
    features:   "filters", which need no download, or the fingerprint of an image model that a person named.
    adversarial: weight of the adversary's pull, where 1 is as strong as that of all other losses; 0 has no adversary.
    adversary_after: steps before the adversary begins. adversary_width: channels of its first layer.
    """

    size: int
    crop: int
    commitment: float = 0.25
    edges: float = 1.0
    codebook_decay: float = 0.98
    revive_below: float = 0.02
    free_steps: int = 250
    spare: int = 0
    perceptual: float = 0.0
    features: str = FILTERS
    adversarial: float = 0.0
    adversary_after: int = 1000
    adversary_width: int = 32


def paper_tokenizer(size: int, crop: int) -> TokenizerConfig:
    """The losses of Muse table 5, where the adversary does not wait."""
    return TokenizerConfig(
        size=size,
        crop=crop,
        perceptual=PERCEPTUAL_WEIGHT,
        adversarial=ADVERSARIAL_WEIGHT,
        adversary_after=0,
        adversary_width=64,
    )
