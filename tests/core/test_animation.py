"""Animations hold every picture for its time, can be stopped, and read back as what went in."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from muse_studio.core.animation import AnimationFormat, AnimationWish, StoppedError, animation, over_picture
from muse_studio.core.errors import MuseStudioError

COLOURS = [(250, 10, 10), (10, 250, 10), (10, 10, 250), (240, 240, 20), (20, 240, 240)]


def pictures(count: int = 5) -> list:  # type: ignore[type-arg]
    return [lambda c=colour: np.full((32, 32, 3), c, np.uint8) for colour in COLOURS[:count]]


def frames(data: bytes) -> list[tuple[int, Image.Image]]:
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        found.append((int(image.info["duration"]), image.convert("RGB")))
    return found


@pytest.mark.parametrize("kind", list(AnimationFormat))
def test_every_picture_comes_back_in_order_with_its_time_and_size(kind: AnimationFormat) -> None:
    wish = AnimationWish(kind, side_px=256, step_ms=125, hold_ms=1500)
    told: list[float] = []
    data = animation(pictures(), wish, lambda share: told.append(share) or True)  # type: ignore[func-returns-value]
    back = frames(data)
    times = [time for time, _ in back]
    assert times == ([125] * 4 if kind is AnimationFormat.WEBP else [120] * 4) + [1500]
    for (_, image), colour in zip(back, COLOURS, strict=True):
        assert image.size == (256, 256)
        np.testing.assert_allclose(image.getpixel((128, 128)), colour, atol=8)
    assert told == [0.0, 0.2, 0.4, 0.6, 0.8]


@pytest.mark.parametrize("kind", list(AnimationFormat))
def test_it_is_stopped_between_two_pictures(kind: AnimationFormat) -> None:
    asked: list[float] = []

    def until_half(share: float) -> bool:
        asked.append(share)
        return share < 0.5

    with pytest.raises(StoppedError):
        animation(pictures(), AnimationWish(kind), until_half)
    assert asked == [0.0, 0.2, 0.4, 0.6]


def test_without_a_picture_it_is_refused() -> None:
    with pytest.raises(MuseStudioError):
        animation([], AnimationWish(), lambda _: True)


def test_under_a_mask_the_rest_is_the_requests_own_picture() -> None:
    ground, alpha = np.full((512, 512, 3), 7, np.uint8), np.zeros((512, 512), np.uint8)
    alpha[:, 256:] = 255
    alpha[:, 255] = 128
    mixed = over_picture(np.full((64, 64, 3), 201, np.uint8), ground, alpha)
    assert (mixed[:, :255] == 7).all()
    assert (mixed[:, 256:] == 201).all()
    assert 100 < mixed[0, 255, 0] < 110
