"""PSNR and SSIM equal slow reference code and known values."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from muse_studio.evaluation.reconstruction import psnr, reconstruct, ssim
from muse_studio.muse.presets import tiny
from muse_studio.muse.vqgan import VQGAN


def test_psnr_of_a_constant_error_is_the_textbook_value() -> None:
    real = torch.full((2, 3, 8, 8), 0.5)
    assert psnr(real + 0.1, real).tolist() == pytest.approx([20.0, 20.0], abs=1e-4)


def slow_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Wang et al. 2004, window by window, one channel."""
    place = np.arange(11) - 5
    line = np.exp(-(place**2) / (2 * 1.5**2))
    window = np.outer(line, line)
    window /= window.sum()
    values = []
    for y in range(a.shape[0] - 10):
        for x in range(a.shape[1] - 10):
            p, q = a[y : y + 11, x : x + 11], b[y : y + 11, x : x + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            above = (2 * mp * mq + 0.01**2) * (2 * cov + 0.03**2)
            values.append(above / ((mp**2 + mq**2 + 0.01**2) * (vp + vq + 0.03**2)))
    return float(np.mean(values))


def test_ssim_equals_the_definition_window_by_window() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((16, 18)), rng.random((16, 18)) * 0.3 + 0.2
    fast = ssim(torch.from_numpy(a)[None, None], torch.from_numpy(b)[None, None])
    assert float(fast) == pytest.approx(slow_ssim(a, b), abs=1e-9)


def test_ssim_of_a_picture_with_itself_is_one() -> None:
    picture = torch.rand(1, 3, 32, 32)
    assert float(ssim(picture, picture)) == pytest.approx(1.0, abs=1e-5)


def test_codebook_use_counts_each_entry_once() -> None:
    torch.manual_seed(0)
    vqgan = VQGAN(tiny().base_vqgan).eval()
    figures = reconstruct(vqgan, [torch.rand(3, 64, 64), torch.rand(3, 32, 48)])
    assert figures.pictures == 2
    assert math.isfinite(figures.psnr)
    assert 1 / 32 <= figures.codes_used <= (16 + 6) / 32


def test_no_pictures_is_an_error() -> None:
    with pytest.raises(ValueError, match="no pictures"):
        reconstruct(VQGAN(tiny().base_vqgan), [])
