"""Names of colours: plain backgrounds, and which hue a drawing mostly has, so that it can be turned to another.

Knows nothing of packs, captions or files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The first is what a caption without a background means.
BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "teal": (31, 143, 140),
    "mint": (184, 236, 208),
    "sky blue": (142, 202, 240),
    "navy": (30, 42, 92),
    "yellow": (255, 217, 82),
    "pink": (250, 170, 196),
    "lavender": (201, 184, 240),
    "orange": (250, 152, 64),
    "gray": (150, 154, 160),
    "black": (18, 18, 22),
}

DARK_BACKGROUNDS = frozenset({"navy", "black"})

# Hue in degrees at which people agree on the word.
HUE_WORDS: dict[str, float] = {
    "red": 0.0,
    "orange": 30.0,
    "yellow": 51.0,
    "green": 120.0,
    "teal": 176.0,
    "blue": 218.0,
    "purple": 275.0,
    "pink": 328.0,
}
COLOUR_WORDS = frozenset(HUE_WORDS) | frozenset(BACKGROUNDS) | {"brown", "white", "grey", "golden", "silver", "rainbow"}
LEAST_HUE_SHARE = 0.6
LEAST_VALUE = 0.45
LEAST_SATURATION = 0.5  # duller ink turns to grey-brown, whatever its hue
_BRIGHT_ONLY = {"orange": 0.7, "yellow": 0.75, "pink": 0.6}


@dataclass(frozen=True, slots=True)
class HueStats:
    """The colour of ink: its main hue in degrees, the share of ink within 30° of that, and of that ink the mean value
    and saturation, both in [0, 1]."""

    hue: float
    share: float
    value: float
    saturation: float = 1.0

    @property
    def can_turn(self) -> bool:
        """True if turning the hue gives a colour a person would name."""
        return self.share > LEAST_HUE_SHARE and self.value > LEAST_VALUE and self.saturation > LEAST_SATURATION

    def words(self) -> tuple[str, ...]:
        """Colours to which this drawing can be turned; dark orange reads as brown, so some words need bright ink."""
        if not self.can_turn:
            return ()
        return tuple(word for word in HUE_WORDS if self.value >= _BRIGHT_ONLY.get(word, 0.0))


def hue_stats(pixels: NDArray[np.uint8]) -> HueStats:
    """Statistics of uint8 [H, W, 4] ink; uncoloured ink (outlines, whites) counts against the share."""
    hsv = np.asarray(Image.fromarray(pixels[..., :3]).convert("HSV"))
    inked = pixels[..., 3] > 127
    if not inked.any():
        return HueStats(0.0, 0.0, 0.0)
    hue, saturation, value = (hsv[..., band][inked].astype(np.float32) for band in range(3))
    degrees = hue * (360.0 / 256.0)
    coloured = (saturation > 60) & (value > 50)
    if not coloured.any():
        return HueStats(0.0, 0.0, float(value.mean() / 255.0))
    histogram = np.bincount((degrees[coloured] / 5.0).astype(int) % 72, minlength=72)
    windows = sum(np.roll(histogram, shift) for shift in range(-6, 7))
    rough = float(np.argmax(windows)) * 5.0 + 2.5
    main = _mean_hue(degrees[coloured & (_hue_distance(degrees, rough) <= 32.5)])
    near = coloured & (_hue_distance(degrees, main) <= 30.0)
    if not near.any():
        return HueStats(main, 0.0, 0.0, 0.0)
    means = (float(level[near].mean() / 255.0) for level in (value, saturation))
    return HueStats(main, float(near.sum() / hue.size), *means)


def _hue_distance(degrees: NDArray[np.float32], hue: float) -> NDArray[np.float32]:
    return np.abs((degrees - hue + 180.0) % 360.0 - 180.0)


def _mean_hue(degrees: NDArray[np.float32]) -> float:
    radians = np.deg2rad(degrees)
    return float(np.rad2deg(np.arctan2(np.sin(radians).mean(), np.cos(radians).mean())) % 360.0)


def turn_hue(picture: Image.Image, degrees: float) -> Image.Image:
    """A copy of an RGBA picture with every hue turned by `degrees`."""
    hue, saturation, value = picture.convert("RGB").convert("HSV").split()
    shift = round(degrees * 256.0 / 360.0)
    turned = Image.merge("HSV", (hue.point([(level + shift) % 256 for level in range(256)]), saturation, value))
    red, green, blue = turned.convert("RGB").split()
    return Image.merge("RGBA", (red, green, blue, picture.getchannel("A")))
